/** The store in memory, for tests and simulation: it survives a simulated crash, and its disk can be made to fail. */
import type { Entry, Json, Loaded, Store } from '../coordinator/ports.ts';
import type { Problem } from '../vocabulary/index.ts';
import { Tail } from './tail.ts';

/** Like a disk that outlives the processes that use it: open it again after a crash. */
export class MemoryDisk {
  #entries: Entry[] = [];
  #snapshot: { readonly n: number; readonly state: string } | undefined;
  #n = 0;
  #writers = 0;
  /** Of the store that has the disk. */
  #tail: Tail | undefined;
  /** The event that could not be appended, and after which one. */
  #lastWords: { readonly after: number; readonly at: number; readonly event: string } | undefined;
  /** While set, nothing can be written and every write says this. */
  failure: Problem | undefined;
  /** While set, the room for last words cannot be written either. */
  reserveFailure: Problem | undefined;

  /** A store on this disk. Opening it takes the disk away from the store that had it before, as a crash does. */
  open(): Store {
    this.#writers += 1;
    const mine = this.#writers;
    const tail = new Tail(this.#n, () => this.#history());
    this.#tail?.close();
    this.#tail = tail;
    const write = async <T>(run: () => T, failure = () => this.failure): Promise<T | Problem> =>
      mine === this.#writers ? (failure() ?? run()) : lost;
    const reserve = (at: number, event: Json): undefined => {
      this.#lastWords = { after: this.#n, at: finite(at), event: text(event) };
    };
    return {
      load: () => Promise.resolve(this.#load()),
      append: (at, event) => write(() => this.#append(at, event, tail)),
      appendAll: (events) =>
        write(() => {
          for (const { at, event } of events) this.#append(at, event, tail);
          return this.#n;
        }),
      reserve: (at, event) =>
        write(
          () => reserve(at, event),
          () => this.reserveFailure,
        ),
      snapshot: (at, state) => write(() => this.#takeSnapshot(at, state)),
      position: () => tail.last,
      tail: (after, signal) => tail.follow(after, signal),
      sinceSnapshot: () => this.#n - (this.#snapshot?.n ?? 0),
      history: () => this.#history(),
      close: () => {
        if (mine === this.#writers) this.#writers += 1;
        tail.close();
        return Promise.resolve();
      },
    };
  }

  #load(): Loaded {
    const from = this.#snapshot?.n ?? 0;
    const entries = this.#entries.filter((entry) => entry.n > from);
    const words = this.#lastWords;
    return {
      ...(this.#snapshot === undefined ? {} : { snapshot: copy(this.#snapshot.state) }),
      entries,
      warnings: [],
      ...(words?.after === this.#n ? { reserved: { at: words.at, event: copy(words.event) } } : {}),
    };
  }

  #append(at: number, event: Json, tail: Tail): number {
    // What the caller still holds must not change what is stored.
    const entry = { n: this.#n + 1, at: finite(at), event: copy(text(event)) };
    this.#entries.push(entry);
    this.#n += 1;
    this.#lastWords = undefined;
    tail.appended(entry);
    return entry.n;
  }

  #takeSnapshot(at: number, state: Json): undefined {
    finite(at);
    this.#snapshot = { n: this.#n, state: text(state) };
  }

  async *#history(): AsyncIterable<Entry> {
    yield* [...this.#entries];
  }
}

const lost: Problem = {
  code: 'journal-broken',
  says: 'the store is closed, or another one has been opened on the same memory',
  next: 'Open the store again.',
  lasting: true,
};

const finite = (at: number): number => {
  if (!Number.isFinite(at)) throw new TypeError(`the time of a journal line must be a finite number, not ${at}`);
  return at;
};

const text = (value: Json): string => {
  const json: string | undefined = JSON.stringify(value);
  if (json === undefined) throw new TypeError('the value has no JSON form');
  return json;
};

const copy = (json: string): Json => JSON.parse(json) as Json;
