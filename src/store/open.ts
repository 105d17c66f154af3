/**
 * Opening a state folder for writing. The journal is `stateDir/journal/journal-00000001.jsonl` and so on; see docs/guides/journal.md for the
 * format and for recovery.
 */
import { performance } from 'node:perf_hooks';
import type { Clock, Store } from '../coordinator/ports.ts';
import type { Problem } from '../vocabulary/index.ts';
import { DiskStore, type Limits, toLoaded } from './disk-store.ts';
import { diskFiles, errorCode } from './files.ts';
import { LastWords } from './last-words.ts';
import { judgeMark, type Mark, Marker, readMark } from './marker.ts';
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
  maxBytesPerSnapshot: 24 * 1024 * 1024,
  keepSegments: 64,
};

const startedAt = Date.now() - performance.now();

/** Rounded as the coordinator's clock is, so that one moment is one number whoever stamps it. */
const ownClock: Clock = {
  now: () => Math.floor(startedAt + performance.now()),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};

export const LIMITS: Limits = { files: diskFiles, clock: ownClock, writeDeadlineMs: 10_000, closeDeadlineMs: 2_000 };

export type Settled = Required<JournalOptions>;

export const settle = (options: JournalOptions): Settled => {
  const settled = { ...BOUNDS, ...LIMITS, ...options };
  if (settled.maxEntriesPerSegment < 1 || settled.keepSegments < 1) throw new RangeError('a journal needs at least one entry and segment');
  return settled;
};

interface Ports {
  readonly lastWords: LastWords;
  readonly marker: Marker;
}

/** The two files beside the journal. */
const openBeside = async (stateDir: string, mark: Mark | 'none' | 'damaged', options: Settled): Promise<Ports | Problem> => {
  const lastWords = await LastWords.open(options.files, stateDir);
  if (isProblem(lastWords)) return lastWords;
  const marker = await Marker.open(options.files, stateDir, mark);
  if (!isProblem(marker)) return { lastWords, marker };
  await lastWords.close();
  return marker;
};

/** `unmarked`: the journal is taken as it is, whatever its marker knows of it. */
export const openOwned = async (
  stateDir: string,
  ownership: Ownership,
  options: Settled,
  marked: 'marked' | 'unmarked' = 'marked',
): Promise<DiskStore | Problem> => {
  const { files, clock } = options;
  const folder = journalFolder(stateDir);
  const mark = await readMark(files, stateDir);
  const journal = await readFolder(files, folder);
  if (isProblem(journal)) return journal;
  const not = marked === 'unmarked' ? undefined : judgeMark(mark, journal, stateDir);
  if (not !== undefined) return not;
  try {
    await files.makeFolder(folder);
  } catch (error) {
    return unwritable(folder, 'create the folder', errorCode(error));
  }
  const beside = await openBeside(stateDir, mark, options);
  if (isProblem(beside)) return beside;
  const loaded = await toLoaded(journal, stateDir, options);
  const writer = await JournalWriter.open(files, folder, options, journal, clock.now());
  if (!isProblem(writer)) return new DiskStore(stateDir, { writer, ...beside, ownership }, loaded, options);
  await Promise.all([beside.lastWords.close(), beside.marker.close()]);
  return writer;
};

/** Takes the folder, and gives it back where what is done in it comes to a problem. */
export const owning = async <T extends object>(
  stateDir: string,
  options: Settled,
  run: (ownership: Ownership) => Promise<T | Problem>,
): Promise<T | Problem> => {
  const ownership = await takeOwnership(stateDir, options.clock.now());
  if (isProblem(ownership)) return ownership;
  try {
    const result = await run(ownership);
    if (isProblem(result)) await ownership.release();
    return result;
  } catch (error) {
    await ownership.release();
    // The system's word, such as EIO; anything else is a programming error.
    if (/^E[A-Z0-9]+$/.test(errorCode(error))) return unreadable(stateDir, errorCode(error));
    throw error;
  }
};

/**
 * Opens the journal of a state folder for writing, alone. Creates it where it is missing; checks every line from the last snapshot on; cuts
 * a torn last line off (told by `load().warnings`).
 * Problems: `state-in-use`, `state-owner-unknown`, `journal-damaged`, `journal-older`, `journal-marker-damaged`, `journal-unreadable`,
 * `journal-unwritable`.
 */
export const openJournal = async (stateDir: string, options: JournalOptions = {}): Promise<Store | Problem> => {
  const settled = settle(options);
  return await owning<Store>(stateDir, settled, (ownership) => openOwned(stateDir, ownership, settled));
};
