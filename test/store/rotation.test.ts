import { spawnSync } from 'node:child_process';
import { constants } from 'node:fs';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diskFiles } from '../../src/store/files.ts';
import { verifyJournal } from '../../src/store/index.ts';
import { FaultyFiles } from './faulty-files.ts';
import { all, eventsOf, loadAndClose, newFolder, opened } from './folder.ts';

const segmentsIn = async (folder: string): Promise<readonly string[]> => (await readdir(join(folder, 'journal'))).sort();

describe('segments', () => {
  it('are removed oldest first beyond what is kept, and the chain is checked from the oldest kept', async () => {
    const folder = await newFolder();
    const store = await opened(folder, { keepSegments: 3 });
    for (let n = 1; n <= 20; n += 1) {
      expect(await store.append(n, n)).toEqual(expect.any(Number));
      if (n % 2 === 0) expect(await store.snapshot(n, { upTo: n })).toBeUndefined();
    }
    expect(await segmentsIn(folder)).toEqual([9, 10, 11].map((i) => `journal-${String(i).padStart(8, '0')}.jsonl`));
    expect(eventsOf(await all(store.history()))).toEqual([17, 18, 19, 20]);
    await store.close();
    expect(await verifyJournal(folder)).toMatchObject({ ok: true, entries: 4, segments: 3 });
    expect(await loadAndClose(folder)).toMatchObject({ snapshot: { upTo: 20 }, entries: [] });
  });

  it('that the state still needs are kept, however many there are', async () => {
    const folder = await newFolder();
    const options = { keepSegments: 2, maxEntriesPerSegment: 2 };
    const store = await opened(folder, options);
    await store.append(1, 1);
    await store.snapshot(1, { upTo: 1 });
    for (let n = 2; n <= 12; n += 1) await store.append(n, n);
    expect((await segmentsIn(folder))[0]).toBe('journal-00000002.jsonl');
    await store.close();
    const again = await opened(folder, options);
    expect(eventsOf((await again.load()).entries)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    await again.snapshot(13, { upTo: 12 });
    expect(await segmentsIn(folder)).toHaveLength(2);
    await again.close();
  });

  it('begin anew by size too', async () => {
    const folder = await newFolder();
    const store = await opened(folder, { maxBytesPerSegment: 10_000 });
    for (let n = 1; n <= 20; n += 1) await store.append(n, 'x'.repeat(3_000));
    await store.close();
    for (const name of await segmentsIn(folder)) expect((await stat(join(folder, 'journal', name))).size).toBeLessThan(10_001);
    expect((await loadAndClose(folder)).entries).toHaveLength(20);
  });

  it('refuse an entry that is too large, and take the next one', async () => {
    const folder = await newFolder();
    const store = await opened(folder, { maxBytesPerLine: 1_000, maxBytesPerSnapshot: 2_000 });
    expect(await store.append(1, 'x'.repeat(1_000))).toMatchObject({ code: 'journal-entry-too-large' });
    expect(await store.snapshot(1, 'x'.repeat(2_000))).toMatchObject({ code: 'journal-entry-too-large' });
    expect(await store.snapshot(1, 'x'.repeat(1_000))).toBeUndefined();
    expect(await store.append(1, 'small')).toEqual(expect.any(Number));
    await store.close();
    expect(eventsOf((await loadAndClose(folder)).entries)).toEqual(['small']);
  });

  it('belong to their owner alone', async () => {
    const folder = await newFolder();
    const store = await opened(join(folder, 'deep', 'state'));
    await store.snapshot(1, {});
    await store.close();
    const mode = async (...path: string[]): Promise<number> => (await stat(join(folder, 'deep', ...path))).mode & 0o777;
    expect(await mode('state')).toBe(0o700);
    expect(await mode('state', 'owner')).toBe(0o600);
    expect(await mode('state', 'journal')).toBe(0o700);
    for (const name of await segmentsIn(join(folder, 'deep', 'state'))) expect(await mode('state', 'journal', name)).toBe(0o600);
  });
});

describe('a start', () => {
  it('reads from the last snapshot on, however much is kept before it, and still removes the oldest', async () => {
    const folder = await newFolder();
    const options = { keepSegments: 20, maxEntriesPerSegment: 3 };
    const store = await opened(folder, options);
    for (let n = 1; n <= 60; n += 1) {
      await store.append(n, n);
      if (n % 3 === 0 && n < 58) await store.snapshot(n, { upTo: n });
    }
    await store.close();
    expect(await segmentsIn(folder)).toHaveLength(20);
    const read: string[] = [];
    const files = new FaultyFiles();
    files.read = (path) => {
      if (path.endsWith('.jsonl')) read.push(basename(path));
      return diskFiles.read(path);
    };
    const again = await opened(folder, { ...options, files });
    expect(read).toEqual(['journal-00000020.jsonl']);
    expect(await again.load()).toMatchObject({ snapshot: { upTo: 57 }, entries: [{ n: 58 }, { n: 59 }, { n: 60 }] });
    await again.snapshot(61, { upTo: 60 });
    expect((await segmentsIn(folder))[0]).toBe('journal-00000002.jsonl');
    await again.close();
  });
});

describe('durability', () => {
  it('opens segments with O_DSYNC and O_APPEND', async () => {
    const folder = await newFolder();
    const store = await opened(folder);
    const flags: number[] = [];
    for (const fd of await readdir('/proc/self/fd')) {
      const path = await readlink(join('/proc/self/fd', fd)).catch(() => '');
      if (!path.startsWith(join(folder, 'journal'))) continue;
      const octal = /^flags:\s+([0-7]+)$/m.exec(await readFile(join('/proc/self/fdinfo', fd), 'utf8'))?.[1];
      flags.push(Number.parseInt(octal ?? '', 8));
    }
    await store.close();
    const wanted = constants.O_DSYNC | constants.O_APPEND | constants.O_WRONLY;
    expect(flags.map((flag) => flag & (wanted | constants.O_RDWR))).toEqual([wanted]);
  });

  it('makes a head durable before it gets its name, its name before it is used, and each removal before the next', async () => {
    const files = new FaultyFiles();
    const store = await opened(await newFolder(), { files, keepSegments: 1 });
    await store.append(1, 1);
    files.calls.length = 0;
    await store.snapshot(2, 1);
    // The first removal is of what an earlier attempt may have left behind.
    const begin = ['remove', 'open-create', 'write', 'sync', 'rename', 'syncFolder'];
    expect(files.calls).toEqual([...begin, 'remove', 'syncFolder', 'overwrite']);
    await store.close();
  });

  it('lets a person check a line with standard tools', async () => {
    const folder = await newFolder();
    const store = await opened(folder);
    await store.append(1, { žlutý: 'kůň' });
    await store.close();
    const path = join(folder, 'journal', 'journal-00000001.jsonl');
    const { stdout } = spawnSync('sh', ['-c', 'tail -n +2 "$1" | head -n 1 | head -c -76 | sha256sum', 'sh', path], { encoding: 'utf8' });
    const line = (await readFile(path, 'utf8')).split('\n')[1] ?? '';
    expect((JSON.parse(line) as { hash: string }).hash).toBe(stdout.slice(0, 64));
  });
});

/** A life with snapshots, rotations and removals; returns what was acknowledged. */
const live = async (folder: string, files: FaultyFiles): Promise<{ acknowledged: number; tried: number }> => {
  let acknowledged = 0;
  let tried = 0;
  try {
    const store = await opened(folder, { files, maxEntriesPerSegment: 3, keepSegments: 2 });
    for (let n = 1; n <= 12 && !files.dead; n += 1) {
      tried = n;
      if (typeof (await store.append(n, n)) !== 'number') break;
      acknowledged = n;
      if (n % 4 === 0 && (await store.snapshot(n, { upTo: n })) !== undefined) break;
    }
    await store.close();
  } catch (error) {
    if (!files.dead) throw error;
  }
  return { acknowledged, tried };
};

/** Everything acknowledged is there, in order; at most the one that was under way is there as well. */
const expectWhole = async (folder: string, lived: { acknowledged: number; tried: number }): Promise<void> => {
  expect(await verifyJournal(folder)).toMatchObject({ ok: true });
  const store = await opened(folder, { maxEntriesPerSegment: 3, keepSegments: 2 });
  const { snapshot, entries } = await store.load();
  const from = (snapshot as { upTo: number } | undefined)?.upTo ?? 0;
  const last = from + entries.length;
  expect(eventsOf(entries)).toEqual(Array.from({ length: entries.length }, (_, i) => from + 1 + i));
  expect(last).toBeGreaterThanOrEqual(lived.acknowledged);
  expect(last).toBeLessThanOrEqual(lived.tried);
  expect(await store.append(99, last + 1)).toEqual(expect.any(Number));
  expect(await store.snapshot(99, { upTo: last + 1 })).toBeUndefined();
  await store.close();
  expect((await segmentsIn(folder)).every((name) => name.endsWith('.jsonl'))).toBe(true);
  expect(await loadAndClose(folder)).toMatchObject({ snapshot: { upTo: last + 1 }, entries: [] });
};

/** Hundreds of lives, each with a process that takes the folder: how long that takes depends on the machine. */
const LIMIT_MS = 180_000;

describe('a death at any call to the disk', { timeout: LIMIT_MS }, () => {
  it('loses nothing that was acknowledged', async () => {
    const counting = new FaultyFiles();
    await live(await newFolder(), counting);
    const calls = counting.calls.length;
    expect(calls).toBeGreaterThan(40);
    expect(new Set(counting.calls)).toEqual(
      new Set(['makeFolder', 'syncFolder', 'open-create', 'keep', 'write', 'sync', 'rename', 'remove', 'overwrite']),
    );
    for (let call = 0; call < calls; call += 1) {
      for (const how of counting.calls[call] === 'write' ? (['before', 'half', 'after'] as const) : (['before', 'after'] as const)) {
        const folder = await newFolder();
        const files = new FaultyFiles();
        files.diesAt = { call, how };
        const lived = await live(folder, files);
        expect(files.dead).toBe(true);
        await expectWhole(folder, lived);
      }
    }
  });

  it('loses nothing over several lives either', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ call: fc.nat(50), how: fc.constantFrom('before' as const, 'half' as const, 'after' as const) }), {
          maxLength: 5,
        }),
        async (deaths) => {
          const folder = await newFolder();
          let known = 0;
          for (const diesAt of deaths) {
            const files = new FaultyFiles();
            files.diesAt = diesAt;
            known = await liveOn(folder, files, known);
          }
          expect(await verifyJournal(folder)).toMatchObject({ ok: true });
          const { snapshot, entries } = await loadAndClose(folder);
          expect(((snapshot as number | undefined) ?? 0) + entries.length).toBeGreaterThanOrEqual(known);
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** Goes on counting where the journal ends; returns the last number acknowledged in this life or an earlier one. */
const liveOn = async (folder: string, files: FaultyFiles, known: number): Promise<number> => {
  let acknowledged = known;
  try {
    const store = await opened(folder, { files, maxEntriesPerSegment: 4, keepSegments: 2 });
    const { snapshot, entries } = await store.load();
    let last = ((snapshot as number | undefined) ?? 0) + entries.length;
    expect(last).toBeGreaterThanOrEqual(known);
    for (let i = 1; i <= 10; i += 1) {
      if (typeof (await store.append(i, last + 1)) !== 'number') break;
      last += 1;
      acknowledged = last;
      if (i === 5 && (await store.snapshot(i, last)) !== undefined) break;
    }
    await store.close();
  } catch (error) {
    if (!files.dead) throw error;
  }
  return acknowledged;
};
