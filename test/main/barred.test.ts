/** A configuration that lint finds an error in opens nothing, whoever asks: its verdict on db2 would cut db1. */
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { driver } from '../../drivers/ipmi/driver.ts';
import { Machine, MockBmc, realClock } from '../../hardware-mocks/index.ts';
import { type Configuration, driversFrom, lintErrors, loadConfiguration } from '../../src/config/index.ts';
import { Engine, isProblem, openService } from '../../src/index.ts';
import { MemoryDisk } from '../../src/store/index.ts';
import { ObedientRack } from '../coordinator/ports.ts';

let folder: string;
let machine: Machine;
let bmc: MockBmc;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiff-barred-'));
  const clock = realClock();
  machine = new Machine({ clock, name: 'db1' });
  bmc = await MockBmc.start({ machine, clock, users: [{ name: 'fencer', password: 'pw' }] });
  await writeFile(join(folder, 'pw'), 'pw\n', { mode: 0o600 });
});

afterEach(async () => {
  await bmc.stop();
  await rm(folder, { recursive: true, force: true });
});

/** db1 has the BMC a; what db2 has is asked for. */
async function load(db2: 'a' | 'b'): Promise<Configuration> {
  const file = join(folder, 'bailiff.yaml');
  const device = `driver: ipmi, port: ${bmc.port}, username: fencer, password: { file: pw }`;
  await writeFile(
    file,
    `cluster: orders
stateDir: ./state
self: { id: witness-1 }
nodes:
  db1: { fence: [[{ device: a }]] }
  db2: { fence: [[{ device: ${db2} }]] }
devices:
  a: { host: 127.0.0.1, ${device} }
  b: { host: 127.0.0.2, ${device} }
verify: { referenceIps: [127.0.0.1], need: 1 }
policy: { tieBreaker: reference-ips }
`,
  );
  const loaded = await loadConfiguration(file, { drivers: driversFrom([driver]) });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.configuration;
}

const stateFolder = async (): Promise<boolean> =>
  await access(join(folder, 'state')).then(
    () => true,
    () => false,
  );

describe('one device as the fencing of two nodes', () => {
  it.each([
    ['the engine', Engine.open.bind(Engine)],
    ['the service', openService],
  ])('%s is not opened: the state folder is not taken, nobody is asked, and both machines run', async (_, open) => {
    const opened = await open(await load('a'));
    try {
      expect(opened).toMatchObject({
        code: 'configuration',
        says: expect.stringMatching(/bailiff\.yaml:\d+:\d+ nodes\.db2\.fence.*db1/),
        next: expect.stringContaining('bailiff check'),
      });
    } finally {
      if (!isProblem(opened)) await opened.close();
    }
    expect(await stateFolder()).toBe(false);
    expect(machine.lamp).toBe(true);
  });

  it('nor with ports of its own, nor as a copy of what was loaded', async () => {
    const configuration = { ...(await load('a')) };
    const ports = { store: new MemoryDisk().open(), pool: new ObedientRack() };
    expect(await Engine.open(configuration, { ports })).toMatchObject({ code: 'configuration' });
  });

  it('is weighed once: who asks again is given what was found', async () => {
    const configuration = await load('a');
    const found = lintErrors(configuration, 'as-named.yaml');
    expect(found).toMatchObject([{ code: 'outlet-shared', file: 'as-named.yaml' }]);
    expect(lintErrors(configuration)).toBe(found);
    expect(await Engine.open(configuration)).toMatchObject({ says: expect.stringContaining(found[0]?.says ?? '?') });
  });

  it('with a device for each it opens', async () => {
    const opened = await openService(await load('b'));
    if (isProblem(opened)) throw new Error(opened.says);
    expect(await stateFolder()).toBe(true);
    await opened.close();
  });
});
