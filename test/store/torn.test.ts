import { appendFile, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readJournal, verifyJournal } from '../../src/store/index.ts';
import { all, eventsOf, loadAndClose, newFolder, opened, refused } from './folder.ts';

const FIRST = 'journal/journal-00000001.jsonl';

/** The process or the machine died: nothing was marked at an orderly end. */
const unmarked = (folder: string): Promise<void> => rm(join(folder, 'marker'), { force: true });

/** A store that has taken two events; where the next line begins. */
const twoEvents = async () => {
  const folder = await newFolder();
  const path = join(folder, FIRST);
  const store = await opened(folder);
  await store.append(1, 'one');
  await store.append(2, 'two');
  return { folder, path, store, begins: (await stat(path)).size };
};

/** A journal of three events; where its last line begins and ends. */
const threeEvents = async (last: string) => {
  const { folder, path, store, begins } = await twoEvents();
  await store.append(3, last);
  await store.close();
  await unmarked(folder);
  return { folder, path, begins, ends: (await stat(path)).size };
};

describe('a torn last line', () => {
  it('is cut off with a warning at whatever byte it broke, and the journal goes on', async () => {
    const { path, folder, begins, ends } = await threeEvents('příliš 🐎');
    const whole = await readFile(path);
    for (let cut = begins + 1; cut < ends; cut += 1) {
      await writeFile(path, whole.subarray(0, cut));
      await unmarked(folder);
      const store = await opened(folder);
      const loaded = await store.load();
      expect(eventsOf(loaded.entries)).toEqual(['one', 'two']);
      expect(loaded.warnings).toMatchObject([{ code: 'journal-torn-line' }]);
      expect(loaded.warnings[0]?.says).toContain(`${path} (line 4, byte ${begins})`);
      expect(await store.append(4, 'three again')).toEqual(expect.any(Number));
      await store.close();
      expect(await loadAndClose(folder)).toMatchObject({ entries: [{ n: 1 }, { n: 2 }, { n: 3, event: 'three again' }], warnings: [] });
    }
  });

  it('is recognised when a power failure left zeros instead of the line, or in the middle of it', async () => {
    const { path, folder, begins, ends } = await threeEvents('x'.repeat(9_000));
    const whole = await readFile(path);
    const zeroed = (from: number, to: number): Buffer => Buffer.from(whole).fill(0, from, to);
    const tails = [
      zeroed(begins, ends),
      zeroed(begins, 4_096),
      Buffer.concat([zeroed(4_608, 5_120).subarray(0, ends - 9), Buffer.alloc(3)]),
      zeroed(4_096, 8_192),
      zeroed(8_192, ends),
      Buffer.concat([whole.subarray(0, begins), Buffer.alloc(4_096)]),
    ];
    for (const tail of tails) {
      await writeFile(path, tail);
      await unmarked(folder);
      const loaded = await loadAndClose(folder);
      expect(eventsOf(loaded.entries)).toEqual(['one', 'two']);
      expect(loaded.warnings).toHaveLength(1);
      expect((await stat(path)).size).toBe(begins);
    }
  });

  it('is told by readers, who leave the file as it is', async () => {
    const { path, folder, ends } = await threeEvents('three');
    await truncate(path, ends - 20);
    const view = await readJournal(folder);
    if ('code' in view) throw new Error(view.says);
    expect(eventsOf(view.entries)).toEqual(['one', 'two']);
    expect(eventsOf(await all(view.history()))).toEqual(['one', 'two']);
    expect(view.warnings).toMatchObject([{ code: 'journal-torn-line' }]);
    expect(await verifyJournal(folder)).toMatchObject({ ok: true, entries: 2, segments: 1, warnings: [{ code: 'journal-torn-line' }] });
    expect((await stat(path)).size).toBe(ends - 20);
  });

  it('is no excuse for a complete last line whose content changed: that was acknowledged once', async () => {
    const { path, folder } = await threeEvents('three');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"three"', '"THREE"'));
    expect(await refused(folder)).toMatchObject({ code: 'journal-damaged', says: expect.stringContaining(`${path}:4 `) });
  });

  it('is no excuse for two lines after the last good one', async () => {
    const { path, folder } = await threeEvents('three');
    await appendFile(path, '{"n":4\n{"n":5');
    expect(await refused(folder)).toMatchObject({ code: 'journal-damaged' });
  });
});

/** Two events, and three more that were written together; where their lines begin, and where the last one ends. */
const threeTogether = async () => {
  const { folder, path, store, begins } = await twoEvents();
  expect(await store.appendAll?.(['x', 'y', 'z'].map((letter, i) => ({ at: 3 + i, event: letter.repeat(1_500) })))).toBe(5);
  await store.close();
  await unmarked(folder);
  const whole = await readFile(path);
  const second = whole.indexOf('\n', begins) + 1;
  return { folder, path, whole, begins, second, third: whole.indexOf('\n', second) + 1 };
};

describe('a write of several lines that was cut short', () => {
  it('keeps those that are whole, at whatever byte it broke', async () => {
    const { folder, path, whole, begins, second, third } = await threeTogether();
    for (let cut = begins + 1; cut < whole.length; cut += 97) {
      await writeFile(path, whole.subarray(0, cut));
      await unmarked(folder);
      const kept = 2 + [second, third].filter((at) => at <= cut).length;
      expect((await loadAndClose(folder)).entries).toHaveLength(kept);
    }
  });

  it('is recognised when a power failure left zeros in any of its lines', async () => {
    const { folder, path, whole, begins, second } = await threeTogether();
    for (const [at, kept] of [
      [begins, 2],
      [second, 3],
    ] as const) {
      const from = Math.ceil(at / 512) * 512;
      await writeFile(path, Buffer.from(whole).fill(0, from, from + 512));
      await unmarked(folder);
      const loaded = await loadAndClose(folder);
      expect(loaded.entries).toHaveLength(kept);
      expect(loaded.warnings).toMatchObject([{ code: 'journal-torn-line' }]);
      expect((await stat(path)).size).toBe(at);
    }
  });

  it('is no excuse for lines that were written before it: those were acknowledged', async () => {
    const { folder, path, whole, begins } = await threeTogether();
    const store = await opened(folder);
    await store.append(9, 'later');
    await store.close();
    await unmarked(folder);
    const from = Math.ceil(begins / 512) * 512;
    await writeFile(path, Buffer.concat([Buffer.from(whole).fill(0, from, from + 512), (await readFile(path)).subarray(whole.length)]));
    expect(await refused(folder)).toMatchObject({ code: 'journal-damaged' });
  });
});
