/** A switched PDU in a rack, spoken to over SNMP. */
import { FAMILIES, MockPdu } from '../pdu/index.ts';
import { type Configured, type DeviceWorld, type LabDevice, LabSecret } from './device.ts';
import { BadDescription, Fields } from './fields.ts';
import type { RackDevice } from './rack.ts';

/** Neither is a secret: the lab is on loopback. */
const LAB_COMMUNITY = 'lab-community';
const LAB_SNMP_USER = { name: 'fencer', auth: 'lab-auth-password', priv: 'lab-priv-password' };

interface Access {
  readonly options: Partial<Parameters<typeof MockPdu.start>[0]>;
  readonly configuration: Readonly<Record<string, Configured>>;
}

/**
 * `{ kind: pdu, outlets, family?, version?, delayMs?, staleMs?, metering? }`: family as in FAMILIES (default apc-rpdu2), version `2c` (default) or
 * `3` (SHA-256, AES-128). Outlets are counted from 1.
 */
export async function labPdu(world: DeviceWorld, device: RackDevice): Promise<LabDevice> {
  const fields = new Fields(device.settings, device.name);
  const family = fields.text('family') ?? 'apc-rpdu2';
  const version = fields.oneOf('version', '2c', '3') ?? '2c';
  const delayMs = fields.number('delayMs', 0, 3_600_000);
  const staleMs = fields.number('staleMs', 0, 3_600_000);
  const metering = fields.oneOf('metering', 'true', 'absent', 'none');
  fields.done();
  if (!FAMILIES.some(({ name }) => name === family)) throw new BadDescription(`${device.name}.family ${family} is not known`);
  if (device.outlets.length === 0) throw new BadDescription(`${device.name}.outlets is missing`);
  device.outlets.forEach((outlet, at) => {
    if (outlet !== String(at + 1)) throw new BadDescription(`${device.name}.outlets must be a number: a PDU counts its outlets from 1`);
  });
  const access = version === '3' ? byUser(device.name) : byCommunity(device.name);
  const pdu = await MockPdu.start({
    families: [family],
    name: device.name,
    clock: world.clock,
    relays: [...world.outlets.values()],
    ...access.options,
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(staleMs === undefined ? {} : { staleMs }),
    ...(metering === undefined ? {} : { metering }),
    ...(device.faults === undefined ? {} : { faults: device.faults }),
    port: world.port,
    address: world.address,
  });
  const { address, port } = pdu;
  return {
    endpoint: { address, port, protocol: `snmp ${version} (udp)` },
    faults: pdu.faults,
    configuration: { driver: 'snmp-pdu', host: address, port, profile: family, version, ...access.configuration },
    count: () => pdu.count,
    stop: () => pdu.stop(),
  };
}

function byCommunity(device: string): Access {
  return {
    options: { versions: ['1', '2c'], communities: { public: 'read', [LAB_COMMUNITY]: 'write' } },
    configuration: { community: new LabSecret(device, LAB_COMMUNITY) },
  };
}

function byUser(device: string): Access {
  const { name, auth, priv } = LAB_SNMP_USER;
  return {
    options: { versions: ['3'], users: [{ name, auth: { digest: 'sha256', password: auth }, priv: { cipher: 'aes', password: priv } }] },
    configuration: {
      user: name,
      level: 'authPriv',
      auth: { protocol: 'sha256', key: new LabSecret(`${device}-auth`, auth) },
      priv: { protocol: 'aes', key: new LabSecret(`${device}-priv`, priv) },
    },
  };
}
