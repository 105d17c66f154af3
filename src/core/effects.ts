import type { Answer, Claim, Outlet, Problem, WantedPower } from '../vocabulary/index.ts';
import type { Timer } from './events.ts';

/** Whose answer it is. `content`: another one may have come under the same id, and its sender must not take this for theirs. */
export interface Asker {
  readonly kind: 'verdict' | 'command';
  readonly id: string;
  readonly content?: string;
}

/** What the shell must do, in order. `persist` is a barrier: nothing after it is done unless the event is durable (promise S6). */
export type Effect =
  | { readonly kind: 'persist' }
  | {
      readonly kind: 'assess';
      readonly operation: string;
      readonly round: number;
      readonly question: { readonly claim: Claim; readonly target: string; readonly survivors: readonly string[] };
      readonly within: number;
    }
  | { readonly kind: 'wake'; readonly operation: string; readonly timer: Timer; readonly at: number }
  | {
      readonly kind: 'order';
      readonly operation: string;
      readonly number: number;
      readonly outlet: Outlet;
      readonly wanted: WantedPower;
      readonly within: number;
      /** No datagram and no request of this order, repetitions included, leaves at or after this time (S2). */
      readonly notAfter: number;
    }
  /** Calls the orders of this operation back: what waits is not sent, what is under way is not repeated. */
  | { readonly kind: 'cancel'; readonly operation: string }
  | {
      readonly kind: 'read';
      readonly operation: string;
      /** The number of the last order of the operation when this reading was asked for (promise S3). */
      readonly number: number;
      readonly outlet: Outlet;
      readonly delay: number;
      readonly within: number;
    }
  | { readonly kind: 'answer'; readonly to: Asker; readonly answer: Answer }
  | { readonly kind: 'call-human'; readonly problem: Problem; readonly operation?: string; readonly target?: string };
