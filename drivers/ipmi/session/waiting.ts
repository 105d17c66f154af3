/** What the console waits for: an answer to a message that is sent again meanwhile, or the end of a pause. */
import { type MessageKind, OPEN_CAP_MS, Repetition, RoundTrip } from './retry.ts';
import type { Time } from './terms.ts';

const BACK_OFF_MS = 250;
const BACK_OFF_CAP_MS = 2000;
const RESTART_MS = 50;
const RESTART_CAP_MS = 1000;
/** So long without a copy of Open Session takes one from the count that makes the pauses between them grow. */
const FORGIVEN_AFTER_MS = 2000;

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
  /** Copies of Open Session since the BMC was last heard, whichever commands they were for, */
  #opens = 0;
  /** and when the next one may leave. */
  #nextOpenAt: Time = Number.NEGATIVE_INFINITY;

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

  /** Another message is to be sent: now, unless it is an Open Session and the last one left too short a while ago. */
  start(kind: MessageKind, now: Time): void {
    this.#pause = undefined;
    this.#repetition = new Repetition(this.#roundTrip, kind, kind === 'open' ? Math.max(now, this.#nextOpenAt) : now);
  }

  sent(now: Time): void {
    const repetition = this.#repetition;
    if (repetition === undefined) return;
    const open = repetition.kind === 'open';
    if (open) this.#forgive(now);
    const timeout = this.#roundTrip.timeout(repetition.kind, open ? this.#opens : repetition.sends);
    repetition.sent(now, timeout * (0.9 + 0.2 * this.#random()));
    if (!open) return;
    // Where the pauses have grown to their most there is nothing more to count, nor to forgive.
    if (timeout < OPEN_CAP_MS) this.#opens += 1;
    this.#nextOpenAt = repetition.dueAt;
  }

  /** The BMC answers: Open Session need not be spared. */
  heard(): void {
    this.#opens = 0;
    this.#nextOpenAt = Number.NEGATIVE_INFINITY;
  }

  #forgive(now: Time): void {
    if (now > this.#nextOpenAt) this.#opens = Math.max(0, this.#opens - Math.floor((now - this.#nextOpenAt) / FORGIVEN_AFTER_MS));
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
