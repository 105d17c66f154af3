/** A child that tries native code ends by itself, whatever it is in, and says what it says. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { trialWithin } from '../../src/probes/trial.ts';

async function ended(program: string): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
  const child = spawn(process.execPath, ['-e', program], { stdio: 'ignore' });
  await once(child, 'exit');
  return { code: child.exitCode, signal: child.signalCode };
}

it.each([
  ['a loop', 'for (;;) continue'],
  ['a wait', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'],
])('%s', async (_what, program) => {
  expect(await ended(trialWithin(300, program))).toEqual({ code: null, signal: 'SIGKILL' });
});

it.each([
  ['comes to an end', 'process.exitCode = 7'],
  ['ends itself', 'process.exit(7)'],
  ['has no threads', 'process.exit(7)', "require('node:worker_threads').Worker = class { constructor() { throw new Error() } }; "],
])('one that %s is not changed', async (_what, program, before = '') => {
  expect(await ended(before + trialWithin(60_000, program))).toEqual({ code: 7, signal: null });
});
