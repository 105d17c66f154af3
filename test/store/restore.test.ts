import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { restoreJournal, type Seen, verifyJournal } from '../../src/store/index.ts';
import { FaultyFiles } from './faulty-files.ts';
import { eventsOf, loadAndClose, newFolder, opened, refused } from './folder.ts';

const SAID = { kind: 'epoch-set', epoch: 9, by: 'anna', reason: 'disk replaced' };
const said = () => ({ epoch: 9, events: [SAID] });

/** Three events and a snapshot; a copy of that; then three more events and an orderly end. */
const withCopy = async (): Promise<{ folder: string; copy: string }> => {
  const folder = await newFolder();
  const copy = join(await newFolder(), 'copy');
  const store = await opened(folder);
  for (let n = 1; n <= 3; n += 1) await store.append(n, n);
  await store.snapshot(3, { upTo: 3 });
  await store.append(4, 4);
  await cp(join(folder, 'journal'), copy, { recursive: true });
  for (let n = 5; n <= 6; n += 1) await store.append(n, n);
  await store.close();
  return { folder, copy };
};

const restored = async (folder: string, from: string | undefined, say: Parameters<typeof restoreJournal>[2] = said) => {
  const result = await restoreJournal(folder, from, say);
  if ('code' in result) throw new Error(`${result.code}: ${result.says}`);
  return result;
};

describe('a copy that is brought back', () => {
  it('takes the place of the journal, which is kept aside, and begins with what was said', async () => {
    const { folder, copy } = await withCopy();
    const result = await restored(folder, copy, (seen) => ({ epoch: 9, events: [SAID, { saw: seen.entries.length }] }));
    expect(result).toMatchObject({
      events: 4,
      segments: 2,
      aside: expect.stringContaining(join(folder, 'journal-aside-20')),
      warnings: [],
    });
    expect(await loadAndClose(folder)).toMatchObject({
      snapshot: { upTo: 3 },
      entries: [
        { n: 4, event: 4 },
        { n: 5, event: SAID },
        { n: 6, event: { saw: 1 } },
      ],
    });
    expect((await readdir(result.aside ?? '')).sort()).toEqual(['journal-00000001.jsonl', 'journal-00000002.jsonl']);
    expect(await readFile(join(result.aside ?? '', 'journal-00000002.jsonl'), 'utf8')).toContain('"event":6');
    expect(await verifyJournal(folder)).toMatchObject({ ok: true, entries: 6 });
  });

  it('may be a state folder, or one segment under any name', async () => {
    const { folder } = await withCopy();
    const backup = await newFolder();
    await cp(folder, backup, { recursive: true });
    await restored(folder, backup);
    expect(eventsOf((await loadAndClose(folder)).entries)).toEqual([4, 5, 6, SAID]);
    const only = join(backup, 'saved.txt');
    await cp(join(backup, 'journal', 'journal-00000002.jsonl'), only);
    await restored(folder, only);
    expect(await readdir(join(folder, 'journal'))).toEqual(['journal-00000002.jsonl']);
    expect(await loadAndClose(folder)).toMatchObject({
      snapshot: { upTo: 3 },
      entries: [{ n: 4 }, { n: 5 }, { n: 6 }, { n: 7, event: SAID }],
    });
  });

  it('is needed no more than a word where there is none: then an empty journal begins', async () => {
    const { folder } = await withCopy();
    await rm(join(folder, 'journal'), { recursive: true });
    expect(await refused(folder)).toMatchObject({ code: 'journal-older' });
    expect(await restored(folder, undefined)).toEqual({ events: 0, segments: 0, warnings: [] });
    expect(await loadAndClose(folder)).toMatchObject({ entries: [{ n: 1, event: SAID }] });
  });

  it('mends a marker that cannot be read', async () => {
    const { folder } = await withCopy();
    await writeFile(join(folder, 'marker'), '!'.repeat(1_024));
    expect(await refused(folder)).toMatchObject({ code: 'journal-marker-damaged' });
    await restored(folder, join(folder, 'journal'));
    expect(eventsOf((await loadAndClose(folder)).entries)).toEqual([4, 5, 6, SAID]);
  });

  it('is told from what is none, and then nothing is touched', async () => {
    const { folder, copy } = await withCopy();
    const unusable = async (from: string, says: string): Promise<void> => {
      expect(await restoreJournal(folder, from, said)).toMatchObject({
        code: 'journal-copy-unusable',
        says: expect.stringContaining(says),
      });
      expect((await readdir(folder)).sort()).not.toContain(expect.stringContaining('aside'));
      expect(eventsOf((await loadAndClose(folder)).entries)).toEqual([4, 5, 6]);
    };
    await unusable(join(copy, 'nowhere'), 'holds no segment of a journal');
    await unusable(join(folder, 'owner'), 'holds no segment of a journal');
    await rm(join(copy, 'journal-00000002.jsonl'));
    await writeFile(join(copy, 'journal-00000003.jsonl'), 'nonsense\n');
    await unusable(copy, 'journal-00000002.jsonl is missing');
    await unusable(join(copy, 'journal-00000003.jsonl'), 'holds no segment of a journal');
  });

  it('changes nothing where whoever is asked does not want it, and tells them the epoch that was in force', async () => {
    const { folder, copy } = await withCopy();
    const store = await opened(folder);
    await store.mark?.(41);
    await store.close();
    const problem = { code: 'no', says: 'no', next: 'no' };
    const ask = ({ markedEpoch, snapshot }: Seen) => ({ ...problem, says: `${markedEpoch} ${JSON.stringify(snapshot)}` });
    expect(await restoreJournal(folder, copy, ask)).toEqual({ ...problem, says: '41 {"upTo":3}' });
    expect(eventsOf((await loadAndClose(folder)).entries)).toEqual([4, 5, 6]);
  });

  it('waits for the owner of the folder', async () => {
    const { folder, copy } = await withCopy();
    const store = await opened(folder);
    expect(await restoreJournal(folder, copy, said)).toMatchObject({ code: 'state-in-use' });
    await store.close();
  });

  it('leaves a whole journal, the old one or the new one or one that must be restored again, at a death at any call', async () => {
    const counting = new FaultyFiles();
    const first = await withCopy();
    expect(await restoreJournal(first.folder, first.copy, said, { files: counting })).toMatchObject({ events: 4 });
    const outcomes = new Set<string>();
    for (let call = 0; call < counting.calls.length; call += 1) {
      for (const how of ['before', 'half', 'after'] as const) {
        const { folder, copy } = await withCopy();
        const files = new FaultyFiles();
        files.diesAt = { call, how };
        expect(await restoreJournal(folder, copy, said, { files })).toBeDefined();
        const verified = await verifyJournal(folder);
        outcomes.add(verified.problem?.code ?? 'whole');
        if (verified.problem?.code === 'journal-older') await restored(folder, copy);
        const events = eventsOf((await loadAndClose(folder)).entries);
        expect([JSON.stringify([4, 5, 6]), JSON.stringify([4, SAID])]).toContain(JSON.stringify(events));
      }
    }
    expect(outcomes).toEqual(new Set(['whole', 'journal-older']));
  });
});
