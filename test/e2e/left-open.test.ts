/** What an earlier process left open: a command says so, does its own work first, and then finishes it. */
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { NO_FAULTS } from '../../hardware-mocks/index.ts';
import { stateOf } from '../../src/main/onlooker.ts';
import { TestRack, TWO_NODES } from './rack.ts';

const MUTE = { ...NO_FAULTS, faults: [{ kind: 'mute' }] } as const;
const TRIED = ['--reason', 'tested', '--by', 'anna', '--override', 'quorum-floor'];

let rack: TestRack;
beforeAll(async () => {
  rack = await TestRack.up(TWO_NODES);
  await rack.configure({
    verify: { referenceIps: ['127.0.0.1'], need: 1, within: '3s', listenAgain: '0s' },
    policy: { tieBreaker: 'reference-ips', timeout: '60s', answerWithin: '1s', storm: { targets: 9, within: '10m' } },
  });
});
afterAll(async () => await rack.down());

async function hasOrdered(): Promise<boolean> {
  const state = await stateOf(join(rack.folder, 'state'));
  return !('code' in state) && state.operations.values().some(({ orders }) => orders > 0);
}

/** A fence of db2 whose BMC says nothing, killed after its first order. Gives back the operation. */
beforeEach(async () => {
  for (const node of rack.lab.machines.keys()) rack.lab.power(node, 'on');
  rack.lab.fault('db2-bmc', MUTE);
  const started = rack.start(['fence', 'db2', ...TRIED]);
  while (!(await hasOrdered())) await new Promise((again) => setTimeout(again, 20));
  started.kill('SIGKILL');
  await started.ended;
});

test('the command comes first, and what was found is finished after it', async () => {
  const running = rack.start(['fence', 'db1', ...TRIED]);
  await running.says('Found open');
  rack.lab.fault('db2-bmc', NO_FAULTS);
  const { code, out, err } = await running.ended;
  expect(code, err).toBe(0);
  expect(out).toMatch(/^db1 is OFF: confirmed/);
  expect(err).toMatch(/Found open, left by an earlier process: \w+ \(off db2, \w+\)\. This command comes first; then that goes on\./);
  expect(err).toMatch(/db2 is OFF: confirmed/);
  expect([rack.lab.lamp('db1'), rack.lab.lamp('db2')]).toEqual([false, false]);
  expect((await rack.bailiff('resume')).out).toBe('Nothing was open.\n');
});

test('a program is told in its one document, and has its --timeout kept', async () => {
  const { code, value } = await rack.json('fence', 'db1', ...TRIED, '--timeout', '4s');
  expect([code, value.outcome, rack.lab.lamp('db1')]).toEqual([0, 'confirmed', false]);
  expect(value.foundOpen).toMatchObject([{ target: 'db2', action: 'off' }]);
  rack.lab.fault('db2-bmc', NO_FAULTS);
  const resumed = await rack.json('resume');
  expect([resumed.code, (resumed.value.operations as { target: string }[]).map(({ target }) => target)]).toEqual([0, ['db2']]);
});

test('a command about the same node goes on with it', async () => {
  rack.lab.fault('db2-bmc', NO_FAULTS);
  const { code, out, err } = await rack.bailiff('fence', 'db2', ...TRIED);
  expect(code, err).toBe(0);
  expect(out).toMatch(/^db2 is OFF: confirmed/);
  expect(err).not.toContain('Found open');
});
