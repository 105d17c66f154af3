/** `bailiff conform DEVICE`: the conformance cases against a configured device. Reads only, unless power may be switched. */
import { dirname } from 'node:path';
import {
  benchForDevice,
  type CaseResult,
  type ConformanceSummary,
  renderResult,
  renderTable,
  runConformance,
  summarize,
  unknownCases,
} from '../../drivers/conformance/index.ts';
import { isDriverModule, loadDriver } from '../../drivers/registry.ts';
import type { Configuration } from '../config/index.ts';
import { recordNote } from '../main/journal.ts';
import { EXIT, outletName, type Problem } from '../vocabulary/index.ts';
import { byName, spoken } from './words-given.ts';
import { giveUp, type Io, printJson, printLines } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { load, loadToAct } from './open.ts';
import { notSpare, outletsOf } from './spare-outlet.ts';
import { whoIs } from './who.ts';
import { notStarted } from './with-service.ts';

interface ConformOptions extends CommonOptions {
  readonly outlet: string;
  readonly secondOutlet?: string;
  readonly allowPower?: boolean;
  readonly only?: readonly string[];
  readonly reason?: string;
  readonly by?: string;
}

const NO_REASON: Problem = {
  code: 'usage',
  says: '--allow-power switches power and needs a --reason.',
  next: 'Say why, in a few words.',
};

export const conform: CommandModule = {
  define(command, io) {
    common(command.argument('<device>', 'as the configuration names it'))
      .option('--outlet <plug>', 'the plug that the cases may use', '')
      .option('--second-outlet <plug>', 'another plug of the same device, for the case about cross-talk')
      .option('--allow-power', 'also play the cases that switch this outlet; no node may hang on it')
      .option('-r, --reason <text>', 'with --allow-power: why; it is recorded', spoken)
      .option('--by <name>', 'with --allow-power: who (default: the login name)', byName)
      .option('--only <case...>', 'only these, such as C01 C14')
      .addHelpText(
        'after',
        '\nExamples:\n  bailiff conform db1-bmc\n  bailiff conform pdu-a --outlet 8 --allow-power --reason "new PDU"\n\nExit codes: 0 nothing that was tried is broken, 1 a promise is broken, 2 usage, 4 withheld.',
      )
      .action(async (device: string, options: ConformOptions) => {
        if (options.allowPower === true && options.reason === undefined) {
          giveUp(io, NO_REASON, options.json === true);
          return;
        }
        const loaded = await (options.allowPower === true ? loadToAct(io, options) : load(io, options));
        if (loaded === undefined) return;
        const { configuration } = loaded;
        const json = options.json === true;
        const configured = configuration.devices.get(device);
        const unknown = unknownCases(options.only ?? []);
        if (configured === undefined || unknown.length > 0) {
          const says = configured === undefined ? `There is no device ${device}.` : `There is no case ${unknown.join(', ')}.`;
          giveUp(
            io,
            {
              code: configured === undefined ? 'unknown-device' : 'unknown-case',
              says,
              next: `Devices are ${[...configuration.devices.keys()].join(', ')}; cases are C01 to C21.`,
            },
            json,
          );
          return;
        }
        // Its settings were never checked: it is not opened with them, whatever its module would make of them.
        if (configured.unusable !== undefined) {
          if (json) giveUp(io, { ...configured.unusable, says: `device ${device} cannot be used: ${configured.unusable.says}` }, json);
          // On screen it was told when the configuration was loaded.
          else io.ends(EXIT.usage);
          return;
        }
        const module = await loadDriver(configured.driver, dirname(configuration.file));
        if (!isDriverModule(module)) {
          giveUp(io, module, json);
          return;
        }
        const bench = benchForDevice({
          name: device,
          module,
          settings: configured.settings,
          plug: options.outlet,
          ...(options.secondOutlet === undefined ? {} : { secondPlug: options.secondOutlet }),
        });
        if (options.allowPower !== true) {
          await play(io, bench, { ...options, device });
          return;
        }
        const plugs = [options.outlet, ...(options.secondOutlet === undefined ? [] : [options.secondOutlet])];
        const list = async (): ReturnType<typeof outletsOf> => await outletsOf(configuration, device);
        const carries = await notSpare(configuration, { device, module, plugs, list });
        if (carries !== undefined) giveUp(io, carries, json);
        else await playRecorded(io, configuration, bench, { ...options, device, plugs, reason: options.reason ?? '' });
      });
  },
};

/**
 * Switching power, even for a test, is a named person's command with a reason (S1), recorded before it begins (S6), by the one process that
 * owns the state folder (S4).
 */
async function playRecorded(
  io: Io,
  configuration: Configuration,
  bench: ReturnType<typeof benchForDevice>,
  options: ConformOptions & { readonly device: string; readonly plugs: readonly string[]; readonly reason: string },
): Promise<void> {
  const json = options.json === true;
  const { device, plugs } = options;
  const says = `plays the conformance cases that switch ${plugs.map((plug) => outletName({ device, plug })).join(' and ')}`;
  const recorded = await recordNote(configuration.stateDir, { by: whoIs(options.by), reason: options.reason, says });
  if ('code' in recorded) {
    notStarted(io, recorded, json);
    return;
  }
  try {
    await play(io, bench, options);
  } finally {
    await recorded.close();
  }
}

async function play(
  io: Io,
  bench: ReturnType<typeof benchForDevice>,
  options: ConformOptions & { readonly device: string },
): Promise<void> {
  const results: CaseResult[] = [];
  const only = options.only === undefined ? {} : { only: options.only };
  for await (const result of runConformance(bench, { ...only, allowPower: options.allowPower === true })) {
    results.push(result);
    if (io.watched && options.json !== true) io.err(renderResult(result));
  }
  const summary = summarize(bench.subject, results);
  io.ends(summary.conforms ? 0 : EXIT.failed);
  if (options.json === true) printJson(io, summary);
  else printLines(io, [renderTable(summary), ...untried(summary, options)].join('\n'));
}

/** How to try what was not tried. */
function untried({ notTried, conforms }: ConformanceSummary, options: ConformOptions & { readonly device: string }): readonly string[] {
  if (notTried === 0 || !conforms) return [];
  const { device, outlet, secondOutlet } = options;
  const plugs = [...(outlet === '' ? [] : ['--outlet', outlet]), ...(secondOutlet === undefined ? [] : ['--second-outlet', secondOutlet])];
  const cases = notTried === 1 ? 'One case switches' : `${notTried} cases switch`;
  const again = ['bailiff conform', device, ...plugs, '--allow-power --reason TEXT'].join(' ');
  return [`${cases} power and can be tried while no node hangs on it: ${again}`];
}
