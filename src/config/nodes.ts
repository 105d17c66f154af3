/** Nodes: their levels and links, with every name that they use looked up. */
import { resolve } from 'node:path';
import type { LinkConfiguration, NodeConfiguration, OutletConfiguration } from './configuration.ts';
import { LIMITS } from './defaults.ts';
import type { ResolvedDevice } from './devices.ts';
import type { Findings, Path } from './findings.ts';
import { plainPlace } from './places.ts';
import { addressOf, entries, type Loading, reportRepeated, section, tooMany, unknownReference } from './sections.ts';
import { threwOver } from './told.ts';
import { part, valueAt } from './validate.ts';
import { fenceSchema, nodeSchema, type WrittenFence, type WrittenNode } from './written.ts';

export function resolveNodes(
  loading: Loading,
  devices: ReadonlyMap<string, ResolvedDevice | undefined>,
): ReadonlyMap<string, NodeConfiguration> {
  const nodes = new Map<string, NodeConfiguration>();
  const { findings } = loading;
  const all = entries(section(loading, 'nodes'));
  if (all.length > LIMITS.nodes) tooMany(findings, 'nodes', LIMITS.nodes);
  if (all.length === 0 && Array.isArray(section(loading, 'nodes')) === false && valueAt(loading.document, ['nodes']) !== undefined) {
    findings.add({ code: 'wrong-value', path: ['nodes'], says: 'names no node', next: 'list the members of the cluster' });
  }
  reportRepeated(
    all.map(([name]) => plainPlace(name)),
    (index) => ['nodes', all[index]?.[0] ?? ''],
    'a node has this name already, in other letters; names of machines are one whatever their case',
    findings,
  );
  for (const [name, value] of all.slice(0, LIMITS.nodes)) {
    const path: Path = ['nodes', name];
    const written = loading.whole?.nodes[name] ?? part(nodeSchema, value);
    const levels = written?.fence ?? part(fenceSchema, valueAt(value, ['fence']));
    const fence = levels === undefined ? [] : resolveFence(levels, [...path, 'fence'], devices, findings);
    if (written !== undefined)
      nodes.set(name, { name, votes: written.votes, links: resolveLinks(written.links, [...path, 'links'], loading), fence });
  }
  return nodes;
}

function resolveFence(
  levels: WrittenFence,
  path: Path,
  devices: ReadonlyMap<string, ResolvedDevice | undefined>,
  findings: Findings,
): NodeConfiguration['fence'] {
  return levels.map((level, index) =>
    level.map(({ device, outlet }, position): OutletConfiguration => {
      const at: Path = [...path, index, position];
      if (!devices.has(device)) unknownReference('device', device, [...devices.keys()], [...at, 'device'], findings);
      const plugs = devices.get(device)?.plugs;
      if (plugs === 'required' && outlet === undefined) {
        findings.add({
          code: 'outlet-required',
          path: at,
          says: `${device} has several outlets, and none is named`,
          next: 'add outlet: NUMBER or NAME',
        });
      }
      if (plugs === 'none' && outlet !== undefined) {
        const says = `${device} switches one node as a whole and has no outlets to name`;
        findings.add({ code: 'outlet-not-taken', path: [...at, 'outlet'], says, next: 'take the outlet away, or name another device' });
      }
      return { device, outlet: outlet === undefined ? '' : plugOf(devices.get(device), String(outlet), [...at, 'outlet'], findings) };
    }),
  );
}

/** Two nodes on one outlet are seen by this text, so that a driver that throws over it, or makes it up, leaves nothing to go on with. */
function plugOf(device: ResolvedDevice | undefined, outlet: string, path: Path, findings: Findings): string {
  try {
    const normal = device?.normalPlug(outlet) ?? outlet;
    if (typeof normal === 'string') return normal;
    findings.add({ ...normal, path });
  } catch (error) {
    findings.add({ ...threwOver('this outlet', error), path });
  }
  return outlet;
}

function resolveLinks(written: WrittenNode['links'], path: Path, { sources, findings }: Loading): readonly LinkConfiguration[] {
  reportRepeated(
    written.map(({ name }) => name),
    (index) => [...path, index, 'name'],
    'a link of this node has this name already',
    findings,
  );
  return written.map((link, index): LinkConfiguration => {
    if (link.kind === 'serial') return { name: link.name, kind: link.kind, device: resolve(sources.base, link.device) };
    return { name: link.name, kind: link.kind, address: addressOf(link.address, [...path, index, 'address'], findings) };
  });
}
