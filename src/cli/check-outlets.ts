/** The outlets of one device that nodes use: is each one there, and does each belong to one node? */
import type { Configuration } from '../config/index.ts';
import type { DeviceLook } from '../service/service.ts';
import { type ListedOutlet, outletName, type PowerState, type Problem } from '../vocabulary/index.ts';
import { placeIn } from './outlet-place.ts';
import { anotherNode, labelledForAnother } from './check-told-names.ts';

export interface CheckedOutlet {
  readonly plug: string;
  readonly nodes: readonly string[];
  readonly power: PowerState;
  /** The device does not have it, or another one is the same outlet. */
  readonly problem?: Problem;
  /** `tells-another-node`: its label names another one. */
  readonly warning?: Problem;
}

export interface CheckedOutlets {
  readonly outlets: readonly CheckedOutlet[];
  /** The outlets of the levels, as the device itself calls them; without those that it does not list. */
  readonly places: ReadonlyMap<string, string>;
}

interface PlugUse {
  readonly node: string;
  readonly level: number;
  readonly plug: string;
}

/** `within`: milliseconds for each question, from its turn on. */
export async function checkOutlets(
  configuration: Pick<Configuration, 'nodes'>,
  device: string,
  look: DeviceLook,
  within: number,
): Promise<CheckedOutlets> {
  const uses = usesOf(configuration, device);
  const plugs = [...new Set(uses.map(({ plug }) => plug))];
  const listed = plugs.some((plug) => plug !== '') ? await outletsOf(device, look, within) : [];
  const places = new Map(
    plugs.flatMap((plug): [string, string][] => {
      const place = placeIn(listed, plug);
      return place === undefined ? [] : [[plug, place]];
    }),
  );
  const readings = await Promise.all(plugs.map(async (plug) => await look.status({ device, plug }, within)));
  const checked: CheckedOutlet[] = [];
  for (const [index, plug] of plugs.entries()) {
    const { power = 'unknown', why } = readings[index] ?? {};
    // A person cannot be read, and that is no fault of the entry.
    const problem = (why?.code === 'person-needed' ? undefined : why) ?? sameOutlet(device, plug, uses, places);
    const nodes = [...new Set(uses.flatMap((use) => (use.plug === plug ? [use.node] : [])))];
    const label = listed.find((outlet) => outlet.plug === (places.get(plug) ?? plug))?.name;
    const other = label === undefined ? undefined : anotherNode(label, nodes, [...configuration.nodes.keys()]);
    checked.push({
      plug,
      nodes,
      power,
      ...(problem === undefined ? {} : { problem }),
      ...(label === undefined || other === undefined
        ? {}
        : { warning: labelledForAnother(outletName({ device, plug }), label, other, nodes) }),
    });
  }
  return { outlets: checked, places };
}

/** Where a device is used, in the order of the file. */
export function usesOf({ nodes }: Pick<Configuration, 'nodes'>, device: string): readonly PlugUse[] {
  return [...nodes.values()].flatMap(({ name, fence }) =>
    fence.flatMap((outlets, level) =>
      outlets.flatMap((one): PlugUse[] => (one.device === device ? [{ node: name, level, plug: one.outlet }] : [])),
    ),
  );
}

/** As the device lists them; none where it does not. */
async function outletsOf(device: string, look: DeviceLook, within: number): Promise<readonly ListedOutlet[]> {
  const listed = await look.list(device, within);
  return 'code' in listed ? [] : listed;
}

/**
 * One entry says `4`, another says the label of outlet 4: only the device knows that they are one. Harmless in two levels of one node; for
 * two nodes it cuts the wrong one too, and in one level it leaves a second feed on unnoticed.
 */
function sameOutlet(device: string, plug: string, uses: readonly PlugUse[], places: ReadonlyMap<string, string>): Problem | undefined {
  const place = places.get(plug);
  if (place === undefined) return undefined;
  const others = uses.filter((other) => other.plug !== plug && places.get(other.plug) === place);
  const mine = uses.filter((use) => use.plug === plug);
  const clash = others.find((other) => mine.some(({ node, level }) => node !== other.node || level === other.level));
  if (clash === undefined) return undefined;
  return {
    code: 'outlet-shared',
    says: `On ${device}, outlet ${plug} is the same as outlet ${clash.plug} of ${clash.node}.`,
    next: 'Look what hangs on it, and mend the other entry: cutting it for one node would cut the other, and a second feed would stay on.',
  };
}
