/** What probes are made of: what the configuration names, and the ports to kernel and programs, which tests replace. */
import type { Clock } from '../coordinator/ports.ts';
import type { Run } from './child.ts';
import type { NativeSockets } from './native-proof.ts';
import type { Route } from './route.ts';
import type { Connect } from './tcp.ts';

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

export interface Ports {
  readonly clock: Clock;
  readonly run: Run;
  readonly connect: Connect;
  readonly udp: Connect;
  readonly route: Route;
  /** ICMP sockets of our own, where the machine has them. */
  readonly native: Pick<NativeSockets, 'known' | 'settled'>;
}

export interface Scope extends Ports {
  readonly referenceIps: readonly ReferenceIp[];
  readonly links: readonly Link[];
  /** `node` where we run on a cluster member: our own links are not asked. */
  readonly self: { readonly id: string; readonly node?: string };
}
