import type { PowerState } from './power.ts';
import type { Problem } from './problem.ts';

/**
 * What became of an order. `accepted` is not evidence that anything was switched; `unknown` means that the answer was lost, so the
 * device may or may not have acted: only a reading settles it.
 */
export type OrderResult =
  | { readonly result: 'accepted' }
  | { readonly result: 'rejected'; readonly why: Problem }
  | { readonly result: 'unknown'; readonly why: Problem };

/** Power read back from a device. */
export interface Reading {
  readonly power: PowerState;
  /** Present when `power` is unknown. */
  readonly why?: Problem;
  /** How it was read: the command or the object, e.g. `Get Chassis Status`. */
  readonly source: string;
  /** Load in watts, where the outlet is metered. */
  readonly watts?: number;
  /** Current in amperes, where the outlet is metered. */
  readonly amps?: number;
}
