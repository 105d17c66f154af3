/** One message on its way: sent, and sent again until it is answered. */
import type { MessageKind, RoundTrip } from './pace.ts';
import type { Time } from './terms.ts';

export class Repetition {
  readonly kind: MessageKind;
  readonly #roundTrip: RoundTrip;
  #answeredAt: Time = 0;
  #gap = 0;
  /** It was the last copy that was answered. */
  #clear = false;
  sends = 0;
  firstSentAt: Time = 0;
  lastSentAt: Time = 0;
  /** When the next copy is due on a way that loses datagrams, */
  dueAt: Time;
  /** and where nothing says that any was lost: the BMC may be slow. */
  patientAt: Time;
  /** How long the first copy alone is waited for: later ones do not make it longer. */
  patientUntil: Time;

  constructor(roundTrip: RoundTrip, kind: MessageKind, dueAt: Time) {
    this.#roundTrip = roundTrip;
    this.kind = kind;
    this.dueAt = dueAt;
    this.patientAt = dueAt;
    this.patientUntil = dueAt;
  }

  sent(now: Time, timeout: number, patience: number): void {
    if (this.sends === 0) this.firstSentAt = now;
    else this.#gap = now - this.lastSentAt;
    this.lastSentAt = now;
    this.sends += 1;
    this.dueAt = now + timeout;
    this.patientAt = now + Math.max(timeout, patience);
    if (this.sends === 1) this.patientUntil = this.patientAt;
  }

  /** True where it was a later copy that was answered, so that an earlier one was lost. */
  answered(now: Time): boolean {
    this.#answeredAt = now;
    const sinceLast = now - this.lastSentAt;
    this.#clear = this.sends > 1 && this.#roundTrip.ambiguous(sinceLast, this.#gap);
    if (this.sends === 1) this.#roundTrip.measured(sinceLast);
    return this.#clear;
  }

  /** Each copy was a message of its own, and this one was answered: the last, or the first. True where others were lost. */
  answeredOne(now: Time, last: boolean): boolean {
    this.#roundTrip.measured(now - (last ? this.lastSentAt : this.firstSentAt));
    return last && this.sends > 1;
  }

  /** One more answer came after the first: the first copy was not lost, we were too quick. Counts once. */
  surplus(): void {
    if (this.sends > 1 && this.#answeredAt > 0 && !this.#clear) this.#roundTrip.corrected(this.#answeredAt - this.firstSentAt);
    this.sends = 0;
  }
}
