/** A lab's own configuration, read by the project's loader, opens the project's drivers, and they reach the lamps. */
import { mkdtemp, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DriverTools, PowerDriver } from '../../drivers/kit/contract.ts';
import { driver as ipmi } from '../../drivers/ipmi/driver.ts';
import { driver as snmpPdu } from '../../drivers/snmp-pdu/driver.ts';
import { type Lab, startLab, writeLabConfiguration } from '../../hardware-mocks/index.ts';
import { driversFrom, loadConfiguration } from '../../src/config/index.ts';

const RACK = {
  cluster: 'orders',
  nodes: [
    { name: 'db1', feeds: ['pdu-a/3', 'pdu-b/3'] },
    { name: 'db2', feeds: ['pdu-a/4', 'pdu-b/4'] },
  ],
  devices: [
    { name: 'db1-bmc', kind: 'bmc', node: 'db1' },
    { name: 'db2-bmc', kind: 'bmc', node: 'db2', kg: 'key of the gate', users: [{ name: 'op', password: 'twenty bytes of pass' }] },
    { name: 'pdu-a', kind: 'pdu', outlets: 8 },
    { name: 'pdu-b', kind: 'pdu', outlets: 8, family: 'raritan-px2', version: '3' },
  ],
};

const tools: DriverTools = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
  bytes: (length) => randomBytes(length),
  debug: () => {},
};
const WITHIN = { ms: 10_000 };

let lab: Lab;
let folder: string;
const drivers = new Map<string, PowerDriver>();

const driverOf = (device: string): PowerDriver => {
  const found = drivers.get(device);
  if (found === undefined) throw new Error(`no driver for ${device}`);
  return found;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiff-lab-'));
  const started = await startLab(RACK);
  if ('problem' in started) throw new Error(started.problem.says);
  lab = started.value;
  const file = await writeLabConfiguration(lab, { folder });
  const loaded = await loadConfiguration(file, { drivers: driversFrom([ipmi, snmpPdu]) });
  if (!('configuration' in loaded)) throw new Error(JSON.stringify(loaded));
  for (const [name, device] of loaded.configuration.devices) {
    const module = device.driver === 'ipmi' ? ipmi : snmpPdu;
    drivers.set(name, module.open(name, device.settings, tools));
  }
});

afterEach(async () => {
  await Promise.all([...drivers.values()].map((driver) => driver.close()));
  drivers.clear();
  await lab.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('a rack with BMCs and two PDUs', () => {
  it.each(['db1', 'db2'])('lets our driver cut %s by its BMC', async (node) => {
    const driver = driverOf(`${node}-bmc`);
    expect(await driver.order('', 'off', WITHIN)).toMatchObject({ result: 'accepted' });
    expect(await driver.read('', WITHIN)).toMatchObject({ power: 'off' });
    expect(lab.lamp(node)).toBe(false);
    expect(lab.lamp(node === 'db1' ? 'db2' : 'db1')).toBe(true);
  });

  it('is dark only when both feeds are cut, and then the BMC is dead too', async () => {
    for (const [pdu, lampAfter] of [
      ['pdu-a', true],
      ['pdu-b', false],
    ] as const) {
      expect(await driverOf(pdu).order('3', 'off', WITHIN)).toMatchObject({ result: 'accepted' });
      expect(await driverOf(pdu).read('3', WITHIN)).toMatchObject({ power: 'off' });
      expect(lab.lamp('db1')).toBe(lampAfter);
    }
    expect(await driverOf('db1-bmc').read('', { ms: 300 })).toMatchObject({ power: 'unknown' });
    expect(lab.lamp('db2')).toBe(true);
  });
});
