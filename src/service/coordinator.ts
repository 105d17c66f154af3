/** The loop of one process with those who wait for its answers. Which store, devices, probes and clock it has is for others to say. */
import { Loop } from '../coordinator/loop.ts';
import type { DevicePool, Clock, Random, Probes, Store } from '../coordinator/ports.ts';
import { withholdings } from '../core/problems.ts';
import {
  type Called,
  digestOfVerdict,
  digestOfCommand,
  digestOfDecision,
  type Event,
  type Policy,
  type State,
  type Step,
  waitsFor,
} from '../core/index.ts';
import type { Answer, Command, Problem, Verdict } from '../vocabulary/index.ts';
import { Concerns } from './concerns.ts';
import { type Asked, type Carried, Replies } from './replies.ts';
import type { DeviceLook } from './service.ts';
import { Watchers } from './watchers.ts';

export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly probes: Probes;
  readonly pool: DevicePool;
}

export interface StartOptions {
  readonly watch?: (event: Event, after: Step) => void;
  /** What an earlier process left open waits until `resume`, or until somebody asks about its node. */
  readonly hold?: boolean;
}

/** What a coordinator is made of once it has started. */
export interface Started {
  readonly loop: Loop;
  readonly ports: Ports;
  readonly policy: Policy;
  readonly replies: Replies;
  readonly watchers: Watchers;
  readonly restless: Set<Set<string>>;
  readonly warnings: readonly Problem[];
  readonly openAtStart: readonly string[];
}

export class Coordinator {
  readonly #loop: Loop;
  readonly #ports: Ports;
  readonly #replies: Replies;
  readonly #watchers: Watchers;
  /** For each who waits for quiet: operations that may still move. */
  readonly #restless: Set<Set<string>>;
  /** What is in force. */
  readonly policy: Policy;
  readonly warnings: readonly Problem[];
  /** Operations that an earlier process left open; they ended with the start, are being resumed, or held until `resume`. */
  readonly openAtStart: readonly string[];

  protected constructor({ loop, ports, policy, replies, watchers, restless, warnings, openAtStart }: Started) {
    this.#loop = loop;
    this.#ports = ports;
    this.policy = policy;
    this.#replies = replies;
    this.#watchers = watchers;
    this.#restless = restless;
    this.warnings = warnings;
    this.openAtStart = openAtStart;
    // One listener for all who wait: a promise that never settles would keep each of theirs for ever.
    loop.broken.catch((error: unknown) => {
      const failure = error instanceof Error ? error : new Error(String(error));
      replies.fail(failure);
      watchers.fail(failure);
    });
  }

  /** Replays the journal, puts the policy in force, resumes what was open. A problem: nothing was started, and the ports are closed. */
  static async start(ports: Ports, policy: Policy, options: StartOptions = {}): Promise<Coordinator | Problem> {
    const started = await Coordinator.begin(ports, policy, options);
    return 'code' in started ? started : new Coordinator(started);
  }

  protected static async begin(ports: Ports, policy: Policy, options: StartOptions): Promise<Started | Problem> {
    const replies = new Replies();
    const watchers = new Watchers();
    const concerns = new Concerns();
    const restless = new Set<Set<string>>();
    let openAtStart: readonly string[] | undefined;
    const watch = (event: Event, after: Step): void => {
      openAtStart ??= [...after.state.ended.flatMap((one) => (one.endedAt === event.at ? [one.id] : [])), ...after.state.operations.keys()];
      options.watch?.(event, after);
      const about = concerns.of(event, after);
      for (const moving of restless) for (const id of about) moving.add(id);
      replies.look(after.state, about);
      watchers.look();
    };
    const { loop, warnings, unrecorded } = await Loop.start({ ...ports, replies, notify: replies }, policy, {
      watch,
      hold: options.hold === true,
    });
    if (unrecorded === undefined) return { loop, ports, policy, replies, watchers, restless, warnings, openAtStart: openAtStart ?? [] };
    await close(loop, ports);
    return unrecorded;
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

  get clock(): Clock {
    return this.#ports.clock;
  }

  get store(): Store {
    return this.#ports.store;
  }

  /** What may be asked of devices beside all operations. */
  get devices(): DeviceLook {
    return this.#loop.devices;
  }

  /** Why nothing could be ordered now; none where all is well. `now`: milliseconds since 1970. */
  troubles(now: number): readonly Problem[] {
    const { unwritable } = this.#loop;
    const { leaseUntil } = this.state;
    const lease = this.policy.lease === undefined || (leaseUntil !== undefined && leaseUntil - this.policy.lease.margin > now);
    const unleased = leaseUntil === undefined ? withholdings.noLease() : withholdings.lease();
    return [...(unwritable === undefined ? [] : [unwritable]), ...(lease ? [] : [unleased])];
  }

  /** An id names one command: the same command again gets the same answer, another one under that id is refused. */
  async command(command: Command): Promise<Carried> {
    const asked: Asked = { kind: 'command', id: command.id, content: digestOfCommand(command) };
    return await this.#carried(asked, () => this.#loop.command(command));
  }

  async verdict(verdict: Verdict): Promise<Carried> {
    return await this.#carried({ kind: 'verdict', id: verdict.id, content: digestOfVerdict(verdict) }, () => this.#loop.verdict(verdict));
  }

  /** The answer of the operation, or why the decision was not taken. `id` names the decision as a command's id names the command. */
  async approve(id: string, operation: string, by: string, reason: string): Promise<Carried> {
    const asked: Asked = { kind: 'command', id, content: digestOfDecision('approved', operation, by, reason) };
    return await this.#carried(asked, () => this.#loop.approve(id, operation, by, reason));
  }

  async deny(id: string, operation: string, by: string, reason: string): Promise<Carried> {
    const asked: Asked = { kind: 'command', id, content: digestOfDecision('denied', operation, by, reason) };
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
    this.#loop.resume(this.state.operations.values().flatMap((operation) => (operation.asleep === true ? [operation.id] : [])));
  }

  /** Until this operation is no longer open. */
  async ended(operation: string): Promise<void> {
    await this.#until(() => this.state.operations.get(operation) === undefined);
  }

  /** Until nothing is open but what waits for a person. What is held waits for `resume` first. */
  async quiet(): Promise<void> {
    const moving = new Set(this.state.operations.keys());
    this.#restless.add(moving);
    try {
      await this.#until(() => {
        for (const id of moving) {
          if (this.#moves(id)) return false;
          moving.delete(id);
        }
        return true;
      });
    } finally {
      this.#restless.delete(moving);
    }
  }

  async close(): Promise<void> {
    await close(this.#loop, this.#ports);
  }

  #moves(id: string): boolean {
    const operation = this.state.operations.get(id);
    return operation !== undefined && (operation.asleep === true || waitsFor(this.state, operation) === undefined);
  }

  /** Puts the question, and waits for its answer, or until nothing but a person can bring it. */
  async #carried(asked: Asked, put: () => Problem | undefined): Promise<Carried> {
    const expected = this.#replies.expect(asked);
    try {
      const full = put();
      if (full !== undefined) {
        // Nobody will answer what was not taken, and nobody listens for a failure of what follows.
        expected.carried.catch(() => undefined);
        return { answer: notTaken(full) };
      }
      return await expected.carried;
    } finally {
      expected.forget();
    }
  }

  async #until(holds: () => boolean): Promise<void> {
    await this.#watchers.until(() => (holds() ? true : undefined)).found;
  }
}

async function close(loop: Loop, { pool, store }: Ports): Promise<void> {
  await loop.close();
  await pool.close();
  await store.close();
}

const notTaken = (problem: Problem): Answer => ({ outcome: 'withheld', problem, operations: [] });
