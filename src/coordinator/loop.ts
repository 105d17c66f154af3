/**
 * The loop: one bounded queue, one step at a time. Each event is stamped, stepped, made durable, and only then are its effects performed; all
 * that wait are made durable in one write. So what was ordered is always in the journal (S6), and the journal replays to the state.
 */
import type { Event, EventOf } from '../core/events.ts';
import type { Policy } from '../core/policy.ts';
import { CORE_VERSION, EMPTY, type State } from '../core/state.ts';
import { type Step, step } from '../core/step.ts';
import { BrokenPromise, type Command, type Problem, type Verdict } from '../vocabulary/index.ts';
import type { Looking } from './device-line/line.ts';
import { closing } from './device-line/not-sent.ts';
import { Inbox } from './inbox.ts';
import { type Ports, Effects, type Unstamped } from './effects.ts';
import type { Random, Store } from './ports.ts';
import { Recording } from './recording.ts';
import { restoredFrom } from './restore.ts';
import { MOST_JUMPS, SteadyClock } from './steady-clock.ts';
import { type Stepped, stepAll } from './together.ts';
import { answerUnrecorded } from './unrecorded.ts';

export interface Options {
  /** Called after every step with what happened; must not throw. For progress, logs and tests. */
  readonly watch?: (event: Event, after: Step) => void;
  /** Events between two snapshots. */
  readonly snapshotEvery?: number;
  /** Events since the last snapshot that make one worth its while at an orderly end. */
  readonly snapshotAtEnd?: number;
  /** Verdicts and commands waiting to be stepped; more are refused. */
  readonly longestQueue?: number;
  /** What an earlier life left open waits until it is resumed, or until somebody asks about its node. */
  readonly hold?: boolean;
}

/** Verdicts and commands that may wait: a whole cluster at once. */
const LONGEST_QUEUE = 16_384;

export class Loop {
  readonly #ports: Ports & { readonly store: Store; readonly random: Random };
  readonly #options: Options;
  readonly #effects: Effects;
  readonly #inbox = new Inbox<Unstamped | 'tell-journal'>();
  readonly #idle: (() => void)[] = [];
  readonly #policy: Policy;
  readonly #recording: Recording;
  #state: State;
  /** The start is recorded, so the policy is in force. */
  #started = false;
  /** The broken promise that was written down. */
  #recorded: BrokenPromise | undefined;
  readonly #clock: SteadyClock;
  #running = false;
  #closed = false;
  #broke = false;
  #fail: (error: unknown) => void = () => undefined;
  /** Rejects when a promise was broken or a port threw: the process must stop. Never resolves. */
  readonly broken: Promise<never>;

  private constructor(ports: Ports & { readonly store: Store; readonly random: Random }, policy: Policy, state: State, options: Options) {
    this.#ports = ports;
    this.#policy = policy;
    this.#state = state;
    this.#options = options;
    this.#recording = new Recording(ports, () => this.#enqueue('tell-journal'), {
      every: options.snapshotEvery,
      atEnd: options.snapshotAtEnd,
    });
    this.broken = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    // Whoever starts a loop listens to `broken`; a listener of our own keeps an early rejection from being "unhandled".
    this.broken.catch(() => undefined);
    this.#clock = new SteadyClock(ports.clock);
    this.#effects = new Effects(
      ports,
      (event) => this.#happened(event),
      (error) => this.#break(error),
    );
  }

  /**
   * Replays the store, puts the policy in force, and resumes what was open. The last words of a life that could not write its journal come
   * first: what it gave up is over. `unrecorded`: the journal could not be written, or is of a newer program, so nothing was resumed; a loop that
   * stays tries again by itself, everybody else closes it.
   */
  static async start(
    ports: Ports & { readonly store: Store; readonly random: Random },
    policy: Policy,
    options: Options = {},
  ): Promise<{ readonly loop: Loop; readonly warnings: readonly Problem[]; readonly unrecorded?: Problem }> {
    const { snapshot, entries, warnings, reserved } = await ports.store.load();
    const lastWords =
      reserved === undefined ? undefined : ({ ...(reserved.event as object), at: reserved.at } as EventOf<'journal-failed'>);
    const state = restoredFrom(snapshot, entries, lastWords);
    if ('code' in state) {
      const loop = new Loop(ports, policy, EMPTY, options);
      await loop.close();
      return { loop, warnings, unrecorded: state };
    }
    const loop = new Loop(ports, policy, state, options);
    loop.#recording.begin(lastWords);
    loop.#happened(loop.#start());
    await loop.#settled();
    const { unwritable: unrecorded } = loop;
    return { loop, warnings, ...(unrecorded === undefined ? {} : { unrecorded }) };
  }

  get state(): State {
    return this.#state;
  }

  /** Takes an authenticated verdict. A problem means that the queue is full and nothing was taken. */
  verdict(verdict: Verdict): Problem | undefined {
    return this.#take({ kind: 'verdict', verdict, operations: verdict.targets.map(() => this.#ports.random.id()) });
  }

  command(command: Command): Problem | undefined {
    return this.#take({ kind: 'command', command, operation: this.#ports.random.id() });
  }

  /** `id` names the decision: the same one again gets the same answer. */
  approve(id: string, operation: string, by: string, reason: string): Problem | undefined {
    return this.#take({ kind: 'approved', id, operation, by, reason });
  }

  deny(id: string, operation: string, by: string, reason: string): Problem | undefined {
    return this.#take({ kind: 'denied', id, operation, by, reason });
  }

  /** A person says which epoch counts from now on. */
  setEpoch(epoch: number, by: string, reason: string): Problem | undefined {
    return this.#take({ kind: 'epoch-set', epoch, by, reason });
  }

  /** What was held at the start goes on. */
  resume(operations: readonly string[]): void {
    if (operations.length > 0) this.#happened({ kind: 'resumed', operations });
  }

  lease(lease: { readonly until: number } | 'lost'): void {
    this.#happened(lease === 'lost' ? { kind: 'lease-lost' } : { kind: 'lease-held', until: lease.until });
  }

  /** What may be asked of devices beside all operations; each is still asked one thing at a time (S4). */
  get devices(): Looking {
    return this.#effects.devices;
  }

  /** Why the journal cannot be written; undefined where it can, as far as is known. */
  get unwritable(): Problem | undefined {
    return this.#recording.untold?.problem;
  }

  /** Resolves when no operation is open and nothing is queued. */
  async idle(): Promise<void> {
    while (!this.#closed && (this.#running || this.#inbox.size > 0 || this.#state.operations.size > 0)) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  /** Stops at once, without settling: what is open stays in the journal and is resumed by the next start. */
  async close(): Promise<void> {
    const closes = !this.#closed && this.#started;
    this.#closed = true;
    this.#recording.stop();
    this.#effects.stop();
    this.#wakeIdle();
    await this.#settled();
    // Of a life that never began, or in which a promise broke, while it was closing too, there is no state to speak of.
    if (closes && !this.#broke) await this.#recording.end(this.#state);
    else await this.#recording.tell();
  }

  #take(event: Unstamped): Problem | undefined {
    if (this.#closed) return closing;
    if (this.#inbox.size >= (this.#options.longestQueue ?? LONGEST_QUEUE)) {
      return {
        code: 'queue-full',
        says: `${this.#inbox.size} events wait to be worked on.`,
        next: 'Nothing was taken. Send it again shortly.',
      };
    }
    this.#inbox.put(event);
    this.#wake();
    return undefined;
  }

  #happened(event: Unstamped): void {
    if (this.#closed) return;
    this.#enqueue(event);
  }

  #enqueue(event: Unstamped | 'tell-journal'): void {
    this.#inbox.put(event);
    this.#wake();
  }

  #wake(): void {
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      while (!this.#closed && this.#inbox.size > 0) {
        const steps = this.#stepAll();
        if (steps.length > 0) await this.#all(steps);
        const next = steps.length > 0 ? undefined : this.#inbox.take();
        if (next !== undefined) await (next === 'tell-journal' ? this.#recording.tell() : this.#one(next));
      }
    } catch (error) {
      this.#break(error);
    } finally {
      this.#running = false;
      this.#wakeIdle();
    }
  }

  #start(): Unstamped {
    return { kind: 'restored', policy: this.#policy, core: CORE_VERSION, ...(this.#options.hold === true ? { hold: true } : {}) };
  }

  async #one(unstamped: Unstamped): Promise<void> {
    // Nothing can be decided before the policy is in force: a start that could not be recorded is tried again first.
    if (!this.#started && unstamped.kind !== 'restored') await this.#one(this.#start());
    const at = unstamped.kind === 'clock-jumped' ? this.#ports.clock.now() : await this.#steady(unstamped.kind === 'restored');
    const event = { ...unstamped, at: at ?? this.#ports.clock.now() } as Event;
    const early = !this.#started && event.kind !== 'restored';
    // Nothing is decided by a clock whose jump could not be recorded.
    if (early || at === undefined) {
      const { untold } = this.#recording;
      if (untold !== undefined) answerUnrecorded(this.#ports.replies, event, untold);
      return;
    }
    const after = this.#step(event);
    const problem = await this.#recording.write(event);
    if (problem !== undefined) {
      await this.#unrecorded(event, problem);
      return;
    }
    this.#started = true;
    if (event.kind === 'clock-jumped') this.#clock.told();
    if (after.state.epoch !== this.#state.epoch || event.kind === 'restored') await this.#recording.mark(after.state.epoch);
    this.#enter(event, after);
    await this.#recording.snapshotIfDue(this.#state);
  }

  /** The time, once every jump of the clock before it is told. Undefined: one could not be recorded. */
  async #steady(starts: boolean): Promise<number | undefined> {
    if (starts || !this.#started) return this.#clock.begin();
    for (let tries = 0; tries < MOST_JUMPS; tries += 1) {
      const { at, by } = this.#clock.look();
      if (by === undefined) return at;
      const { untold } = this.#clock;
      await this.#one({ kind: 'clock-jumped', by });
      if (this.#clock.untold === untold) return undefined;
    }
    return this.#clock.look().at;
  }

  /** What waits and can be made durable together. */
  #stepAll(): readonly Stepped[] {
    const most = this.#recording.together(this.#state);
    if (this.#inbox.size < 2 || !this.#started || most <= 0) return [];
    const now = (): number | undefined => {
      const { at, by } = this.#clock.look();
      return by === undefined ? at : undefined;
    };
    return stepAll(this.#inbox, this.#state, { most, now });
  }

  /** All durable in one write, then entered and performed in their order. Where that fails none of it happened, and each is tried by itself. */
  async #all(steps: readonly Stepped[]): Promise<void> {
    if (!(await this.#recording.writeAll(steps.map(({ event }) => event)))) {
      for (const { unstamped } of steps) await this.#one(unstamped);
      return;
    }
    for (const { event, after } of steps) {
      if (after.state.epoch !== this.#state.epoch) await this.#recording.mark(after.state.epoch);
      this.#enter(event, after);
    }
    await this.#recording.snapshotIfDue(this.#state);
  }

  /** A promise that breaks over something is journalled with its name: what breaks one in two lives is parked. */
  #step(event: Event): Step {
    try {
      return step(this.#state, event);
    } catch (error) {
      if (error instanceof BrokenPromise) this.#recordBreak(error, event);
      throw error;
    }
  }

  #recordBreak(error: BrokenPromise, event?: Event): void {
    this.#recorded = error;
    this.#recording.broke(error, event);
  }

  /** What could not be recorded did not happen: the old state learns that the journal failed. */
  async #unrecorded(event: Event, problem: Problem): Promise<void> {
    const { failed, isNews } = await this.#recording.failed(problem);
    if (isNews) this.#enter(failed, step(this.#state, failed));
    answerUnrecorded(this.#ports.replies, event, failed);
  }

  #enter(event: Event, after: Step): void {
    this.#state = after.state;
    this.#options.watch?.(event, after);
    for (const effect of after.effects) this.#effects.perform(effect);
  }

  #break(error: unknown): void {
    if (!this.#closed && error instanceof BrokenPromise && error !== this.#recorded) this.#recordBreak(error);
    this.#broke = true;
    this.#closed = true;
    this.#recording.stop();
    this.#effects.stop();
    this.#fail(error);
    this.#wakeIdle();
  }

  #wakeIdle(): void {
    for (const wake of this.#idle.splice(0)) wake();
  }

  /** The event in hand, if any, has been stepped and its effects begun. */
  async #settled(): Promise<void> {
    while (this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }
}
