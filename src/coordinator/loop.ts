/**
 * The loop: one bounded queue, one step at a time. Each event is stamped, stepped, made durable, and only then are its effects performed; all
 * that wait are made durable in one write. So what was ordered is always in the journal (S6), and the journal replays to the state.
 */
import type { Event, EventOf } from '../core/events.ts';
import type { Policy } from '../core/policy.ts';
import { CORE_VERSION, EMPTY, type State } from '../core/state.ts';
import { type Step, step } from '../core/step.ts';
import { BrokenPromise, type Command, type Outlet, type Problem, type TimedReading, type Verdict } from '../vocabulary/index.ts';
import { Inbox } from './inbox.ts';
import { type Doors, Performer, type Unstamped } from './perform.ts';
import type { Dice, Json, Store } from './ports.ts';
import { jsonOf, restoredFrom } from './restore.ts';
import { MOST_JUMPS, SteadyClock } from './steady-clock.ts';
import { type Stepped, stepAll } from './together.ts';
import { answerUnrecorded, brokenOver } from './unrecorded.ts';

export interface Options {
  /** Called after every step with what happened; must not throw. For progress, logs and tests. */
  readonly watch?: (event: Event, after: Step) => void;
  /** Events between two snapshots. */
  readonly snapshotEvery?: number;
  /** Verdicts and commands waiting to be stepped; more are refused. */
  readonly longestQueue?: number;
  /** What an earlier life left open waits until it is resumed, or until somebody asks about its node. */
  readonly hold?: boolean;
}

/** Milliseconds between two attempts to tell the journal that it had failed. */
const TELL_AGAIN = 1000;

/** Events between two snapshots for each operation that is open: somewhat more than what half of them go through. */
const EVENTS_PER_OPEN = 4;

/** Verdicts and commands that may wait: a whole cluster at once. */
const LONGEST_QUEUE = 16_384;

export class Loop {
  readonly #doors: Doors & { readonly store: Store; readonly dice: Dice };
  readonly #options: Options;
  readonly #performer: Performer;
  readonly #inbox = new Inbox<Unstamped | 'tell-journal'>();
  readonly #idle: (() => void)[] = [];
  readonly #policy: Policy;
  readonly #snapshotEvery: number;
  /** So many events since the last snapshot make the next one due. */
  #snapshotAt: number;
  #state: State;
  /** The start is recorded, so the policy is in force. */
  #started = false;
  /** The broken promise that was written down. */
  #recorded: BrokenPromise | undefined;
  readonly #clock: SteadyClock;
  /** A failure that the journal could not be told, because it was the journal that failed. */
  #untold: EventOf<'journal-failed'> | undefined;
  #cancelTelling: () => void = () => undefined;
  #running = false;
  #closed = false;
  #fail: (error: unknown) => void = () => undefined;
  /** Rejects when a promise was broken or a door threw: the process must stop. Never resolves. */
  readonly broken: Promise<never>;

  private constructor(doors: Doors & { readonly store: Store; readonly dice: Dice }, policy: Policy, state: State, options: Options) {
    this.#doors = doors;
    this.#policy = policy;
    this.#state = state;
    this.#options = options;
    this.#snapshotEvery = options.snapshotEvery ?? 1000;
    this.#snapshotAt = this.#snapshotEvery;
    this.broken = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    // Whoever starts a loop listens to `broken`; a listener of our own keeps an early rejection from being "unhandled".
    this.broken.catch(() => undefined);
    this.#clock = new SteadyClock(doors.clock);
    this.#performer = new Performer(
      doors,
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
    doors: Doors & { readonly store: Store; readonly dice: Dice },
    policy: Policy,
    options: Options = {},
  ): Promise<{ readonly loop: Loop; readonly warnings: readonly Problem[]; readonly unrecorded?: Problem }> {
    const { snapshot, entries, warnings, reserved } = await doors.store.load();
    const lastWords =
      reserved === undefined ? undefined : ({ ...(reserved.event as object), at: reserved.at } as EventOf<'journal-failed'>);
    const state = restoredFrom(snapshot, entries, lastWords);
    if ('code' in state) {
      const loop = new Loop(doors, policy, EMPTY, options);
      await loop.close();
      return { loop, warnings, unrecorded: state };
    }
    const loop = new Loop(doors, policy, state, options);
    // The end of an earlier life, as that life saw it, is written first of all.
    loop.#untold = lastWords;
    loop.#happened(loop.#start());
    await loop.#settled();
    const unrecorded = loop.#untold?.problem;
    return { loop, warnings, ...(unrecorded === undefined ? {} : { unrecorded }) };
  }

  get state(): State {
    return this.#state;
  }

  /** Takes an authenticated verdict. A problem means that the queue is full and nothing was taken. */
  verdict(verdict: Verdict): Problem | undefined {
    return this.#take({ kind: 'verdict', verdict, operations: verdict.targets.map(() => this.#doors.dice.id()) });
  }

  command(command: Command): Problem | undefined {
    return this.#take({ kind: 'command', command, operation: this.#doors.dice.id() });
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

  /** Reads an outlet beside all operations; its device is still asked one thing at a time (S4). `within`: milliseconds. */
  async read(outlet: Outlet, within: number): Promise<TimedReading> {
    return await this.#performer.read(outlet, within);
  }

  /** Why the journal cannot be written; undefined where it can, as far as is known. */
  get unwritable(): Problem | undefined {
    return this.#untold?.problem;
  }

  /** Resolves when no operation is open and nothing is queued. */
  async idle(): Promise<void> {
    while (!this.#closed && (this.#running || this.#inbox.size > 0 || this.#state.operations.size > 0)) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  /** Stops at once, without settling: what is open stays in the journal and is resumed by the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTelling();
    this.#performer.stop();
    this.#wakeIdle();
    await this.#settled();
    // Once more: what could not be recorded before may be recorded now, and then the next life knows of it.
    await this.#tellJournal();
  }

  #take(event: Unstamped): Problem | undefined {
    if (this.#closed) return { code: 'closing', says: 'The coordinator is stopping.', next: 'Send it again when it runs.' };
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
        if (next !== undefined) await (next === 'tell-journal' ? this.#tellJournal() : this.#one(next));
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
    const at = unstamped.kind === 'clock-jumped' ? this.#doors.clock.now() : await this.#steady(unstamped.kind === 'restored');
    const event = { ...unstamped, at: at ?? this.#doors.clock.now() } as Event;
    const early = !this.#started && event.kind !== 'restored';
    // Nothing is decided by a clock whose jump could not be recorded.
    if (early || at === undefined) {
      if (this.#untold !== undefined) answerUnrecorded(this.#doors.herald, event, this.#untold);
      return;
    }
    const after = this.#step(event);
    const problem = await this.#record(event);
    if (problem !== undefined) {
      await this.#unrecorded(event, problem);
      return;
    }
    this.#started = true;
    if (event.kind === 'clock-jumped') this.#clock.told();
    // Before anything is done in it: a journal that knows only of older epochs must not pass for this one later.
    if (after.state.epoch !== this.#state.epoch || event.kind === 'restored') await this.#mark(after.state.epoch);
    this.#enter(event, after);
    if (this.#doors.store.sinceSnapshot() >= this.#snapshotDue) await this.#snapshot();
  }

  /** The time, once every jump of the clock before it is told. Undefined: one could not be recorded. */
  async #steady(starts: boolean): Promise<number | undefined> {
    if (starts || !this.#started) return this.#clock.anew();
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
    if (this.#inbox.size < 2 || !this.#started || this.#untold !== undefined || this.#doors.store.appendAll === undefined) return [];
    const now = (): number | undefined => {
      const { at, by } = this.#clock.look();
      return by === undefined ? at : undefined;
    };
    return stepAll(this.#inbox, this.#state, { most: this.#snapshotDue - this.#doors.store.sinceSnapshot(), now });
  }

  /** All durable in one write, then entered and performed in their order. Where that fails none of it happened, and each is tried by itself. */
  async #all(steps: readonly Stepped[]): Promise<void> {
    const written = await this.#doors.store.appendAll?.(steps.map(({ event }) => ({ at: event.at, event: jsonOf(event) })));
    if (typeof written !== 'number') {
      for (const { unstamped } of steps) await this.#one(unstamped);
      return;
    }
    for (const { event, after } of steps) {
      if (after.state.epoch !== this.#state.epoch) await this.#mark(after.state.epoch);
      this.#enter(event, after);
    }
    if (this.#doors.store.sinceSnapshot() >= this.#snapshotDue) await this.#snapshot();
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

  /** Not waited for: the process ends, and the store finishes its writes before it is closed. */
  #recordBreak(error: BrokenPromise, event?: Event): void {
    this.#recorded = error;
    const broke = brokenOver(error, this.#doors.clock.now(), event);
    this.#doors.store.append(broke.at, jsonOf(broke)).catch(() => undefined);
  }

  /** The journal learns of its own failure first, so that its replay goes the way we went. */
  async #record(event: Event): Promise<Problem | undefined> {
    const problem = await this.#tellJournal();
    if (problem !== undefined) return problem;
    return problemOf(await this.#doors.store.append(event.at, jsonOf(event)));
  }

  async #tellJournal(): Promise<Problem | undefined> {
    if (this.#untold === undefined) return undefined;
    const problem = problemOf(await this.#doors.store.append(this.#untold.at, jsonOf(this.#untold)));
    if (problem === undefined) this.#untold = undefined;
    else this.#tellLater();
    return problem;
  }

  /** Also when nothing else happens: otherwise the next start would take up again what was given up. */
  #tellLater(): void {
    this.#cancelTelling();
    if (!this.#closed) this.#cancelTelling = this.#doors.clock.after(TELL_AGAIN, () => this.#enqueue('tell-journal'));
  }

  /** What could not be recorded did not happen: the old state learns that the journal failed. */
  async #unrecorded(event: Event, problem: Problem): Promise<void> {
    if (this.#untold === undefined) {
      const failed = await this.#reserved({ kind: 'journal-failed', at: this.#doors.clock.now(), problem });
      this.#untold = failed;
      this.#tellLater();
      this.#enter(failed, step(this.#state, failed));
    }
    answerUnrecorded(this.#doors.herald, event, this.#untold);
  }

  /** Kept where it can be kept; `lost` where it cannot, so that nobody is told what the next life would not know. */
  async #reserved(failed: EventOf<'journal-failed'>): Promise<EventOf<'journal-failed'>> {
    const kept = this.#doors.store.reserve === undefined ? failed.problem : await this.#doors.store.reserve(failed.at, jsonOf(failed));
    return kept === undefined ? failed : { ...failed, lost: true };
  }

  #enter(event: Event, after: Step): void {
    this.#state = after.state;
    this.#options.watch?.(event, after);
    for (const effect of after.effects) this.#performer.perform(effect);
  }

  async #mark(epoch: number): Promise<void> {
    const problem = await this.#doors.store.mark?.(epoch);
    if (problem !== undefined) this.#doors.herald.callHuman(problem, {});
  }

  /** A snapshot tells all that is open: where that is much, more events lie between two of them, so that each event costs the same. */
  get #snapshotDue(): number {
    return Math.max(this.#snapshotAt, EVENTS_PER_OPEN * this.#state.operations.size);
  }

  async #snapshot(): Promise<void> {
    const problem = await this.#doors.store.snapshot(this.#doors.clock.now(), JSON.parse(JSON.stringify(this.#state)) as Json);
    this.#snapshotAt = this.#snapshotEvery;
    if (problem === undefined) return;
    // The events are safe without it. It is tried again, and a person called again, when as many more have come.
    this.#snapshotAt += this.#doors.store.sinceSnapshot();
    this.#doors.herald.callHuman(problem, {});
  }

  #break(error: unknown): void {
    if (!this.#closed && error instanceof BrokenPromise && error !== this.#recorded) this.#recordBreak(error);
    this.#closed = true;
    this.#cancelTelling();
    this.#performer.stop();
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

const problemOf = (appended: number | Problem): Problem | undefined => (typeof appended === 'number' ? undefined : appended);
