/** A BMC in a rack. */
import { type BmcOptions, type BmcUser, MockBmc } from '../bmc/index.ts';
import { type DeviceWorld, type LabDevice, LabSecret } from './device.ts';
import { BadDescription, Fields } from './fields.ts';
import type { RackDevice } from './rack.ts';

/** Who is in a lab's BMC unless the description says otherwise. The password is no secret: the lab is on loopback. */
export const LAB_USER = { name: 'fencer', password: 'lab-password', privilege: 'operator' } as const satisfies BmcUser;

/**
 * `{ kind: bmc, node, users?, kg?, cipherSuites?, insecureSuites?, maxSessions?, loginExpiresMs?, idleExpiresMs?, errorShape?, unknownUser?,
 * refusesWhenAlready?, suiteRecords?, bootMs? }`, as BmcOptions. The first user is the one of the configuration.
 */
export async function labBmc(world: DeviceWorld, device: RackDevice): Promise<LabDevice> {
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
