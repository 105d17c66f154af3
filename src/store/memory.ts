/** The store in memory, for tests and simulation: it survives a simulated crash, and its disk can be made to fail. */
import type { Entry, Json, Loaded, Store } from '../coordinator/ports.ts';
import type { Problem } from '../vocabulary/index.ts';

/** Like a disk that outlives the processes that use it: open it again after a crash. */
export class MemoryDisk {
  #entries: Entry[] = [];
  #snapshot: { readonly n: number; readonly state: string } | undefined;
  #n = 0;
  #writers = 0;
  /** While set, nothing can be written and every write says this. */
  failure: Problem | undefined;

  /** A store on this disk. Opening it takes the disk away from the store that had it before, as a crash does. */
  open(): Store {
    this.#writers += 1;
    const mine = this.#writers;
    const write = async (run: () => void): Promise<Problem | undefined> => {
      if (mine !== this.#writers) return lost;
      if (this.failure !== undefined) return this.failure;
      run();
      return undefined;
    };
    return {
      load: () => Promise.resolve(this.#load()),
      append: (at, event) => write(() => this.#append(at, event)),
      snapshot: (at, state) => write(() => this.#takeSnapshot(at, state)),
      sinceSnapshot: () => this.#n - (this.#snapshot?.n ?? 0),
      history: () => this.#history(),
      close: () => {
        if (mine === this.#writers) this.#writers += 1;
        return Promise.resolve();
      },
    };
  }

  #load(): Loaded {
    const from = this.#snapshot?.n ?? 0;
    const entries = this.#entries.filter((entry) => entry.n > from);
    return { ...(this.#snapshot === undefined ? {} : { snapshot: copy(this.#snapshot.state) }), entries, warnings: [] };
  }

  #append(at: number, event: Json): void {
    if (!Number.isFinite(at)) throw new TypeError(`the time of a journal line must be a finite number, not ${at}`);
    // What the caller still holds must not change what is stored.
    this.#entries.push({ n: this.#n + 1, at, event: copy(text(event)) });
    this.#n += 1;
  }

  #takeSnapshot(at: number, state: Json): void {
    if (!Number.isFinite(at)) throw new TypeError(`the time of a journal line must be a finite number, not ${at}`);
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

const text = (value: Json): string => {
  const json: string | undefined = JSON.stringify(value);
  if (json === undefined) throw new TypeError('the value has no JSON form');
  return json;
};

const copy = (json: string): Json => JSON.parse(json) as Json;
