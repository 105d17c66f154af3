/**
 * How many outlets go into one request. Some agents do not say tooBig: they drop what is too long for their buffer, and a PDU that answers
 * every single question would seem dead to a request for many. So after silence, and after tooBig, fewer are asked for a while.
 */

/** For so long in milliseconds the smaller size is kept; then the profile's own is tried again. */
const KEPT_MS = 600_000;

export class BatchSize {
  readonly #most: number;
  readonly #now: () => number;
  #size: number;
  #until = 0;

  constructor(most: number, now: () => number) {
    this.#most = most;
    this.#size = most;
    this.#now = now;
  }

  get outlets(): number {
    return this.#now() < this.#until ? this.#size : this.#most;
  }

  /** A request for so many outlets was too big, or was met with silence. Silence to a single one says nothing about sizes: nobody is there. */
  tooMany(outlets: number): void {
    this.#size = outlets > 1 ? Math.min(this.outlets, Math.ceil(outlets / 2)) : this.#most;
    this.#until = this.#now() + KEPT_MS;
  }
}
