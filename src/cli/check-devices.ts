/** Every device: where its name leads, whether a login works and may cut, whether its outlets are there, and whether it is really another one. */
import { type Configuration, type DeviceConfiguration, plainPlace } from '../config/index.ts';
import { lookAtDevices } from '../main/looking.ts';
import type { DeviceLook } from '../service/service.ts';
import type { Health, Problem } from '../vocabulary/index.ts';
import { type CheckedName, resolveNames } from './check-names.ts';
import { type CheckedOutlet, checkOutlets, usesOf } from './check-outlets.ts';
import { type Met, sharedDevices } from './check-same-device.ts';
import { anotherNode, tellsAnotherNode } from './check-told-names.ts';

/** Milliseconds for the login and what is asked after it, and again for each outlet. */
const CHECK_WITHIN = 10_000;

export interface CheckedDevice {
  readonly device: string;
  readonly driver: string;
  /** To what its name or address leads; absent where the driver has none. */
  readonly addresses?: readonly string[];
  readonly health: Health;
  /** Of the outlets that nodes use. */
  readonly outlets: readonly CheckedOutlet[];
  /** Beyond its own health: `name-not-resolved`, `tells-another-node`, `outlet-shared`. */
  readonly problems: readonly Problem[];
}

export const isFit = (one: CheckedDevice): boolean =>
  one.health.ok && one.problems.length === 0 && one.outlets.every((outlet) => outlet.problem === undefined);

export async function checkDevices(configuration: Configuration): Promise<readonly CheckedDevice[]> {
  const devices = [...configuration.devices.values()];
  const naming = resolveNames(devices.flatMap((device) => addressIn(device) ?? []));
  const looking = lookAtDevices(configuration);
  try {
    const [names, checked] = await Promise.all([
      naming,
      Promise.all(devices.map(async ({ name }) => await checkOne(configuration, name, looking.devices))),
    ]);
    return withSharing(configuration, devices, names, checked);
  } finally {
    await looking.close();
  }
}

const addressIn = ({ place, settings }: DeviceConfiguration): string | undefined =>
  place?.host ?? (typeof settings['host'] === 'string' ? settings['host'] : undefined);

interface Checked {
  readonly health: Health;
  readonly outlets: readonly CheckedOutlet[];
  /** Plugs as the device itself calls them. */
  readonly places: ReadonlyMap<string, string>;
}

/** What a driver throws, makes up or does not come back with is a device that is not fit, and nothing more. */
export async function checkOne(configuration: Pick<Configuration, 'nodes'>, name: string, look: DeviceLook): Promise<Checked> {
  const health = await look.health(name, CHECK_WITHIN);
  if (!health.ok) return { health, outlets: [], places: new Map() };
  return { health, ...(await checkOutlets(configuration, name, look, CHECK_WITHIN)) };
}

const UNASKED: Checked = { health: { ok: false, found: [] }, outlets: [], places: new Map() };

function withSharing(
  configuration: Configuration,
  devices: readonly DeviceConfiguration[],
  names: ReadonlyMap<string, CheckedName>,
  checked: readonly Checked[],
): readonly CheckedDevice[] {
  const nameOf = (device: DeviceConfiguration): CheckedName | undefined => {
    const address = addressIn(device);
    return address === undefined ? undefined : names.get(plainPlace(address));
  };
  const met = devices.map((device, index): Met => {
    const { health, places } = checked[index] ?? UNASKED;
    const { place, name } = device;
    return {
      device: name,
      addresses: nameOf(device)?.addresses ?? [],
      ...(place === undefined ? {} : { port: place.port, inside: place.inside }),
      ...(health.identity === undefined ? {} : { identity: health.identity }),
      uses: usesOf(configuration, name).map((use) => ({ ...use, place: places.get(use.plug) ?? use.plug })),
    };
  });
  const shared = sharedDevices(met);
  return devices.map((device, index): CheckedDevice => {
    const { health, outlets } = checked[index] ?? UNASKED;
    const name = nameOf(device);
    const swapped = swappedWith(configuration, device.name, health);
    return {
      device: device.name,
      driver: device.driver,
      ...(name === undefined ? {} : { addresses: name.addresses }),
      health,
      outlets,
      problems: [name?.problem, swapped, ...(shared.get(device.name) ?? [])].flatMap((problem) => problem ?? []),
    };
  });
}

/** A controller that sits in the machine of another node. */
function swappedWith(configuration: Configuration, device: string, { identity }: Health): Problem | undefined {
  const own = [...new Set(usesOf(configuration, device).flatMap(({ node, plug }) => (plug === '' ? [node] : [])))];
  if (own.length === 0 || identity?.name === undefined) return undefined;
  const other = anotherNode(identity.name, own, [...configuration.nodes.keys()]);
  return other === undefined ? undefined : tellsAnotherNode(device, identity.name, other, own);
}
