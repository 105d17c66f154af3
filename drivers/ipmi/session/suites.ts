/** Which cipher suite is tried next. Only configured suites are ever tried. */
import type { CipherSuite } from '../codec/index.ts';
import type { Time } from './terms.ts';

/** A BMC that ignores a suite silently costs at most this before the next one is tried. */
const SHARE_CAP_MS = 2500;
const SHARE_FLOOR_MS = 400;
/** How long a suite is preferred that was reached because an earlier one met silence: that may have been the network. */
const SILENCE_MEMORY_MS = 600_000;

/** What one login asks of the choice. */
export type Suites = Pick<
  SuiteChoice,
  'startRound' | 'current' | 'hasOthers' | 'opened' | 'refused' | 'again' | 'silentUntil' | 'silent' | 'worked'
>;

export class SuiteChoice {
  readonly #configured: readonly CipherSuite[];
  #remembered: CipherSuite | undefined;
  #rememberedUntil: Time = Number.POSITIVE_INFINITY;
  #order: readonly CipherSuite[];
  #index = 0;
  readonly #refusals = new Set<number>();
  #afterSilence = false;
  #openedOnce = false;
  #giveUpAt: Time = 0;

  constructor(configured: readonly CipherSuite[]) {
    this.#configured = configured;
    this.#order = configured;
  }

  /** Call when a command needs a login: starts with the suite that worked last. */
  startRound(now: Time, deadline: Time): void {
    if (now > this.#rememberedUntil) this.#remembered = undefined;
    const first = this.#remembered;
    this.#order = first === undefined ? this.#configured : [first, ...this.#configured.filter(({ id }) => id !== first.id)];
    this.#index = 0;
    this.#refusals.clear();
    this.#afterSilence = false;
    this.#openedOnce = false;
    this.#share(now, deadline);
  }

  get current(): CipherSuite {
    const suite = this.#order[this.#index];
    if (suite === undefined) throw new RangeError('no cipher suite is configured');
    return suite;
  }

  /** A suite beside the current one was not refused yet. */
  get hasOthers(): boolean {
    return this.#order.some(({ id }) => id !== this.current.id && !this.#refusals.has(id));
  }

  /** The BMC has agreed to a suite: silence from now on says nothing about suites. */
  opened(suite: CipherSuite): void {
    const index = this.#order.findIndex(({ id }) => id === suite.id);
    if (index >= 0) this.#index = index;
    this.#openedOnce = true;
  }

  /** The BMC refused the current suite. False where it has refused all. */
  refused(now: Time, deadline: Time): boolean {
    this.#refusals.add(this.current.id);
    return this.#step(now, deadline);
  }

  /** Back to the first, after a wait: what was refused for want of a slot may be granted now. */
  again(now: Time, deadline: Time): void {
    this.#index = 0;
    this.#refusals.clear();
    this.#share(now, deadline);
  }

  /** When the silence since the first Open Session with this suite has lasted its share; undefined where there is nothing to change to. */
  get silentUntil(): Time | undefined {
    return this.#openedOnce || this.#order.length - this.#refusals.size < 2 ? undefined : this.#giveUpAt;
  }

  /** The whole share has passed in silence: the next suite, in a ring. */
  silent(now: Time, deadline: Time): void {
    this.#afterSilence = true;
    this.#step(now, deadline);
  }

  /** For a login beside another one: the suite that the BMC has agreed to there, and no other. What it learns is learned here. */
  asAgreed(): Suites {
    const { current } = this;
    return {
      current,
      hasOthers: false,
      silentUntil: undefined,
      startRound: () => undefined,
      opened: () => undefined,
      refused: () => false,
      again: () => undefined,
      silent: () => undefined,
      worked: (now) => this.worked(now, current),
    };
  }

  /** The login was completed. True where the suite is worth being remembered beyond this process. */
  worked(now: Time, suite = this.current): boolean {
    // One more login with what was preferred anyway teaches nothing about the others: what silence taught ends when it was to end.
    if (this.#afterSilence || this.#remembered?.id !== suite.id) {
      this.#remembered = suite;
      this.#rememberedUntil = this.#afterSilence ? now + SILENCE_MEMORY_MS : Number.POSITIVE_INFINITY;
    }
    return this.#rememberedUntil === Number.POSITIVE_INFINITY;
  }

  /** To the next suite that was not refused. */
  #step(now: Time, deadline: Time): boolean {
    for (let step = 1; step <= this.#order.length; step += 1) {
      const index = (this.#index + step) % this.#order.length;
      const suite = this.#order[index];
      if (suite === undefined || this.#refusals.has(suite.id)) continue;
      this.#index = index;
      this.#openedOnce = false;
      this.#share(now, deadline);
      return true;
    }
    return false;
  }

  #share(now: Time, deadline: Time): void {
    const equal = (deadline - now) / Math.max(1, this.#order.length - this.#refusals.size);
    this.#giveUpAt = now + Math.min(SHARE_CAP_MS, Math.max(SHARE_FLOOR_MS, equal));
  }
}
