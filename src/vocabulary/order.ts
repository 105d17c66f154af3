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

/** A reading with the time span in which the device was asked, in milliseconds since the epoch. */
export interface TimedReading extends Reading {
  readonly startedAt: number;
  readonly endedAt: number;
}

/** A plug of a device. A device without numbered plugs (a BMC) has one outlet whose plug is the empty string. */
export interface Outlet {
  readonly device: string;
  readonly plug: string;
}

export const outletName = (outlet: Outlet): string => (outlet.plug === '' ? outlet.device : `${outlet.device}:${outlet.plug}`);

export const sameOutlet = (a: Outlet, b: Outlet): boolean => a.device === b.device && a.plug === b.plug;
