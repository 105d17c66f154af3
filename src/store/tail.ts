/**
 * Follows a journal from any position: first what is kept, then each event once it is durable. A reader that falls behind reads what it has
 * missed from the journal itself, so nothing waits for it and nothing is piled up for it.
 */
import type { Entry } from '../coordinator/ports.ts';

/** So many of the newest events stand ready for those who follow. */
const READY = 1024;

export class Tail {
  readonly #history: () => AsyncIterable<Entry>;
  /** The newest events without a gap; kept only while somebody follows. */
  #ready: Entry[] = [];
  readonly #waiting = new Set<() => void>();
  #followers = 0;
  #last: number;
  #closed = false;

  /** `last`: the number of the last durable event, 0 where there is none. `history`: every kept event, oldest first. */
  constructor(last: number, history: () => AsyncIterable<Entry>) {
    this.#last = last;
    this.#history = history;
  }

  get last(): number {
    return this.#last;
  }

  /** The event is durable. */
  appended(entry: Entry): void {
    this.#last = entry.n;
    if (this.#followers === 0) return;
    this.#ready.push(entry);
    // Cut now and then, and not with every event.
    if (this.#ready.length >= 2 * READY) this.#ready = this.#ready.slice(-READY);
    this.#wake();
  }

  /** Nothing more comes: those who follow get what is durable, and end. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** Every kept event after `after`, in order. A number that is left out tells that what lay between is not kept any more. */
  async *follow(after: number, signal?: AbortSignal): AsyncGenerator<Entry, void> {
    const isOver = (): boolean => signal?.aborted === true;
    this.#followers += 1;
    try {
      for (let at = after; !isOver(); ) {
        if (at >= this.#last) {
          if (this.#closed) return;
          await this.#more(signal);
          continue;
        }
        const ready = this.#readyAfter(at);
        if (ready !== undefined) {
          at = ready.n;
          yield ready;
          continue;
        }
        const until = this.#last;
        for await (const entry of this.#kept(at, until)) {
          if (isOver()) return;
          at = entry.n;
          yield entry;
        }
        at = until;
      }
    } finally {
      this.#followers -= 1;
      if (this.#followers === 0) this.#ready = [];
    }
  }

  #readyAfter(at: number): Entry | undefined {
    const first = this.#ready[0];
    return first === undefined ? undefined : this.#ready[at + 1 - first.n];
  }

  /** What is in the file beyond the last durable event is none yet. */
  async *#kept(after: number, until: number): AsyncGenerator<Entry, void> {
    for await (const entry of this.#history()) {
      if (entry.n > until) return;
      if (entry.n > after) yield entry;
    }
  }

  async #more(signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
