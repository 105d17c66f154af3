/** SSH devices in a rack: the lab's own configuration opens our driver, which reaches the lamps; lab faults reach it too. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PowerDriver } from '../../drivers/kit/contract.ts';
import { driver as ssh } from '../../drivers/ssh/driver.ts';
import { type Lab, startLab, writeLabConfiguration } from '../../hardware-mocks/index.ts';
import { driversFrom, loadConfiguration } from '../../src/config/index.ts';
import { toolsOn } from '../doubles/tools.ts';
import { clock, until } from './rack.ts';

const RACK = {
  cluster: 'orders',
  nodes: [{ name: 'db1', feeds: ['strip/2'] }, { name: 'db2' }, { name: 'db3' }],
  devices: [
    { name: 'strip', kind: 'ssh', outlets: 4, pieceBytes: 5 },
    { name: 'db2-ilo', kind: 'ssh', dialect: 'hpe-ilo', node: 'db2' },
    { name: 'db3-itself', kind: 'ssh', dialect: 'target', node: 'db3', passwordBy: 'keyboard-interactive' },
  ],
};
const tools = toolsOn(clock);
const WITHIN = { ms: 10_000 };
let folder = '';
let lab: Lab;
const drivers = new Map<string, PowerDriver>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiff-ssh-lab-'));
  const started = await startLab(RACK);
  if ('problem' in started) throw new Error(started.problem.says);
  lab = started.value;
  const file = await writeLabConfiguration(lab, { folder });
  const loaded = await loadConfiguration(file, { drivers: driversFrom([ssh]) });
  if (!('configuration' in loaded)) throw new Error(JSON.stringify(loaded));
  for (const [name, { settings }] of loaded.configuration.devices) drivers.set(name, ssh.open(name, settings, tools));
});

afterEach(async () => {
  for (const driver of drivers.values()) await driver.close();
  drivers.clear();
  await lab.stop();
  await rm(folder, { recursive: true, force: true });
});

const lamp = (node: string): boolean | undefined => lab.lamp(node);

it.each([
  ['strip', '2', 'db1'],
  ['db2-ilo', '', 'db2'],
])('%s:%s cuts the power of %s', async (device, plug, node) => {
  const driver = drivers.get(device);
  expect(await driver?.order(plug, 'off', WITHIN)).toEqual({ result: 'accepted' });
  expect(await driver?.read(plug, WITHIN)).toMatchObject({ power: 'off' });
  expect(lamp(node)).toBe(false);
});

it('a node that is asked to go is never read as off', async () => {
  const driver = drivers.get('db3-itself');
  expect(driver?.evidence).toBe('target');
  const order = driver?.order('', 'off', { ms: 2_000 });
  await until(() => lamp('db3') === false);
  expect(lamp('db3')).toBe(false);
  await order;
  expect(await driver?.read('', { ms: 300 })).toMatchObject({ power: 'unknown' });
});

it('a fault of the lab is met', async () => {
  expect(lab.fault('strip', { seed: 1, faults: [{ kind: 'ignore-orders' }] })).toBeUndefined();
  const driver = drivers.get('strip');
  expect(await driver?.order('2', 'off', WITHIN)).toEqual({ result: 'accepted' });
  expect(await driver?.read('2', WITHIN)).toMatchObject({ power: 'on' });
  expect(lamp('db1')).toBe(true);
});
