/**
 * How many logins one call may begin, and how far apart. Each Open Session may take a slot of the BMC that nobody can give back where the
 * answer is lost, and policies that lock accounts may count what follows it.
 */
import type { Time } from './terms.ts';

/** Open Session requests that one call sends, copies included. */
export const MAX_LOGINS = 14;
/** All that one call sends, those among them that a BMC says it has refused: whoever forges refusals gets no more. */
export const MAX_OPENS = 28;
/** From one to the next at least, growing with each, so that they last for the usual call. */
const SPACING_MS = 70;
const SPACING_GROWTH = 1.22;
/** So long without an Open Session takes one from the count that makes the pauses between them grow. */
const FORGIVEN_AFTER_MS = 2000;
/** More than this makes no pause longer. */
const MOST_UNHEARD = 8;

export class LoginAllowance {
  #begun = 0;
  #sent = 0;
  #spacedUntil: Time = Number.NEGATIVE_INFINITY;
  #unheard = 0;
  #dueAt: Time = Number.NEGATIVE_INFINITY;
  #patientAt: Time = Number.NEGATIVE_INFINITY;

  newCall(): void {
    this.#begun = 0;
    this.#sent = 0;
  }

  /** This call has begun as many as it may. */
  get spent(): boolean {
    return this.#begun >= MAX_LOGINS || this.#sent >= MAX_OPENS;
  }

  /** Open Sessions since the BMC was last heard, whichever calls they were for. */
  unheard(now: Time): number {
    if (now > this.#patientAt && this.#unheard > 0) {
      this.#unheard = Math.max(0, this.#unheard - Math.floor((now - this.#patientAt) / FORGIVEN_AFTER_MS));
    }
    return this.#unheard;
  }

  /** When the next one may leave, on a way that loses datagrams and where nothing says so. */
  get dueAt(): Time {
    return Math.max(this.#dueAt, this.#spacedUntil);
  }

  get patientAt(): Time {
    return Math.max(this.#patientAt, this.#spacedUntil);
  }

  /** One leaves now; the next one is due then, if the BMC is not heard before. */
  begun(now: Time, dueAt: Time, patientAt: Time): void {
    this.#spacedUntil = now + SPACING_MS * SPACING_GROWTH ** this.#begun;
    this.#begun += 1;
    this.#sent += 1;
    this.#unheard = Math.min(MOST_UNHEARD, this.#unheard + 1);
    this.#dueAt = dueAt;
    this.#patientAt = patientAt;
  }

  /** The BMC has refused it: it took no slot. */
  notGranted(): void {
    this.#begun = Math.max(0, this.#begun - 1);
    this.#spacedUntil = Number.NEGATIVE_INFINITY;
  }

  /** The BMC answers: Open Session need not be spared. */
  heard(): void {
    this.#unheard = 0;
    this.#dueAt = Number.NEGATIVE_INFINITY;
    this.#patientAt = Number.NEGATIVE_INFINITY;
  }
}
