import type { BenchClock } from '../../../drivers/conformance/index.ts';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** No case waits for longer; a timer further away than this is one that was left behind, and stays. */
const LONGEST_JUMP_MS = 600_000;

/** Virtual time that jumps to the next timer as soon as nothing else is left to do: a case that waits for seconds takes none. */
export class JumpingClock implements BenchClock {
  #now = 1_700_000_000_000;
  #timers: Timer[] = [];
  #pumping = false;

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, ms), run };
    this.#timers.push(timer);
    this.#pump();
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** Every promise that can settle has settled before an immediate runs; one more turn lets those settle that they started. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() =>
      setImmediate(() => {
        this.#pumping = false;
        this.#fire();
      }),
    );
  }

  #fire(): void {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.at < next.at) next = timer;
    if (next === undefined || next.at > this.#now + LONGEST_JUMP_MS) return;
    this.#timers = this.#timers.filter((each) => each !== next);
    this.#now = Math.max(this.#now, next.at);
    if (this.#timers.length > 0) this.#pump();
    next.run();
  }
}
