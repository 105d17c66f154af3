/**
 * `bailiff check`: lint the configuration, look at the state folder, log in to every device. Switches nothing; the most that a device is
 * asked to take is a value that it has already, where its driver knows that this is harmless.
 */
import type { Health } from '../../drivers/contract.ts';
import { type Configuration, type ConfigProblem, formatProblem, lintConfiguration } from '../config/index.ts';
import { openArmory } from '../engine/armory.ts';
import { realClock, realDice } from '../engine/clock.ts';
import { EXIT, type Problem } from '../vocabulary/index.ts';
import { type CheckedOutlet, checkOutlets } from './check-outlets.ts';
import { counted, type Io, printJson, type Style } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { load, notUsable } from './open.ts';
import { checkStateFolder, type StateFolder } from './state-folder.ts';

const CHECK_WITHIN = 10_000;

interface Checked {
  readonly device: string;
  readonly driver: string;
  readonly health: Health;
  /** Of the outlets that nodes use. */
  readonly outlets: readonly CheckedOutlet[];
}

export const check: CommandModule = {
  define(command, io) {
    common(command)
      .option('--offline', 'lint only; log in nowhere')
      .addHelpText(
        'after',
        `
Examples:
  bailiff check
  bailiff check --offline --config new.yaml     before it is put in force

Exit codes: 0 all is fit for fencing, 1 a device or the state folder is not, 2 the configuration has an error.`,
      )
      .action(async (options: CommonOptions & { readonly offline?: boolean }) => {
        const loaded = await load(io, options);
        if (loaded === undefined) return;
        const findings = lintConfiguration(loaded.configuration, loaded.where, options.config);
        const errors = findings.filter((finding) => finding.severity === 'error');
        const checked = options.offline === true || errors.length > 0 ? [] : await checkAll(loaded.configuration);
        const state = options.offline === true || errors.length > 0 ? undefined : await checkStateFolder(loaded.configuration.stateDir);
        const fit = checked.every(isFit) && state?.ok !== false;
        io.ends(errors.length > 0 ? EXIT.usage : fit ? 0 : EXIT.failed);
        if (options.json === true)
          printJson(io, {
            ...(errors.length > 0 ? notUsable(options.config, errors) : {}),
            findings,
            devices: checked,
            ...(state === undefined ? {} : { state }),
          });
        else print(io, findings, checked, state);
      });
  },
};

const isFit = (one: Checked): boolean => one.health.ok && one.outlets.every((outlet) => outlet.problem === undefined);

async function checkAll(configuration: Configuration): Promise<readonly Checked[]> {
  const clock = realClock();
  const armory = openArmory(configuration, { clock, dice: realDice(clock), debug: () => undefined });
  try {
    return await Promise.all(
      [...configuration.devices.values()].map(async ({ name, driver }): Promise<Checked> => {
        const opened = await armory.driver(name);
        if ('code' in opened) return { device: name, driver, health: { ok: false, found: [], problem: opened }, outlets: [] };
        const health = await opened.check({ ms: CHECK_WITHIN });
        return {
          device: name,
          driver,
          health,
          outlets: health.ok ? await checkOutlets(configuration, name, opened, { ms: CHECK_WITHIN }) : [],
        };
      }),
    );
  } finally {
    await armory.close();
  }
}

function print(io: Io, findings: readonly ConfigProblem[], checked: readonly Checked[], state: StateFolder | undefined): void {
  for (const finding of findings) io.out(io.paint(finding.severity === 'error' ? 'bad' : 'doubt', formatProblem(finding)));
  if (state !== undefined) printState(io, state);
  for (const one of checked) {
    io.out(`${fitness(io, isFit(one))}  ${one.device} (${one.driver})`);
    for (const found of one.health.found) io.out(`           ${found}`);
    if (one.health.problem !== undefined) problemLines(io, one.health.problem);
    for (const outlet of one.outlets) {
      io.out(`           ${outlet.plug === '' ? 'power' : `outlet ${outlet.plug}`} of ${outlet.nodes.join(', ')}: ${outlet.power}`);
      if (outlet.problem !== undefined) problemLines(io, outlet.problem);
    }
  }
  const bad = checked.filter((one) => !isFit(one)).length;
  const folder = state?.ok === false ? '; the state folder is not fit' : '';
  const warnings = findings.filter((finding) => finding.severity === 'warning').length;
  const found = `${counted(findings.length - warnings, 'error')} and ${counted(warnings, 'warning')} in the configuration`;
  io.out(`${counted(checked.length, 'device')} asked, ${bad} not fit${folder}; ${found}.`);
}

const fitness = (io: Io, fit: boolean): string => (fit ? io.paint('good', 'fit    ') : io.paint('bad', 'not fit'));

function printState(io: Io, state: StateFolder): void {
  io.out(`${fitness(io, state.ok)}  state folder ${state.folder}`);
  for (const found of state.found) io.out(`           ${found}`);
  if (state.problem !== undefined) problemLines(io, state.problem);
  for (const warning of state.warnings) problemLines(io, warning, 'doubt');
}

function problemLines(io: Io, problem: Problem, style: Style = 'bad'): void {
  io.out(`           ${io.paint(style, problem.code)}: ${problem.says}`);
  io.out(`           next: ${problem.next}`);
}
