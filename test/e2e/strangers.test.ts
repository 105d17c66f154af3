/** Drivers of somebody else that do what none may do: whatever it is, no exit code says "off" that was not proven. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NO_FAULTS } from '../../hardware-mocks/index.ts';
import { TestRack, TWO_NODES } from './rack.ts';
import { FENCE, stranger } from './stranger.ts';

let rack: TestRack;
beforeAll(async () => {
  rack = await TestRack.up(TWO_NODES);
});
afterAll(async () => await rack.down());
beforeEach(() => {
  for (const device of rack.lab.devices.keys()) rack.lab.fault(device, NO_FAULTS);
  for (const node of rack.lab.machines.keys()) rack.lab.power(node, 'on');
});

describe('no exit code 0 without an outcome', () => {
  test('a module that never finishes loading, and has no second level behind it', async () => {
    await stranger(rack, { load: 'await new Promise(() => undefined);', second: false });
    const { code, err } = await rack.bailiff(...FENCE);
    expect([1, 3, 4, 5]).toContain(code);
    expect(err).toContain('device stranger cannot be used');
    expect(rack.lab.lamp('db1')).toBe(true);
  });

  test.each([
    ['process.exit() in an order', { order: 'process.exit()' }],
    ['process.exit(0) in a reading', { read: 'process.exit(0)' }],
    ["Node's own last step", { read: 'process.reallyExit(0)' }],
    ['process.exit(0) from a timer', { order: 'setTimeout(() => process.exit(0), 1); await new Promise((done) => setTimeout(done, 50))' }],
    ['exit code 0 set in passing', { order: 'process.exitCode = 0; process.emit("exit", 0)' }],
  ])('%s', async (_what, misdeeds) => {
    await stranger(rack, misdeeds);
    const { code, out, err } = await rack.bailiff(...FENCE);
    if (code === 0) expect(rack.lab.lamp('db1'), `${out}${err}`).toBe(false);
    else expect(`${out}${err}`).toMatch(/bailiff resume|NOT proven off/);
  });

  test('status tells an outlet that is never read', async () => {
    await stranger(rack, { read: 'await new Promise(() => undefined)' });
    const { code, value } = await rack.json('status', 'db1');
    expect(code).toBe(5);
    const [node] = value.nodes as [{ outlets: { device: string; power: string; why?: { code: string } }[] }];
    expect(node.outlets).toMatchObject([
      { device: 'stranger', power: 'unknown', why: { code: 'driver-overdue' } },
      { device: 'db1-bmc', power: 'on' },
    ]);
  });
});

describe('a driver that cannot be had takes nothing with it', () => {
  test.each([
    ['never finishes loading', { load: 'await new Promise(() => undefined);' }, 'driver-not-loadable'],
    ['throws while it is loaded', { load: "throw new Error('no licence');" }, 'driver-not-loadable'],
    ['throws what has no text', { load: 'throw { toString() { throw 1; } };' }, 'driver-not-loadable'],
    ['throws over its settings', { module: "settingsProblem() { throw new Error('no'); }" }, 'driver-threw'],
    ['throws over its kind', { module: "kindOf() { throw new Error('no'); }" }, 'driver-threw'],
    ['makes up its kind', { module: "kindOf() { return { evidence: 'banana', plugs: 'none' }; }" }, 'driver-malformed'],
    ['says a number of its settings', { module: 'settingsProblem() { return 42; }' }, 'driver-malformed'],
  ] as const)('%s: the second level has its turn', async (_what, misdeeds, problem) => {
    await stranger(rack, misdeeds);
    const { code, err } = await rack.bailiff(...FENCE);
    expect(code, err).toBe(0);
    expect(err).toContain(`${problem}: device stranger cannot be used`);
    expect(rack.lab.lamp('db1')).toBe(false);
  });

  test('a node that does not hang on it is fenced, and check names it with and without asking', async () => {
    await stranger(rack, { load: "throw new Error('no licence');" });
    expect((await rack.bailiff('fence', 'db2', '--reason', 'tested', '--override', 'quorum-floor')).code).toBe(0);
    expect(rack.lab.lamp('db2')).toBe(false);
    for (const offline of [[], ['--offline']]) {
      const { code, value } = await rack.json('check', ...offline);
      expect(code).toBe(1);
      expect(value.fit).toBe(false);
      expect(JSON.stringify(value)).toContain('no licence');
    }
  });

  test('two devices of it are two: each node is fenced by its second level, and a person may attest', async () => {
    await stranger(rack, { load: "throw new Error('no licence');" });
    const anna = { driver: 'manual', who: 'Anna' };
    const own = Object.fromEntries([...rack.lab.devices].map(([name, { configuration }]) => [name, configuration]));
    const broken = (host: string) => ({ driver: './stranger.mjs', host });
    await rack.configure({
      devices: { ...own, one: broken('10.0.0.1'), other: broken('10.0.0.2'), anna },
      nodes: {
        db1: { fence: [[{ device: 'one' }], [{ device: 'db1-bmc' }], [{ device: 'anna' }]] },
        db2: { fence: [[{ device: 'other' }], [{ device: 'anna' }]] },
      },
      verify: { referenceIps: ['127.0.0.1'], need: 1, within: '1s', listenAgain: '0s' },
      policy: { tieBreaker: 'reference-ips', timeout: '8s', answerWithin: '1s', storm: { targets: 9, within: '10m' } },
    });
    expect(await rack.json(...FENCE)).toMatchObject({ code: 0, value: { outcome: 'confirmed' } });
    expect(rack.lab.lamp('db1')).toBe(false);
    const attested = await rack.json('attest', 'db2', '--confirm-node', 'db2', '--by', 'anna', '--reason', 'pulled the cord');
    expect(attested).toMatchObject({ value: { outcome: 'attested' } });
  });
});

test('exceptions from timers and sockets of a driver are told, and the second level has its turn', async () => {
  await stranger(rack, { order: 'setTimeout(() => { throw new Error("too late") }, 1); void Promise.reject(new Error("unheard"))' });
  const { code, err } = await rack.bailiff(...FENCE);
  expect(code, err).toBe(0);
  expect(rack.lab.lamp('db1')).toBe(false);
  expect(err).toContain('stray-error: Something failed that belongs to no request: Error: too late');
  expect(err).toContain('Error: unheard');
});

test('a driver that keeps the process alive does not keep it from ending', async () => {
  await stranger(rack, { order: 'setInterval(() => undefined, 1000)' });
  expect((await rack.bailiff(...FENCE)).code).toBe(0);
});
