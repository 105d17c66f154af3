import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readJournal, verifyJournal } from '../../src/store/index.ts';
import { diskFiles } from '../../src/store/files.ts';
import { newFolder, opened } from './folder.ts';
import { start } from './process-runner.ts';

/** 25 processes one after the other, on whatever machine. */
describe('kill -9 at random moments', { timeout: 180_000 }, () => {
  it('loses nothing that was acknowledged, over many lives on one journal', async () => {
    const folder = await newFolder();
    let known = 0;
    for (let life = 0; life < 25; life += 1) {
      const writer = start('appendForEver', folder, '100000');
      const { last = -1 } = await writer.until((told) => told.owns !== undefined || told.problem !== undefined);
      expect(last).toBeGreaterThanOrEqual(known);
      // Some lives are too short for anything; the others get somewhere, however slow the disk is.
      if (life % 2 === 0) await writer.until((told) => (told.last ?? 0) > last + 2);
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
    const writer = start('appendForEver', folder, '100000');
    await writer.until((told) => told.owns !== undefined);
    let seen = 0;
    for (let reads = 0; reads < 50 || seen < 400; reads += 1) {
      const view = await readJournal(folder);
      if ('code' in view) throw new Error(view.says);
      const last = ((view.snapshot as number | undefined) ?? 0) + view.entries.length;
      expect(last).toBeGreaterThanOrEqual(seen);
      seen = last;
    }
    writer.go();
    expect(await writer.ended).toBe(0);
    expect(await verifyJournal(folder)).toMatchObject({ ok: true, segments: 4 });
    expect(writer.told.at(-1)?.last).toBeGreaterThanOrEqual(seen);
  });
});

describe('a reader who is slower than the writer', () => {
  it('reads what is there when the segments that it was about to read are removed', async () => {
    const folder = await newFolder();
    const store = await opened(folder, { keepSegments: 3, maxEntriesPerSegment: 1 });
    let n = 0;
    const append = async (): Promise<void> => {
      n += 1;
      expect(await store.append(n, n)).toEqual(expect.any(Number));
    };
    // A segment with a snapshot, and one that continues it: a reader needs both.
    const rotate = async (): Promise<void> => {
      await append();
      expect(await store.snapshot(n, n)).toBeUndefined();
      await append();
      await append();
    };
    await rotate();
    let reads = 0;
    const read = async (path: string): Promise<Buffer> => {
      const bytes = await diskFiles.read(path);
      reads += 1;
      // After the first segment of each of the first listings all that were listed go.
      if (reads <= 4) for (let round = 0; round < 3; round += 1) await rotate();
      return bytes;
    };
    const view = await readJournal(folder, { ...diskFiles, read });
    expect(view).toMatchObject({ snapshot: n - 2, entries: [{ n: n - 1 }, { n }], warnings: [] });
    expect(n).toBe(39);
    await store.close();
  });

  it('is told when a listed segment can never be read', async () => {
    const folder = await newFolder();
    const store = await opened(folder);
    await store.close();
    let listings = 0;
    const list = (path: string): Promise<readonly string[]> => {
      listings += 1;
      return diskFiles.list(path);
    };
    const read = (): Promise<Buffer> => Promise.reject(Object.assign(new Error('gone'), { code: 'ENOENT' }));
    expect(await readJournal(folder, { ...diskFiles, list, read })).toMatchObject({ code: 'journal-unreadable' });
    expect(listings).toBe(20);
  });
});
