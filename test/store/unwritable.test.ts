import { readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../src/coordinator/ports.ts';
import { verifyJournal } from '../../src/store/index.ts';
import { FaultyFiles } from './faulty-files.ts';
import { eventsOf, loadAndClose, newFolder, opened, refused } from './folder.ts';
import { startIn } from './process-runner.ts';

const firstSegment = (folder: string): string => join(folder, 'journal', 'journal-00000001.jsonl');

/** A journal with one event, and the file system through which it fails. */
const oneEvent = async (clock?: Clock) => {
  const folder = await newFolder();
  const files = new FaultyFiles();
  const store = await opened(folder, { files, ...(clock === undefined ? {} : { clock }) });
  await store.append(1, 'kept');
  return { folder, files, store, size: statSync(firstSegment(folder)).size };
};

describe('a disk that takes no more', () => {
  it('gets no half entry: what went in is cut off again, whatever part it was', async () => {
    for (const code of ['ENOSPC', 'EIO', 'EDQUOT', 'EROFS']) {
      for (const lets of [0, 1, 50, 175]) {
        const { folder, files, store, size } = await oneEvent();
        files.failing = { only: ['write'], code, lets };
        expect(await store.append(2, 'lost')).toMatchObject({ code: 'journal-unwritable', says: expect.stringContaining(code) });
        expect(statSync(firstSegment(folder)).size).toBe(size);
        files.failing = undefined;
        expect(await store.append(3, 'next')).toEqual(expect.any(Number));
        await store.close();
        expect(await loadAndClose(folder)).toMatchObject({ entries: [{ event: 'kept' }, { n: 2, event: 'next' }], warnings: [] });
      }
    }
  });

  it('ends the journal when the remains cannot be cut off, for good', async () => {
    for (const also of ['truncate', 'sync']) {
      const { folder, files, store } = await oneEvent();
      files.failing = { only: ['write', also], code: 'EIO', lets: 20 };
      expect(await store.append(2, 'lost')).toMatchObject({ code: 'journal-broken', lasting: true });
      files.failing = undefined;
      expect(await store.append(3, 'no more')).toMatchObject({ code: 'journal-broken' });
      expect(await store.snapshot(3, 'no more')).toMatchObject({ code: 'journal-broken' });
      await store.close();
      expect(eventsOf((await loadAndClose(folder)).entries)).toEqual(['kept']);
    }
  });

  it('goes on in the old segment when a new one cannot be begun', async () => {
    for (const only of ['open-create', 'sync']) {
      const { folder, files, store } = await oneEvent();
      files.failing = { only: [only], code: 'ENOSPC', lets: 0 };
      expect(await store.snapshot(2, 'state')).toMatchObject({ code: 'journal-unwritable' });
      expect(await store.append(3, 'also kept')).toEqual(expect.any(Number));
      files.failing = undefined;
      expect(await store.snapshot(4, 'state')).toBeUndefined();
      await store.close();
      expect(await loadAndClose(folder)).toMatchObject({ snapshot: 'state', entries: [] });
    }
  });

  it('appends to a full segment when a new one cannot be begun', async () => {
    const folder = await newFolder();
    const files = new FaultyFiles();
    const store = await opened(folder, { files, maxEntriesPerSegment: 2 });
    await store.append(1, 1);
    await store.append(2, 2);
    files.failing = { only: ['open-create'], code: 'ENOSPC', lets: 0 };
    expect(await store.append(3, 3)).toEqual(expect.any(Number));
    files.failing = undefined;
    expect(await store.append(4, 4)).toEqual(expect.any(Number));
    await store.close();
    expect(eventsOf((await loadAndClose(folder)).entries)).toEqual([1, 2, 3, 4]);
    expect(await verifyJournal(folder)).toMatchObject({ ok: true, segments: 2 });
  });

  it('ends the journal when a new segment may or may not be there after a crash', async () => {
    for (const only of ['rename', 'syncFolder']) {
      const { folder, files, store } = await oneEvent();
      files.failing = { only: [only], code: 'EIO', lets: 0 };
      expect(await store.snapshot(2, ['kept'])).toMatchObject({ code: 'journal-broken' });
      files.failing = undefined;
      expect(await store.append(3, 'no more')).toMatchObject({ code: 'journal-broken' });
      await store.close();
      const { snapshot, entries } = await loadAndClose(folder);
      expect(snapshot ?? eventsOf(entries)).toEqual(['kept']);
    }
  });

  it('is told at the start, and the folder is given back', async () => {
    for (const only of ['makeFolder', 'syncFolder', 'open-create', 'write', 'sync', 'rename']) {
      const folder = await newFolder();
      const files = new FaultyFiles();
      files.failing = { only: [only], code: 'EROFS', lets: 0 };
      expect(await refused(folder, { files })).toMatchObject({ code: 'journal-unwritable', says: expect.stringContaining('EROFS') });
      expect(await loadAndClose(folder)).toEqual({ entries: [], warnings: [] });
    }
    const folder = await newFolder();
    await writeFile(join(folder, 'file'), '');
    expect(await refused(join(folder, 'file', 'state'))).toMatchObject({
      code: 'journal-unwritable',
      says: expect.stringContaining('ENOTDIR'),
    });
  });
});

describe('a disk that hangs', () => {
  it('ends the journal at the deadline, and keeps the folder until the write has come back', async () => {
    let fire = (): void => undefined;
    const after: Clock['after'] = (_, run) => {
      fire = run;
      return () => undefined;
    };
    const clock: Clock = { now: () => 0, after };
    const { folder, files, store } = await oneEvent(clock);
    let letGo = (): void => undefined;
    const hung = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const begun = new Promise<void>((resolve) => {
      files.beforeWrite = () => {
        resolve();
        return hung;
      };
    });
    const answer = store.append(2, 'hangs');
    await begun;
    fire();
    expect(await answer).toMatchObject({ code: 'journal-broken', says: expect.stringContaining('did not come back') });
    expect(await store.append(3, 'no more')).toMatchObject({ code: 'journal-broken' });
    const closed = store.close();
    fire();
    await closed;
    expect(await refused(folder)).toMatchObject({ code: 'state-in-use' });
    letGo();
    await vi.waitFor(() => loadAndClose(folder));
    expect(await verifyJournal(folder)).toMatchObject({ ok: true });
  });

  it('does not hold up closing: it gives up at its deadline, and the folder is free when the disk comes back', async () => {
    const waiting: { readonly ms: number; readonly run: () => void }[] = [];
    const after: Clock['after'] = (ms, run) => {
      waiting.push({ ms, run });
      return () => undefined;
    };
    const folder = await newFolder();
    const files = new FaultyFiles();
    const store = await opened(folder, { files, clock: { now: () => 0, after }, writeDeadlineMs: 100, closeDeadlineMs: 7 });
    await store.append(1, 'kept');
    let letGo = (): void => undefined;
    const hung = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    // Nothing is being written: only the mark of the orderly end hangs.
    files.beforeOverwrite = () => hung;
    const closing = store.close();
    waiting.find(({ ms }) => ms === 7)?.run();
    await closing;
    expect(await refused(folder)).toMatchObject({ code: 'state-in-use' });
    letGo();
    expect(await vi.waitFor(() => loadAndClose(folder))).toMatchObject({ entries: [{ event: 'kept' }] });
  });

  it('hangs the room for last words too: that is told at the deadline', async () => {
    let fire = (): void => undefined;
    const { folder, files, store } = await oneEvent({
      now: () => 0,
      after: (_, run) => {
        fire = run;
        return () => undefined;
      },
    });
    let letGo = (): void => undefined;
    const hung = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const begun = new Promise<void>((resolve) => {
      files.beforeOverwrite = () => {
        resolve();
        return hung;
      };
    });
    const kept = store.reserve?.(2, 'words');
    await begun;
    fire();
    expect(await kept).toMatchObject({ code: 'journal-broken' });
    const closed = store.close();
    letGo();
    await closed;
    expect((await loadAndClose(folder)).reserved).toEqual({ at: 2, event: 'words' });
  });

  it('leaves nothing of a write that fails after the deadline', async () => {
    let fire = (): void => undefined;
    const after: Clock['after'] = (_, run) => {
      fire = run;
      return () => undefined;
    };
    const { folder, files, store, size } = await oneEvent({ now: () => 0, after });
    let letGo = (): void => undefined;
    const hung = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let calls = 0;
    files.beforeWrite = () => (calls++ === 0 ? Promise.resolve() : hung);
    files.failing = { only: ['write'], code: 'EIO', lets: 30 };
    const answer = store.append(2, 'hangs after its first bytes');
    await vi.waitFor(() => expect(statSync(firstSegment(folder)).size).toBe(size + 30));
    fire();
    expect(await answer).toMatchObject({ code: 'journal-broken' });
    const closed = store.close();
    letGo();
    await closed;
    const loaded = await vi.waitFor(() => loadAndClose(folder));
    expect(loaded).toMatchObject({ entries: [{ event: 'kept' }], warnings: [] });
  });
});

describe('a disk that is really full', () => {
  const expectFilled = async (running: ReturnType<typeof startIn>, code: string): Promise<void> => {
    const full = await running.until((told) => told.problem !== undefined);
    expect(full.problem).toMatchObject({ code: 'journal-unwritable', says: expect.stringContaining(code) });
    expect(full.written).toBeGreaterThan(10);
    const after = await running.until((told) => told.second !== undefined);
    expect(after).toMatchObject({ second: { code: 'journal-unwritable' } });
    // The room that was set aside takes one line all the same, and the next life finds it.
    expect(await running.until((told) => told.kept !== undefined)).toEqual({ kept: null });
    expect(await running.until((told) => told.reserved !== undefined)).toEqual({ reserved: { at: 7, event: 'last words' } });
    const { read, warnings } = await running.until((told) => told.read !== undefined);
    expect({ read, warnings }).toEqual({ read: full.written, warnings: [] });
    expect(await running.ended).toBe(0);
  };

  it('by a file size limit (EFBIG)', async () => {
    // In units of 512 bytes (POSIX).
    await expectFilled(startIn('ulimit -f 64; exec "$@"', 'fill', await newFolder(), '1000'), 'EFBIG');
  });

  const canMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', '/mnt']).status === 0;

  it.runIf(canMount)('by a small file system of its own (ENOSPC)', async () => {
    const folder = await newFolder();
    const mountPoint = join(folder, 'small');
    await mkdir(mountPoint);
    const stage = `mount -t tmpfs -o size=128k tmpfs ${mountPoint} && exec "$@"`;
    await expectFilled(startIn(`unshare -m sh -c '${stage}' sh "$@"`, 'fill', join(mountPoint, 'state'), '1000'), 'ENOSPC');
    expect(() => readFileSync(join(mountPoint, 'state'))).toThrow('ENOENT');
  });
});
