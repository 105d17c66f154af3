/** Nodes with two supplies on two PDUs: both feeds are off together, or it is not confirmed. Over real SNMP to the simulated PDUs. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type FaultPlan, NO_FAULTS } from '../../hardware-mocks/index.ts';
import { TestRack } from './rack.ts';

const RACK = {
  cluster: 'orders',
  nodes: [
    { name: 'db1', feeds: ['pdu-a/4', 'pdu-b/4'] },
    { name: 'db2', feeds: ['pdu-a/5', 'pdu-b/5'] },
  ],
  devices: [
    { name: 'db1-bmc', kind: 'bmc', node: 'db1' },
    { name: 'pdu-a', kind: 'pdu', family: 'apc-rpdu2', outlets: 8, delayMs: 50 },
    { name: 'pdu-b', kind: 'pdu', family: 'raritan-px2', version: '3', outlets: 8, delayMs: 50 },
  ],
};
const FEEDS = [
  [
    { device: 'pdu-a', outlet: 4 },
    { device: 'pdu-b', outlet: 4 },
  ],
];
const SECTIONS = {
  verify: { referenceIps: ['127.0.0.1'], need: 1, within: '3s', listenAgain: '0s' },
  policy: { tieBreaker: 'reference-ips', storm: { targets: 2, within: '10m' }, timeout: '20s' },
};
const MUTE: FaultPlan = { seed: 1, faults: [{ kind: 'mute' }] };

let rack: TestRack;
beforeAll(async () => {
  rack = await TestRack.up(RACK, { ...SECTIONS, nodes: { db1: { fence: FEEDS }, db2: { fence: [] } } });
});
afterAll(async () => await rack.down());
afterEach(() => {
  for (const device of rack.lab.devices.keys()) rack.lab.fault(device, NO_FAULTS);
  for (const outlet of ['pdu-a/4', 'pdu-b/4']) rack.lab.power(outlet, 'on');
  rack.lab.power('db1', 'on');
});

const fence = async (timeout: string) => await rack.json('fence', 'db1', '--reason', 'tested', '--timeout', timeout);

describe('two feeds are one level', () => {
  test('both are cut, in parallel, and both read off at one moment', async () => {
    const { code, value } = await fence('20s');
    expect([code, value.outcome]).toEqual([0, 'confirmed']);
    expect(rack.lab.lamp('db1')).toBe(false);
    const [level] = value.levels as [{ outlets: { readings: { power: string; readAt: string; tookMs: number }[] }[] }];
    const spans = level.outlets.map(({ readings }) => {
      const off = readings.slice(readings.findLastIndex(({ power }) => power !== 'off') + 1);
      const from = off[0];
      return { from: Date.parse(from?.readAt ?? '') + (from?.tookMs ?? 0), until: Date.parse(off.at(-1)?.readAt ?? '') };
    });
    expect(Math.max(...spans.map(({ from }) => from))).toBeLessThanOrEqual(Math.min(...spans.map(({ until }) => until)));
  });

  test('PDU B cannot be reached: unconfirmed, though A is off; the node lives on B', async () => {
    rack.lab.fault('pdu-b', MUTE);
    const { code, value } = await fence('4s');
    expect([code, value.outcome]).toEqual([5, 'unconfirmed']);
    expect(rack.lab.relay('pdu-a/4')?.closed).toBe(false);
    expect(rack.lab.lamp('db1')).toBe(true);
  });

  test('outlet A takes the order and stays on: failed', async () => {
    rack.lab.fault('pdu-a', { seed: 1, faults: [{ kind: 'ignore-orders' }] });
    const { code, value } = await fence('4s');
    expect([code, value.outcome, value.code]).toEqual([1, 'failed', 'still-on']);
    expect(rack.lab.lamp('db1')).toBe(true);
  });

  test('an operator switches A on again before B is off: not confirmed, and not fought over', async () => {
    rack.lab.fault('pdu-b', { seed: 1, faults: [{ kind: 'ignore-orders', forMs: 2500 }] });
    const relay = rack.lab.relay('pdu-a/4');
    // The hand is quicker than B, and comes only after A was seen off.
    const hand = setInterval(() => {
      if (relay?.closed === false) setTimeout(() => rack.lab.power('pdu-a/4', 'on'), 400);
    }, 20);
    const { value } = await fence('6s');
    clearInterval(hand);
    expect(value.outcome).not.toBe('confirmed');
    expect(relay?.closed).toBe(true);
    expect(rack.lab.lamp('db1')).toBe(true);
  });
});

test('the BMC died with its node: level 2 cuts both feeds', async () => {
  await rack.configure({ ...SECTIONS, nodes: { db1: { fence: [[{ device: 'db1-bmc' }], ...FEEDS] }, db2: { fence: [] } } });
  rack.lab.fault('db1-bmc', MUTE);
  const { code, value } = await fence('30s');
  expect([code, value.outcome]).toEqual([0, 'confirmed']);
  expect((value.levels as { level: number; result: string }[]).map(({ level, result }) => [level, result])).toEqual([
    [1, 'unproven'],
    [2, 'confirmed'],
  ]);
  expect(rack.lab.lamp('db1')).toBe(false);
});

test('status shows every outlet with its load, on and off', async () => {
  expect((await fence('30s')).value.outcome).toBe('confirmed');
  const { value } = await rack.json('status', 'db1');
  const [node] = value.nodes as [{ outlets: { device: string; power: string; watts?: number }[] }];
  expect(node.outlets.map(({ device, power }) => `${device} ${power}`)).toContain('db1-bmc off');
});
