/** What every device of a rack has in common, whatever it speaks. */
import type { MockClock } from '../clock.ts';
import type { Faulty } from '../faulty.ts';
import type { Machine } from '../machine.ts';
import type { Relay } from '../relay.ts';
import type { RackDevice } from './rack.ts';

/** What a device is given to be built in. */
export interface DeviceWorld {
  readonly name: string;
  readonly clock: MockClock;
  /** The machine of a node; throws BadDescription on a name that the rack does not have. */
  machine(node: string): Machine;
  /** The relays behind the device's outlets, in the order of the description. */
  readonly outlets: ReadonlyMap<string, Relay>;
  /** Loopback address and port (0: a free one) to listen on. */
  readonly address: string;
  readonly port: number;
}

/** A value of a device's configuration that has to go to a file of its own; `file` is its name in the folder of secrets. */
export class LabSecret {
  readonly file: string;
  readonly value: string;
  constructor(file: string, value: string) {
    this.file = file;
    this.value = value;
  }
}

export type Configured = string | number | boolean | LabSecret | readonly Configured[] | { readonly [key: string]: Configured };

export interface LabDevice {
  readonly endpoint: { readonly address: string; readonly port: number; readonly protocol: string };
  readonly faults: Faulty;
  /** The node that it switches as a whole (a BMC); absent where it switches outlets. */
  readonly node?: string;
  /** Its entry under `devices:` of the configuration. */
  readonly configuration: { readonly driver: string } & Readonly<Record<string, Configured>>;
  /** Numbers worth showing: datagrams, orders. */
  count(): unknown;
  stop(): Promise<void>;
}

export type LabKind = (world: DeviceWorld, device: RackDevice) => Promise<LabDevice>;
