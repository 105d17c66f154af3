/** A disk that hangs: a named pipe in the place of a file of the state folder blocks whoever opens it, as such a disk would. */
import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestRack, TWO_NODES } from './rack.ts';

let rack: TestRack;
beforeAll(async () => {
  rack = await TestRack.up(TWO_NODES);
  expect((await rack.bailiff('unfence', 'db1', '--reason', 'begin')).code).toBe(0);
});
afterAll(async () => await rack.down());

async function hangs(file: string): Promise<void> {
  const path = join(rack.folder, 'state', file);
  await rm(path);
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
}

/** Exit codes past threads that hang need a call into the C library; without koffi the process is killed once it has spoken. */
const KILLED = null;

test('--timeout is kept, and the answer is followed by the end of the process', async () => {
  await hangs('last-words');
  const { code, out } = await rack.bailiff('fence', 'db1', '--reason', 'tested', '--timeout', '1s', '--json');
  expect(JSON.parse(out)).toMatchObject({ outcome: 'withheld', code: 'no-answer-in-time' });
  expect([4, KILLED]).toContain(code);
  expect(rack.lab.lamp('db1')).toBe(true);
});

test('status tells the power all the same', async () => {
  await hangs('journal/journal-00000001.jsonl');
  const { code, out } = await rack.bailiff('status', '--json');
  const { journal, nodes } = JSON.parse(out) as { journal: { code: string }; nodes: { outlets: { power: string }[] }[] };
  expect(journal.code).toMatch(/^(?:no-answer-in-time|journal-)/);
  expect(nodes.flatMap(({ outlets }) => outlets.map(({ power }) => power))).toEqual(['on', 'on']);
  expect([5, KILLED]).toContain(code);
});
