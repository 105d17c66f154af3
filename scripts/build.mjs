/**
 * `npm run build`: dist/ anew. The library by tsc (src, drivers, hardware-mocks; no tests), each command and the demo by esbuild.
 * Everything is made beside dist/ and put in its place at the end, so that whoever uses the old dist/ never sees half a new one.
 */
import { existsSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { ensureInstalled, root, run, tool } from './fresh.mjs';

const racks = ['bmc', 'snmp-v2c', 'snmp-v3'];

const commands = [
  {
    name: 'bailiff',
    entry: 'src/cli/bailiff.ts',
    // Only what is in a hurry: each function in the cache costs time at every start.
    warmRuns: [['--version'], ...racks.map((rack) => ['fence', 'db1', '--reason', 'warm-up', '--config', `${rack}/bailiff.yaml`])],
    racks,
  },
  { name: 'fence_bailiff', entry: 'src/agent/fence_bailiff.ts', warmRuns: [['--version'], ['-o', 'metadata']] },
];
const demoEntry = 'scripts/demo/main.ts';

/** Makes all of dist/ in `folder`. Returns the exit code. */
async function make(folder) {
  const compiled = run(tool('tsc'), ['-p', 'tsconfig.json', '--outDir', folder]);
  if (compiled !== 0) return compiled;
  const { makeCommand, makeDemo } = await import('./bundle.mjs');
  for (const command of commands) {
    if (existsSync(join(root, command.entry))) await makeCommand(root, folder, command);
  }
  if (existsSync(join(root, demoEntry))) await makeDemo(root, folder, demoEntry);
  return 0;
}

ensureInstalled();
const begun = new Date();
const fresh = join(root, `dist.new-${process.pid}`);
const old = join(root, `dist.old-${process.pid}`);
try {
  process.exitCode = await make(fresh);
  if (process.exitCode === 0) {
    // As old as the beginning: a source that changes while we build makes the next script build again.
    writeFileSync(join(fresh, '.built'), '');
    utimesSync(join(fresh, '.built'), begun, begun);
    const dist = join(root, 'dist');
    if (existsSync(dist)) renameSync(dist, old);
    renameSync(fresh, dist);
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
}
