/** The engine in process: who asked gets their own answer, and an engine that lives long does not grow. */
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../hardware-mocks/clock.ts';
import { type Configuration, loadConfiguration } from '../../src/config/index.ts';
import { driverLookup } from '../../src/devices/lookup.ts';
import { Engine } from '../../src/main/engine.ts';
import { MemoryDisk } from '../../src/store/index.ts';
import type { Command, Verdict } from '../../src/vocabulary/index.ts';
import { command, ObedientRack } from '../coordinator/ports.ts';

/** People as devices: nothing is asked of any network, and what they are ordered waits until somebody attests. */
const CONFIGURATION = `cluster: orders
stateDir: ./state
self: { id: witness-1 }
nodes:
  db1: { fence: [[{ device: on-call-1 }]] }
  db2: { fence: [[{ device: on-call-2 }]] }
  db3: { fence: [[{ device: on-call-3 }]] }
devices:
  on-call-1: { driver: manual, who: the person on call }
  on-call-2: { driver: manual, who: the person on call }
  on-call-3: { driver: manual, who: the person on call }
arbiters: [ { id: arb-1, publicKey: { file: arb.pub }, host: witness-1 } ]
`;

const PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----
`;

let folder: string;
let engine: Engine;

async function load(): Promise<Configuration> {
  const file = join(folder, 'bailiff.yaml');
  await writeFile(file, CONFIGURATION);
  await writeFile(join(folder, 'arb.pub'), PUBLIC_KEY);
  const loaded = await loadConfiguration(file, { drivers: driverLookup(file) });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.configuration;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiff-engine-'));
  const opened = await Engine.open(await load());
  if (!(opened instanceof Engine)) throw new Error(opened.says);
  engine = opened;
});

afterEach(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

const verdict = (targets: readonly string[], reason = 'quorum'): Verdict => ({
  id: 'v1',
  cluster: 'orders',
  epoch: 1,
  claim: 'misbehaving',
  targets,
  survivors: ['db2', 'db3'],
  issuer: 'arb-1',
  issuedAt: Date.now(),
  expiresAt: Date.now() + 60_000,
  reason,
});

describe('a command that passes two limits', () => {
  const lifting = (id: string, target: string, override: Command['override']) => engine.command({ ...command(id, target), override });

  it('is told both, and again both where it lifts one of them', async () => {
    expect(await lifting('c1', 'db1', [])).toMatchObject({ problem: { code: 'person-needed' } });
    const both = 'bailiff fence db2 --reason … --override storm-limit quorum-floor.';
    expect(await lifting('c2', 'db2', [])).toMatchObject({
      answer: { problem: { code: 'storm-limit', next: expect.stringContaining(both) } },
    });
    expect(await lifting('c3', 'db2', ['storm-limit'])).toMatchObject({
      answer: { problem: { code: 'quorum-floor', next: expect.stringContaining(both) } },
    });
    expect(await lifting('c4', 'db2', ['storm-limit', 'quorum-floor'])).toMatchObject({ problem: { code: 'person-needed' } });
  });
});

describe('whose answer is it', () => {
  it('the same command again gets the same answer; another one under its id is refused, and is not given that answer', async () => {
    const given = command('c1', 'db1', 'attest');
    const first = await engine.command(given);
    expect(first).toMatchObject({ answer: { outcome: 'attested' } });
    expect(await engine.command(command('c1', 'db2', 'attest'))).toMatchObject({
      answer: { outcome: 'refused', problem: { code: 'command-altered' } },
    });
    expect(await engine.command(given)).toEqual(first);
    expect(engine.state.fenced.keys()).toEqual(['db1']);
  });

  it('a second command under the id of one that is still open is refused, and the first is not disturbed', async () => {
    const first = engine.command(command('c1', 'db1', 'attest'));
    expect(await engine.command(command('c1', 'db2', 'attest'))).toMatchObject({
      answer: { outcome: 'refused', problem: { code: 'command-altered' } },
    });
    expect(await first).toMatchObject({ answer: { outcome: 'attested' } });
    // It waits for a person, so whoever gave it was told; its answer is still to come.
    expect(await engine.command({ ...command('c2', 'db3', 'off'), override: ['quorum-floor'] })).toMatchObject({
      problem: { code: 'person-needed' },
    });
    expect(await engine.command(command('c2', 'db2', 'off'))).toMatchObject({ answer: { problem: { code: 'command-altered' } } });
    expect(engine.state.fenced.keys()).toEqual(['db1']);
  });

  it('other content under the id of a verdict gets an answer of its own: neither takes that of the other', async () => {
    const given = verdict(['db1']);
    expect(await engine.verdict(given)).toMatchObject({ problem: { code: 'person-needed' } });
    const held = engine.verdict(given);
    expect(await held).toMatchObject({ problem: { code: 'person-needed' } });
    const altered = { ...given, reason: 'something else' };
    expect(await engine.verdict(altered)).toMatchObject({ answer: { outcome: 'refused', problem: { code: 'verdict-altered' } } });
    expect(await engine.command(command('c1', 'db1', 'attest'))).toMatchObject({ answer: { outcome: 'attested' } });
    expect(await engine.verdict(given)).toMatchObject({ answer: { outcome: 'attested' } });
    expect(await engine.verdict(altered)).toMatchObject({ answer: { outcome: 'refused', problem: { code: 'verdict-altered' } } });
  });
});

describe('its ports', () => {
  it('can all be given: nothing of the configuration is opened then', async () => {
    const clock = new VirtualClock(1_000_000);
    const configuration = { ...(await load()), stateDir: join(folder, 'not-made') };
    const rack = new ObedientRack();
    const heard = { probe: 'reference-ip', by: 'self', address: '192.0.2.1', answer: 'heard', tookMs: 1 } as const;
    const given = await Engine.open(configuration, {
      ports: {
        clock,
        store: new MemoryDisk().open(),
        pool: rack,
        probes: { assess: async () => await Promise.resolve({ startedAt: clock.now(), endedAt: clock.now(), observations: [heard] }) },
        random: { id: () => 'op1', fraction: () => 0.5, bytes: (length) => new Uint8Array(length) },
      },
    });
    if (!(given instanceof Engine)) throw new Error(given.says);
    expect(await given.command(command('c1', 'db1', 'attest'))).toMatchObject({ answer: { outcome: 'attested' } });
    expect(given.state.fenced.values()).toMatchObject([{ since: 1_000_000 }]);
    await given.close();
    await expect(access(join(folder, 'not-made'))).rejects.toThrow('ENOENT');
  });
});
