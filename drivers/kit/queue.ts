/** Who waits, first come first served and never more than so many; and who has a turn at a device. A part of the driver kit. */
import type { Problem, Where } from './contract.ts';
import type { RunningDeadline } from './deadline.ts';

/** More calls at once than any sane caller has. */
const MOST_WAITING = 64;

export class BoundedQueue<T> {
  readonly #most: number;
  readonly #waiting: T[] = [];

  constructor(most: number = MOST_WAITING) {
    this.#most = most;
  }

  /** False: there is no room, and it does not wait. */
  add(item: T): boolean {
    if (this.#waiting.length >= this.#most) return false;
    this.#waiting.push(item);
    return true;
  }

  /** Who has waited longest waits no more. */
  next(): T | undefined {
    return this.#waiting.shift();
  }

  /** One that is not there any more is left alone. */
  remove(item: T): void {
    const place = this.#waiting.indexOf(item);
    if (place >= 0) this.#waiting.splice(place, 1);
  }
}

/** So many may use the device at a time; the others wait for their turn. */
export class Turns {
  readonly #atOnce: number;
  readonly #queue: BoundedQueue<() => void>;
  #taken = 0;

  constructor(atOnce: number, mostWaiting: number = MOST_WAITING) {
    this.#atOnce = atOnce;
    this.#queue = new BoundedQueue(mostWaiting);
  }

  /** How many have a turn now. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Calls `begin` when it has a turn: at once where one is free. Gives back how to wait no longer; undefined: too many wait already, and
   * `begin` is never called. Whoever has begun gives the turn back with `leave`, once.
   */
  enter(begin: () => void): (() => void) | undefined {
    if (this.#taken < this.#atOnce) {
      this.#taken += 1;
      begin();
      return () => undefined;
    }
    return this.#queue.add(begin) ? () => this.#queue.remove(begin) : undefined;
  }

  /** Whoever has waited longest takes over the turn; it becomes free only where nobody waits. */
  leave(): void {
    const next = this.#queue.next();
    if (next === undefined) this.#taken -= 1;
    else next();
  }

  /** A function that gives the turn back, or why there was none: the deadline was over first, or too many wait. */
  take(deadline: RunningDeadline, tooMany: (where: Where) => Problem): Promise<(() => void) | Problem> {
    if (deadline.over !== undefined) return Promise.resolve(deadline.over);
    if (this.#taken < this.#atOnce) {
      this.#taken += 1;
      return Promise.resolve(this.#once());
    }
    return new Promise((resolve) => {
      let forget = (): void => undefined;
      const begin = (): void => {
        forget();
        resolve(this.#once());
      };
      if (!this.#queue.add(begin)) {
        resolve(tooMany(deadline.where));
        return;
      }
      forget = deadline.onOver(() => {
        this.#queue.remove(begin);
        if (deadline.over !== undefined) resolve(deadline.over);
      });
    });
  }

  #once(): () => void {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.leave();
    };
  }
}
