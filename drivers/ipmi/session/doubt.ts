/** Whether a session still stands, by the copies that were not answered: within one command, and over commands that ended in silence. */
import type { Time } from './terms.ts';

/** Unanswered copies of a command before the session counts as lost, */
const TRIES = 8;
/** and where the session has been quiet for a while, so that it may well be gone. */
const QUIET_TRIES = 5;
const QUIET_MS = 10_000;
/** After a command that nobody answered the next one gives the session so many. */
const DOUBTED_TRIES = 2;

export class Doubt {
  /** Nothing has arrived since the present command began. */
  #silent = true;
  #heardAt: Time = Number.NEGATIVE_INFINITY;
  /** Copies of commands that have ended since, of which none was answered. */
  #inVain = 0;

  begin(): void {
    this.#silent = true;
  }

  /** Something arrived that only this BMC can have said. */
  heard(now: Time): void {
    this.#heardAt = now;
    this.#silent = false;
    this.#inVain = 0;
  }

  /** Something arrived that may have been an answer and is damaged: whoever garbles is there, and a new login would be garbled too. */
  disturbed(): void {
    this.#silent = false;
  }

  /** The present command ends without an answer, after so many copies that had their time. */
  ended(copies: number): void {
    if (this.#silent) this.#inVain += Math.max(0, copies);
  }

  forget(): void {
    this.#inVain = 0;
  }

  /** Earlier commands have shown that nobody is there: not worth another copy. */
  get settled(): boolean {
    return this.#inVain >= TRIES;
  }

  /** Whether another copy is to be sent in this session after `sends` unanswered ones. */
  again(sends: number, now: Time): boolean {
    if (this.#inVain > 0) return sends < DOUBTED_TRIES;
    return sends < (now - this.#heardAt > QUIET_MS ? QUIET_TRIES : TRIES);
  }
}
