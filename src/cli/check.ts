/**
 * `bailiff check`: everything that a fencing would need, short of switching. The configuration, the state folder, the arbiters' keys, every
 * reference IP and link, every name, every device with its outlets, every level. The most that a device is asked to take is a value that it
 * has already, where its driver knows that this is harmless.
 */
import { type Configuration, type ConfigProblem, lintConfiguration, notUsable } from '../config/index.ts';
import type { Everything } from '../probes/index.ts';
import { EXIT, type Problem } from '../vocabulary/index.ts';
import { type CheckedDevice, checkDevices, isFit } from './check-devices.ts';
import { type CheckedKey, checkKeys } from './check-keys.ts';
import { type CheckedNode, checkLevels } from './check-levels.ts';
import { resolveNames } from './check-names.ts';
import { printReport } from './check-print.ts';
import { canSee, checkProbes } from './check-probes.ts';
import { printJson } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { load } from './open.ts';
import { checkStateFolder, type StateFolder } from '../main/state-folder.ts';

/** What was looked at; what is absent was not. */
export interface Report {
  readonly findings: readonly ConfigProblem[];
  readonly keys: readonly CheckedKey[];
  readonly state?: StateFolder;
  readonly probes?: Everything;
  /** Of links whose names lead nowhere. */
  readonly names: readonly Problem[];
  readonly devices: readonly CheckedDevice[];
  readonly nodes: readonly CheckedNode[];
}

export const check: CommandModule = {
  define(command, io) {
    common(command)
      .option('--offline', 'what is on this machine only (configuration, keys, secrets); ask nobody')
      .addHelpText(
        'after',
        `
Looks at everything that a fencing would need, and switches nothing: the configuration and its power domains, the state folder, the
arbiters' keys, every reference IP and link, the name and login of every device, every outlet, and whether each level could prove off.

Examples:
  bailiff check
  bailiff check --offline --config new.yaml     before it is put in force

With --json, fit is true, false, or null: with --offline nothing was found wrong, and nobody was asked.

Exit codes: 0 all is fit for fencing, 1 something is not, 2 the configuration has an error.`,
      )
      .action(async (options: CommonOptions & { readonly offline?: boolean }) => {
        const loaded = await load(io, options);
        if (loaded === undefined) return;
        const findings = lintConfiguration(loaded.configuration, loaded.where, options.config);
        const errors = findings.filter((finding) => finding.severity === 'error');
        const report = await look(loaded.configuration, findings, options.offline === true || errors.length > 0);
        const wrong = notFit(report);
        if (options.json === true)
          printJson(io, {
            fit: fitness(report, wrong),
            ...(errors.length > 0 ? notUsable(options.config, errors) : {}),
            ...report,
          });
        else printReport(io, report, wrong);
        io.ends(errors.length > 0 ? EXIT.usage : wrong.length === 0 ? 0 : EXIT.failed);
      });
  },
};

async function look(configuration: Configuration, findings: readonly ConfigProblem[], offline: boolean): Promise<Report> {
  const keys = await checkKeys(configuration);
  if (offline) return { findings, keys, names: [], devices: [], nodes: [] };
  const [state, probes, names, devices] = await Promise.all([
    checkStateFolder(configuration.stateDir, { longest: configuration.policy.timeout }),
    checkProbes(configuration),
    checkLinkNames(configuration),
    checkDevices(configuration),
  ]);
  return { findings, keys, state, probes, names, devices, nodes: checkLevels(configuration, devices) };
}

/** A link whose name leads nowhere can never contradict a verdict. */
async function checkLinkNames({ nodes }: Configuration): Promise<readonly Problem[]> {
  const links = [...nodes.values()].flatMap((node) => node.links);
  const names = await resolveNames(links.flatMap((link) => (link.kind === 'serial' ? [] : [link.address.host])));
  return [...names.values()].flatMap(({ problem }) => problem ?? []);
}

/** `null`: nothing is wrong with what is on this machine, and nobody else was asked. */
const fitness = ({ findings, probes }: Report, wrong: readonly string[]): boolean | null => {
  if (wrong.length > 0 || findings.some(({ severity }) => severity === 'error')) return false;
  return probes === undefined ? null : true;
};

/** Where no device was asked, its driver is looked at all the same. */
const UNUSABLE: ReadonlySet<string> = new Set(['driver-not-loadable', 'driver-threw', 'driver-malformed']);

/** What keeps this from being fit, by name. */
export function notFit({ findings, keys, state, probes, names, devices, nodes }: Report): readonly string[] {
  return [
    // Whoever must hold a lease that nobody grants orders nothing, however fit the rest is.
    ...(findings.some(({ code }) => code === 'lease-without-store') ? ['the lease'] : []),
    ...(state?.ok === false ? ['the state folder'] : []),
    ...keys.flatMap(({ arbiter, problem }) => (problem === undefined ? [] : [`the key of ${arbiter}`])),
    ...(probes === undefined || canSee(probes) ? [] : ['the reference IPs']),
    ...(names.length === 0 ? [] : ['the names of links']),
    ...findings.flatMap(({ code, path }) =>
      devices.length === 0 && UNUSABLE.has(code) ? [path.replace(/^devices\.|\.driver$/g, '')] : [],
    ),
    ...devices.flatMap((one) => (isFit(one) ? [] : [one.device])),
    ...nodes.flatMap(({ node, problem }) => (problem === undefined ? [] : [`every level of ${node}`])),
  ];
}
