/** Time for mocks: injected everywhere, so that tests and simulations own it. */

export interface MockClock {
  /** Milliseconds; never goes backwards. */
  now(): number;
  /** Calls `run` once after `ms`; the returned function cancels. */
  after(ms: number, run: () => void): () => void;
}

/** The real thing, monotonic, anchored at 1970. Its timers do not keep a process alive: sockets do. */
export function realClock(): MockClock {
  const anchor = Date.now() - performance.now();
  return {
    now: () => anchor + performance.now(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}

interface Due {
  readonly at: number;
  readonly turn: number;
  readonly run: () => void;
}

/** Time that moves only when told to: what is due runs in order of time, then of asking. */
export class VirtualClock implements MockClock {
  #now: number;
  #turn = 0;
  readonly #due = new Set<Due>();

  constructor(start = 0) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const due: Due = { at: this.#now + Math.max(0, ms), turn: this.#turn++, run };
    this.#due.add(due);
    return () => void this.#due.delete(due);
  }

  /** How many timers wait: a test can show that none was left behind. */
  get waiting(): number {
    return this.#due.size;
  }

  /** Moves time on and runs all that falls due on the way, also what that in turn asks for. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#due.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = until;
  }

  #next(until: number): Due | undefined {
    let first: Due | undefined;
    for (const due of this.#due) {
      if (due.at > until) continue;
      if (first === undefined || due.at < first.at || (due.at === first.at && due.turn < first.turn)) first = due;
    }
    return first;
  }
}
