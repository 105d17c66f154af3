import type { Configuration, NodeConfiguration, OutletConfiguration } from '../configuration.ts';
import { identityOf, isPerson } from '../identity.ts';
import { isLoopback } from '../places.ts';
import type { Report } from './rule.ts';

/** Power domains: who hangs on which outlet, and what dies together. */
export function lintPower(configuration: Configuration, report: Report): void {
  const owned = new Map<string, Owned[]>();
  const used = new Set<string>();
  for (const node of configuration.nodes.values()) {
    for (const { device } of node.fence.flat()) used.add(device);
    if (node.fence.length === 0) {
      const says = `${node.name} cannot be fenced: it has no level`;
      const next = 'add a level, or expect every verdict on it to fail';
      report({ code: 'node-unfenceable', severity: 'warning', path: ['nodes', node.name, 'fence'], says, next });
      continue;
    }
    lintOwners(node, configuration, owned, report);
    lintFeeds(node, report);
    lintSurvival(node, configuration, report);
  }
  lintControllers(configuration, report);
  for (const name of configuration.devices.keys()) {
    if (used.has(name)) continue;
    const next = 'use it in a level, or take it away';
    report({ code: 'device-unused', severity: 'warning', path: ['devices', name], says: 'no node is fenced by this device', next });
  }
}

interface Owned {
  readonly node: string;
  readonly level: number;
  readonly inside: string;
}

/** '' is the device as a whole, and so every part of it. */
const meets = (one: Owned, inside: string): boolean => one.inside === inside || one.inside === '' || inside === '';

const shown = ({ device, outlet }: OutletConfiguration): string => (outlet === '' ? device : `outlet ${outlet} of ${device}`);

function lintOwners(node: NodeConfiguration, { devices }: Configuration, owned: Map<string, Owned[]>, report: Report): void {
  for (const [level, outlets] of node.fence.entries()) {
    for (const [position, outlet] of outlets.entries()) {
      const device = devices.get(outlet.device);
      const { base, inside } = identityOf(device, outlet.device);
      const key = `${base} ${outlet.outlet}`;
      const path = ['nodes', node.name, 'fence', level, position];
      const met = (owned.get(key) ?? []).filter((one) => meets(one, inside));
      const other = met.find((one) => one.node !== node.name);
      if (other !== undefined && !isPerson(device)) {
        const says = `${shown(outlet)} belongs to ${other.node} already: cutting it for one node would cut the other`;
        const next =
          'look which node hangs on it, and mend the other entry (devices with one address, or with equal settings, are one device)';
        report({ code: 'outlet-shared', path, says, next });
      }
      if (met.some((one) => one.node === node.name && one.level === level)) {
        const says = `${shown(outlet)} stands twice in this level: a second feed would stay on unnoticed`;
        report({ code: 'outlet-repeated', path, says, next: 'name the outlet of the other feed, or take one away' });
      }
      owned.set(key, [...(owned.get(key) ?? []), { node: node.name, level, inside }]);
    }
  }
}

/** One address with two protocols is most often one controller that speaks both; behind a gateway that forwards ports it may be two. */
function lintControllers({ nodes, devices }: Configuration, report: Report): void {
  const seen = new Map<string, { readonly node: string; readonly device: string; readonly driver: string }>();
  for (const { name: node, fence } of nodes.values()) {
    for (const [level, outlets] of fence.entries()) {
      for (const [position, { device, outlet }] of outlets.entries()) {
        const { place, driver, evidence } = devices.get(device) ?? {};
        if (place === undefined || driver === undefined || outlet !== '' || evidence === 'target' || isLoopback(place.host)) continue;
        const other = seen.get(place.host);
        if (other === undefined) seen.set(place.host, { node, device, driver });
        if (other === undefined || other.node === node || other.driver === driver) continue;
        const says = `${device} and ${other.device} of ${other.node} have one address: if it is one controller, cutting ${node} would cut ${other.node}`;
        const next = 'mend the address; bailiff check compares what they tell of themselves';
        report({ code: 'outlet-shared', severity: 'warning', path: ['nodes', node, 'fence', level, position], says, next });
      }
    }
  }
}

function lintFeeds(node: NodeConfiguration, report: Report): void {
  for (const [level, outlets] of node.fence.entries()) {
    const [first] = outlets;
    if (outlets.length < 2 || first === undefined || outlets.some(({ device }) => device !== first.device)) continue;
    const says = `all ${outlets.length} feeds of ${node.name} in this level hang on ${first.device}: when it fails, node and fencing fail together`;
    report({
      code: 'feeds-on-one-device',
      severity: 'warning',
      path: ['nodes', node.name, 'fence', level],
      says,
      next: 'plug the feeds into two devices on two supplies, or add a level on another device',
    });
  }
}

function lintSurvival(node: NodeConfiguration, { devices }: Configuration, report: Report): void {
  const survives = node.fence.some((level) => level.every(({ device }) => devices.get(device)?.poweredBy !== 'target'));
  if (survives) return;
  const says = `every level of ${node.name} needs a device that loses its power together with it: after a power loss nothing can prove that it is off`;
  const next = 'add a level of PDU outlets, or expect a person to attest';
  report({ code: 'sole-device-dies-with-target', severity: 'warning', path: ['nodes', node.name, 'fence'], says, next });
}
