/** Bringing a copy of a journal back, or beginning an empty one, on the word of a person. Nothing is deleted: what was there is kept aside. */
import { join } from 'node:path';
import type { Json, Loaded } from '../coordinator/ports.ts';
import type { Problem } from '../vocabulary/index.ts';
import type { DiskStore } from './disk-store.ts';
import { errorCode, type JournalFiles } from './files.ts';
import { readMark } from './marker.ts';
import { type JournalOptions, openOwned, owning, type Settled, settle } from './open.ts';
import type { Ownership } from './owner.ts';
import { copyUnusable, unwritable } from './problems.ts';
import { isProblem, journalFolder, listSegments, readFolder } from './scan.ts';
import { segmentIn, segmentName } from './segment.ts';
import { type Verification, verifyFolder } from './verify.ts';
import { writeWhole } from './writer.ts';

export interface Restored {
  /** Events of the copy. */
  readonly events: number;
  readonly segments: number;
  /** Where the journal is now that was there before; absent where there was none. */
  readonly aside?: string;
  readonly warnings: readonly Problem[];
}

/** What is to be said of a copy once its state is known: `events` are appended first of all, `epoch` goes into the marker. */
export interface Said {
  readonly epoch: number;
  readonly events: readonly Json[];
}

interface Copied {
  readonly name: string;
  readonly path: string;
}

/** A folder of segments, a state folder with such a folder in it, or one segment whatever it is called now. */
const segmentsOf = async (files: JournalFiles, from: string): Promise<readonly Copied[]> => {
  try {
    for (const folder of [from, journalFolder(from)]) {
      const names = (await listSegments(files, folder)).map(segmentName);
      if (names.length > 0) return names.map((name) => ({ name, path: join(folder, name) }));
    }
  } catch (error) {
    if (errorCode(error) !== 'ENOTDIR') throw error;
    const segment = segmentIn(await files.read(from));
    return segment === undefined ? [] : [{ name: segmentName(segment), path: from }];
  }
  return [];
};

const empty = async (files: JournalFiles, folder: string): Promise<void> => {
  for (const name of await files.list(folder)) await files.remove(join(folder, name));
};

/** Makes a whole copy under another name, durable, before anything of the present journal is moved. */
const copyInto = async (files: JournalFiles, segments: readonly Copied[], folder: string): Promise<void> => {
  await files.makeFolder(folder);
  await empty(files, folder);
  for (const { name, path } of segments) {
    const file = await files.open(join(folder, name), 'create');
    try {
      await writeWhole(file, await files.read(path));
      await file.sync();
    } finally {
      await file.close();
    }
  }
  await files.syncFolder(folder);
};

/** Undefined: there was none. */
const moveAside = async (files: JournalFiles, stateDir: string, now: number): Promise<string | undefined> => {
  const aside = join(stateDir, `journal-aside-${new Date(now).toISOString().replaceAll(':', '-')}`);
  try {
    await files.rename(journalFolder(stateDir), aside);
    return aside;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
};

/** What a person's word is judged by: the state of the copy, and the epoch that the marker of the present journal knows. */
export interface Seen extends Loaded {
  readonly markedEpoch?: number;
}

/** The copy, whole and under another name. Problems: `journal-copy-unusable`, `journal-unwritable`. */
const makeCopy = async (segments: readonly Copied[], copy: string, { files }: Settled): Promise<Verification | Problem> => {
  try {
    await copyInto(files, segments, copy);
    const found = await verifyFolder(files, copy);
    return found.problem === undefined ? found : copyUnusable(found.problem.says);
  } catch (error) {
    return unwritable(copy, 'copy', errorCode(error));
  }
};

const look = async (stateDir: string, copy: string, { files }: Settled): Promise<Seen | Problem> => {
  const journal = await readFolder(files, copy);
  if (isProblem(journal)) return journal;
  const mark = await readMark(files, stateDir);
  const { snapshot, entries, warnings } = journal;
  return {
    ...(snapshot === undefined ? {} : { snapshot }),
    entries,
    warnings,
    ...(typeof mark === 'string' || mark.epoch === undefined ? {} : { markedEpoch: mark.epoch }),
  };
};

/** A crash between the two renames leaves a journal that its marker calls older. */
const putInPlace = async (stateDir: string, copy: string, { files, clock }: Settled): Promise<{ readonly aside?: string } | Problem> => {
  try {
    const aside = await moveAside(files, stateDir, clock.now());
    await files.rename(copy, journalFolder(stateDir));
    await files.syncFolder(stateDir);
    return aside === undefined ? {} : { aside };
  } catch (error) {
    return unwritable(stateDir, 'put the copy in place', errorCode(error));
  }
};

/** What was said is durable, and the marker knows this journal from now on. */
const tell = async (store: DiskStore, now: number, { events, epoch }: Said): Promise<Problem | undefined> => {
  for (const event of events) {
    const appended = await store.append(now, event);
    if (typeof appended !== 'number') return appended;
  }
  return await store.markNow(epoch);
};

const restoreOwned = async (
  stateDir: string,
  segments: readonly Copied[],
  ask: (seen: Seen) => Said | Problem,
  ownership: Ownership,
  settled: Settled,
): Promise<Restored | Problem> => {
  const copy = join(stateDir, 'journal-restored');
  const found = await makeCopy(segments, copy, settled);
  const seen = isProblem(found) ? found : await look(stateDir, copy, settled);
  const said = isProblem(seen) ? seen : ask(seen);
  if (isProblem(found) || isProblem(seen) || isProblem(said)) {
    await empty(settled.files, copy).catch(() => undefined);
    return isProblem(found) ? found : isProblem(seen) ? seen : (said as Problem);
  }
  const inPlace = await putInPlace(stateDir, copy, settled);
  if (isProblem(inPlace)) return inPlace;
  const store = await openOwned(stateDir, ownership, settled, 'unmarked');
  if (isProblem(store)) return store;
  const problem = await tell(store, settled.clock.now(), said);
  await store.close();
  return problem ?? { events: found.entries, segments: found.segments, ...inPlace, warnings: seen.warnings };
};

/**
 * Puts a copy in the place of the journal; `from` is a folder with segments, a state folder, or one segment, and undefined begins an empty
 * journal. `ask` is given what the copy loads to, and says what stands first; a problem of it changes nothing. Takes the state folder.
 * Problems: those of `openJournal` and of `ask`, and `journal-copy-unusable` (then nothing was changed).
 */
export const restoreJournal = async (
  stateDir: string,
  from: string | undefined,
  ask: (seen: Seen) => Said | Problem,
  options: JournalOptions = {},
): Promise<Restored | Problem> => {
  const settled = settle(options);
  return await owning(stateDir, settled, async (ownership) => {
    const segments = from === undefined ? [] : await segmentsOf(settled.files, from);
    if (from !== undefined && segments.length === 0) return copyUnusable(`${from} holds no segment of a journal`);
    return await restoreOwned(stateDir, segments, ask, ownership, settled);
  });
};
