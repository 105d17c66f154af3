/** Virtual time for a whole world: nothing happens between two timers, so time jumps from one to the next. */
import type { MockClock } from '../../hardware-mocks/clock.ts';

interface Due {
  readonly at: number;
  readonly turn: number;
  readonly run: () => void;
}

export class WorldClock implements MockClock {
  #now: number;
  #turn = 0;
  #due: Due[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const due: Due = { at: this.#now + Math.max(0, Math.ceil(ms)), turn: this.#turn, run };
    this.#turn += 1;
    const place = this.#due.findIndex((other) => other.at > due.at);
    if (place < 0) this.#due.push(due);
    else this.#due.splice(place, 0, due);
    return () => {
      this.#due = this.#due.filter((other) => other !== due);
    };
  }

  /** Runs the next timer. False: there is none before `end`. */
  jump(end: number): boolean {
    const next = this.#due[0];
    if (next === undefined || next.at > end) return false;
    this.#due.shift();
    this.#now = Math.max(this.#now, next.at);
    next.run();
    return true;
  }
}
