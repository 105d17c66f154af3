/**
 * What a script needs before it can do its work on a fresh clone: dependencies as the lock file says, and an up-to-date dist/.
 * Plain JavaScript on node: modules alone, because nothing else may be installed yet.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** Root of the project, absolute. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Written last by the build: dist/ is whole, and as new as this file. */
export const buildStamp = join(root, 'dist', '.built');

/** What the build reads. */
const sources = ['src', 'drivers', 'hardware-mocks', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json'];

/** npm on Windows is a script, which Node starts through a shell only. */
const needsShell = process.platform === 'win32';

/** Where a program comes from that we did not bring. */
const packages = { npm: ': it comes with Node, or in the Debian package npm' };

/** Path of a program that a dependency brings. */
export function tool(name) {
  return join(root, 'node_modules', '.bin', name);
}

/** Runs one program in the project's root, on our terminal. Returns its exit code; 1 when it was ended by a signal or never started. */
export function run(command, args, extraEnv = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...extraEnv }, shell: needsShell });
  if (done.error?.code === 'ENOENT') console.error(`${command} is not there${packages[command] ?? ''}.`);
  else if (done.error !== undefined) console.error(`${command}: ${done.error.message}`);
  return done.status ?? 1;
}

/** Newest change below a path, in ms; 0 when it does not exist. */
function newest(path) {
  const seen = statSync(path, { throwIfNoEntry: false });
  if (seen === undefined) return 0;
  if (!seen.isDirectory()) return seen.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), seen.mtimeMs);
}

/** Installs exactly what package-lock.json says, when that was not done since the lock file last changed. Ends the process on failure. */
export function ensureInstalled() {
  const installed = newest(join(root, 'node_modules', '.package-lock.json'));
  if (installed > 0 && installed >= newest(join(root, 'package-lock.json'))) return;
  console.log('Installing dependencies: npm ci');
  const code = run('npm', ['ci', '--no-audit', '--no-fund']);
  if (code !== 0) {
    console.error('npm ci failed, so nothing else was tried. Is the npm registry reachable, and Node at least 20.19?');
    process.exit(code);
  }
}

/** Builds dist/ when a source is newer than it. Returns the build's exit code, 0 when nothing was to be done. */
export function ensureBuilt() {
  if (existsSync(buildStamp) && newest(buildStamp) >= Math.max(...sources.map((name) => newest(join(root, name))))) return 0;
  return run(process.execPath, [join(root, 'scripts', 'build.mjs')]);
}
