/**
 * A shell that is correct and knows nothing: it does what the core asks for, in an order and with results that the dice decide. Whatever
 * it does, a real shell could have done. It holds the doors' promises: one request per device at a time, no answer before its time, each
 * question answered at most once, nothing after a crash.
 */
import { type Effect, EMPTY, type Event, type Policy, type State, step } from '../../src/core/index.ts';
import type { Assessment, OrderResult, PowerState, TimedReading } from '../../src/vocabulary/index.ts';

export interface Rolls {
  /** A whole number in [0, below). */
  below(below: number): number;
  chance(probability: number): boolean;
}

type Pending = { readonly asked: number } & (
  | { readonly effect: Extract<Effect, { kind: 'assess' }> }
  | { readonly effect: Extract<Effect, { kind: 'wake' }> }
  | { readonly effect: Extract<Effect, { kind: 'order' | 'read' }> }
);

export type Stepping = (state: State, event: Event) => { readonly state: State; readonly effects: readonly Effect[] };

/** An event before its time is stamped. */
export type Bare = Event extends infer E ? (E extends Event ? Omit<E, 'at'> : never) : never;

const PROBLEM = { code: 'no-answer', says: 'It did not answer.', next: 'Look at it.' };

export class RandomShell {
  state: State = EMPTY;
  at: number;
  readonly events: Event[] = [];
  readonly #rolls: Rolls;
  readonly #step: Stepping;
  readonly #watch: (event: Event, effects: readonly Effect[], open: readonly string[]) => void;
  #pending: Pending[] = [];
  readonly #busyUntil = new Map<string, number>();

  constructor(options: {
    readonly rolls: Rolls;
    readonly watch: (event: Event, effects: readonly Effect[], open: readonly string[]) => void;
    readonly stepping?: Stepping;
    readonly start?: number;
  }) {
    this.#rolls = options.rolls;
    this.#watch = options.watch;
    this.#step = options.stepping ?? step;
    this.at = options.start ?? 1_000_000;
  }

  get waiting(): number {
    return this.#pending.length;
  }

  happen(bare: Bare): void {
    const event = { ...bare, at: this.at } as Event;
    const after = this.#step(this.state, event);
    this.state = after.state;
    this.events.push(event);
    for (const effect of after.effects)
      if (effect.kind === 'assess' || effect.kind === 'wake' || effect.kind === 'order' || effect.kind === 'read')
        this.#pending.push({ effect, asked: this.at } as Pending);
    this.#watch(event, after.effects, Object.keys(this.state.operations));
  }

  /** The process dies and another one takes over: what was under way is never heard of again. */
  crash(policy: Policy): void {
    this.#pending = [];
    this.#busyUntil.clear();
    this.happen({ kind: 'restored', policy });
  }

  pass(ms: number): void {
    this.at += ms;
  }

  /** One of the things that may come back next comes back. False: nothing is under way. */
  answerOne(kind: 'any' | 'kindly'): boolean {
    const ready = this.#pending.filter((one, index) => this.#mayComeNow(one, index));
    const chosen = ready[this.#rolls.below(Math.max(1, ready.length))];
    if (chosen === undefined) return this.#nextTimer(kind);
    this.#pending = this.#pending.filter((one) => one !== chosen);
    this.#comesBack(chosen, kind);
    return true;
  }

  #mayComeNow(one: Pending, index: number): boolean {
    if (one.effect.kind === 'wake') return one.effect.at <= this.at;
    if (one.effect.kind === 'assess') return true;
    if (one.effect.kind === 'read' && one.asked + one.effect.delay > this.at) return false;
    const { device } = one.effect.outlet;
    const due = (other: Pending): boolean => other.effect.kind !== 'read' || other.asked + other.effect.delay <= this.at;
    // First come first served: nothing earlier waits for the same device.
    return !this.#pending
      .slice(0, index)
      .some(
        (other) => (other.effect.kind === 'order' || other.effect.kind === 'read') && other.effect.outlet.device === device && due(other),
      );
  }

  /** Nothing can come now: time passes until something can. */
  #nextTimer(kind: 'any' | 'kindly'): boolean {
    const times = this.#pending.flatMap(({ effect, asked }) =>
      effect.kind === 'wake' ? [effect.at] : effect.kind === 'read' ? [asked + effect.delay] : [],
    );
    if (times.length === 0) return false;
    this.at = Math.max(this.at, Math.min(...times));
    return this.answerOne(kind);
  }

  #comesBack({ effect, asked }: Pending, kind: 'any' | 'kindly'): void {
    if (effect.kind === 'wake') {
      // Timers of real machines may ring a moment early.
      const early = kind === 'any' && this.#rolls.chance(0.1) && effect.at === this.at ? 1 : 0;
      this.at -= Math.min(early, this.at - Math.max(asked, ...this.events.slice(-1).map((event) => event.at)));
      this.happen({ kind: 'due', operation: effect.operation, timer: effect.timer });
      return;
    }
    if (effect.kind === 'assess') {
      const startedAt = asked;
      this.pass(kind === 'kindly' ? 5 : this.#rolls.below(effect.within));
      this.happen({
        kind: 'assessed',
        operation: effect.operation,
        round: effect.round,
        assessment: this.#assessment(startedAt, effect, kind),
      });
      return;
    }
    const { device } = effect.outlet;
    const startedAt = Math.max(asked + (effect.kind === 'read' ? effect.delay : 0), this.#busyUntil.get(device) ?? 0);
    const took = kind === 'kindly' ? 5 : this.#rolls.chance(0.2) ? effect.within : this.#rolls.below(Math.min(200, effect.within + 1));
    this.at = Math.max(this.at, startedAt + took);
    this.#busyUntil.set(device, this.at);
    const { operation, number, outlet } = effect;
    if (effect.kind === 'order') this.happen({ kind: 'ordered', operation, number, outlet, order: this.#orderResult(kind) });
    else this.happen({ kind: 'read', operation, number, outlet, reading: this.#reading(startedAt, operation, kind) });
  }

  #assessment(startedAt: number, effect: Extract<Effect, { kind: 'assess' }>, kind: 'any' | 'kindly'): Assessment {
    const answer = (silent: number): 'heard' | 'silent' => (kind === 'any' && this.#rolls.chance(silent) ? 'silent' : 'heard');
    const { target, survivors } = effect.question;
    return {
      startedAt,
      endedAt: this.at,
      observations: [
        ...['192.0.2.1', '192.0.2.2'].map(
          (address) => ({ probe: 'reference-ip', by: 'self', address, answer: answer(0.15), tookMs: 1 }) as const,
        ),
        {
          probe: 'link',
          by: survivors[0] ?? 'self',
          of: target,
          link: 'lan',
          answer: answer(kind === 'any' ? 0.8 : 0),
          tookMs: 1,
        } as const,
      ].filter((o) => kind === 'any' || o.probe !== 'link'),
    };
  }

  #orderResult(kind: 'any' | 'kindly'): OrderResult {
    const roll = kind === 'kindly' ? 0 : this.#rolls.below(10);
    if (roll < 6) return { result: 'accepted' };
    if (roll < 8) return { result: 'unknown', why: PROBLEM };
    return { result: 'rejected', why: roll === 9 ? { ...PROBLEM, code: 'bad-login', lasting: true } : { ...PROBLEM, code: 'busy' } };
  }

  #reading(startedAt: number, operation: string, kind: 'any' | 'kindly'): TimedReading {
    const wanted = this.state.operations[operation]?.wanted ?? 'off';
    const powers: readonly PowerState[] = kind === 'kindly' ? [wanted] : [wanted, wanted, wanted, 'on', 'off', 'unknown'];
    const power = powers[this.#rolls.below(powers.length)] ?? 'unknown';
    return { power, source: 'dice', startedAt, endedAt: this.at, ...(power === 'unknown' ? { why: PROBLEM } : {}) };
  }
}
