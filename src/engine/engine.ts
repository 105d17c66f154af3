/** The engine in process: what `serve` keeps running and what a one-shot command starts, uses once, and closes. */
import type { Configuration } from '../config/index.ts';
import { Loop } from '../coordinator/loop.ts';
import type { Clock, Dice, Question, Store } from '../coordinator/ports.ts';
import { type Called, contentOf, contentOfCommand, contentOfDecision, type Event, type State, type Step, waitsFor } from '../core/index.ts';
import { createPanel } from '../probes/index.ts';
import { openJournal } from '../store/index.ts';
import type { Answer, Command, Problem, Verdict } from '../vocabulary/index.ts';
import { listenAhead } from './ahead.ts';
import { openArmory } from './armory.ts';
import { type Awaiting, awaiting } from './awaiting.ts';
import { realClock, realDice } from './clock.ts';
import { type Asked, WaitingRoom } from './herald.ts';
import { linksOf } from './links.ts';
import { policyOf } from './policy.ts';
import { Watchers } from './watchers.ts';

export interface EngineOptions {
  readonly clock?: Clock;
  readonly dice?: Dice;
  readonly watch?: (event: Event, after: Step) => void;
  readonly debug?: (says: string) => void;
  /** What will be asked first: its round begins before the state folder is taken. */
  readonly ahead?: Question;
  /** What an earlier process left open waits until `resume`, or until somebody asks about its node. */
  readonly hold?: boolean;
}

/** The answer, or why there is none yet: the operation waits for a person. */
export type Carried = { readonly answer: Answer } | Awaiting;

export class Engine {
  readonly #loop: Loop;
  readonly #room: WaitingRoom;
  readonly #store: Store;
  readonly #close: () => Promise<void>;
  readonly warnings: readonly Problem[];
  /** Operations that an earlier process left open; they ended with the start, are being resumed, or held until `resume`. */
  readonly openAtStart: readonly string[];
  readonly #watchers: Watchers;

  private constructor(parts: {
    loop: Loop;
    room: WaitingRoom;
    store: Store;
    close: () => Promise<void>;
    warnings: readonly Problem[];
    watchers: Watchers;
    openAtStart: readonly string[];
  }) {
    this.#loop = parts.loop;
    this.#room = parts.room;
    this.#store = parts.store;
    this.#close = parts.close;
    this.warnings = parts.warnings;
    this.#watchers = parts.watchers;
    this.openAtStart = parts.openAtStart;
    // One listener for all who wait: a promise that never settles would keep each of theirs for ever.
    this.#loop.broken.catch((error: unknown) => this.#watchers.fail(error instanceof Error ? error : new Error(String(error))));
  }

  /** Takes the state folder, replays its journal, resumes what was open. A problem: nothing was started. */
  static async open(configuration: Configuration, options: EngineOptions = {}): Promise<Engine | Problem> {
    const clock = options.clock ?? realClock();
    const dice = options.dice ?? realDice(clock);
    const panel = createPanel({
      clock,
      self: configuration.self,
      referenceIps: configuration.verify.referenceIps,
      links: linksOf(configuration),
      folder: configuration.stateDir,
    });
    const ahead = options.ahead === undefined ? undefined : listenAhead(panel, options.ahead, configuration.verify.within);
    const store = await openJournal(configuration.stateDir, { clock });
    if ('code' in store) {
      ahead?.stop();
      return store;
    }
    // Drivers are promised a clock that never goes back.
    const driverClock = options.clock === undefined ? { driverClock: realClock() } : {};
    const armory = openArmory(configuration, { clock, ...driverClock, dice, debug: options.debug ?? (() => undefined) });
    const room = new WaitingRoom();
    const watchers = new Watchers();
    let openAtStart: readonly string[] | undefined;
    const watch = (event: Event, after: Step): void => {
      openAtStart ??= [
        ...after.state.ended.flatMap((one) => (one.endedAt === event.at ? [one.id] : [])),
        ...Object.keys(after.state.operations),
      ];
      options.watch?.(event, after);
      watchers.look();
    };
    const doors = { clock, dice, store, probes: ahead ?? panel, armory, herald: room };
    const { loop, warnings, unrecorded } = await Loop.start(doors, policyOf(configuration), { watch, hold: options.hold === true });
    const close = async (): Promise<void> => {
      ahead?.stop();
      await loop.close();
      await armory.close();
      await store.close();
    };
    if (unrecorded !== undefined) {
      await close();
      return unrecorded;
    }
    return new Engine({ loop, room, store, close, warnings, watchers, openAtStart: openAtStart ?? [] });
  }

  get state(): State {
    return this.#loop.state;
  }

  /** Who was called, from the journal: also by a process that is gone. */
  get calls(): readonly Called[] {
    return this.state.calls;
  }

  /** Rejects when a promise was broken: the process must end, the next start resumes. */
  get broken(): Promise<never> {
    return this.#loop.broken;
  }

  get store(): Store {
    return this.#store;
  }

  /** An id names one command: the same command again gets the same answer, another one under that id is refused. */
  async command(command: Command): Promise<Carried> {
    const asked: Asked = { kind: 'command', id: command.id, content: contentOfCommand(command) };
    return await this.#carried(asked, () => this.#loop.command(command));
  }

  async verdict(verdict: Verdict): Promise<Carried> {
    return await this.#carried({ kind: 'verdict', id: verdict.id, content: contentOf(verdict) }, () => this.#loop.verdict(verdict));
  }

  /** The answer of the operation, or why the decision was not taken. `id` names the decision as a command's id names the command. */
  async approve(id: string, operation: string, by: string, reason: string): Promise<Carried> {
    const asked: Asked = { kind: 'command', id, content: contentOfDecision('approved', operation, by, reason) };
    return await this.#carried(asked, () => this.#loop.approve(id, operation, by, reason));
  }

  async deny(id: string, operation: string, by: string, reason: string): Promise<Carried> {
    const asked: Asked = { kind: 'command', id, content: contentOfDecision('denied', operation, by, reason) };
    return await this.#carried(asked, () => this.#loop.deny(id, operation, by, reason));
  }

  /** A problem: it was not taken. */
  async setEpoch(epoch: number, by: string, reason: string): Promise<Problem | undefined> {
    const full = this.#loop.setEpoch(epoch, by, reason);
    if (full !== undefined) return full;
    // Only the newest calls are kept, so their number says nothing.
    const last = this.calls.at(-1);
    const since = (): readonly Called[] => this.calls.slice(last === undefined ? 0 : this.calls.lastIndexOf(last) + 1);
    await this.#until(() => this.state.epoch === epoch || since().some(({ problem }) => problem.code === 'journal-unwritable'));
    return this.state.epoch === epoch ? undefined : this.calls.at(-1)?.problem;
  }

  /** What was held at the start goes on. */
  resume(): void {
    this.#loop.resume(Object.values(this.state.operations).flatMap((operation) => (operation.asleep === true ? [operation.id] : [])));
  }

  /** Until this operation is no longer open. */
  async ended(operation: string): Promise<void> {
    await this.#until(() => this.state.operations[operation] === undefined);
  }

  /** Until nothing is open but what waits for a person. What is held waits for `resume` first. */
  async quiet(): Promise<void> {
    await this.#until(() =>
      Object.values(this.state.operations).every((operation) => operation.asleep !== true && waitsFor(this.state, operation) !== undefined),
    );
  }

  async close(): Promise<void> {
    await this.#close();
  }

  /** Puts the question, and waits for its answer, or until nothing but a person can bring it. */
  async #carried(asked: Asked, put: () => Problem | undefined): Promise<Carried> {
    const expected = this.#room.expect(asked);
    const full = put();
    if (full !== undefined) {
      expected.forget();
      return { answer: notTaken(full) };
    }
    const held = this.#watchers.until(() => this.#heldFor(asked));
    try {
      return await Promise.race([expected.answer.then((answer): Carried => ({ answer })), held.found]);
    } finally {
      expected.forget();
      held.forget();
    }
  }

  /** Where every operation that carries it waits for a person. */
  #heldFor(asked: Asked): Carried | undefined {
    const open = this.#carriersOf(asked).flatMap((one) => this.state.operations[one] ?? []);
    if (open.length === 0 || !open.every((one) => waitsFor(this.state, one) !== undefined)) return undefined;
    return awaiting(
      this.state,
      open.map((one) => one.id),
    );
  }

  #carriersOf({ kind, id, content }: Asked): readonly string[] {
    if (kind === 'command') {
      if (this.state.commands[id]?.digest !== content) return [];
      return Object.values(this.state.operations).flatMap((one) =>
        one.commands.includes(id) || one.decisions.includes(id) ? [one.id] : [],
      );
    }
    const known = this.state.verdicts[id];
    return known?.digest === content ? (known?.operations ?? []) : [];
  }

  async #until(holds: () => boolean): Promise<void> {
    await this.#watchers.until(() => (holds() ? true : undefined)).found;
  }
}

const notTaken = (problem: Problem): Answer => ({ outcome: 'withheld', problem, operations: [] });
