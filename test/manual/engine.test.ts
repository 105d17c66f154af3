/** A person as an outlet, under the whole engine: called, waited for, believed by name; across a restart too. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { driverLookup } from '../../src/devices/lookup.ts';
import { type Configuration, loadConfiguration } from '../../src/config/index.ts';
import { Engine } from '../../src/main/engine.ts';
import type { Command } from '../../src/vocabulary/index.ts';

const CONFIGURATION = `cluster: orders
stateDir: ./state
self: { id: witness-1 }
nodes:
  db1: { fence: [[{ device: on-call }]] }
  db2: { fence: [[{ device: on-call-2 }]] }
devices:
  on-call: { driver: manual, who: the person on call, contact: +49 30 1234, does: pull both cords of db1 }
  on-call-2: { driver: manual, who: the person on call }
`;

let folder: string;
let configuration: Configuration;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiff-manual-'));
  const file = join(folder, 'bailiff.yaml');
  await writeFile(file, CONFIGURATION);
  const loaded = await loadConfiguration(file, { drivers: driverLookup(file) });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  ({ configuration } = loaded);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function open(): Promise<Engine> {
  const opened = await Engine.open(configuration);
  if (!(opened instanceof Engine)) throw new Error(opened.says);
  return opened;
}

const command = (id: string, action: Command['action'], by: string): Command => ({
  id,
  action,
  target: 'db1',
  by,
  origin: 'person',
  reason: 'both cords pulled',
  override: [],
});

/** Until the person was called. */
async function called(engine: Engine): Promise<void> {
  while (!engine.calls.some(({ problem }) => problem.code === 'person-needed')) await new Promise((resolve) => setImmediate(resolve));
}

describe('a person as the outlet of a node', () => {
  it('is called, and their word ends the operation attested, never confirmed', async () => {
    const engine = await open();
    try {
      // Whoever gave the command is not kept waiting for a person; the operation is.
      expect(await engine.command(command('c1', 'off', 'ben'))).toMatchObject({ problem: { code: 'person-needed' } });
      await called(engine);
      const attested = await engine.command(command('c2', 'attest', 'anna'));
      expect(attested).toMatchObject({ answer: { outcome: 'attested' } });
      expect(engine.state.operations.size).toBe(0);
      expect(engine.state.fenced.get('db1')).toMatchObject({ how: 'attested' });
    } finally {
      await engine.close();
    }
  });

  it('is not asked for a state over and over: the journal stays small while they are awaited', async () => {
    const engine = await open();
    try {
      void engine.command(command('c1', 'off', 'ben'));
      await called(engine);
      const operation = engine.state.operations.values()[0];
      expect(operation?.outlets?.map(({ asked, polls, order }) => ({ asked, polls, order }))).toEqual([
        { asked: 0, polls: 0, order: 'accepted' },
      ]);
    } finally {
      await engine.close();
    }
  });

  it('is called again after a restart, and then believed', async () => {
    const first = await open();
    void first.command(command('c1', 'off', 'ben'));
    await called(first);
    await first.close();
    const second = await open();
    try {
      expect(second.openAtStart).toHaveLength(1);
      await called(second);
      expect(await second.command(command('c2', 'attest', 'anna'))).toMatchObject({ answer: { outcome: 'attested' } });
    } finally {
      await second.close();
    }
  });
});
