/** What the console waits for: an answer to a message that is sent again meanwhile, or the end of a pause. */
import { Repetition, RoundTrip } from './retry.ts';
import type { Time } from './terms.ts';

const BACK_OFF_MS = 250;
const BACK_OFF_CAP_MS = 2000;
const RESTART_MS = 50;
const RESTART_CAP_MS = 1000;

interface Pause {
  readonly at: Time;
  readonly next: (now: Time) => void;
}

export class Waiting {
  readonly #roundTrip = new RoundTrip();
  readonly #random: () => number;
  #repetition: Repetition | undefined;
  #before: Repetition | undefined;
  #pause: Pause | undefined;
  #backOffs = 0;
  #restarts = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** A new command: earlier pauses do not count against it. */
  reset(): void {
    this.clear();
    this.#backOffs = 0;
    this.#restarts = 0;
  }

  clear(): void {
    this.#repetition = undefined;
    this.#pause = undefined;
  }

  get dueAt(): Time | undefined {
    return this.#pause?.at ?? this.#repetition?.dueAt;
  }

  get pausing(): boolean {
    return this.#pause !== undefined;
  }

  /** Copies of the present message sent so far. */
  get sends(): number {
    return this.#repetition?.sends ?? 0;
  }

  /** A new message is about to be sent. */
  start(kind: 'login' | 'session'): void {
    this.#pause = undefined;
    this.#repetition = new Repetition(this.#roundTrip, kind, this.#random);
  }

  sent(now: Time): void {
    this.#repetition?.sent(now);
  }

  answered(now: Time): void {
    this.#repetition?.answered(now);
    this.#before = this.#repetition;
  }

  /** One more answer to what was answered before. */
  surplus(): void {
    this.#before?.surplus();
    this.#before = undefined;
  }

  /** Runs what a pause was for, if it is over. True where there was one. */
  endPause(now: Time): boolean {
    const pause = this.#pause;
    if (pause === undefined) return false;
    if (now >= pause.at) {
      this.#pause = undefined;
      pause.next(now);
    }
    return true;
  }

  /** 250 ms, 500 ms, 1 s, then every 2 s: the BMC asked for time. */
  backOff(now: Time, next: (now: Time) => void): void {
    this.#wait(now, Math.min(BACK_OFF_CAP_MS, BACK_OFF_MS * 2 ** this.#backOffs), next);
    this.#backOffs += 1;
  }

  /** 50 ms, then longer: a login that the BMC lost starts again. */
  restart(now: Time, next: (now: Time) => void): void {
    this.#wait(now, Math.min(RESTART_CAP_MS, RESTART_MS * 2 ** this.#restarts), next);
    this.#restarts += 1;
  }

  #wait(now: Time, ms: number, next: (now: Time) => void): void {
    this.#repetition = undefined;
    this.#pause = { at: now + ms * (0.9 + 0.2 * this.#random()), next };
  }
}
