/** Packet economy, counted at a proxy between the engine and the BMC: a verified off cold and warm. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { driver } from '../../drivers/ipmi/driver.ts';
import { Machine, MockBmc, realClock, UdpProxy } from '../../hardware-mocks/index.ts';
import { driversFrom, loadConfiguration } from '../../src/config/index.ts';
import type { Clock } from '../../src/coordinator/ports.ts';
import { Engine } from '../../src/main/engine.ts';

/** Time goes by ten times slower, so that nothing is asked twice because the machine was busy. */
const unhurried: Clock = (() => {
  const clock = realClock();
  const start = clock.now();
  return { now: () => Math.floor(start + (clock.now() - start) / 10), after: (ms, run) => clock.after(ms * 10, run) };
})();

let folder = '';
let bmc: MockBmc;
let proxy: UdpProxy;
let engine: Engine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiff-economy-'));
  const clock = realClock();
  bmc = await MockBmc.start({ machine: new Machine({ clock, name: 'db1' }), clock, users: [{ name: 'fencer', password: 'pw' }] });
  proxy = await UdpProxy.open({ to: { port: bmc.port } });
  await writeFile(join(folder, 'pw'), 'pw\n', { mode: 0o600 });
  const file = join(folder, 'bailiff.yaml');
  await writeFile(
    file,
    `cluster: orders
self: { id: witness-1 }
nodes: { db1: { fence: [[{ device: bmc }]] }, db2: { fence: [] } }
devices:
  bmc: { driver: ipmi, host: 127.0.0.1, port: ${proxy.port}, username: fencer, password: { file: pw } }
`,
  );
  const loaded = await loadConfiguration(file, { drivers: driversFrom([driver]) });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const opened = await Engine.open(loaded.configuration, { ports: { clock: unhurried } });
  if (!(opened instanceof Engine)) throw new Error(opened.says);
  engine = opened;
});

afterAll(async () => {
  await engine.close();
  await proxy.close();
  await bmc.stop();
  await rm(folder, { recursive: true, force: true });
});

async function fence(id: string): Promise<number> {
  proxy.recount();
  const command = { id, action: 'off', target: 'db1', by: 'anna', origin: 'person', reason: 'counted', override: [] } as const;
  const carried = await engine.command(command);
  expect(carried).toMatchObject({ answer: { outcome: 'confirmed' } });
  return proxy.count.roundTrips;
}

test('one off confirmed by two readings: at most 7 round trips cold, 3 in a warm session', async () => {
  expect(await fence('cold')).toBeLessThanOrEqual(7);
  expect(await fence('warm')).toBe(3);
});
