import { cp, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJournal, verifyJournal } from '../../src/store/index.ts';
import { readMark } from '../../src/store/marker.ts';
import { diskFiles } from '../../src/store/files.ts';
import { FaultyFiles } from './faulty-files.ts';
import { loadAndClose, newFolder, opened, refused } from './folder.ts';

const markerPath = (folder: string): string => join(folder, 'marker');

/** A life that appends so many events, and ends in order. */
const live = async (folder: string, events: number, text = 'event'): Promise<void> => {
  const store = await opened(folder);
  for (let n = 1; n <= events; n += 1) expect(await store.append(n, `${text} ${n}`)).toEqual(expect.any(Number));
  await store.close();
};

/** Everyone who meets it says the same, and nobody opens it for writing. */
const expectOlder = async (folder: string, says: string): Promise<void> => {
  const problem = { code: 'journal-older', says: expect.stringContaining(says), next: expect.stringContaining('bailiff journal restore') };
  expect(await refused(folder)).toMatchObject(problem);
  expect(await readJournal(folder)).toMatchObject(problem);
  expect(await verifyJournal(folder)).toMatchObject({ ok: false, problem });
};

describe('a journal that is older than its marker', () => {
  it('is not begun: a copy that was brought back, one that lost its end, and one that is gone', async () => {
    const folder = await newFolder();
    await live(folder, 3);
    await cp(join(folder, 'journal'), join(folder, 'copy'), { recursive: true });
    await live(folder, 2);
    await rename(join(folder, 'journal'), join(folder, 'newer'));
    await cp(join(folder, 'copy'), join(folder, 'journal'), { recursive: true });
    await expectOlder(folder, 'it ends at event 3, and it had come to event 5 already');
    await rm(join(folder, 'journal'), { recursive: true });
    await expectOlder(folder, 'it ends at event 0, and it had come to event 5 already');
    await rename(join(folder, 'newer'), join(folder, 'journal'));
    expect((await loadAndClose(folder)).entries).toHaveLength(5);
    const path = join(folder, 'journal', 'journal-00000001.jsonl');
    await truncate(path, (await stat(path)).size - 1);
    await expectOlder(folder, 'it ends at event 4');
  });

  it('is told also where it went on by another way', async () => {
    const folder = await newFolder();
    await live(folder, 3);
    const other = await newFolder();
    await live(other, 4, 'another');
    await cp(join(other, 'journal'), join(folder, 'journal'), { recursive: true, force: true });
    await expectOlder(folder, 'its event 3 is not the one that was there before');
  });

  it('names the epoch that was in force', async () => {
    const folder = await newFolder();
    const store = await opened(folder);
    await store.append(1, 'one');
    expect(await store.mark?.(41)).toBeUndefined();
    await store.close();
    await rm(join(folder, 'journal'), { recursive: true });
    await expectOlder(folder, '(epoch 41 was in force)');
  });

  it('is not told of a journal that had no marker, or has gone on since its mark', async () => {
    const folder = await newFolder();
    await live(folder, 3);
    await rm(markerPath(folder));
    expect(await loadAndClose(folder)).toMatchObject({ entries: [{ n: 1 }, { n: 2 }, { n: 3 }], warnings: [] });
    await cp(markerPath(folder), join(folder, 'old-marker'));
    await live(folder, 3);
    await rename(join(folder, 'old-marker'), markerPath(folder));
    expect((await loadAndClose(folder)).entries).toHaveLength(6);
  });
});

describe('a mark that is of no event', () => {
  it('fits the journal: heads that follow one another, and segments that merely go on', async () => {
    const folder = await newFolder();
    const options = { maxEntriesPerSegment: 2 };
    for (let life = 0; life < 3; life += 1) {
      const store = await opened(folder, options);
      for (let n = 1; n <= 3; n += 1) await store.append(n, n);
      await store.snapshot(4, { life });
      await store.snapshot(5, { life });
      await store.mark?.(life);
      await store.snapshot(6, { life });
      if (life === 1) await store.append(7, 7);
      await store.close();
      expect(await verifyJournal(folder)).toMatchObject({ ok: true });
    }
  });
});

describe('the marker', () => {
  it('is written at a snapshot, at an orderly end and when the epoch is said, and at no other event', async () => {
    const folder = await newFolder();
    const files = new FaultyFiles();
    const marks = (): number => files.calls.filter((call) => call === 'overwrite').length;
    const mark = () => readMark(diskFiles, folder);
    const store = await opened(folder, { files });
    for (let n = 1; n <= 5; n += 1) await store.append(n, n);
    expect([marks(), await mark()]).toEqual([0, 'none']);
    await store.mark?.(7);
    expect([marks(), await mark()]).toMatchObject([1, { n: 5, epoch: 7 }]);
    await store.append(6, 6);
    await store.mark?.(7);
    expect(marks()).toBe(1);
    await store.snapshot(7, {});
    expect([marks(), await mark()]).toMatchObject([2, { n: 6, epoch: 7 }]);
    await store.append(7, 7);
    await store.close();
    expect([marks(), await mark()]).toMatchObject([3, { n: 7, epoch: 7 }]);
    const idle = await opened(folder, { files });
    await idle.close();
    expect(marks()).toBe(3);
  });

  it('keeps the mark before it where a write of it is cut short or fails, and says so', async () => {
    for (const how of ['half', 'fails'] as const) {
      const folder = await newFolder();
      await live(folder, 2);
      const files = new FaultyFiles();
      const store = await opened(folder, { files });
      await store.append(3, 3);
      if (how === 'fails') files.failing = { only: ['overwrite'], code: 'EIO', lets: 0 };
      else files.diesAt = { call: files.calls.length, how };
      expect(await store.mark?.(9)).toMatchObject({ code: 'journal-unwritable', says: expect.stringContaining(markerPath(folder)) });
      await store.close();
      // Half a place may hold the whole line already; what it must not do is lose the other one.
      expect(await readMark(diskFiles, folder)).toMatchObject({ n: how === 'half' ? expect.toSatisfy((n) => n === 2 || n === 3) : 2 });
      expect((await loadAndClose(folder)).entries).toHaveLength(3);
    }
  });

  it('of which one place is damaged still has the other; of which both are, nothing is begun', async () => {
    const folder = await newFolder();
    await live(folder, 2);
    await live(folder, 2);
    const whole = await readFile(markerPath(folder));
    const lines = [0, 512].map((from) => ({ from, length: whole.indexOf('\n', from) - from }));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...lines), fc.nat(250), fc.integer({ min: 1, max: 255 }), async ({ from, length }, where, flip) => {
        const changed = Buffer.from(whole);
        const at = from + (where % length);
        changed[at] = (whole[at] as number) ^ flip;
        await writeFile(markerPath(folder), changed);
        expect(await verifyJournal(folder)).toMatchObject({ ok: true });
        for (const line of lines) changed[line.from] = 0x21;
        await writeFile(markerPath(folder), changed);
        const problem = { code: 'journal-marker-damaged', says: expect.stringContaining(markerPath(folder)) };
        expect(await verifyJournal(folder)).toMatchObject({ ok: false, problem });
      }),
      { numRuns: 100 },
    );
    expect(await refused(folder)).toMatchObject({ code: 'journal-marker-damaged' });
  });

  it('cannot be made: the folder is not opened', async () => {
    const folder = await newFolder();
    await live(folder, 1);
    await rm(markerPath(folder));
    await writeFile(join(folder, 'aside'), '');
    const keep = (path: string, size: number) =>
      path.endsWith('marker') ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) : diskFiles.keep(path, size);
    expect(await refused(folder, { files: { ...diskFiles, keep } })).toMatchObject({ code: 'journal-unwritable' });
    expect((await loadAndClose(folder)).entries).toHaveLength(1);
  });
});
