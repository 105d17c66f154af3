import type { Configuration, DeviceConfiguration } from '../configuration.ts';
import { isLoopback, isOfMany, isOwn, plainPlace } from '../places.ts';
import type { Here, Report } from './rule.ts';

/**
 * Network paths: what one failure would take away together. Addresses are compared in one spelling; names are not resolved.
 * Loopback addresses are not compared: there a rack is simulated.
 */
export function lintPaths(configuration: Configuration, report: Report, here: Here): void {
  lintLinks(configuration, report);
  lintReferenceIps(configuration, report, here);
  const { http } = configuration.listen;
  if (http !== undefined && http.tls === undefined && !isLoopback(http.address.host)) {
    const says = 'the interface is offered to the network without TLS: anybody on the way could read or forge what is said';
    report({ code: 'listen-without-tls', path: ['listen', 'http'], says, next: 'add tls, or listen on 127.0.0.1' });
  }
}

const addressOf = (device: DeviceConfiguration | undefined): string | undefined => {
  const host = device?.settings['host'];
  return typeof host === 'string' ? plainPlace(host) : undefined;
};

function lintLinks({ nodes, devices }: Configuration, report: Report): void {
  for (const node of nodes.values()) {
    const path = ['nodes', node.name, 'links'];
    if (node.links.length === 0) {
      const says = `${node.name} has no heartbeat link: nothing can contradict a wrong verdict on it`;
      report({
        code: 'no-links',
        severity: 'warning',
        path: ['nodes', node.name],
        says,
        next: 'add links, best on two networks and a serial line',
      });
    }
    for (const [index, link] of node.links.entries()) {
      if (link.kind === 'serial' || isLoopback(link.address.host)) continue;
      const host = plainPlace(link.address.host);
      const shared = node.fence.flat().find(({ device }) => addressOf(devices.get(device)) === host);
      if (shared === undefined) continue;
      const says = `the link ${link.name} and the device ${shared.device} have one address: one failure silences the node and its fencing`;
      const next = 'give the device a network of its own';
      report({ code: 'link-shares-fencing-path', severity: 'warning', path: [...path, index, 'address'], says, next });
    }
  }
}

function lintReferenceIps(configuration: Configuration, report: Report, { own }: Here): void {
  const { referenceIps, need } = configuration.verify;
  const path = ['verify', 'referenceIps'];
  if (referenceIps.length === 0 || need === 0) {
    const says = 'no reference address has to answer, so that an isolated coordinator believes that everybody else is gone';
    const next = 'name independent addresses (a router, a switch, a DNS server), and how many must answer';
    report({ code: 'never-blind', severity: 'warning', path: referenceIps.length === 0 ? path : ['verify', 'need'], says, next });
  }
  if (need > referenceIps.length) {
    const says = `${need} reference addresses must answer, and there ${referenceIps.length === 1 ? 'is 1' : `are ${referenceIps.length}`}: nothing could ever be fenced`;
    report({ code: 'need-exceeds-reference-ips', path: ['verify', 'need'], says, next: 'lower need, or name more addresses' });
  }
  for (const [index, { address }] of referenceIps.entries()) {
    const why = dependence(plainPlace(address), configuration, own);
    if (why === undefined) continue;
    const next = 'name an address that stays when the cluster falls apart, such as a router';
    report({ code: 'reference-ip-not-independent', severity: 'warning', path: [...path, index], says: `${address} ${why}`, next });
  }
}

function dependence(address: string, { nodes, devices }: Configuration, own: ReadonlySet<string>): string | undefined {
  if (isOwn(address, own)) return 'is this machine itself and always answers';
  if (isOfMany(address)) return 'is the address of many machines: whoever hears it may answer, this one too';
  for (const node of nodes.values()) {
    const link = node.links.find((candidate) => candidate.kind !== 'serial' && plainPlace(candidate.address.host) === address);
    if (link !== undefined) return `is the link ${link.name} of ${node.name}: its silence would mean nothing about us`;
  }
  for (const device of devices.values()) {
    if (addressOf(device) === address) return `is the device ${device.name}: it may go down with the node that it fences`;
  }
  return undefined;
}
