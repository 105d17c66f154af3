import type { Assessment, Command, OrderResult, Outlet, Problem, TimedReading, Verdict } from '../vocabulary/index.ts';
import type { Policy } from './policy.ts';

/** Everything that can happen to the coordinator. `at` is milliseconds since 1970, stamped by the loop. The journal is the list of these. */
export type Event = { readonly at: number } /**
 * A process starts. `core`: the version of what the events mean to it (absent: 1). `hold`: what an earlier life left open waits until it is
 * `resumed`, since a command of one process does its own work first.
 */ & (
  | { readonly kind: 'restored'; readonly policy: Policy; readonly core?: number; readonly hold?: true }
  | { readonly kind: 'resumed'; readonly operations: readonly string[] }
  /** Authenticated by the intake; `operations` are fresh ids, one per target. */
  | { readonly kind: 'verdict'; readonly verdict: Verdict; readonly operations: readonly string[] }
  | { readonly kind: 'command'; readonly command: Command; readonly operation: string }
  | { readonly kind: 'assessed'; readonly operation: string; readonly round: number; readonly assessment: Assessment }
  | { readonly kind: 'due'; readonly operation: string; readonly timer: Timer }
  /** `id` names the decision as a command's names the command: the same one again gets the same answer. */
  | { readonly kind: 'approved'; readonly id?: string; readonly operation: string; readonly by: string; readonly reason: string }
  | { readonly kind: 'denied'; readonly id?: string; readonly operation: string; readonly by: string; readonly reason: string }
  | { readonly kind: 'ordered'; readonly operation: string; readonly number: number; readonly outlet: Outlet; readonly order: OrderResult }
  | { readonly kind: 'read'; readonly operation: string; readonly number: number; readonly outlet: Outlet; readonly reading: TimedReading }
  | { readonly kind: 'lease-held'; readonly until: number }
  | { readonly kind: 'lease-lost' }
  /** Wall and monotonic clock came apart by so many milliseconds (a suspended machine, a clock that was set): every permit is stale. */
  | { readonly kind: 'clock-jumped'; readonly by: number }
  /** A person says which epoch counts from now on, with a reason. */
  | { readonly kind: 'epoch-set'; readonly epoch: number; readonly by: string; readonly reason: string }
  /** A promise broke, and the process ends. What it was about is named where that is known. */
  | {
      readonly kind: 'broke';
      readonly promise: string;
      readonly says: string;
      readonly operation?: string;
      readonly verdict?: string;
      readonly command?: string;
    }
  /** A person did something outside any operation that must not go unrecorded; it changes no state. */
  | { readonly kind: 'noted'; readonly by: string; readonly reason: string; readonly says: string }
  /** The journal could not be written. The journal is told when it can be written again, before anything else. */
  /** `lost`: not even the room that is kept for last words took it, so the next life may not learn of it. */
  | { readonly kind: 'journal-failed'; readonly problem: Problem; readonly lost?: true }
);

export type Timer =
  | { readonly kind: 'listen' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'approval' }
  | { readonly kind: 'level'; readonly level: number; readonly wanted: 'on' | 'off' }
  | { readonly kind: 'off-time' };

export type EventOf<K extends Event['kind']> = Extract<Event, { kind: K }>;
