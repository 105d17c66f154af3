/** The heartbeat links of the configuration as the panel asks them. */
import type { Configuration } from '../config/index.ts';
import type { Link } from '../probes/index.ts';

export function linksOf(configuration: Pick<Configuration, 'nodes'>): readonly Link[] {
  return [...configuration.nodes.values()].flatMap((node) =>
    node.links.map((link) => ({
      node: node.name,
      name: link.name,
      kind: link.kind,
      address:
        link.kind === 'serial'
          ? link.device
          : `${link.address.host.includes(':') ? `[${link.address.host}]` : link.address.host}:${link.address.port}`,
    })),
  );
}
