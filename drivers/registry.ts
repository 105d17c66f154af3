/**
 * Name -> driver. In-tree and third-party drivers look the same to everybody else: a name in the configuration, a module once loaded.
 * The names are known without loading anything; a module is imported when a device first needs it, so that a one-shot command does not
 * pay for drivers that it does not use.
 */
import { statSync } from 'node:fs';
import type { DriverModule, Problem } from './kit/contract.ts';
import { checkDriverModule } from './conformance/module.ts';
import { resolveThirdParty } from './third-party.ts';

/** Each import names its file as a literal: that is what a bundler can follow. */
const IN_TREE: Readonly<Record<string, () => Promise<{ readonly driver: DriverModule }>>> = {
  ipmi: () => import('./ipmi/driver.ts'),
  'snmp-pdu': () => import('./snmp-pdu/driver.ts'),
  redfish: () => import('./redfish/driver.ts'),
  'redfish-pdu': () => import('./redfish/pdu.ts'),
  ssh: () => import('./ssh/driver.ts'),
  'fence-agent': () => import('./fence-agent/driver.ts'),
  manual: () => import('./manual/driver.ts'),
};

/** The drivers that come with bailiff, as `driver:` names them. */
export const driverNames: readonly string[] = Object.keys(IN_TREE);

/** A name that is not in-tree is a file (`./my-driver.js`) or a package. */
export const isInTree = (name: string): boolean => Object.hasOwn(IN_TREE, name);

const loaded = new Map<string, Promise<DriverModule | Problem>>();

/**
 * The driver's module, checked for its form. `name` is the configuration's `driver:` word; `folder` is the absolute path of the folder
 * in which the configuration file lies: paths and packages of third parties are found from there. Problems: `driver-not-found`,
 * `driver-not-loadable`, `driver-module-invalid`. Never rejects. A module stays as it was loaded; a problem is looked for again by the next call.
 */
export function loadDriver(name: string, folder: string): Promise<DriverModule | Problem> {
  const key = isInTree(name) ? name : `${folder}\0${name}`;
  const known = loaded.get(key);
  if (known !== undefined) return known;
  const loading = load(name, folder);
  loaded.set(key, loading);
  // What is installed or mended meanwhile is found by whoever asks next.
  void loading.then((found) => {
    if (!isDriverModule(found) && loaded.get(key) === loading) loaded.delete(key);
  });
  return loading;
}

/** Tells a module from a problem. */
export const isDriverModule = (value: DriverModule | Problem): value is DriverModule => 'open' in value;

async function load(name: string, folder: string): Promise<DriverModule | Problem> {
  const inTree = isInTree(name) ? IN_TREE[name] : undefined;
  if (inTree !== undefined) return (await inTree()).driver;
  const address = resolveThirdParty(name, folder, driverNames);
  if (typeof address !== 'string') return address;
  try {
    const exported: unknown = await withinReason(import(asItIsNow(address)));
    const checked = checkDriverModule(exportedDriver(exported), name);
    return isDriverModule(checked) ? plain(checked) : checked;
  } catch (error) {
    return {
      code: 'driver-not-loadable',
      says: `driver ${name} (${address}) could not be loaded: ${textOf(error)}`,
      next: 'mend the module; `node -e "import(process.argv[1])" FILE` shows where it fails',
      lasting: true,
    };
  }
}

/**
 * A module of somebody else as an object of our own, with what the contract knows and nothing more: a `then` of its would be called wherever it is
 * handed on, and a `code` would pass for a problem.
 */
function plain(module: DriverModule): DriverModule {
  const { name, summary, evidence, plugs, settings } = module;
  const has = (hook: keyof DriverModule): boolean => module[hook] !== undefined;
  return {
    name,
    summary,
    evidence,
    plugs,
    settings,
    open: (...asked) => module.open(...asked),
    ...(has('kindOf') ? { kindOf: (given) => module.kindOf?.(given) as { evidence: typeof evidence; plugs: typeof plugs } } : {}),
    ...(has('normalPlug') ? { normalPlug: (given, plug) => module.normalPlug?.(given, plug) as string } : {}),
    ...(has('place') ? { place: (given) => module.place?.(given) } : {}),
    ...(has('settingsProblem') ? { settingsProblem: (given) => module.settingsProblem?.(given) } : {}),
    ...(has('discover') ? { discover: async (...asked) => (await module.discover?.(...asked)) as Problem } : {}),
  };
}

/** What is thrown is a stranger's too: even its text may throw. */
function textOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'something without a text';
  }
}

/** Files of third parties as they were when they were first asked for, by address. */
const seen = new Map<string, number>();

/** Node keeps what a failed import threw, by address: a file that was changed since gets another one. */
function asItIsNow(address: string): string {
  const changed = statSync(new URL(address), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const first = seen.get(address) ?? changed;
  seen.set(address, first);
  return changed === first ? address : `${address}?changed=${changed}`;
}

/** A module may wait at its top level for what never comes: then it cannot be loaded. */
const LOADED_WITHIN = 10_000;

async function withinReason<T>(loading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const never = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not finish loading within ${LOADED_WITHIN / 1000} s`)), LOADED_WITHIN);
  });
  try {
    return await Promise.race([loading, never]);
  } finally {
    clearTimeout(timer);
  }
}

/** `export const driver`, or the same from a CommonJS module, whose exports Node gives as `default`. */
function exportedDriver(exported: unknown): unknown {
  if (typeof exported !== 'object' || exported === null) return undefined;
  if ('driver' in exported) return exported.driver;
  return 'default' in exported ? exportedDriver(exported.default) : undefined;
}
