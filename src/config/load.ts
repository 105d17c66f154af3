/** Reads a configuration file: either a configuration that may be used, or every problem in it with its line and column. */
import { dirname, resolve } from 'node:path';
import type { LoadResult } from './configuration.ts';
import { LIMITS } from './defaults.ts';
import type { DriverLookup } from './devices.ts';
import { readTextFile } from './files.ts';
import { collectFindings } from './findings.ts';
import { type Changeable, changeableByOthers } from './guarded.ts';
import { standsAt } from './lint/barred.ts';
import { resolveConfiguration } from './resolve.ts';
import type { Environment } from './secrets.ts';
import { readTree } from './tree.ts';

export interface LoadOptions {
  readonly drivers: DriverLookup;
  /**
   * `check` (default): secret files, variables and public keys must be there and well guarded. `leave`: nothing but the configuration
   * itself is looked at (plan, lint on another machine); a secret then fails when it is used.
   */
  readonly files?: 'check' | 'leave';
  /**
   * A third-party driver that cannot be loaded, or throws over its settings. `error` (default): the configuration cannot be used. `keep`: its
   * devices are `unusable`, and every other level of the same and of other nodes can still be used to fence.
   */
  readonly unloadable?: 'error' | 'keep';
  /** Where `{ env: }` and CREDENTIALS_DIRECTORY are looked up; `process.env` unless given. */
  readonly environment?: Environment;
}

/** Never rejects for anything that stands in the file or in its absence. */
export async function loadConfiguration(file: string, options: LoadOptions): Promise<LoadResult> {
  const read = readTextFile(file, LIMITS.fileBytes);
  if ('failure' in read) {
    const findings = collectFindings(file, () => ({ line: 1, column: 1 }));
    const code = read.failure === 'too-large' ? 'config-too-large' : 'config-unreadable';
    const next = read.failure === 'missing' ? 'name the configuration with --config FILE' : 'mend the file';
    findings.add({ code, path: [], says: `the configuration ${read.says}`, next });
    return { ok: false, problems: findings.sorted() };
  }
  const changeable = options.files === 'leave' ? undefined : changeableByOthers(file);
  return parse(read.text, file, options, changeable);
}

/** Loads a configuration whose text is at hand; `file` is what relative paths start from and what problems name. */
export const parseConfiguration = async (text: string, file: string, options: LoadOptions): Promise<LoadResult> =>
  await parse(text, file, options, undefined);

async function parse(text: string, file: string, options: LoadOptions, changeable: Changeable | undefined): Promise<LoadResult> {
  const tree = readTree(text);
  const findings = collectFindings(file, tree.where);
  if (changeable !== undefined) findings.add({ code: 'changeable-by-others', path: [], ...changeable });
  for (const finding of tree.findings) findings.add(finding);
  if (tree.fatal) return { ok: false, problems: findings.sorted() };
  const { drivers, files = 'check', unloadable = 'error', environment = process.env } = options;
  const absolute = resolve(file);
  const sources = { base: dirname(absolute), files, environment };
  const configuration = await resolveConfiguration({ file: absolute, document: tree.value, sources, drivers, unloadable, findings });
  if (configuration === undefined) return { ok: false, problems: findings.sorted() };
  standsAt(configuration, tree.where);
  return { ok: true, configuration, where: tree.where };
}
