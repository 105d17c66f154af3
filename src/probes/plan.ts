/** Which probes a question needs. A new kind of link is one more row of the table. */
import type { Observation } from '../vocabulary/index.ts';
import { splitPort } from './address.ts';
import type { Ports, Link, LinkKind, ReferenceIp, Scope } from './ports.ts';
import { calledOff, type Probe, type Result, unable } from './probe.ts';
import { referenceProbe } from './reference.ts';
import type { Round } from './round.ts';
import { tcpProbe } from './tcp.ts';

export interface Step {
  readonly probe: Probe;
  observe(result: Result, tookMs: number): Observation;
}

type LinkProbe = (link: Link, ports: Ports) => Probe;

const needsSentinel: LinkProbe = (link) => {
  const result = unable(`needs the sentinel on ${link.node}, which is not running here`);
  return () => Promise.resolve(result);
};

const tcpLink: LinkProbe = (link, ports) => {
  const to = link.address === undefined ? undefined : splitPort(link.address);
  if (to === undefined) return () => Promise.resolve(unable(`"${link.address ?? ''}" is not host:port`));
  return tcpProbe(to.address, to.port, ports);
};

const LINK_PROBES: Readonly<Record<LinkKind, LinkProbe>> = { tcp: tcpLink, udp: needsSentinel, serial: needsSentinel };

const referenceStep = (reference: ReferenceIp, ports: Ports, round: Round): Step => ({
  probe: referenceProbe(reference, ports, round),
  observe: (result, tookMs) => ({ probe: 'reference-ip', by: 'self', address: reference.address, ...result, tookMs }),
});

const linkStep = (link: Link, ports: Ports): Step => ({
  probe: LINK_PROBES[link.kind](link, ports),
  observe: (result, tookMs) => ({ probe: 'link', by: 'self', of: link.node, link: link.name, ...result, tookMs }),
});

export const referenceSteps = (scope: Scope, round: Round): readonly Step[] =>
  scope.referenceIps.map((reference) => referenceStep(reference, scope, round));

/** Every link of the nodes that `asked` names, except our own. */
export const linkSteps = (scope: Scope, asked: (node: string) => boolean): readonly Step[] =>
  scope.links.filter(({ node }) => asked(node) && node !== scope.self.node).map((link) => linkStep(link, scope));

/** What is told of the reference IPs where nobody waited for their answers. */
export const referencesUnasked = (scope: Scope, tookMs: number): readonly Observation[] =>
  scope.referenceIps.map(({ address }) => ({ probe: 'reference-ip', by: 'self', address, ...calledOff, tookMs: Math.max(0, tookMs) }));
