/** Which probes a question needs. A new kind of link is one more row of the table. */
import type { Clock, Question } from '../coordinator/ports.ts';
import type { Observation } from '../vocabulary/index.ts';
import { splitPort } from './address.ts';
import type { Run } from './child.ts';
import { icmpProbe } from './icmp.ts';
import { type Probe, type Result, unable } from './probe.ts';
import { type Connect, tcpProbe } from './tcp.ts';

export type ReferenceIp =
  | { readonly kind: 'icmp'; readonly address: string }
  | { readonly kind: 'tcp'; readonly address: string; readonly port: number };

export type LinkKind = 'udp' | 'tcp' | 'serial';

/** A channel on which a node is heard. `address`: `host:port` for tcp and udp, a device file for serial. */
export interface Link {
  readonly node: string;
  readonly name: string;
  readonly kind: LinkKind;
  readonly address?: string;
}

export interface Doors {
  readonly clock: Clock;
  readonly run: Run;
  readonly connect: Connect;
}

export interface Scope extends Doors {
  readonly referenceIps: readonly ReferenceIp[];
  readonly links: readonly Link[];
  /** `node` where we run on a cluster member: our own links are not asked. */
  readonly self: { readonly id: string; readonly node?: string };
}

export interface Step {
  readonly probe: Probe;
  observe(result: Result, tookMs: number): Observation;
}

type LinkProbe = (link: Link, doors: Doors) => Probe;

const needsSentinel: LinkProbe = (link) => {
  const result = unable(`needs the sentinel on ${link.node}, which is not running here`);
  return () => Promise.resolve(result);
};

const tcpLink: LinkProbe = (link, doors) => {
  const to = link.address === undefined ? undefined : splitPort(link.address);
  if (to === undefined) return () => Promise.resolve(unable(`"${link.address ?? ''}" is not host:port`));
  return tcpProbe(to.address, to.port, doors);
};

const LINK_PROBES: Readonly<Record<LinkKind, LinkProbe>> = { tcp: tcpLink, udp: needsSentinel, serial: needsSentinel };

const referenceStep = (reference: ReferenceIp, doors: Doors): Step => {
  const { kind, address } = reference;
  return {
    probe: kind === 'icmp' ? icmpProbe(address, doors) : tcpProbe(address, reference.port, doors),
    observe: (result, tookMs) => ({ probe: 'reference-ip', by: 'self', address, ...result, tookMs }),
  };
};

const linkStep = (link: Link, doors: Doors): Step => ({
  probe: LINK_PROBES[link.kind](link, doors),
  observe: (result, tookMs) => ({ probe: 'link', by: 'self', of: link.node, link: link.name, ...result, tookMs }),
});

/** All reference IPs, and every link of the target; in the order of the configuration. */
export const planFor = (question: Question, scope: Scope): readonly Step[] => {
  const links = scope.links.filter((link) => link.node === question.target && link.node !== scope.self.node);
  return [...scope.referenceIps.map((reference) => referenceStep(reference, scope)), ...links.map((link) => linkStep(link, scope))];
};
