/** A Redfish service in a rack: the controller of a node's board, or a power strip. */
import { type MockStrip, type MockSystem, MockRedfish, type RedfishManners } from '../redfish/index.ts';
import { type DeviceWorld, type LabDevice, LabSecret } from './device.ts';
import { BadDescription, Fields } from './fields.ts';
import type { RackDevice } from './rack.ts';

/** Who is in a lab's Redfish service. The password is no secret: the lab is on loopback. */
const USER = { name: 'fencer', password: 'lab-password' } as const;

/**
 * `{ kind: redfish, node, neighbours?, auth?, maxSessions?, tasks?, taskMs?, tellsResetTypes?, refusesWhenAlready?, refusesKeepAlive? }` for a
 * board, where `neighbours` are other nodes in the same chassis; `{ kind: redfish, outlets, … }` for a power strip.
 */
export async function labRedfish(world: DeviceWorld, device: RackDevice): Promise<LabDevice> {
  const fields = new Fields(device.settings, device.name);
  const node = fields.text('node');
  const neighbours = fields.list('neighbours', 16, readName) ?? [];
  const auth = fields.oneOf('auth', 'basic', 'session') ?? 'basic';
  const maxSessions = fields.number('maxSessions', 0, 64);
  const manners = readManners(fields);
  fields.done();
  if ((node === undefined) === (world.outlets.size === 0)) throw new BadDescription(`${device.name} needs node or outlets, not both`);
  const systems: readonly MockSystem[] = (node === undefined ? [] : [node, ...neighbours]).map((id) => ({
    id,
    machine: world.machine(id),
  }));
  const strips: readonly MockStrip[] = node === undefined ? [{ id: device.name, outlets: world.outlets }] : [];
  const mock = await MockRedfish.start({
    systems,
    strips,
    users: [USER],
    clock: world.clock,
    manners,
    ...(maxSessions === undefined ? {} : { maxSessions }),
    ...(device.faults === undefined ? {} : { faults: device.faults }),
    port: world.port,
    address: world.address,
  });
  const { address, port } = mock;
  return {
    endpoint: { address, port, protocol: 'redfish (https)' },
    faults: mock.faults,
    ...(node === undefined ? {} : { node }),
    configuration: {
      driver: node === undefined ? 'redfish-pdu' : 'redfish',
      host: address,
      port,
      username: USER.name,
      password: new LabSecret(device.name, USER.password),
      auth,
      tls: { pins: [mock.certificate?.fingerprint ?? ''] },
      ...(node === undefined ? {} : { system: node }),
    },
    count: () => mock.count,
    stop: () => mock.stop(),
  };
}

function readManners(fields: Fields): RedfishManners {
  const answer = fields.flag('tasks') === true ? ({ orderAnswer: 202 } as const) : {};
  const already = fields.oneOf('refusesWhenAlready', '400', '409');
  const read = {
    taskMs: fields.number('taskMs', 0, 3_600_000),
    tellsResetTypes: fields.oneOf('tellsResetTypes', 'inline', 'action-info', 'nowhere'),
    refusesWhenAlready: already === undefined ? undefined : already === '400' ? (400 as const) : (409 as const),
    refusesKeepAlive: fields.flag('refusesKeepAlive'),
  };
  return { ...answer, ...Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined)) };
}

function readName(raw: unknown, at: string): string {
  if (typeof raw === 'string') return raw;
  throw new BadDescription(`${at} must be the name of a node`);
}
