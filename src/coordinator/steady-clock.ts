/** The clock and its jumps: each is told to the core before anything is stamped by the clock that it left behind. */
import type { Clock } from './ports.ts';

/** A clock that jumps more often than this at one moment is not waited for. */
export const MOST_JUMPS = 10;

export class SteadyClock {
  readonly #clock: Clock;
  /** Jumps that the core has not learnt, oldest first. */
  #jumps: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The time, and the oldest jump before it that was not told. What a process begins with is not told: nothing was counted before. */
  look(): { readonly at: number; readonly by?: number } {
    const at = this.#clock.now();
    // Asked after the time was taken: the clock may have jumped as it was.
    for (let looks = 0; looks < MOST_JUMPS; looks += 1) {
      const by = this.#clock.jumped?.() ?? 0;
      if (by === 0) break;
      this.#jumps.push(by);
    }
    const [by] = this.#jumps;
    return by === undefined ? { at } : { at, by };
  }

  begin(): number {
    this.look();
    this.#jumps = [];
    return this.#clock.now();
  }

  told(): void {
    this.#jumps.shift();
  }

  get untold(): number {
    return this.#jumps.length;
  }
}
