/**
 * A shell that is correct and knows nothing: it writes down what happens, does what the core asks for, and dies, or cannot write, whenever
 * the dice say so. Whatever it does, a real shell could have done.
 */
import { CORE_VERSION, type Effect, EMPTY, type Event, type Policy, type State, step } from '../../src/core/index.ts';
import type { Assessment } from '../../src/vocabulary/index.ts';
import type { Temper } from './dealing.ts';
import type { Rolls } from './rolls.ts';
import { type Sent, Wire } from './wire.ts';
import { Timeline } from './timeline.ts';

export type Stepping = (state: State, event: Event) => { readonly state: State; readonly effects: readonly Effect[] };

/** An event before its time is stamped. */
export type Bare = Event extends infer E ? (E extends Event ? Omit<E, 'at'> : never) : never;

/** One step, as whoever watches sees it. `done`: so many of its effects were begun before the process died. */
export interface Stepped {
  readonly event: Event;
  readonly effects: readonly Effect[];
  readonly open: readonly string[];
  readonly done: number;
}

export interface Watcher {
  /** The clock jumped, which the core has not learnt yet. */
  jumped(by: number, before: number): void;
  stepped(step: Stepped): void;
  sent(sent: Sent): void;
  lamp(node: string, lit: boolean, at: number): void;
}

export interface Restart {
  readonly policy: Policy;
  readonly hold?: boolean;
  /** Milliseconds until the next process starts. */
  readonly down: number;
  /** By so much its clock is ahead of that of the process before. */
  readonly jump?: number;
}

/** When every walk begins, in milliseconds since 1970. */
export const START = 1_000_000;

const FULL = { code: 'journal-unwritable', says: 'no space left on device', next: 'Free the disk.' };

export class RandomShell {
  state: State = EMPTY;
  readonly timeline: Timeline;
  readonly wire: Wire;
  /** The journal: what was written, in order. */
  readonly events: Event[] = [];
  readonly #rolls: Rolls;
  readonly #step: Stepping;
  readonly #watcher: Watcher;
  readonly #temper: Temper;
  #policy: Policy;
  #process = {};
  /** Operations that wait until this process has done its own work. */
  #held: readonly string[] = [];
  #calm = false;
  /** By how much the clock of this process jumped, as far as the core has not learnt it. */
  #untold = 0;

  constructor(options: {
    readonly rolls: Rolls;
    readonly policy: Policy;
    readonly temper: Temper;
    readonly watcher: Watcher;
    readonly stepping: Stepping | undefined;
  }) {
    const { rolls, policy, temper, watcher } = options;
    this.#rolls = rolls;
    this.#watcher = watcher;
    this.#step = options.stepping ?? step;
    this.#temper = temper;
    this.#policy = policy;
    this.timeline = new Timeline(rolls, START);
    this.wire = new Wire({
      rolls,
      timeline: this.timeline,
      policy,
      honest: temper.honest,
      sent: (sent) => watcher.sent(sent),
      lamp: (node, lit) => watcher.lamp(node, lit, this.timeline.now),
    });
    this.wire.learn(policy);
    this.wire.hopes = (operation) => this.state.operations.get(operation)?.wanted ?? 'off';
  }

  /** The first process. */
  start(): void {
    this.#start({ policy: this.#policy, down: 0 });
  }

  get at(): number {
    return this.timeline.now;
  }

  /** An event: stepped, written, done; or not written, or not done to the end. */
  happen(bare: Bare): void {
    if (bare.kind !== 'restored' && bare.kind !== 'clock-jumped' && !this.#tellJump()) return;
    const event = { ...bare, at: this.at } as Event;
    if (!this.#calm && event.kind !== 'restored' && this.#rolls.chance(this.#temper.fails)) return this.#unwritten();
    const after = this.#step(this.state, event);
    this.state = after.state;
    this.events.push(event);
    if (event.kind === 'restored' || event.kind === 'clock-jumped') this.#untold = 0;
    const dies = !this.#calm && this.#rolls.chance(this.#temper.dies);
    const done = dies ? this.#rolls.below(after.effects.length + 1) : after.effects.length;
    this.#tell(event, after.effects, done);
    for (const effect of after.effects.slice(0, done)) this.#perform(effect);
    if (dies)
      this.crash({ policy: this.#policy, hold: this.#rolls.chance(0.2), down: this.#rolls.below(this.#rolls.chance(0.3) ? 40_000 : 3000) });
  }

  /** Everything that is due until then happens. */
  pass(ms: number): void {
    this.timeline.pass(ms);
  }

  /** The clock jumps, and the first thing that the core hears is by how much. */
  jump(by: number): void {
    this.#jump(by);
    this.#untold += by;
    this.#tellJump();
  }

  /** False: it could not be written, and nothing else happens before it is. */
  #tellJump(): boolean {
    if (this.#untold !== 0) this.happen({ kind: 'clock-jumped', by: this.#untold });
    return this.#untold === 0;
  }

  /** The next thing comes back. False: nothing is under way. */
  next(): boolean {
    return this.timeline.next();
  }

  /** The process dies, and another one takes over: what it had asked is never heard of again. */
  crash(restart: Restart): void {
    this.#die();
    this.timeline.pass(restart.down);
    if (restart.jump !== undefined) this.#jump(restart.jump);
    this.#start(restart);
  }

  /** What waits for its turn goes on. */
  resume(): void {
    const operations = this.#held.filter((id) => this.state.operations.has(id));
    this.#held = [];
    if (operations.length > 0) this.happen({ kind: 'resumed', operations });
  }

  get holds(): boolean {
    return this.#held.length > 0;
  }

  /** From now on nothing goes wrong any more. */
  heal(): void {
    this.#calm = true;
    this.wire.heal();
  }

  #jump(by: number): void {
    const before = this.at;
    this.timeline.jump(by);
    this.wire.jump(by);
    this.#watcher.jumped(by, before);
  }

  #die(): void {
    this.timeline.drop(this.#process);
    this.wire.abandon();
    this.#process = {};
  }

  #start({ policy, hold }: Restart): void {
    this.#held = hold === true ? this.state.operations.keys() : [];
    if (policy !== this.#policy) this.wire.learn(policy);
    this.#policy = policy;
    this.happen({ kind: 'restored', policy, core: CORE_VERSION, ...(hold === true ? { hold } : {}) });
  }

  #tell(event: Event, effects: readonly Effect[], done: number): void {
    this.#watcher.stepped({ event, effects, open: this.state.operations.keys(), done });
  }

  /** S6: what could not be written did not happen. The core learns that, and mostly the process ends. */
  #unwritten(): void {
    const lost = this.#rolls.chance(0.3);
    const event: Event = { kind: 'journal-failed', at: this.at, problem: FULL, ...(lost ? { lost: true } : {}) };
    const before = this.state;
    const after = this.#step(before, event);
    this.state = after.state;
    this.#tell(event, after.effects, after.effects.length);
    for (const effect of after.effects) this.#perform(effect);
    // The last words were kept: they are the first that the next life writes. Where even they were lost, it knows nothing of them.
    if (lost) this.state = before;
    else this.events.push(event);
    if (lost || this.#rolls.chance(0.7))
      this.crash({ policy: this.#policy, hold: this.#rolls.chance(0.3), down: this.#rolls.below(20_000) });
  }

  #perform(effect: Effect): void {
    const { timeline } = this;
    const owner = this.#process;
    switch (effect.kind) {
      case 'assess':
        return this.#assess(effect);
      case 'wake': {
        // Timers of real machines may ring a moment early.
        const early = this.#rolls.chance(0.05) ? 1 : 0;
        return timeline.at(effect.at - early, owner, () => this.happen({ kind: 'due', operation: effect.operation, timer: effect.timer }));
      }
      case 'order':
        return this.wire.ask(owner, effect, (order) => {
          const { operation, number, outlet } = effect;
          if ('result' in order) this.happen({ kind: 'ordered', operation, number, outlet, order });
        });
      case 'read':
        return timeline.at(this.at + effect.delay, owner, () => this.#read(owner, effect));
      case 'cancel':
        return this.wire.cancel(effect.operation);
      case 'persist':
      case 'answer':
      case 'call-human':
        return;
    }
  }

  #read(owner: object, effect: Extract<Effect, { kind: 'read' }>): void {
    const { operation, number, outlet } = effect;
    this.wire.ask(owner, effect, (reading) => {
      if ('power' in reading) this.happen({ kind: 'read', operation, number, outlet, reading: { ...reading, endedAt: this.at } });
    });
  }

  #assess(effect: Extract<Effect, { kind: 'assess' }>): void {
    const startedAt = this.at;
    const took = this.#calm ? 5 : this.#rolls.below(this.#rolls.chance(0.2) ? effect.within : 100);
    this.timeline.at(startedAt + took, this.#process, () =>
      this.happen({ kind: 'assessed', operation: effect.operation, round: effect.round, assessment: this.#assessment(startedAt, effect) }),
    );
  }

  #assessment(startedAt: number, effect: Extract<Effect, { kind: 'assess' }>): Assessment {
    const answer = (silent: number): 'heard' | 'silent' => (!this.#calm && this.#rolls.chance(silent) ? 'silent' : 'heard');
    const { target, survivors } = effect.question;
    const reference = (address: string) => ({ probe: 'reference-ip', by: 'self', address, answer: answer(0.06), tookMs: 1 }) as const;
    const link = { probe: 'link', by: survivors[0] ?? 'self', of: target, link: 'lan', answer: answer(0.9), tookMs: 1 } as const;
    return {
      startedAt,
      endedAt: this.at,
      observations: [reference('192.0.2.1'), reference('192.0.2.2'), ...(this.#calm ? [] : [link])],
    };
  }
}
