/** Loads the configuration for a command; every problem is printed with its line, and the command ends with exit 2. */
import {
  type ConfigProblem,
  type Configuration,
  type DriverLookup,
  formatProblem,
  lintErrors,
  loadConfiguration,
  notUsable,
  type Whereabouts,
} from '../config/index.ts';
import { driverLookup } from '../devices/lookup.ts';
import { EXIT } from '../vocabulary/index.ts';
import { DEAF_AT_MOST, guard, NO_GUARD } from './guard.ts';
import { type Io, printJson, printProblem } from './io.ts';
import type { CommonOptions } from './module.ts';

export interface Loaded {
  readonly configuration: Configuration;
  readonly where: Whereabouts;
}

/** A device whose driver cannot be had is told, and kept from stopping the others. Undefined: problems were printed and the exit code is set. `files: 'leave'` does not look at secrets and keys. */
export async function load(io: Io, options: CommonOptions, files: 'check' | 'leave' = 'check'): Promise<Loaded | undefined> {
  const loaded = await loadConfiguration(options.config, { drivers: guarded(io, options), files, unloadable: 'keep' });
  if (loaded.ok) {
    for (const { name, unusable } of loaded.configuration.devices.values())
      if (unusable !== undefined) printProblem(io, { ...unusable, says: `device ${name} cannot be used: ${unusable.says}` });
    return loaded;
  }
  stopAt(io, options, loaded.problems);
  return undefined;
}

/** The guard is there before a module of somebody else is loaded; whoever names none does not pay for a thread. */
function guarded(io: Io, { config, timeout }: CommonOptions): DriverLookup {
  const lookup = driverLookup(config);
  return {
    names: lookup.names,
    find: async (word, module) => {
      if (module !== undefined) await guardStrangers(io, timeout);
      return await lookup.find(word, module);
    },
  };
}

let told = false;

/** `within`: milliseconds that the command was given. Told once where there is no guard: what is fenced is fenced without. */
export async function guardStrangers(io: Io, within?: number): Promise<void> {
  if ((await guard.begin({ deaf: DEAF_AT_MOST, within })) || told) return;
  told = true;
  printProblem(io, NO_GUARD);
}

/** For commands that may switch power: what lint calls an error (an outlet of two nodes, say) would cut the wrong node. */
export async function loadToAct(io: Io, options: CommonOptions): Promise<Loaded | undefined> {
  const loaded = await load(io, options);
  if (loaded === undefined) return undefined;
  const errors = lintErrors(loaded.configuration, options.config);
  if (errors.length === 0) return loaded;
  stopAt(io, options, errors);
  return undefined;
}

function stopAt(io: Io, options: CommonOptions, problems: readonly ConfigProblem[]): void {
  io.ends(EXIT.usage);
  if (options.json === true) printJson(io, { ...notUsable(options.config, problems), problems });
  else for (const problem of problems) io.err(formatProblem(problem));
}
