/** The engine in process: what `serve` keeps running and what a one-shot command starts, uses once, and closes. */
import type { Configuration } from '../config/index.ts';
import { Loop } from '../coordinator/loop.ts';
import type { Clock, Dice, Question, Store } from '../coordinator/ports.ts';
import { type Event, type State, type Step, waitsFor } from '../core/index.ts';
import { createPanel } from '../probes/index.ts';
import { openJournal } from '../store/index.ts';
import type { Answer, Command, Problem, Verdict } from '../vocabulary/index.ts';
import { listenAhead } from './ahead.ts';
import { openArmory } from './armory.ts';
import { realClock, realDice } from './clock.ts';
import { type Called, WaitingRoom } from './herald.ts';
import { policyOf } from './policy.ts';

export interface EngineOptions {
  readonly clock?: Clock;
  readonly dice?: Dice;
  readonly watch?: (event: Event, after: Step) => void;
  readonly debug?: (says: string) => void;
  /** What will be asked first: its round begins before the state folder is taken. */
  readonly ahead?: Question;
}

/** The answer, or why there is none yet: the operation waits for a person. */
export type Carried = { readonly answer: Answer } | { readonly pending: readonly string[]; readonly problem: Problem };

export class Engine {
  readonly #loop: Loop;
  readonly #room: WaitingRoom;
  readonly #store: Store;
  readonly #close: () => Promise<void>;
  readonly warnings: readonly Problem[];
  /** Operations that an earlier process left open; they are being resumed. */
  readonly openAtStart: readonly string[];
  readonly #pending: (() => void)[];

  private constructor(parts: {
    loop: Loop;
    room: WaitingRoom;
    store: Store;
    close: () => Promise<void>;
    warnings: readonly Problem[];
    pending: (() => void)[];
    openAtStart: readonly string[];
  }) {
    this.#loop = parts.loop;
    this.#room = parts.room;
    this.#store = parts.store;
    this.#close = parts.close;
    this.warnings = parts.warnings;
    this.#pending = parts.pending;
    this.openAtStart = parts.openAtStart;
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
    });
    const ahead = options.ahead === undefined ? undefined : listenAhead(panel, options.ahead, configuration.verify.within);
    const store = await openJournal(configuration.stateDir, { clock });
    if ('code' in store) {
      ahead?.stop();
      return store;
    }
    const armory = openArmory(configuration, { clock, dice, debug: options.debug ?? (() => undefined) });
    const room = new WaitingRoom();
    const pending: (() => void)[] = [];
    let openAtStart: readonly string[] | undefined;
    const watch = (event: Event, after: Step): void => {
      openAtStart ??= Object.keys(after.state.operations);
      options.watch?.(event, after);
      for (const look of [...pending]) look();
    };
    const doors = { clock, dice, store, probes: ahead ?? panel, armory, herald: room };
    const { loop, warnings, unrecorded } = await Loop.start(doors, policyOf(configuration), { watch });
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
    return new Engine({ loop, room, store, close, warnings, pending, openAtStart: openAtStart ?? [] });
  }

  get state(): State {
    return this.#loop.state;
  }

  get calls(): readonly Called[] {
    return this.#room.calls;
  }

  /** Rejects when a promise was broken: the process must end, the next start resumes. */
  get broken(): Promise<never> {
    return this.#loop.broken;
  }

  get store(): Store {
    return this.#store;
  }

  async command(command: Command): Promise<Carried> {
    const full = this.#loop.command(command);
    return full === undefined ? await this.#carried('command', command.id) : { answer: notTaken(full) };
  }

  async verdict(verdict: Verdict): Promise<Carried> {
    const full = this.#loop.verdict(verdict);
    return full === undefined ? await this.#carried('verdict', verdict.id) : { answer: notTaken(full) };
  }

  approve(operation: string, by: string, reason: string): Problem | undefined {
    return this.#loop.approve(operation, by, reason);
  }

  deny(operation: string, by: string, reason: string): Problem | undefined {
    return this.#loop.deny(operation, by, reason);
  }

  /** Until this operation is no longer open. */
  async ended(operation: string): Promise<void> {
    await Promise.race([this.#loop.broken, this.#when(() => this.state.operations[operation] === undefined)]);
  }

  /** Until nothing is open but what waits for a person. */
  async quiet(): Promise<void> {
    await Promise.race([
      this.#loop.broken,
      this.#when(() => Object.values(this.state.operations).every((operation) => waitsFor(this.state, operation) !== undefined)),
    ]);
  }

  async close(): Promise<void> {
    await this.#close();
  }

  async #carried(kind: 'command' | 'verdict', id: string): Promise<Carried> {
    // Which operations carry it is known once it was admitted, and does not change: hundreds may be waiting at once.
    let carriers: readonly string[] = [];
    const held = (): readonly string[] => {
      if (carriers.length === 0) carriers = this.#carriersOf(kind, id);
      const open = carriers.flatMap((one) => this.state.operations[one] ?? []);
      return open.length > 0 && open.every((one) => waitsFor(this.state, one) !== undefined) ? open.map((one) => one.id) : [];
    };
    const waits = this.#when(() => held().length > 0).then((): Carried => ({ pending: held(), problem: awaiting(this.state, held()) }));
    const answer = this.#room.wait(kind, id).then((given): Carried => ({ answer: given }));
    return await Promise.race([answer, waits, this.#loop.broken]);
  }

  #carriersOf(kind: 'command' | 'verdict', id: string): readonly string[] {
    if (kind === 'verdict') return this.state.verdicts[id]?.operations ?? [];
    return Object.values(this.state.operations).flatMap((operation) => (operation.commands.includes(id) ? [operation.id] : []));
  }

  async #when(holds: () => boolean): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        this.#pending.splice(this.#pending.indexOf(look), 1);
        resolve();
      };
      this.#pending.push(look);
    });
  }
}

const notTaken = (problem: Problem): Answer => ({ outcome: 'withheld', problem, operations: [] });

function awaiting(state: State, ids: readonly string[]): Problem {
  const [first] = ids.flatMap((id) => state.operations[id] ?? []);
  if (first !== undefined && waitsFor(state, first) === 'attestation') {
    return {
      code: 'person-needed',
      says: `A person must cut the power of ${first.target}; ${ids.join(', ')} waits for their word.`,
      next: `When the node is down: bailiff attest ${first.target} --by NAME --reason TEXT.`,
    };
  }
  return {
    code: 'awaiting-approval',
    says: `The policy asks a person first; ${ids.join(', ')} waits.`,
    next: `bailiff approve ${first?.id ?? 'OP'} --by NAME --reason TEXT, or bailiff deny.`,
  };
}

function linksOf(configuration: Configuration): Parameters<typeof createPanel>[0]['links'] {
  return [...configuration.nodes.values()].flatMap((node) =>
    node.links.map((link) => ({
      node: node.name,
      name: link.name,
      kind: link.kind,
      address:
        link.kind === 'serial'
          ? link.device
          : `${link.address.host.includes(':') ? `[${link.address.host}]` : link.address.host}:${link.address.port}`,
    })),
  );
}
