/**
 * Which outlets a test may switch: those that carry no node, however the outlet is written and under whatever entry its device stands. What
 * cannot be told apart is refused.
 */
import type { DriverModule } from '../../drivers/kit/contract.ts';
import { type Configuration, type DeviceConfiguration, type DeviceIdentity, identityOf, isLoopback } from '../config/index.ts';
import { threw } from '../devices/answers.ts';
import { lookAtDevices } from '../main/looking.ts';
import type { ListedOutlet, Problem } from '../vocabulary/index.ts';
import { placeIn } from './outlet-place.ts';

/** Milliseconds. */
const LIST_WITHIN = 10_000;

interface Use {
  readonly node: string;
  readonly device: string;
  readonly plug: string;
}

/** `list`: what the device tells of its outlets, with a problem where it cannot. It is asked only where a label is in question. */
export interface Spare {
  readonly device: string;
  readonly module: Pick<DriverModule, 'normalPlug'>;
  /** As they were typed. */
  readonly plugs: readonly string[];
  list(): Promise<readonly ListedOutlet[] | Problem>;
}

/** Problems: `outlet-in-use`, `outlet-unresolved`, `driver-threw`, `driver-malformed`. */
export async function notSpare(configuration: Pick<Configuration, 'nodes' | 'devices'>, spare: Spare): Promise<Problem | undefined> {
  const { device, module } = spare;
  const settings = configuration.devices.get(device)?.settings ?? {};
  const uses = usesOf(configuration, device);
  if (uses.length === 0) return undefined;
  const asked = normalised(spare, settings);
  if ('code' in asked) return asked;
  // Without a name it is the device as a whole.
  const met = uses.find(({ plug }) => plug === '' || asked.includes(plug) || asked.includes(''));
  if (met !== undefined) return inUse(met);
  const plain = module.normalPlug === undefined ? /^(?:0|[1-9]\d*)$/ : /^\d+(?:\.\d+)*$/;
  const labels = [...asked, ...uses.map(({ plug }) => plug)].filter((plug) => !plain.test(plug));
  if (labels.length === 0) return undefined;
  const listed = await spare.list();
  if ('code' in listed) return unresolved(device, labels[0] ?? '', `${listed.code}: ${listed.says}`);
  const places = asked.map((plug) => placeIn(listed, plug));
  const nowhere = asked.find((_plug, at) => places[at] === undefined);
  if (nowhere !== undefined) return unresolved(device, nowhere, NOT_LISTED);
  for (const use of uses) {
    const place = placeIn(listed, use.plug);
    if (place === undefined) return unresolved(device, use.plug, `${NOT_LISTED}, and node ${use.node} hangs on it`);
    if (places.includes(place)) return inUse(use);
  }
  return undefined;
}

function normalised({ device, module, plugs }: Spare, settings: DeviceConfiguration['settings']): readonly string[] | Problem {
  try {
    const normal: readonly unknown[] = plugs.map((plug) => (module.normalPlug === undefined ? plug : module.normalPlug(settings, plug)));
    return normal.every((plug) => typeof plug === 'string') ? normal : madeUp(device);
  } catch (error) {
    return threw(device, 'name an outlet', error);
  }
}

/** Of every entry that is, or may be, this device. */
function usesOf({ nodes, devices }: Pick<Configuration, 'nodes' | 'devices'>, device: string): readonly Use[] {
  const own = devices.get(device);
  return [...nodes.values()].flatMap(({ name: node, fence }) =>
    fence
      .flat()
      .flatMap((one): Use[] =>
        mayBeOne(own, devices.get(one.device), device, one.device) ? [{ node, device: one.device, plug: one.outlet }] : [],
      ),
  );
}

/** Beyond what lint takes for one device: another port of one address may be another protocol of the same device, but on the loopback. */
function mayBeOne(one: DeviceConfiguration | undefined, other: DeviceConfiguration | undefined, name: string, otherName: string): boolean {
  const [a, b] = [identityOf(one, name), identityOf(other, otherName)];
  if (a.base === b.base) return areOne(a, b);
  const [place, otherPlace] = [one?.place, other?.place];
  if (place === undefined || otherPlace === undefined || place.host !== otherPlace.host) return false;
  return !isLoopback(place.host) || place.port === 0 || otherPlace.port === 0;
}

const areOne = (a: DeviceIdentity, b: DeviceIdentity): boolean => a.inside === b.inside || a.inside === '' || b.inside === '';

/** Asks the configured device. Never rejects. */
export async function outletsOf(configuration: Configuration, device: string): Promise<readonly ListedOutlet[] | Problem> {
  const looking = lookAtDevices(configuration);
  try {
    return await looking.devices.list(device, LIST_WITHIN);
  } finally {
    await looking.close();
  }
}

const inUse = ({ node, device }: Use): Problem => ({
  code: 'outlet-in-use',
  says: `Node ${node} hangs on this outlet of ${device}; the cases would cut its power, or restore it.`,
  next: 'Name an outlet that no node uses, or take the level out of the configuration while you test.',
});

const NOT_LISTED = 'the device lists no outlet of this name, or several';

const unresolved = (device: string, plug: string, why: string): Problem => ({
  code: 'outlet-unresolved',
  says: `Which outlet of ${device} is called ${plug} cannot be told (${why}), so that a node may hang on the one that is to be switched.`,
  next: 'Name outlets by number, here and in the levels of the nodes; bailiff check shows what the device tells of them.',
});

const madeUp = (device: string): Problem => ({
  code: 'driver-malformed',
  says: `The driver of ${device} gave back no text for the name of an outlet.`,
  next: 'Nothing is switched: the driver breaks its contract. Mend it.',
});
