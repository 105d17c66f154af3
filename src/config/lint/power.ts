import type { Configuration, DeviceConfiguration, NodeConfiguration, OutletConfiguration } from '../configuration.ts';
import type { Report } from './rule.ts';

/** Power domains: who hangs on which outlet, and what dies together. */
export function lintPower(configuration: Configuration, report: Report): void {
  const owners = new Map<string, string>();
  const used = new Set<string>();
  for (const node of configuration.nodes.values()) {
    for (const { device } of node.fence.flat()) used.add(device);
    if (node.fence.length === 0) {
      const says = `${node.name} cannot be fenced: it has no level`;
      const next = 'add a level, or expect every verdict on it to fail';
      report({ code: 'node-unfenceable', severity: 'warning', path: ['nodes', node.name, 'fence'], says, next });
      continue;
    }
    lintOwners(node, configuration, owners, report);
    lintFeeds(node, report);
    lintSurvival(node, configuration, report);
  }
  for (const name of configuration.devices.keys()) {
    if (used.has(name)) continue;
    const next = 'use it in a level, or take it away';
    report({ code: 'device-unused', severity: 'warning', path: ['devices', name], says: 'no node is fenced by this device', next });
  }
}

/**
 * Two names for one device are one device: a copied entry whose address was left as it was would cut the wrong node. Secrets print alike,
 * so they do not count.
 */
const identity = (device: DeviceConfiguration | undefined, name: string): string =>
  device === undefined ? name : `${device.driver} ${JSON.stringify(device.settings)}`;

const shown = ({ device, outlet }: OutletConfiguration): string => (outlet === '' ? device : `outlet ${outlet} of ${device}`);

function lintOwners(node: NodeConfiguration, { devices }: Configuration, owners: Map<string, string>, report: Report): void {
  const own = new Set<string>();
  for (const [level, outlets] of node.fence.entries()) {
    const inLevel = new Set<string>();
    for (const [position, outlet] of outlets.entries()) {
      const key = `${identity(devices.get(outlet.device), outlet.device)} ${outlet.outlet}`;
      const path = ['nodes', node.name, 'fence', level, position];
      const owner = owners.get(key);
      if (owner !== undefined && !own.has(key)) {
        const says = `${shown(outlet)} belongs to ${owner} already: cutting it for one node would cut the other`;
        report({
          code: 'outlet-shared',
          path,
          says,
          next: 'look which node hangs on it, and mend the other entry (devices with equal settings are one device)',
        });
      }
      if (inLevel.has(key)) {
        const says = `${shown(outlet)} stands twice in this level: a second feed would stay on unnoticed`;
        report({ code: 'outlet-repeated', path, says, next: 'name the outlet of the other feed, or take one away' });
      }
      inLevel.add(key);
      own.add(key);
    }
  }
  for (const key of own) if (!owners.has(key)) owners.set(key, node.name);
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
