/**
 * The store on disk: `stateDir/journal/journal-00000001.jsonl` and so on. See docs/guides/journal.md for the format and for recovery.
 */
import { performance } from 'node:perf_hooks';
import type { Clock, Entry, Json, Loaded, Store } from '../coordinator/ports.ts';
import type { Problem } from '../vocabulary/index.ts';
import { diskDoor, errorCode, type JournalDoor } from './door.ts';
import { type Ownership, takeOwnership } from './owner.ts';
import { broken, unwritable } from './problems.ts';
import { isProblem, type Journal, journalFolder, readFolder, walkSegments } from './scan.ts';
import { type Bounds, JournalWriter } from './writer.ts';

export interface JournalOptions extends Partial<Bounds> {
  readonly clock?: Clock;
  /** A write that has not come back after this many milliseconds ends the journal: the disk hangs. */
  readonly writeDeadlineMs?: number;
  readonly door?: JournalDoor;
}

const BOUNDS: Bounds = {
  maxEntriesPerSegment: 4_096,
  maxBytesPerSegment: 32 * 1024 * 1024,
  maxBytesPerLine: 8 * 1024 * 1024,
  keepSegments: 64,
};

const WRITE_DEADLINE_MS = 10_000;

/** Writes waiting behind one another; the coordinator has one at a time. */
const MOST_WAITING = 1_024;

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

class DiskStore implements Store {
  readonly #writer: JournalWriter;
  readonly #ownership: Ownership;
  readonly #door: JournalDoor;
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #deadline: number;
  #loaded: Journal | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** Settles when the write that missed its deadline comes back, if ever. */
  #stuck: Promise<unknown> | undefined;
  #closed: Promise<void> | undefined;

  constructor(writer: JournalWriter, ownership: Ownership, folder: string, journal: Journal, options: Settled) {
    this.#writer = writer;
    this.#ownership = ownership;
    this.#folder = folder;
    this.#loaded = journal;
    this.#door = options.door;
    this.#clock = options.clock;
    this.#deadline = options.writeDeadlineMs;
  }

  async load(): Promise<Loaded> {
    const journal = this.#loaded ?? (await readFolder(this.#door, this.#folder));
    if (isProblem(journal)) throw new Error(`${journal.code}: ${journal.says}`);
    return toLoaded(journal);
  }

  append(at: number, event: Json): Promise<Problem | undefined> {
    return this.#inTurn(() => this.#writer.append(at, event));
  }

  snapshot(at: number, state: Json): Promise<Problem | undefined> {
    return this.#inTurn(() => this.#writer.snapshot(at, state));
  }

  sinceSnapshot(): number {
    return this.#writer.sinceSnapshot;
  }

  history(): AsyncIterable<Entry> {
    return walkHistory(this.#door, this.#folder);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#last;
    // A write that still hangs may reach the file later: nobody else gets the folder before it has come back or this process has ended.
    if (this.#stuck === undefined) return await this.#giveBack();
    void this.#stuck.then(() => this.#giveBack()).catch(() => undefined);
  }

  async #giveBack(): Promise<void> {
    try {
      await this.#writer.close();
    } finally {
      await this.#ownership.release();
    }
  }

  /** One write after another, each within the deadline. */
  async #inTurn(write: () => Promise<Problem | undefined>): Promise<Problem | undefined> {
    if (this.#closed !== undefined) return broken(this.#writer.path, 'it was closed');
    if (this.#waiting >= MOST_WAITING) return unwritable(this.#writer.path, `${MOST_WAITING} writes are waiting`, 'too many at once');
    this.#waiting += 1;
    this.#loaded = undefined;
    const before = this.#last;
    const mine = before.then(() => this.#within(write));
    this.#last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      this.#waiting -= 1;
    }
  }

  #within(write: () => Promise<Problem | undefined>): Promise<Problem | undefined> {
    if (this.#stuck !== undefined) return Promise.resolve(this.#writer.breakOff('the disk hangs'));
    return new Promise((resolve, reject) => {
      const written = write();
      const cancel = this.#clock.after(this.#deadline, () => {
        this.#stuck = written.catch(() => undefined);
        resolve(this.#writer.breakOff(`a write did not come back within ${this.#deadline} ms; it may or may not be on the disk`));
      });
      written.then(resolve, reject).finally(cancel);
    });
  }
}

const toLoaded = (journal: Journal): Loaded => ({
  ...(journal.snapshot === undefined ? {} : { snapshot: journal.snapshot }),
  entries: journal.entries,
  warnings: journal.warnings,
});

async function* walkHistory(door: JournalDoor, folder: string): AsyncGenerator<Entry, void> {
  for await (const step of walkSegments(door, folder)) {
    if (isProblem(step)) throw new Error(`${step.code}: ${step.says}`);
    yield* step.scan.entries;
  }
}

type Settled = Required<JournalOptions>;

const settle = (options: JournalOptions): Settled => {
  const settled = { ...BOUNDS, clock: ownClock, door: diskDoor, writeDeadlineMs: WRITE_DEADLINE_MS, ...options };
  if (settled.maxEntriesPerSegment < 1 || settled.keepSegments < 1) throw new RangeError('a journal needs at least one entry and segment');
  return settled;
};

const openOwned = async (folder: string, ownership: Ownership, options: Settled): Promise<Store | Problem> => {
  const { door, clock } = options;
  try {
    await door.makeFolder(folder);
  } catch (error) {
    return unwritable(folder, 'create the folder', errorCode(error));
  }
  const journal = await readFolder(door, folder);
  if (isProblem(journal)) return journal;
  const writer = await JournalWriter.open(door, folder, options, journal, clock.now());
  return isProblem(writer) ? writer : new DiskStore(writer, ownership, folder, journal, options);
};

/**
 * Opens the journal of a state folder for writing, alone. Creates it where it is missing; checks every kept line; cuts a torn last line
 * off (told by `load().warnings`).
 * Problems: `state-in-use`, `state-owner-unknown`, `journal-damaged`, `journal-unreadable`, `journal-unwritable`.
 */
export const openJournal = async (stateDir: string, options: JournalOptions = {}): Promise<Store | Problem> => {
  const settled = settle(options);
  const ownership = await takeOwnership(stateDir, settled.clock.now());
  if (isProblem(ownership)) return ownership;
  try {
    const store = await openOwned(journalFolder(stateDir), ownership, settled);
    if (isProblem(store)) await ownership.release();
    return store;
  } catch (error) {
    await ownership.release();
    throw error;
  }
};

/** What a reader gets who does not own the folder. */
export interface JournalView extends Loaded {
  /** Every kept event, oldest first; rejects with an Error where the journal is damaged. */
  history(): AsyncIterable<Entry>;
}

/**
 * Reads a journal that another process may be writing; changes nothing. An empty or missing folder is an empty journal.
 * Problems: `journal-damaged`, `journal-unreadable`.
 */
export const readJournal = async (stateDir: string, door: JournalDoor = diskDoor): Promise<JournalView | Problem> => {
  const folder = journalFolder(stateDir);
  const journal = await readFolder(door, folder);
  return isProblem(journal) ? journal : { ...toLoaded(journal), history: () => walkHistory(door, folder) };
};

export interface Verification {
  readonly ok: boolean;
  /** Events and segments in order up to the first damage. */
  readonly entries: number;
  readonly segments: number;
  /** The first damage: file, line, byte and what to do. */
  readonly problem?: Problem;
  /** A torn last line: harmless, see `journal-torn-line`. */
  readonly warnings: readonly Problem[];
}

/** Checks every kept line, its hash and its place in the chain; changes nothing and needs no ownership. */
export const verifyJournal = async (stateDir: string, door: JournalDoor = diskDoor): Promise<Verification> => {
  const folder = journalFolder(stateDir);
  const journal = await readFolder(door, folder);
  if (!isProblem(journal)) return { ok: true, entries: journal.events, segments: journal.segments, warnings: journal.warnings };
  let entries = 0;
  let segments = 0;
  try {
    for await (const step of walkSegments(door, folder)) {
      if (isProblem(step)) continue;
      entries += step.scan.entries.length;
      segments += step.scan.damage === undefined ? 1 : 0;
    }
  } catch {
    // What could be counted before the disk failed is counted; the problem is told either way.
  }
  return { ok: false, entries, segments, problem: journal, warnings: [] };
};
