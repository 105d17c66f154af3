import { appendFile, cp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJournal } from '../../src/store/index.ts';
import { sealEvent } from '../../src/store/line.ts';
import { FaultyFiles } from './faulty-files.ts';
import { eventsOf, loadAndClose, newFolder, opened, refused } from './folder.ts';

const WORDS = { kind: 'journal-failed', problem: { code: 'journal-unwritable', says: 'no room', next: 'Free space.' } };

const wordsPath = (folder: string): string => join(folder, 'last-words');
const segmentPath = (folder: string): string => join(folder, 'journal', 'journal-00000001.jsonl');

/** A journal of one event whose next one was lost; what was said of that is kept. */
const afterFailure = async (says = WORDS): Promise<string> => {
  const folder = await newFolder();
  const files = new FaultyFiles();
  const store = await opened(folder, { files });
  await store.append(1, 'kept');
  files.failing = { only: ['write'], code: 'ENOSPC', lets: 0 };
  expect(await store.append(2, 'lost')).toMatchObject({ code: 'journal-unwritable' });
  expect(await store.reserve?.(3, says)).toBeUndefined();
  await store.close();
  return folder;
};

describe('the room for last words', () => {
  it('is set aside with the folder, in real blocks, for its owner alone', async () => {
    const folder = await newFolder();
    await loadAndClose(folder);
    const { size, blocks, mode } = await stat(wordsPath(folder));
    expect({ size, real: blocks * 512 >= size, mode: mode & 0o777 }).toEqual({ size: 4_096, real: true, mode: 0o600 });
    expect(await readFile(wordsPath(folder), 'latin1')).toBe(`${' '.repeat(4_095)}\n`);
  });

  it('is made whole where a power failure left only a part of it', async () => {
    for (const left of [0, 1, 511, 4_095]) {
      const folder = await newFolder();
      await loadAndClose(folder);
      await truncate(wordsPath(folder), left);
      expect(await loadAndClose(folder)).toEqual({ entries: [], warnings: [] });
      expect((await stat(wordsPath(folder))).size).toBe(4_096);
    }
  });

  it('cannot be had: the folder is not opened', async () => {
    const folder = await newFolder();
    const files = new FaultyFiles();
    files.failing = { only: ['keep'], code: 'ENOSPC', lets: 0 };
    expect(await refused(folder, { files })).toMatchObject({ code: 'journal-unwritable', says: expect.stringContaining('last-words') });
  });

  it('holds the line that should have come next, as text', async () => {
    const folder = await afterFailure();
    const [line = ''] = (await readFile(wordsPath(folder), 'utf8')).split('\n');
    const before = (await readFile(segmentPath(folder), 'utf8')).trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(line)).toMatchObject({ n: 2, at: 3, event: WORDS, prev: (JSON.parse(before) as { hash: string }).hash });
  });

  it('takes words that are too long in a shorter form, and refuses what is too long in any', async () => {
    const long = 'ž'.repeat(10_000);
    const folder = await afterFailure({ kind: 'journal-failed', problem: { code: 'journal-unwritable', says: long, next: long } });
    const { reserved } = await loadAndClose(folder);
    expect(reserved?.event).toEqual({
      kind: 'journal-failed',
      problem: { code: 'journal-unwritable', says: `${'ž'.repeat(300)}…`, next: `${'ž'.repeat(300)}…` },
    });
    const store = await opened(folder);
    expect(
      await store.reserve?.(
        4,
        Array.from({ length: 3_000 }, () => 7),
      ),
    ).toMatchObject({ code: 'journal-entry-too-large' });
    await store.close();
  });
});

describe('last words and the next life', () => {
  it('are told also where the event that failed reached the disk after all: its sender heard that it was given up', async () => {
    const folder = await afterFailure();
    const whole = await readFile(segmentPath(folder), 'utf8');
    const { hash } = JSON.parse(whole.trimEnd().split('\n').at(-1) ?? '') as { hash: string };
    await writeFile(segmentPath(folder), whole + sealEvent(hash, { n: 2, at: 2, event: 'lost' }).bytes.toString());
    const store = await opened(folder);
    expect(await store.load()).toMatchObject({ entries: [{ n: 1 }, { n: 2, event: 'lost' }], reserved: { at: 3, event: WORDS } });
    expect(await store.append(3, WORDS)).toEqual(expect.any(Number));
    await store.close();
    expect(eventsOf((await loadAndClose(folder)).entries)).toEqual(['kept', 'lost', WORDS]);
    expect((await loadAndClose(folder)).reserved).toBeUndefined();
  });

  it('are not told twice where a crash came between the journal and the room, or the room cannot be blanked', async () => {
    for (const how of ['death', 'failure', 'half'] as const) {
      const folder = await afterFailure();
      const files = new FaultyFiles();
      const store = await opened(folder, { files });
      if (how === 'failure') files.failing = { only: ['overwrite'], code: 'EIO', lets: 0 };
      else files.diesAt = { call: files.calls.length + 1, how: how === 'half' ? 'half' : 'before' };
      expect(await store.append(3, WORDS)).toEqual(expect.any(Number));
      await store.close();
      const { entries, reserved } = await loadAndClose(folder);
      expect(eventsOf(entries)).toEqual(['kept', WORDS]);
      // A half blanked file cannot be read: that is told once more, since something was given up.
      if (how === 'half') expect(reserved?.event).toMatchObject({ kind: 'journal-failed' });
      else expect(reserved).toBeUndefined();
    }
  });

  it('are not told once the journal has gone on, with or without a snapshot', async () => {
    for (const snapshot of [false, true]) {
      const folder = await afterFailure();
      const files = new FaultyFiles();
      const store = await opened(folder, { files });
      files.failing = { only: ['overwrite'], code: 'EIO', lets: 0 };
      await store.append(3, WORDS);
      if (snapshot) await store.snapshot(4, 'state');
      else await store.append(4, 'more');
      await store.close();
      expect((await loadAndClose(folder)).reserved).toBeUndefined();
    }
  });

  it('stand before whatever else the next life appends', async () => {
    const folder = await afterFailure();
    const store = await opened(folder);
    expect(await store.append(4, 'something else')).toEqual(expect.any(Number));
    expect(eventsOf((await store.load()).entries)).toEqual(['kept', WORDS, 'something else']);
    await store.close();
    expect((await loadAndClose(folder)).reserved).toBeUndefined();
  });

  it('are known to readers too', async () => {
    const folder = await afterFailure();
    expect(await readJournal(folder)).toMatchObject({
      entries: [{ event: 'kept' }],
      reserved: { at: 3, event: WORDS },
      told: [
        { n: 1, event: 'kept' },
        { n: 2, at: 3, event: WORDS },
      ],
    });
  });

  it('that cannot be read any more still say that something was given up, whichever byte changed', async () => {
    const folder = await afterFailure();
    const whole = await readFile(wordsPath(folder));
    const length = whole.indexOf('\n') + 1;
    await fc.assert(
      fc.asyncProperty(fc.nat(length - 2), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(whole);
        changed[at] = (whole[at] as number) ^ flip;
        await writeFile(wordsPath(folder), changed);
        const loaded = await readJournal(folder);
        expect(loaded).toMatchObject({
          warnings: [{ code: 'last-words-damaged', says: expect.stringContaining(wordsPath(folder)) }],
          reserved: { event: { kind: 'journal-failed', problem: { code: 'last-words-damaged' } } },
        });
      }),
      { numRuns: 200 },
    );
    const store = await opened(folder);
    const { reserved, warnings } = await store.load();
    expect(warnings).toHaveLength(1);
    expect(await store.append(reserved?.at ?? 0, reserved?.event ?? null)).toEqual(expect.any(Number));
    await store.close();
    expect(await loadAndClose(folder)).toMatchObject({ entries: [{ n: 1 }, { n: 2 }], warnings: [] });
  });

  it('survive a death at any call while they are written, or nobody was answered', async () => {
    for (const how of ['before', 'half', 'after'] as const) {
      const folder = await newFolder();
      const files = new FaultyFiles();
      const store = await opened(folder, { files });
      await store.append(1, 'kept');
      files.diesAt = { call: files.calls.length, how };
      expect(await store.reserve?.(3, WORDS)).toMatchObject({ code: 'journal-unwritable' });
      await store.close();
      const { reserved } = await loadAndClose(folder);
      if (how === 'before') expect(reserved).toBeUndefined();
      else expect(reserved?.event).toMatchObject({ kind: 'journal-failed' });
    }
  });
});

describe('a write of several events that hung', () => {
  it('may have reached the disk whole, in part or not at all: what was said of it is told after it, and once', async () => {
    for (let reached = 0; reached <= 3; reached += 1) {
      const folder = await newFolder();
      const files = new FaultyFiles();
      const store = await opened(folder, { writeDeadlineMs: 20, files });
      await store.append(1, 'kept');
      let goesOn: () => void = () => undefined;
      files.beforeWrite = () =>
        new Promise((resolve) => {
          goesOn = resolve;
        });
      const events = ['a', 'b', 'c'].map((event, i) => ({ at: 2 + i, event }));
      expect(await store.appendAll?.(events)).toMatchObject({ code: 'journal-broken' });
      expect(await store.reserve?.(9, WORDS)).toBeUndefined();
      let { hash } = JSON.parse((await readFile(segmentPath(folder), 'utf8')).trimEnd().split('\n').at(-1) ?? '') as { hash: string };
      let more = '';
      for (const [index, { at, event }] of events.slice(0, reached).entries()) {
        const line = sealEvent(hash, { n: 2 + index, at, event }, index === 0 ? undefined : 2);
        more += line.bytes.toString();
        ({ hash } = line);
      }
      const copy = await newFolder();
      await cp(folder, copy, { recursive: true });
      await rm(join(copy, 'marker'));
      goesOn();
      await store.close();
      await appendFile(segmentPath(copy), more);
      const next = await opened(copy);
      expect(await next.load()).toMatchObject({ reserved: { at: 9, event: WORDS } });
      expect(
        await next.appendAll?.([
          { at: 10, event: 'd' },
          { at: 10, event: 'e' },
        ]),
      ).toBe(reached + 4);
      await next.close();
      const { entries, reserved } = await loadAndClose(copy);
      expect(eventsOf(entries)).toEqual(['kept', ...['a', 'b', 'c'].slice(0, reached), WORDS, 'd', 'e']);
      expect(reserved).toBeUndefined();
    }
  });
});
