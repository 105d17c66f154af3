import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readJournal, verifyJournal } from '../../src/store/index.ts';
import { newFolder } from './folder.ts';
import { start } from './process-runner.ts';

describe('kill -9 at random moments', () => {
  it('loses nothing that was acknowledged, over many lives on one journal', async () => {
    const folder = await newFolder();
    let known = 0;
    for (let life = 0; life < 25; life += 1) {
      const writer = start('appendForEver', folder, '100000');
      const { last } = await writer.until((told) => told.owns !== undefined || told.problem !== undefined);
      expect(last).toBeGreaterThanOrEqual(known);
      await pause(randomInt(40));
      writer.end();
      await writer.ended;
      known = writer.told.at(-1)?.last ?? known;
      expect(await verifyJournal(folder)).toMatchObject({ ok: true });
    }
    expect(known).toBeGreaterThan(25);
  });

  it('readers see a sound journal at every moment while another process writes, rotates and removes', async () => {
    const folder = await newFolder();
    const writer = start('appendForEver', folder, '600');
    await writer.until((told) => told.owns !== undefined);
    let over = false;
    void writer.ended.then(() => (over = true));
    let seen = 0;
    let reads = 0;
    while (!over) {
      const view = await readJournal(folder);
      if ('code' in view) throw new Error(view.says);
      const last = ((view.snapshot as number | undefined) ?? 0) + view.entries.length;
      expect(last).toBeGreaterThanOrEqual(seen);
      seen = last;
      reads += 1;
    }
    expect(reads).toBeGreaterThan(5);
    expect(await verifyJournal(folder)).toMatchObject({ ok: true, segments: 4 });
    expect(writer.told.at(-1)).toEqual({ last: 600 });
  });
});
