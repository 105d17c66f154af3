/** Whether a session still stands, by the copies that were not answered: within one command, and over commands that ended in silence. */
import type { Time } from './terms.ts';

/** Unanswered copies of a command before the session counts as lost, */
const TRIES = 8;
/** and where the session has been quiet for a while, so that it may well be gone. */
const QUIET_TRIES = 5;
const QUIET_MS = 10_000;
/** After a command that nobody answered the next one gives the session so many. */
const DOUBTED_TRIES = 2;
/**
 * A session in which no command was answered yet has so long for its first answer as well: the BMC may be quick at the login and slow in the
 * session, and a session that is closed before its answer comes never shows how slow. Each one that was given up all the same gives the next one more.
 */
const UNPROVEN_MS = 3500;
const UNPROVEN_GROWTH = 1.5;
const UNPROVEN_CAP_MS = 8000;

export class Doubt {
  /** Nothing has arrived since the present command began. */
  #silent = true;
  #heardAt: Time = Number.NEGATIVE_INFINITY;
  /** Copies of commands that have ended since, of which none was answered. */
  #inVain = 0;
  /** Since when copies are without an answer: nothing was heard after it. */
  #owedSince: Time | undefined;
  /** The last session that carried commands answered them: one that is quiet now is rather gone than slow. */
  #proven = false;
  /** Sessions given up since a command was answered, not counting one that was proven. */
  #givenUp = 0;

  begin(): void {
    this.#silent = true;
  }

  /** Something arrived that only this BMC can have said. */
  heard(now: Time): void {
    this.#heardAt = now;
    this.#silent = false;
    this.#inVain = 0;
    this.#owedSince = undefined;
  }

  /** A copy leaves in the session. */
  sent(now: Time): void {
    this.#owedSince ??= now;
  }

  /** A command was answered in the session; that its privilege was granted says nothing of the pace of commands. */
  answered(): void {
    this.#proven = true;
    this.#givenUp = 0;
  }

  /** Something arrived that may have been an answer and is damaged: whoever garbles is there, and a new login would be garbled too. */
  disturbed(): void {
    this.#silent = false;
  }

  /** The present command ends without an answer, after so many copies that had their time. */
  ended(copies: number): void {
    if (this.#silent) this.#inVain += Math.max(0, copies);
  }

  /** The session is over; where it still owed an answer, another login takes its place. */
  forget(): void {
    if (this.#owedSince !== undefined) {
      if (!this.#proven) this.#givenUp += 1;
      this.#proven = false;
    }
    this.#inVain = 0;
    this.#owedSince = undefined;
  }

  /** Earlier commands have shown that nobody is there: not worth another copy. */
  settled(now: Time): boolean {
    return this.#inVain >= TRIES && !this.#maybeSlow(now);
  }

  /** Whether another copy is to be sent in this session after `sends` unanswered ones. */
  again(sends: number, now: Time): boolean {
    if (this.#maybeSlow(now)) return true;
    if (this.#inVain > 0) return sends < DOUBTED_TRIES;
    return sends < (now - this.#heardAt > QUIET_MS ? QUIET_TRIES : TRIES);
  }

  #maybeSlow(now: Time): boolean {
    if (this.#proven || this.#owedSince === undefined) return false;
    return now - this.#owedSince < Math.min(UNPROVEN_CAP_MS, UNPROVEN_MS * UNPROVEN_GROWTH ** this.#givenUp);
  }
}
