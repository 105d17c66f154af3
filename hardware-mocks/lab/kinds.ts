/** What a rack can be built of. A new mock joins with one entry here, or by `kinds` of `startLab`. */
import { type BmcOptions, type BmcUser, MockBmc } from '../bmc/index.ts';
import type { MockClock } from '../clock.ts';
import type { Faulty } from '../faulty.ts';
import type { Machine } from '../machine.ts';
import type { Relay } from '../relay.ts';
import { BadDescription, Fields } from './fields.ts';
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

/** All in-tree kinds by their word in the description. */
export const LAB_KINDS: Readonly<Record<string, LabKind>> = { bmc: labBmc };

/** Who is in a lab's BMC unless the description says otherwise. The password is no secret: the lab is on loopback. */
export const LAB_USER = { name: 'fencer', password: 'lab-password', privilege: 'operator' } as const satisfies BmcUser;

/**
 * `{ kind: bmc, node, users?, kg?, cipherSuites?, insecureSuites?, maxSessions?, loginExpiresMs?, idleExpiresMs?, errorShape?, unknownUser?,
 * refusesWhenAlready?, suiteRecords?, bootMs? }`, as BmcOptions. The first user is the one of the configuration.
 */
async function labBmc(world: DeviceWorld, device: RackDevice): Promise<LabDevice> {
  const fields = new Fields(device.settings, device.name);
  const node = fields.needText('node');
  const users = fields.list('users', 16, readUser) ?? [LAB_USER];
  const kg = fields.text('kg');
  const options = readOptions(fields);
  fields.done();
  const bmc = await MockBmc.start({
    machine: world.machine(node),
    clock: world.clock,
    users,
    ...(kg === undefined ? {} : { kg: new TextEncoder().encode(kg) }),
    ...options,
    ...(device.faults === undefined ? {} : { faults: device.faults }),
    port: world.port,
    address: world.address,
  });
  const { address, port } = bmc;
  const [user] = users;
  return {
    endpoint: { address, port, protocol: 'ipmi (udp)' },
    faults: bmc.faults,
    node,
    configuration: {
      driver: 'ipmi',
      host: address,
      port,
      username: user?.name ?? '',
      password: new LabSecret(device.name, user?.password ?? ''),
      ...(kg === undefined ? {} : { kg: new LabSecret(`${device.name}-kg`, kg) }),
    },
    count: () => bmc.count,
    stop: () => bmc.stop(),
  };
}

function readUser(raw: unknown, at: string): BmcUser {
  const fields = new Fields(raw, at);
  const name = fields.needText('name');
  const password = fields.needText('password');
  const privilege = fields.oneOf('privilege', 'callback', 'user', 'operator', 'administrator');
  fields.done();
  return { name, password, ...(privilege === undefined ? {} : { privilege }) };
}

function readOptions(fields: Fields): Partial<BmcOptions> {
  const read = {
    cipherSuites: fields.list('cipherSuites', 16, readSuite),
    insecureSuites: fields.flag('insecureSuites'),
    maxSessions: fields.number('maxSessions', 0, 64),
    loginExpiresMs: fields.number('loginExpiresMs', 1, 3_600_000),
    idleExpiresMs: fields.number('idleExpiresMs', 1, 3_600_000),
    errorShape: fields.oneOf('errorShape', 'full', 'two-bytes', 'untagged'),
    unknownUser: fields.oneOf('unknownUser', 'refuse', 'silent'),
    refusesWhenAlready: fields.flag('refusesWhenAlready'),
    suiteRecords: fields.oneOf('suiteRecords', 'five-bytes', 'short', 'none'),
    bootMs: fields.number('bootMs', 0, 3_600_000),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

function readSuite(raw: unknown, at: string): number {
  if (typeof raw === 'number' && Number.isInteger(raw) && raw >= 0 && raw <= 17) return raw;
  throw new BadDescription(`${at} must be the number of a cipher suite`);
}
