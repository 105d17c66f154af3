/** Virtual time of one walk: nothing happens between two moments, and what is due at the same moment happens in an order that is drawn. */
import type { Rolls } from './rolls.ts';

interface Due {
  at: number;
  readonly tie: number;
  /** What dies with it. Absent: it happens whatever becomes of the process. */
  readonly owner: object | undefined;
  readonly run: () => void;
}

export class Timeline {
  now: number;
  readonly #rolls: Rolls;
  #due: Due[] = [];

  constructor(rolls: Rolls, start: number) {
    this.#rolls = rolls;
    this.now = start;
  }

  /** Runs at this time, or at once when it is over. */
  at(time: number, owner: object | undefined, run: () => void): void {
    this.#due.push({ at: Math.max(time, this.now), tie: this.#rolls.below(1_000_000), owner, run });
  }

  /** A process is dead: nothing of it happens any more. */
  drop(owner: object): void {
    this.#due = this.#due.filter((due) => due.owner !== owner);
  }

  /** The next thing happens. False: nothing is due before `end`. */
  next(end = Number.POSITIVE_INFINITY): boolean {
    let first: Due | undefined;
    for (const due of this.#due) if (first === undefined || due.at < first.at || (due.at === first.at && due.tie < first.tie)) first = due;
    if (first === undefined || first.at > end) return false;
    this.#due.splice(this.#due.indexOf(first), 1);
    this.now = first.at;
    first.run();
    return true;
  }

  /** Somebody sets the clock, or the machine slept: it is another time, and everything that is due comes as much later as it would have. */
  jump(by: number): void {
    this.now += by;
    for (const due of this.#due) due.at += by;
  }

  /** Everything due until then happens, and then it is then. */
  pass(ms: number): void {
    const end = this.now + ms;
    while (this.next(end));
    this.now = Math.max(this.now, end);
  }
}
