/**
 * When to send again. The timeout follows the measured round trip (RFC 6298 in spirit), with a floor that a BMC on the same network can
 * bear and mild growth: with few, idempotent, small packets a lost one costs less than a long wait.
 */
import type { Time } from './terms.ts';

/** Before anything was measured. */
const FIRST_MS = 200;
/** Logins make a BMC calculate, and a second RAKP 1 confuses some: never sooner than this. */
const LOGIN_FLOOR_MS = 100;
const FLOOR_MS = 50;
const CAP_MS = 1000;
/** Each copy of Open Session may take a slot of the BMC until it forgets it: in silence they thin out to this. */
export const OPEN_CAP_MS = 1400;
const GROWTH = 1.35;
const PATIENCE_GROWTH = 1.4;
/** Enough to come from the floor to the cap. */
const PATIENCE_CAP = 20;

/** Open Session, which takes a slot with every copy; the rest of a login; a request in the session. */
export type MessageKind = 'open' | 'login' | 'session';

export class RoundTrip {
  #smoothed: number | undefined;
  #variation = 0;
  /** 1, or more while answers came only after repetitions and so could not be measured (Karn's rule). */
  #patience = 1;

  /** How long to wait after a copy that was preceded by `earlier` unanswered ones. */
  timeout(kind: MessageKind, earlier: number): number {
    const floor = kind === 'session' ? FLOOR_MS : LOGIN_FLOOR_MS;
    const measured = this.#smoothed === undefined ? FIRST_MS : Math.max(floor, this.#smoothed + 4 * this.#variation);
    const first = Math.min(CAP_MS, measured * this.#patience);
    return Math.min(kind === 'open' ? OPEN_CAP_MS : CAP_MS, first * GROWTH ** earlier);
  }

  /** An answer to something that was sent once. */
  measured(ms: number): void {
    this.#patience = 1;
    if (this.#smoothed === undefined) {
      this.#smoothed = ms;
      this.#variation = ms / 2;
      return;
    }
    this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - ms);
    this.#smoothed = 0.875 * this.#smoothed + 0.125 * ms;
  }

  /** What was taken for an answer to a later copy was one to the first: `ms` is its true round trip. */
  corrected(ms: number): void {
    this.#smoothed = ms;
    this.#variation = ms / 8;
    this.#patience = 1;
  }

  /**
   * An answer to something that was sent several times, `sinceLast` after the last copy and `gap` between the last two: nobody knows to
   * which copy. Where it comes as fast as usual after the last one, that one it was; as long as nothing is known, an answer that
   * follows the last copy at once is taken for its answer; otherwise the BMC gets more time.
   */
  ambiguous(sinceLast: number, gap: number): void {
    const usual = this.#smoothed;
    if (usual === undefined && sinceLast < gap / 8) this.measured(sinceLast);
    else if (usual !== undefined && sinceLast >= usual / 2 && sinceLast <= usual + 4 * this.#variation) this.#patience = 1;
    else this.#patience = Math.min(PATIENCE_CAP, this.#patience * PATIENCE_GROWTH);
  }
}

/** One message on its way: sent, and sent again until it is answered. */
export class Repetition {
  readonly kind: MessageKind;
  readonly #roundTrip: RoundTrip;
  #firstSentAt: Time = 0;
  #lastSentAt: Time = 0;
  #answeredAt: Time = 0;
  #gap = 0;
  sends = 0;
  dueAt: Time;

  constructor(roundTrip: RoundTrip, kind: MessageKind, dueAt: Time) {
    this.#roundTrip = roundTrip;
    this.kind = kind;
    this.dueAt = dueAt;
  }

  sent(now: Time, timeout: number): void {
    if (this.sends === 0) this.#firstSentAt = now;
    else this.#gap = now - this.#lastSentAt;
    this.#lastSentAt = now;
    this.sends += 1;
    this.dueAt = now + timeout;
  }

  answered(now: Time): void {
    this.#answeredAt = now;
    const sinceLast = now - this.#lastSentAt;
    if (this.sends === 1) this.#roundTrip.measured(sinceLast);
    else this.#roundTrip.ambiguous(sinceLast, this.#gap);
  }

  /** One more answer came after the first: the first copy was not lost, we were too quick. Counts once. */
  surplus(): void {
    if (this.sends > 1 && this.#answeredAt > 0) this.#roundTrip.corrected(this.#answeredAt - this.#firstSentAt);
    this.sends = 0;
  }
}
