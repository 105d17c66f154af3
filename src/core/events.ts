import type { Assessment, Command, OrderResult, Outlet, Problem, TimedReading, Verdict } from '../vocabulary/index.ts';
import type { Policy } from './policy.ts';

/** Everything that can happen to the coordinator. `at` is milliseconds since 1970, stamped by the loop. The journal is the list of these. */
export type Event = { readonly at: number } & (
  | { readonly kind: 'restored'; readonly policy: Policy }
  /** Authenticated by the intake; `operations` are fresh ids, one per target. */
  | { readonly kind: 'verdict'; readonly verdict: Verdict; readonly operations: readonly string[] }
  | { readonly kind: 'command'; readonly command: Command; readonly operation: string }
  | { readonly kind: 'assessed'; readonly operation: string; readonly round: number; readonly assessment: Assessment }
  | { readonly kind: 'due'; readonly operation: string; readonly timer: Timer }
  | { readonly kind: 'approved'; readonly operation: string; readonly by: string; readonly reason: string }
  | { readonly kind: 'denied'; readonly operation: string; readonly by: string; readonly reason: string }
  | { readonly kind: 'ordered'; readonly operation: string; readonly number: number; readonly outlet: Outlet; readonly order: OrderResult }
  | { readonly kind: 'read'; readonly operation: string; readonly number: number; readonly outlet: Outlet; readonly reading: TimedReading }
  | { readonly kind: 'lease-held'; readonly until: number }
  | { readonly kind: 'lease-lost' }
  /** A person did something outside any operation that must not go unrecorded; it changes no state. */
  | { readonly kind: 'noted'; readonly by: string; readonly reason: string; readonly says: string }
  /** The journal could not be written. The journal is told when it can be written again, before anything else. */
  | { readonly kind: 'journal-failed'; readonly problem: Problem }
);

export type Timer =
  | { readonly kind: 'listen' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'approval' }
  | { readonly kind: 'level'; readonly level: number; readonly wanted: 'on' | 'off' }
  | { readonly kind: 'off-time' };

export type EventOf<K extends Event['kind']> = Extract<Event, { kind: K }>;
