/**
 * What waits for one device. An order goes before a reading that confirms one, that before the reading of whoever looks, and that before questions
 * about health; within one rank first come, first served. Each waits until its own time at most, so that nothing waits for ever.
 */
import { keep, type OrderResult, type Outlet, type Problem, type TimedReading } from '../../vocabulary/index.ts';
import type { Deadline } from '../ports.ts';

const RANKS = ['order', 'confirm', 'status', 'health'] as const;
export type Rank = (typeof RANKS)[number];

/** Whose order it is, and when it may not leave any more (milliseconds since 1970). */
export interface OrderTerms {
  readonly operation: string;
  readonly notAfter: number;
}

interface Asked {
  readonly rank: Rank;
  /** Of a question about the whole device the plug is ''. */
  readonly outlet: Outlet;
  /** Milliseconds since 1970: from then on it does not wait any more. */
  readonly until: number;
  /** Milliseconds for its answer: of whoever looks from its turn on, of what a fencing waits for from the asking on, and so by `until`. */
  readonly within: number;
  fail(error: unknown): void;
}

export interface OrderAsk extends Asked {
  readonly kind: 'off' | 'on';
  readonly terms: OrderTerms;
  /** Milliseconds in which it might leave when it was asked. */
  readonly leavesWithin: number;
  settle(result: OrderResult): void;
}

export interface ReadAsk extends Asked {
  readonly kind: 'read';
  settle(reading: TimedReading): void;
}

/** About the device as a whole. It goes alone. */
export interface Question extends Asked {
  readonly kind: 'question';
  /** Asks the driver; what it gives back tells the answer. */
  readonly ask: (within: Deadline) => Promise<() => void>;
  /** Tells why there is no answer. */
  tell(why: Problem): void;
}

export type Ask = OrderAsk | ReadAsk | Question;

export const isOrder = (ask: Ask): ask is OrderAsk => ask.kind === 'off' || ask.kind === 'on';
export const isReading = (ask: Ask): ask is ReadAsk => ask.kind === 'read';

/** A fencing waits for it. What only looks gives way to these. */
export const isUrgent = ({ rank }: Ask): boolean => rank === 'order' || rank === 'confirm';

/**
 * The time by which it has to be answered if its turn is now. Milliseconds since 1970, as `now`. Never more than was asked for: `until` is further
 * away than that where the clock was set back meanwhile.
 */
export const answeredBy = (ask: Ask, now: number): number =>
  Math.min(isUrgent(ask) ? ask.until : Number.POSITIVE_INFINITY, now + ask.within);

/** The time from which on it may not leave if its turn is now; a clock that was set back gives it no more than it had. As `answeredBy`. */
export const leavesBy = ({ terms, leavesWithin }: OrderAsk, now: number): number => Math.min(terms.notAfter, now + leavesWithin);

/** From then on it is not sent any more. Milliseconds since 1970. */
export const waitsUntil = (ask: Ask): number => (isOrder(ask) ? Math.min(ask.until, ask.terms.notAfter) : ask.until);

/** So many may wait for one device. More of a fencing is a defect upstream: every outlet has at most one request of its own under way. */
const LONGEST = 4096;

export class Queue {
  readonly #waiting = new Map<Rank, Set<Ask>>(RANKS.map((rank) => [rank, new Set()]));

  get size(): number {
    return RANKS.reduce((sum, rank) => sum + this.#of(rank).size, 0);
  }

  /** How urgent is what goes next; undefined where nothing waits. */
  get next(): Rank | undefined {
    return RANKS.find((rank) => this.#of(rank).size > 0);
  }

  /** False: too many wait, and it was not taken. */
  put(ask: Ask): boolean {
    const { size } = this;
    keep('S4', size < LONGEST || !isUrgent(ask), `${size} requests wait for ${ask.outlet.device}`);
    if (size >= LONGEST) return false;
    this.#of(ask.rank).add(ask);
    return true;
  }

  /** False: it does not wait any more. */
  remove(ask: Ask): boolean {
    return this.#of(ask.rank).delete(ask);
  }

  /** What goes in the next call: the most urgent, and with it up to `most` that are alike. */
  take(most: number, now: number): readonly Ask[] {
    const taken = this.#together(most, now);
    for (const ask of taken) this.remove(ask);
    return taken;
  }

  /** All that waits, or what of it is meant, in the order of its turn. It waits no longer. */
  drain(isMeant: (ask: Ask) => boolean = () => true): readonly Ask[] {
    const all = [...this.#inOrder()].filter(isMeant);
    for (const ask of all) this.remove(ask);
    return all;
  }

  #together(most: number, now: number): readonly Ask[] {
    const taken: Ask[] = [];
    // Twice the same plug in one call would be two answers to one question, and no order may overtake an earlier one for its plug.
    const seen = new Set<string>();
    for (const ask of this.#inOrder()) {
      const [first = ask] = taken;
      if (taken.length > 0 && (taken.length >= most || isOrder(first) !== isOrder(ask))) break;
      const { plug } = ask.outlet;
      const alike = ask === first || (ask.kind === first.kind && ask.kind !== 'question');
      if (alike && !seen.has(plug) && !hurries(ask, first, now)) taken.push(ask);
      else if (!isOrder(ask)) continue;
      seen.add(plug);
    }
    return taken;
  }

  *#inOrder(): Generator<Ask> {
    for (const rank of RANKS) yield* this.#of(rank);
  }

  #of(rank: Rank): Set<Ask> {
    return this.#waiting.get(rank) ?? new Set();
  }
}

/** Whoever only looks does not shorten the time of a reading that confirms. */
const hurries = (ask: Ask, first: Ask, now: number): boolean => ask.rank !== first.rank && answeredBy(ask, now) < answeredBy(first, now);
