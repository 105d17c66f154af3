/** Who may use the device now: so many at a time, a bounded queue, and nobody waits beyond its own deadline. */
import type { Problem } from '../kit/contract.ts';
import type { RunningDeadline } from './limit.ts';
import { queueFull } from './problems.ts';

const MAX_WAITING = 64;

export class Turns {
  readonly #atOnce: number;
  readonly #queue: Array<() => void> = [];
  #taken = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** A function that gives the turn back, or why there was none. */
  take(limit: RunningDeadline): Promise<(() => void) | Problem> {
    if (limit.over !== undefined) return Promise.resolve(limit.over);
    if (this.#taken < this.#atOnce) {
      this.#taken += 1;
      return Promise.resolve(this.#turn());
    }
    if (this.#queue.length >= MAX_WAITING) return Promise.resolve(queueFull(limit.where));
    return new Promise((resolve) => {
      const begin = (): void => {
        forget();
        resolve(this.#turn());
      };
      const forget = limit.onOver(() => {
        const place = this.#queue.indexOf(begin);
        if (place >= 0) this.#queue.splice(place, 1);
        if (limit.over !== undefined) resolve(limit.over);
      });
      this.#queue.push(begin);
    });
  }

  #turn(): () => void {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const next = this.#queue.shift();
      if (next === undefined) this.#taken -= 1;
      else next();
    };
  }
}
