/** Nodes, their fence levels and who stands at them, as the configuration has them. */
import { type Configuration, isPerson } from '../config/index.ts';
import type { Topology } from '../service/status.ts';
import type { Problem } from '../vocabulary/index.ts';

export function topologyOf({ cluster, nodes, devices }: Configuration): Topology {
  return {
    cluster,
    nodes: [...nodes.values()].map(({ name, fence }) => ({
      name,
      levels: fence.map((level) =>
        level.map(({ device, outlet }) => {
          const configured = devices.get(device);
          const person = configured === undefined || !isPerson(configured) ? undefined : personOf(configured.settings);
          return {
            outlet: { device, plug: outlet },
            evidence: configured?.evidence ?? 'target',
            ...(person === undefined ? {} : { person }),
          };
        }),
      ),
    })),
    unusable: new Map(
      [...devices.values()].flatMap(({ name, unusable }): [string, Problem][] => (unusable === undefined ? [] : [[name, unusable]])),
    ),
  };
}

const personOf = ({ who, contact }: Readonly<Record<string, unknown>>): string =>
  [who, contact].filter((text) => typeof text === 'string').join(', ');
