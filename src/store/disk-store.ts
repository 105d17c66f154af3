/** The store on disk of the process that owns the state folder: one write after another, each within its deadline. */
import type { Clock, Entry, Json, Loaded, Store, Unnumbered } from '../coordinator/ports.ts';
import type { Problem } from '../vocabulary/index.ts';
import type { JournalFiles } from './files.ts';
import { type LastWords, readLastWords, sameWords, unsaid } from './last-words.ts';
import type { Marker } from './marker.ts';
import type { Ownership } from './owner.ts';
import { broken, unwritable } from './problems.ts';
import { isProblem, type Journal, journalFolder, readFolder, walkHistory } from './scan.ts';
import { Tail } from './tail.ts';
import type { JournalWriter } from './writer.ts';

/** Writes waiting behind one another; the coordinator has one at a time. */
const MOST_WAITING = 1_024;

export interface Limits {
  readonly files: JournalFiles;
  readonly clock: Clock;
  readonly writeDeadlineMs: number;
  readonly closeDeadlineMs: number;
}

/** What a store on disk holds open. */
interface Held {
  readonly writer: JournalWriter;
  readonly lastWords: LastWords;
  readonly marker: Marker;
  readonly ownership: Ownership;
}

/** What a journal and the last words beside it come to. */
export const toLoaded = async (journal: Journal, stateDir: string, { files, clock }: Limits): Promise<Loaded> => {
  const { reserved, warnings } = unsaid(await readLastWords(files, stateDir), journal, stateDir, clock.now());
  return {
    ...(journal.snapshot === undefined ? {} : { snapshot: journal.snapshot }),
    entries: journal.entries,
    warnings: [...journal.warnings, ...warnings],
    ...(reserved === undefined ? {} : { reserved }),
  };
};

export class DiskStore implements Store {
  readonly #stateDir: string;
  readonly #held: Held;
  readonly #limits: Limits;
  readonly #tail: Tail;
  #loaded: Loaded | undefined;
  /** Last words, of an earlier life or of this one, that do not stand in the journal yet. */
  #untold: { readonly at: number; readonly event: Json } | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** Settles when the write that missed its deadline comes back, if ever. */
  #stuck: Promise<unknown> | undefined;
  #closed: Promise<void> | undefined;

  constructor(stateDir: string, held: Held, loaded: Loaded, limits: Limits) {
    this.#stateDir = stateDir;
    this.#held = held;
    this.#loaded = loaded;
    this.#untold = loaded.reserved;
    this.#limits = limits;
    this.#tail = new Tail(held.writer.last.n, () => this.history());
  }

  async load(): Promise<Loaded> {
    if (this.#loaded !== undefined) return this.#loaded;
    const journal = await readFolder(this.#limits.files, journalFolder(this.#stateDir));
    if (isProblem(journal)) throw new Error(`${journal.code}: ${journal.says}`);
    return await toLoaded(journal, this.#stateDir, this.#limits);
  }

  append(at: number, event: Json): Promise<number | Problem> {
    return this.appendAll([{ at, event }]);
  }

  appendAll(events: readonly Unnumbered[]): Promise<number | Problem> {
    return this.#inTurn(async () => (await this.#tellFirst(events[0])) ?? (await this.#append(events)));
  }

  reserve(at: number, event: Json): Promise<Problem | undefined> {
    const { writer, lastWords } = this.#held;
    return this.#inTurn(async () => {
      const problem = await lastWords.keep(writer.last, writer.maybeThere, at, event);
      if (problem === undefined) this.#untold = { at, event };
      return problem;
    });
  }

  /** Last words stand before anything else, whoever appends. */
  async #tellFirst(first: Unnumbered | undefined): Promise<Problem | undefined> {
    const untold = this.#untold;
    if (untold === undefined || (first !== undefined && sameWords(untold, first))) return undefined;
    const told = await this.#append([untold]);
    return typeof told === 'number' ? undefined : told;
  }

  async #append(events: readonly Unnumbered[]): Promise<number | Problem> {
    const { writer, lastWords } = this.#held;
    const problem = await writer.append(events);
    if (problem !== undefined) return problem;
    this.#untold = undefined;
    await lastWords.forget();
    const { n } = writer.last;
    for (const [index, { at, event }] of events.entries()) this.#tail.appended({ n: n - events.length + 1 + index, at, event });
    return n;
  }

  snapshot(at: number, state: Json): Promise<Problem | undefined> {
    const { writer, marker } = this.#held;
    return this.#inTurn(async () => {
      const problem = await writer.snapshot(at, state);
      // The snapshot stands whether or not this could be noted; what was noted before it is still true.
      if (problem === undefined) await marker.mark(writer.last, at);
      return problem;
    });
  }

  async mark(epoch: number): Promise<Problem | undefined> {
    return this.#held.marker.epoch === epoch ? undefined : await this.markNow(epoch);
  }

  /** Marks the epoch although it may be marked already: the journal itself is another one. */
  markNow(epoch: number): Promise<Problem | undefined> {
    const { writer, marker } = this.#held;
    return this.#inTurn(() => marker.mark(writer.last, this.#limits.clock.now(), epoch));
  }

  sinceSnapshot(): number {
    return this.#held.writer.sinceSnapshot;
  }

  position(): number {
    return this.#tail.last;
  }

  tail(after: number, signal?: AbortSignal): AsyncIterable<Entry> {
    return this.#tail.follow(after, signal);
  }

  history(): AsyncIterable<Entry> {
    return walkHistory(this.#limits.files, journalFolder(this.#stateDir));
  }

  /** Returns within its deadline. What hangs then keeps the folder until it comes back or the process ends. */
  close(): Promise<void> {
    this.#closed ??= this.#inTime(this.#close()).finally(() => this.#tail.close());
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#last;
    // A write that still hangs may reach the file later: nobody else gets the folder before it has come back or this process has ended.
    await this.#stuck;
    const { writer, lastWords, marker, ownership } = this.#held;
    try {
      await marker.mark(writer.last, this.#limits.clock.now());
      await Promise.all([writer.close(), lastWords.close(), marker.close()]);
    } finally {
      await ownership.release();
    }
  }

  #inTime(closing: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#limits.clock.after(this.#limits.closeDeadlineMs, resolve);
      closing.then(resolve, reject).finally(cancel);
    });
  }

  /** One write after another, each within the deadline. */
  async #inTurn<T>(write: () => Promise<T | Problem>): Promise<T | Problem> {
    const { path } = this.#held.writer;
    if (this.#closed !== undefined) return broken(path, 'it was closed');
    if (this.#waiting >= MOST_WAITING) return unwritable(path, `${MOST_WAITING} writes are waiting`, 'too many at once');
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

  #within<T>(write: () => Promise<T | Problem>): Promise<T | Problem> {
    const { writer } = this.#held;
    const { clock, writeDeadlineMs } = this.#limits;
    return new Promise((resolve, reject) => {
      const written = write();
      const cancel = clock.after(writeDeadlineMs, () => {
        const back = written.catch(() => undefined);
        this.#stuck = Promise.all([this.#stuck, back]);
        resolve(writer.breakOff(`a write did not come back within ${writeDeadlineMs} ms; it may or may not be on the disk`));
      });
      written.then(resolve, reject).finally(cancel);
    });
  }
}
