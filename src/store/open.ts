/**
 * Opening a state folder for writing. The journal is `stateDir/journal/journal-00000001.jsonl` and so on; see docs/guides/journal.md for the
 * format and for recovery.
 */
import { performance } from 'node:perf_hooks';
import type { Clock, Store } from '../coordinator/ports.ts';
import type { Problem } from '../vocabulary/index.ts';
import { DiskStore, type Limits, toLoaded } from './disk-store.ts';
import { diskDoor, errorCode } from './door.ts';
import { LastWords } from './last-words.ts';
import { type Ownership, takeOwnership } from './owner.ts';
import { unreadable, unwritable } from './problems.ts';
import { isProblem, journalFolder, readFolder } from './scan.ts';
import { type Bounds, JournalWriter } from './writer.ts';

/**
 * `writeDeadlineMs`: a write that has not come back after this many milliseconds ends the journal: the disk hangs.
 * `closeDeadlineMs`: closing gives up waiting for such a disk.
 */
export interface JournalOptions extends Partial<Bounds>, Partial<Limits> {}

const BOUNDS: Bounds = {
  maxEntriesPerSegment: 4_096,
  maxBytesPerSegment: 32 * 1024 * 1024,
  maxBytesPerLine: 8 * 1024 * 1024,
  keepSegments: 64,
};

const startedAt = Date.now() - performance.now();

const ownClock: Clock = {
  now: () => Math.round(startedAt + performance.now()),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};

export const LIMITS: Limits = { door: diskDoor, clock: ownClock, writeDeadlineMs: 10_000, closeDeadlineMs: 2_000 };

type Settled = Required<JournalOptions>;

const settle = (options: JournalOptions): Settled => {
  const settled = { ...BOUNDS, ...LIMITS, ...options };
  if (settled.maxEntriesPerSegment < 1 || settled.keepSegments < 1) throw new RangeError('a journal needs at least one entry and segment');
  return settled;
};

const openOwned = async (stateDir: string, ownership: Ownership, options: Settled): Promise<Store | Problem> => {
  const { door, clock } = options;
  const folder = journalFolder(stateDir);
  try {
    await door.makeFolder(folder);
  } catch (error) {
    return unwritable(folder, 'create the folder', errorCode(error));
  }
  const journal = await readFolder(door, folder);
  if (isProblem(journal)) return journal;
  const lastWords = await LastWords.open(door, stateDir);
  if (isProblem(lastWords)) return lastWords;
  try {
    const loaded = await toLoaded(journal, stateDir, options);
    const writer = await JournalWriter.open(door, folder, options, journal, clock.now());
    if (!isProblem(writer)) return new DiskStore(stateDir, { writer, lastWords, ownership }, loaded, options);
    await lastWords.close();
    return writer;
  } catch (error) {
    await lastWords.close();
    return unreadable(stateDir, errorCode(error));
  }
};

/**
 * Opens the journal of a state folder for writing, alone. Creates it where it is missing; checks every line from the last snapshot on; cuts
 * a torn last line off (told by `load().warnings`).
 * Problems: `state-in-use`, `state-owner-unknown`, `journal-damaged`, `journal-unreadable`, `journal-unwritable`.
 */
export const openJournal = async (stateDir: string, options: JournalOptions = {}): Promise<Store | Problem> => {
  const settled = settle(options);
  const ownership = await takeOwnership(stateDir, settled.clock.now());
  if (isProblem(ownership)) return ownership;
  try {
    const store = await openOwned(stateDir, ownership, settled);
    if (isProblem(store)) await ownership.release();
    return store;
  } catch (error) {
    await ownership.release();
    throw error;
  }
};
