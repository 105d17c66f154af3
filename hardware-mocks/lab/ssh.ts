/** A device in a rack that is spoken to over SSH: a power strip's command line, a controller, a hypervisor, or the node itself. */
import { fingerprintOf, freshKeyPair, MockSsh, type SshManners, VOICE_NAMES, voiceNamed } from '../ssh/index.ts';
import { type DeviceWorld, type LabDevice, LabSecret } from './device.ts';
import { BadDescription, Fields } from './fields.ts';
import type { RackDevice } from './rack.ts';

/** The password is no secret: the lab is on loopback. */
const LAB_USER = { name: 'fencer', password: 'lab-password' };

/**
 * `{ kind: ssh, dialect?, outlets | node, passwordBy?, oldAlgorithms?, halfOpen?, bannerDelayMs?, pieceBytes?, ansi? }`: dialect as in the
 * driver (default apc-aos); `target` needs a node, and so do hpe-ilo, idrac and obmcutil. Host keys are fresh for each start.
 */
export async function labSsh(world: DeviceWorld, device: RackDevice): Promise<LabDevice> {
  const fields = new Fields(device.settings, device.name);
  const dialect = fields.text('dialect') ?? 'apc-aos';
  const node = fields.text('node');
  const passwordBy = fields.oneOf('passwordBy', 'password', 'keyboard-interactive', 'both');
  const oldAlgorithms = fields.flag('oldAlgorithms');
  const manners = readManners(fields);
  fields.done();
  const voice = voiceNamed(dialect.startsWith('target-') ? 'target' : dialect);
  if (voice === undefined) throw new BadDescription(`${device.name}.dialect ${dialect} is not one of ${VOICE_NAMES.join(', ')}`);
  if ((node === undefined) === (device.outlets.length === 0)) throw new BadDescription(`${device.name} needs either a node or outlets`);
  const hostKey = freshKeyPair(oldAlgorithms === true ? 'rsa' : 'ed25519').privateKey;
  const mock = await MockSsh.start({
    voice,
    world: node === undefined ? world.outlets : new Map([['', world.machine(node)]]),
    users: [LAB_USER],
    hostKeys: [hostKey],
    clock: world.clock,
    manners,
    ...(passwordBy === undefined ? {} : { passwordBy }),
    ...(oldAlgorithms === undefined ? {} : { oldAlgorithms }),
    ...(device.faults === undefined ? {} : { faults: device.faults }),
    port: world.port,
    address: world.address,
  });
  const { address, port } = mock;
  return {
    endpoint: { address, port, protocol: 'ssh (tcp)' },
    faults: mock.faults,
    ...(node === undefined ? {} : { node }),
    configuration: {
      driver: 'ssh',
      host: address,
      port,
      username: LAB_USER.name,
      password: new LabSecret(device.name, LAB_USER.password),
      hostKey: [fingerprintOf(hostKey)],
      dialect: dialect === 'target' ? 'target-sysrq' : dialect,
      ...(oldAlgorithms === true ? { legacyAlgorithms: true } : {}),
    },
    count: () => mock.count,
    stop: () => mock.stop(),
  };
}

function readManners(fields: Fields): SshManners {
  const halfOpen = fields.flag('halfOpen');
  const bannerDelayMs = fields.number('bannerDelayMs', 0, 3_600_000);
  const pieceBytes = fields.number('pieceBytes', 1, 65_536);
  const ansi = fields.flag('ansi');
  return {
    ...(halfOpen === undefined ? {} : { halfOpen }),
    ...(bannerDelayMs === undefined ? {} : { bannerDelayMs }),
    ...(pieceBytes === undefined ? {} : { pieceBytes }),
    ...(ansi === undefined ? {} : { ansi }),
  };
}
