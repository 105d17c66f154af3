import type { Reading } from '../../drivers/kit/order.ts';

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
