/** fence_ipmilan, run by our driver, under the whole engine: what we did not write cuts the power, and our readings confirm it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { watchedTools, realClock as toolsClock } from '../../drivers/conformance/tools.ts';
import { checkSettings, type PowerDriver, Secret } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/fence-agent/driver.ts';
import { Machine, MockBmc, realClock } from '../../hardware-mocks/index.ts';
import { driverLookup } from '../../src/devices/lookup.ts';
import { loadConfiguration } from '../../src/config/index.ts';
import { Engine } from '../../src/main/engine.ts';
import { describeWithStrangers } from './strangers.ts';

const PASSWORD = 'fencer-pw';
const within = { ms: 20_000 };

let machine: Machine;
let bmc: MockBmc;
let folder: string;

beforeEach(async () => {
  const clock = realClock();
  machine = new Machine({ name: 'db1', clock, offDelayMs: 200 });
  bmc = await MockBmc.start({ machine, clock, users: [{ name: 'fencer', password: PASSWORD, privilege: 'operator' }] });
  folder = await mkdtemp(join(tmpdir(), 'bailiff-ipmilan-'));
});

afterEach(async () => {
  await bmc.stop();
  await rm(folder, { recursive: true, force: true });
});

const parameters = () => ({ ip: '127.0.0.1', ipport: bmc.port, username: 'fencer', lanplus: true, cipher: 17, privlvl: 'operator' });

function open(password = PASSWORD, more: Readonly<Record<string, string>> = {}): PowerDriver {
  const raw = { agent: 'fence_ipmilan', parameters: { ...parameters(), ...more }, secrets: { password: Secret.fixed(password) } };
  const { settings, problems } = checkSettings(driver.settings, raw);
  expect(problems).toEqual([]);
  return driver.open('db1-bmc', settings, watchedTools(toolsClock));
}

async function engine(): Promise<Engine> {
  await writeFile(join(folder, 'password'), `${PASSWORD}\n`, { mode: 0o600 });
  const file = join(folder, 'bailiff.yaml');
  await writeFile(
    file,
    `cluster: orders
stateDir: ./state
self: { id: witness-1 }
nodes:
  db1: { fence: [[{ device: db1-bmc }]] }
  db2: { fence: [[{ device: db2-bmc }]] }
devices:
  db1-bmc: { driver: fence-agent, agent: fence_ipmilan, parameters: ${JSON.stringify(parameters())}, secrets: { password: { file: ./password } } }
  db2-bmc: { driver: fence-agent, agent: fence_ipmilan, parameters: { ip: 127.0.0.2 }, secrets: { password: { file: ./password } } }
policy: { timeout: 60s }
`,
  );
  const loaded = await loadConfiguration(file, { drivers: driverLookup(file) });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const opened = await Engine.open(loaded.configuration);
  if (!(opened instanceof Engine)) throw new Error(opened.says);
  return opened;
}

describeWithStrangers(['fence_ipmilan', 'ipmitool'], 'fence_ipmilan under our driver', () => {
  it('fences a node of a cluster: confirmed, and the lamp is out; then powers it on again', async () => {
    const running = await engine();
    try {
      const command = { target: 'db1', by: 'anna', origin: 'person', reason: 'tested', override: [] } as const;
      const off = await running.command({ ...command, id: 'c1', action: 'off' });
      expect(off).toMatchObject({ answer: { outcome: 'confirmed' } });
      expect(machine.lamp).toBe(false);
      const on = await running.command({ ...command, id: 'c2', action: 'on' });
      expect(on).toMatchObject({ answer: { outcome: 'confirmed' } });
      expect(machine.lampLog.map((entry) => entry.on)).toEqual([true, false, true]);
    } finally {
      await running.close();
    }
  });

  it('passes a check, which shows what it takes', async () => {
    const health = await open().check(within);
    expect(health).toMatchObject({ ok: true });
    expect(health.found.join('\n')).toMatch(/Fence agent for IPMI.*reads on/s);
  });

  it('is told that a parameter is misspelt', async () => {
    const health = await open(PASSWORD, { chiper: '17' }).check(within);
    expect(health).toMatchObject({
      ok: false,
      problem: { code: 'fence-agent-parameter', says: expect.stringContaining('no parameter chiper') },
    });
  });

  it('does not get in with a wrong password: unknown, not off, and nobody hears either of them', async () => {
    const device = open('wrong-pass-word');
    const said = [await device.read('', within), await device.order('', 'off', within)];
    expect(said).toMatchObject([{ power: 'unknown' }, { result: 'rejected' }]);
    expect(JSON.stringify(said)).not.toMatch(/wrong-pass-word|fencer-pw/);
    expect(machine.lamp).toBe(true);
  });

  it('reads unknown when the BMC is gone', async () => {
    const device = open();
    await bmc.stop();
    expect(await device.read('', { ms: 1_500 })).toMatchObject({ power: 'unknown' });
  });
});
