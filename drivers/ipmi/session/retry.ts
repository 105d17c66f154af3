/**
 * When to send again. The timeout follows the measured round trip (RFC 6298 in spirit), with a floor that a BMC on the same network can
 * bear and mild growth: with few, idempotent, small packets a lost one costs less than a long wait.
 */
import type { Time } from './terms.ts';

/** Before anything was measured. */
const FIRST_MS = 220;
/** Logins make a BMC calculate, and a second RAKP 1 confuses some: never sooner than this. */
const LOGIN_FLOOR_MS = 110;
const FLOOR_MS = 50;
const CAP_MS = 1000;
const GROWTH = 1.5;

export class RoundTrip {
  #smoothed: number | undefined;
  #variation = 0;
  /** 1, or more while answers came only after repetitions and so could not be measured (Karn's rule). */
  #patience = 1;

  timeout(kind: 'login' | 'session'): number {
    const floor = kind === 'login' ? LOGIN_FLOOR_MS : FLOOR_MS;
    const measured = this.#smoothed === undefined ? FIRST_MS : Math.max(floor, this.#smoothed + 4 * this.#variation);
    return Math.min(CAP_MS, measured * this.#patience);
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

  /** An answer to something that was sent several times: nobody knows to which copy. */
  ambiguous(): void {
    this.#patience = Math.min(4, this.#patience * GROWTH);
  }
}

/** One message on its way: sent, and sent again until it is answered. */
export class Repetition {
  readonly #roundTrip: RoundTrip;
  readonly #random: () => number;
  #timeout: number;
  #firstSentAt: Time = 0;
  sends = 0;
  dueAt: Time = 0;

  constructor(roundTrip: RoundTrip, kind: 'login' | 'session', random: () => number) {
    this.#roundTrip = roundTrip;
    this.#random = random;
    this.#timeout = roundTrip.timeout(kind);
  }

  sent(now: Time): void {
    if (this.sends === 0) this.#firstSentAt = now;
    else this.#timeout = Math.min(CAP_MS, this.#timeout * GROWTH);
    this.sends += 1;
    this.dueAt = now + this.#timeout * (0.9 + 0.2 * this.#random());
  }

  answered(now: Time): void {
    if (this.sends === 1) this.#roundTrip.measured(now - this.#firstSentAt);
    else this.#roundTrip.ambiguous();
  }
}
