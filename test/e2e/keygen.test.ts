/** `bailiff verdict keygen` writes a pair or nothing. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startIn } from './rack.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiff-keygen-'));
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

test('a pair', async () => {
  expect((await startIn(folder, ['verdict', 'keygen', 'arb-1']).ended).code).toBe(0);
  expect((await readdir(folder)).toSorted()).toEqual(['arb-1.key', 'arb-1.pub']);
});

test.each(['arb-1.key', 'arb-1.pub'])('where %s is there already, it stays, and nothing is put beside it', async (there) => {
  await writeFile(join(folder, there), 'mine');
  const { code, err } = await startIn(folder, ['verdict', 'keygen', 'arb-1']).ended;
  expect([code, err]).toEqual([2, expect.stringContaining(`file-not-written: ${there}`)]);
  expect(await readdir(folder)).toEqual([there]);
  expect(await readFile(join(folder, there), 'utf8')).toBe('mine');
});
