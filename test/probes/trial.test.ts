/** A child that tries native code ends by itself, whatever it is in, and says what it says. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { trialWithin } from '../../src/probes/trial.ts';

async function ended(program: string): Promise<unknown[]> {
  return await once(spawn(process.execPath, ['-e', program], { stdio: 'ignore' }), 'exit');
}

it.each([
  ['a loop', 'for (;;) continue'],
  ['a wait', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'],
])('%s', async (_what, program) => {
  expect(await ended(trialWithin(300, program))).toEqual([null, 'SIGKILL']);
});

it.each([
  ['comes to an end', 'process.exitCode = 7'],
  ['ends itself', 'process.exit(7)'],
  ['has no threads', 'process.exit(7)', "require('node:worker_threads').Worker = class { constructor() { throw new Error() } }; "],
])('one that %s is not changed', async (_what, program, before = '') => {
  expect(await ended(before + trialWithin(60_000, program))).toEqual([7, null]);
});
