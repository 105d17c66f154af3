/** `bailiff conform DEVICE`: the conformance cases against a configured device. Reads only, unless power may be switched. */
import { dirname } from 'node:path';
import {
  benchForDevice,
  type CaseResult,
  renderResult,
  renderTable,
  runConformance,
  summarize,
  unknownCases,
} from '../../drivers/conformance/index.ts';
import { isDriverModule, loadDriver } from '../../drivers/registry.ts';
import { EXIT } from '../vocabulary/index.ts';
import { giveUp, type Io, printJson } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { load } from './open.ts';

interface ConformOptions extends CommonOptions {
  readonly outlet: string;
  readonly secondOutlet?: string;
  readonly allowPower?: boolean;
  readonly only?: readonly string[];
}

export const conform: CommandModule = {
  define(command, io) {
    common(command.argument('<device>', 'as the configuration names it'))
      .option('--outlet <plug>', 'the plug that the cases may use', '')
      .option('--second-outlet <plug>', 'another plug of the same device, for the case about cross-talk')
      .option('--allow-power', 'also play the cases that switch this outlet; nothing may depend on it')
      .option('--only <case...>', 'only these, such as C01 C14')
      .addHelpText(
        'after',
        '\nExamples:\n  bailiff conform db1-bmc\n  bailiff conform pdu-a --outlet 8 --allow-power\n\nExit codes: 0 conforms, 1 a promise is broken, 2 usage.',
      )
      .action(async (device: string, options: ConformOptions) => {
        const loaded = await load(io, options);
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
              next: `Devices are ${[...configuration.devices.keys()].join(', ')}; cases are C01 to C20.`,
            },
            json,
          );
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
        await play(io, bench, options);
      });
  },
};

async function play(io: Io, bench: ReturnType<typeof benchForDevice>, options: ConformOptions): Promise<void> {
  const results: CaseResult[] = [];
  const only = options.only === undefined ? {} : { only: options.only };
  for await (const result of runConformance(bench, { ...only, allowPower: options.allowPower === true })) {
    results.push(result);
    if (io.watched && options.json !== true) io.err(renderResult(result));
  }
  const summary = summarize(bench.subject, results);
  io.exitCode = summary.conforms ? 0 : EXIT.failed;
  if (options.json === true) printJson(io, summary);
  else io.out(renderTable(summary));
}
