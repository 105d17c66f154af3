/**
 * `npm run bare`: a machine with nothing but Node. The demo and the tests run with an empty environment and a PATH of the programs of one
 * list; tests that need more are counted as skipped, and everything else has to pass. With arguments, these tests alone.
 *
 * Left out, because no program and no variable of the environment reaches them and the whole suite runs them anyway: the random walks and
 * whole clusters in simulated time (test/sim, test/core), the rules of the house (test/tidy) and the programs of others (test/foreign).
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { ensureInstalled, root } from './fresh.mjs';

/** GNU coreutils, as far as scripts and tests of a shell use them. */
const coreutils =
  'base64 basename cat chgrp chmod chown cp cut date dd df dirname echo env expr false head id install ln ls md5sum mkdir mkfifo mktemp mv nice nohup nproc od paste printenv printf pwd readlink realpath rm rmdir seq sha256sum sleep sort split stat stty sync tail tee test timeout touch tr true truncate tty uname uniq wc whoami yes';
const allowed = ['node', 'npm', 'git', 'sh', 'flock', ...coreutils.split(' ')];
const leftOut = ['sim', 'core', 'tidy', 'foreign'];

/** Absolute path of a program of this machine; undefined where it is not there. */
function find(name) {
  if (name === 'node') return process.execPath;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      if (folder === '') continue;
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

function runBare(path, words) {
  console.log(`\n== bare: ${words.join(' ')}`);
  const { status, error } = spawnSync(words[0], words.slice(1), {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: path },
  });
  if (error !== undefined) console.error(`${words[0]}: ${error.message}`);
  return status ?? 1;
}

ensureInstalled();
const folder = mkdtempSync(join(tmpdir(), 'bailiff-bare-'));
try {
  const missing = [];
  for (const name of allowed) {
    const path = find(name);
    if (path === undefined) missing.push(name);
    else symlinkSync(path, join(folder, name));
  }
  if (missing.length > 0) console.log(`Not on this machine: ${missing.join(', ')}`);
  const areas = readdirSync(join(root, 'test'), { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !leftOut.includes(entry.name),
  );
  const given = process.argv.slice(2);
  const tests = given.length > 0 ? given : areas.map(({ name }) => `test/${name}/`);
  const runs = [
    [join(folder, 'npm'), 'run', 'demo'],
    [process.execPath, 'node_modules/vitest/vitest.mjs', 'run', ...tests],
  ];
  const failed = runs.filter((words) => runBare(folder, words) !== 0);
  console.log(failed.length === 0 ? '\nbare: all passed' : `\nbare: ${failed.length} of ${runs.length} failed`);
  process.exitCode = failed.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
