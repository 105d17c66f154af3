/**
 * Finds the file of a driver that does not come with bailiff: by path from the configuration's folder, or by package name in the
 * node_modules folders above it. Node's own resolution cannot be asked: it starts from the importing file, which is bailiff itself, and
 * after bundling not even that.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Problem } from './kit/contract.ts';

/** `name` or `@scope/name`, with an optional path within the package. */
const PACKAGE = /^(@[a-z0-9~-][a-z0-9._~-]*\/[a-z0-9~-][a-z0-9._~-]*|[a-z0-9~-][a-z0-9._~-]*)(\/.+)?$/;

/** A `file:` address to import, or why there is none. `known` are the in-tree names, for the text. */
export function resolveThirdParty(name: string, folder: string, known: readonly string[]): string | Problem {
  if (name.startsWith('.') || isAbsolute(name)) {
    const file = resolve(folder, name);
    return existsSync(file) ? pathToFileURL(file).href : notFound(name, `there is no file ${file}`, known);
  }
  const match = PACKAGE.exec(name);
  if (match?.[1] === undefined) return notFound(name, 'it is neither a path that begins with ./ nor a package name', known);
  const home = packageFolder(match[1], folder);
  if (home === undefined) return notFound(name, `no package of this name is installed in ${folder} or above it`, known);
  const entry = match[2] === undefined ? entryOf(home) : `.${match[2]}`;
  const file = entry === undefined ? undefined : resolve(home, entry);
  if (file === undefined || !existsSync(file)) return notFound(name, `the package ${home} names no entry file that exists`, known);
  return pathToFileURL(file).href;
}

function notFound(name: string, says: string, known: readonly string[]): Problem {
  return {
    code: 'driver-not-found',
    says: `driver ${name} was not found: ${says}`,
    next: `name one of ${known.join(', ')}, or a file such as ./my-driver.js beside the configuration, or install the package there`,
    lasting: true,
  };
}

function packageFolder(name: string, from: string): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const home = join(folder, 'node_modules', name);
    if (existsSync(join(home, 'package.json'))) return home;
    if (dirname(folder) === folder) return undefined;
  }
}

/** The package's main file as an ES module sees it: `exports` first, then `main`, then index.js. */
function entryOf(home: string): string | undefined {
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  } catch {
    return undefined;
  }
  if (typeof manifest !== 'object' || manifest === null) return undefined;
  if ('exports' in manifest) return conditional(manifest.exports);
  return 'main' in manifest && typeof manifest.main === 'string' ? manifest.main : './index.js';
}

const CONDITIONS: readonly string[] = ['node', 'import', 'module-sync', 'default', 'require'];

/** `exports` as a text, as conditions (the first that applies, in the order written), or as a map with `.`. */
function conditional(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (Array.isArray(exports)) return exports.map(conditional).find((entry) => entry !== undefined);
  if (typeof exports !== 'object' || exports === null) return undefined;
  if ('.' in exports) return conditional(exports['.']);
  for (const [condition, target] of Object.entries(exports)) {
    const entry = CONDITIONS.includes(condition) ? conditional(target) : undefined;
    if (entry !== undefined) return entry;
  }
  return undefined;
}
