/**
 * How long this BMC takes for each step, learned from this call and from earlier ones. The timeout follows the measured round trip (RFC 6298
 * in spirit), with a floor that a BMC on the same network can bear and mild growth: with few, small packets a lost one costs less than a
 * long wait.
 */

/** Before anything was measured. */
const FIRST_MS = 200;
/** Logins make a BMC calculate, and a second RAKP 1 confuses some: never sooner than this. */
const LOGIN_FLOOR_MS = 100;
const FLOOR_MS = 50;
const CAP_MS = 1000;
/** Each copy of Open Session may take a slot of the BMC until it forgets it: they thin out to this. */
const OPEN_CAP_MS = 1400;
const GROWTH = 1.35;
const PATIENCE_GROWTH = 1.4;
/** Enough to come from the floor to the cap. */
const PATIENCE_CAP = 20;
/** Where the round trip has been steady for long, so much of it is still left for a late answer. */
const STEADY = 1.5;
/** A step that was never measured takes no more of the round trip that it is held to have. */
const UNKNOWN = 2;
/** An answer that is not here after so much of the usual round trip is not to be expected any more. */
const LATE = 1.25;
const LATE_MS = 20;

/** The messages that are answered: three of a login, and a request in the session. */
export type MessageKind = 'open' | 'rakp1' | 'rakp3' | 'session';

export class RoundTrip {
  #smoothed: number | undefined;
  #variation = 0;
  /** 1, or more while answers came only after repetitions and so could not be measured (Karn's rule). */
  patience = 1;
  readonly #together: RoundTrip | undefined;

  /** What is measured here is told to `together` too. */
  constructor(together?: RoundTrip) {
    this.#together = together;
  }

  /** Milliseconds within which an answer is to be expected; undefined before anything was measured. */
  get bound(): number | undefined {
    return this.#smoothed === undefined ? undefined : Math.max(this.#smoothed + 4 * this.#variation, STEADY * this.#smoothed);
  }

  get usual(): number | undefined {
    return this.#smoothed;
  }

  /** An answer to something that was sent once. */
  measured(ms: number): void {
    this.#together?.measured(ms);
    this.patience = 1;
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
    this.#together?.corrected(ms);
    this.#smoothed = ms;
    this.#variation = ms / 8;
    this.patience = 1;
  }

  /**
   * An answer to something that was sent several times, `sinceLast` after the last copy and `gap` between the last two: nobody knows to
   * which copy. Where it comes as fast as usual after the last one, that one it was; as long as nothing is known, an answer that
   * follows the last copy at once is taken for its answer; otherwise the BMC gets more time. True where it was the last copy's.
   */
  ambiguous(sinceLast: number, gap: number): boolean {
    const usual = this.#smoothed ?? this.#together?.usual;
    const variation = this.#smoothed === undefined ? (usual ?? 0) / 4 : this.#variation;
    const first = usual === undefined && sinceLast < gap / 8;
    const again = usual !== undefined && sinceLast >= usual / 2 && sinceLast <= usual + 4 * variation;
    if (first) this.measured(sinceLast);
    else if (again) this.patience = 1;
    else this.patience = Math.min(PATIENCE_CAP, this.patience * PATIENCE_GROWTH);
    return first || again;
  }
}

export class Pace {
  readonly #steps: Readonly<Record<MessageKind, RoundTrip>>;
  /** All steps together: what one of them has taught the next one need not learn. */
  readonly #all = new RoundTrip();
  readonly #outside = new RoundTrip();

  constructor() {
    const step = (): RoundTrip => new RoundTrip(this.#all);
    this.#steps = { open: step(), rakp1: step(), rakp3: step(), session: step() };
  }

  of(kind: MessageKind): RoundTrip {
    return this.#steps[kind];
  }

  /** The round trip of a question outside of any login: all that is known before the first step is answered. */
  outside(ms: number): void {
    this.#outside.measured(ms);
  }

  /** How long to wait after a copy that was preceded by `earlier` unanswered ones. */
  timeout(kind: MessageKind, earlier: number): number {
    const floor = kind === 'session' ? FLOOR_MS : LOGIN_FLOOR_MS;
    const bound = this.#bound(kind);
    const measured = bound === undefined ? FIRST_MS : Math.max(floor, bound);
    const cap = Math.max(measured, CAP_MS);
    const first = Math.min(cap, measured * this.#steps[kind].patience);
    return Math.min(kind === 'open' ? Math.max(measured, OPEN_CAP_MS) : cap, first * GROWTH ** earlier);
  }

  /** Milliseconds after a copy within which its answer comes, if there is one: no step is taken to be quicker than the slowest. */
  late(): number {
    const measured = Object.values(this.#steps).flatMap(({ usual }) => (usual === undefined ? [] : [usual]));
    return LATE * (measured.length === 0 ? FIRST_MS : Math.max(...measured)) + LATE_MS;
  }

  #bound(kind: MessageKind): number | undefined {
    const usual = this.#usual(kind);
    if (usual === undefined || this.#all.bound === undefined) return this.#outside.bound;
    const together = Math.min(UNKNOWN * usual, Math.max(STEADY * usual, this.#all.bound));
    return Math.min(this.#steps[kind].bound ?? together, Math.max(STEADY * usual, this.#all.bound));
  }

  /**
   * A step of the login that was never measured is taken to be as slow as the slowest that was; requests in a session, of which another copy
   * does no harm, as quick as the quickest.
   */
  #usual(kind: MessageKind): number | undefined {
    const own = this.#steps[kind].usual;
    if (own !== undefined) return own;
    const others = Object.values(this.#steps).flatMap(({ usual }) => (usual === undefined ? [] : [usual]));
    if (others.length === 0) return this.#outside.usual;
    return kind === 'session' ? Math.min(...others) : Math.max(...others);
  }
}
