/**
 * The ports of the coordinator as interfaces: what the loop needs from the world. Each has a real implementation (chosen in src/main) and
 * a deterministic one (tests, simulation).
 */
import type {
  Answer,
  Assessment,
  Claim,
  Health,
  ListedOutlet,
  OrderResult,
  Outlet,
  Problem,
  Reading,
  WantedPower,
} from '../vocabulary/index.ts';

export interface Clock {
  /** Milliseconds since 1970, anchored once at start and advanced by a monotonic clock: it never jumps within a process. */
  now(): number;
  /** Calls `run` once after `ms`; the returned function cancels. */
  after(ms: number, run: () => void): () => void;
  /**
   * Milliseconds by which the wall clock and the monotonic clock have come apart (a suspended machine, a clock that was set): each time that is
   * seen is told once, oldest first; 0 where there is none left. From then on `now` goes by the wall clock again.
   */
  jumped?(): number;
}

export interface Random {
  /** A short, unique, sortable, printable id for operations and commands. */
  id(): string;
  /** Uniform in [0, 1); jitter only. */
  fraction(): number;
  /** Cryptographically strong. */
  bytes(length: number): Uint8Array;
}

/** The rest of one absolute deadline. */
export interface Deadline {
  readonly ms: number;
  readonly signal?: AbortSignal;
  /** Of an order: nothing that acts leaves at or after this time, repetitions included. Milliseconds since 1970. */
  readonly notAfter?: number;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One line of the journal. `n` counts from 1 and never repeats; `at` is milliseconds since 1970. */
export interface Entry {
  readonly n: number;
  readonly at: number;
  readonly event: Json;
}

/** An event that gets its number when it is written. */
export type Unnumbered = Omit<Entry, 'n'>;

export interface Loaded {
  /** State as of `snapshotN`; absent on a fresh store. */
  readonly snapshot?: Json;
  /** Every event after the snapshot, in order. */
  readonly entries: readonly Entry[];
  /** What had to be mended to load (a torn last line that was cut off). */
  readonly warnings: readonly Problem[];
  /** The last words of a life that could not write its journal any more: to be appended before anything else. */
  readonly reserved?: { readonly at: number; readonly event: Json };
}

/** Append-only memory of the coordinator. Replaying what `load` gives yields the state. */
export interface Store {
  load(): Promise<Loaded>;
  /**
   * Resolves with the event's number only when it is durable. A returned problem means that nothing was written (or that what was written
   * has been cut off again), and that nothing may be done that depended on it (promise S6).
   */
  append(at: number, event: Json): Promise<number | Problem>;
  /** As `append`, for several in their order and in one write: all are durable, and the last number is told, or none of them is there. */
  appendAll?(events: readonly Unnumbered[]): Promise<number | Problem>;
  /**
   * Keeps one event in room that was set aside beforehand, for when the journal itself cannot be written; the next start finds it as
   * `reserved`. It is forgotten with the next `append` that succeeds. A problem: the room cannot be written either.
   */
  reserve?(at: number, event: Json): Promise<Problem | undefined>;
  /** Begins a new segment whose first line is `state`; what came before is kept for history within its bounds. */
  snapshot(at: number, state: Json): Promise<Problem | undefined>;
  /**
   * Notes outside of the journal how far it has come, and the epoch in force: an older journal that is brought back is told from it. Called
   * at a start and when the epoch changed; costs nothing where that epoch is noted. Snapshots and an orderly end note how far the journal has
   * come anyway. A problem: what was noted before stays.
   */
  mark?(epoch: number): Promise<Problem | undefined>;
  /** Events appended since the last snapshot: the loop decides when a snapshot is due. */
  sinceSnapshot(): number;
  /** The number of the last durable event; 0 where there is none. */
  position(): number;
  /**
   * Every kept event after that position, and then each that follows once it is durable; in order. Ends when the store is closed or `signal`
   * says so. A number that is left out tells that what lay between is not kept any more. Rejects with an Error where the journal is damaged.
   */
  tail(after: number, signal?: AbortSignal): AsyncIterable<Entry>;
  /** Every kept event, oldest first, across segments. */
  history(): AsyncIterable<Entry>;
  close(): Promise<void>;
}

/** What the panel is asked. */
export interface Question {
  readonly claim: Claim;
  readonly target: string;
  readonly survivors: readonly string[];
}

export interface Probes {
  /** Asks everything in parallel and comes back with one assessment before `within` has passed; never rejects. */
  assess(question: Question, within: Deadline): Promise<Assessment>;
}

/** All configured devices, by name. Outcomes are values; a rejection is a programmer's error and stops the process. */
export interface DevicePool {
  order(outlet: Outlet, wanted: WantedPower, within: Deadline): Promise<OrderResult>;
  read(outlet: Outlet, within: Deadline): Promise<Reading>;
  /** Does this device, already opened, take several plugs in one request? Then the two below may be used for it. */
  together?(device: string): boolean;
  /** One answer per plug, in their order. */
  orderAll?(device: string, plugs: readonly string[], wanted: WantedPower, within: Deadline): Promise<readonly OrderResult[]>;
  readAll?(device: string, plugs: readonly string[], within: Deadline): Promise<readonly Reading[]>;
  /** Can we log in, and may we cut? Read only. */
  health(device: string, within: Deadline): Promise<Health>;
  /** All its outlets; a problem where it cannot tell them. */
  list(device: string, within: Deadline): Promise<readonly ListedOutlet[] | Problem>;
  /** Its driver did not come back: the next request opens the device again. */
  reopen?(device: string): void;
  close(): Promise<void>;
}

/** Carries answers to whoever asked. Must not block and must not throw: a deaf listener does not stop a fence. */
export interface Replies {
  /** `content` (of a verdict): what the answered one says; one that came under the same id with other content has an answer of its own. */
  answer(to: { readonly kind: 'verdict' | 'command'; readonly id: string; readonly content?: string }, answer: Answer): void;
}

/** Calls a person. Must not block and must not throw. */
export interface Notify {
  callHuman(problem: Problem, about: { readonly operation?: string; readonly target?: string }): void;
}
