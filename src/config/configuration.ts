/**
 * The resolved configuration: what every other part is given. Plain, readonly data: durations in milliseconds, paths absolute, secrets as
 * `Secret` (fetched at each use), addresses taken apart, defaults filled in.
 */
import type { Place } from '../../drivers/kit/contract.ts';
import type { Evidence, Secret } from '../vocabulary/index.ts';
import type { ConfigCode } from './codes.ts';

export interface Configuration {
  /** The file it was read from; absolute. */
  readonly file: string;
  /** Verdicts of another cluster are refused. */
  readonly cluster: string;
  readonly stateDir: string;
  readonly self: SelfConfiguration;
  /** By name, in the order of the file. */
  readonly nodes: ReadonlyMap<string, NodeConfiguration>;
  /** By name, in the order of the file. */
  readonly devices: ReadonlyMap<string, DeviceConfiguration>;
  readonly verify: VerifyConfiguration;
  readonly policy: PolicyConfiguration;
  readonly arbiters: readonly ArbiterConfiguration[];
  readonly listen: ListenConfiguration;
}

/** Who this coordinator is. `node` is set where it runs on a cluster member; absent on a third party (a witness). */
export interface SelfConfiguration {
  readonly id: string;
  readonly node?: string;
}

export interface NodeConfiguration {
  readonly name: string;
  readonly votes: number;
  readonly links: readonly LinkConfiguration[];
  /** Levels in order; all outlets of one level must read off. Empty: the node cannot be fenced. */
  readonly fence: readonly (readonly OutletConfiguration[])[];
}

/** One plug of a device. `outlet` is '' on devices without numbered plugs (a BMC). */
export interface OutletConfiguration {
  readonly device: string;
  readonly outlet: string;
}

/** A heartbeat link on which the node is heard. */
export type LinkConfiguration =
  | { readonly name: string; readonly kind: 'udp' | 'tcp'; readonly address: Address }
  | { readonly name: string; readonly kind: 'serial'; readonly device: string };

/** `host` is an IP address or a host name, without brackets. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface DeviceConfiguration {
  readonly name: string;
  /** The `driver:` word as written. */
  readonly driver: string;
  /** What to import for a third-party driver: an absolute path, or a package name. Absent for drivers in the tree. */
  readonly module?: string;
  /** From the driver: `target` can never confirm. */
  readonly evidence: Evidence;
  /** Where the driver says that its settings lead; the name or address in one spelling. Absent where it does not say. */
  readonly place?: Place;
  /** Checked by the driver's own schema, defaults filled in. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** `target`: it loses power together with the node that it fences. Absent: not stated. */
  readonly poweredBy?: 'target' | 'separate';
  /** Where this device needs another proof than the policy's. */
  readonly confirm: { readonly readings: number; readonly gap: number };
  /** Milliseconds this device may take for one answer, where it differs from the policy's. */
  readonly answerWithin?: number;
  /** Milliseconds after it was sent within which the device may still carry out an order. Nothing is confirmed against such an order. */
  readonly lateness: number;
  /** Its driver cannot be had in this process: nothing can be ordered or read through it, and `settings` is empty. Only where it was asked for. */
  readonly unusable?: Unusable;
}

export interface Unusable {
  readonly code: 'driver-not-loadable' | 'driver-threw' | 'driver-malformed';
  readonly says: string;
  readonly next: string;
}

export interface VerifyConfiguration {
  /** Independent addresses whose answers say that we are not the isolated side. Empty: never blind. */
  readonly referenceIps: readonly ReferenceIp[];
  /** How many of them must answer. 0 only where there are none. */
  readonly need: number;
  /** Milliseconds for one round of all probes. */
  readonly within: number;
  /** Milliseconds between a round that contradicts the claim and the second hearing; 0: no second hearing. */
  readonly listenAgain: number;
}

export type ReferenceIp =
  | { readonly kind: 'icmp'; readonly address: string }
  | { readonly kind: 'tcp'; readonly address: string; readonly port: number };

export interface PolicyConfiguration {
  /** `approval`: a person must approve every shot. */
  readonly mode: 'automatic' | 'approval';
  /** Milliseconds to hold between verify and the first order. */
  readonly delay: number;
  /** Milliseconds for a whole operation: one absolute deadline, split over the levels. */
  readonly timeout: number;
  /** At most `targets` are shot within `within` milliseconds; beyond that a person decides. */
  readonly storm: { readonly targets: number; readonly within: number };
  /** Whether an arbiter that runs on one of the contenders may be believed. */
  readonly allowBiasedArbiter: boolean;
  /** Milliseconds an operation waits for a person before it ends withheld. */
  readonly approvalWindow: number;
  /** What decides where survivors are no majority (two nodes). Absent: such a verdict is refused. */
  readonly tieBreaker?: 'reference-ips';
  readonly confirm: ConfirmConfiguration;
  /** Milliseconds a device may take for one answer before it is asked again or the next level begins. */
  readonly answerWithin: number;
  /** Milliseconds between confirmed off and the `on` half of a reboot. */
  readonly offTime: number;
  /** `required`: nothing is ordered unless a lease store says that this coordinator holds the lease. */
  readonly lease: 'none' | 'required';
  /** Milliseconds before the end of the lease from which on nothing is ordered any more. */
  readonly leaseMargin: number;
}

export interface ConfirmConfiguration {
  /** Consecutive off readings per outlet. */
  readonly readings: number;
  /** Milliseconds between two readings that count. */
  readonly gap: number;
  /** Longest time in milliseconds until the next reading while an outlet does not read off. */
  readonly poll: number;
}

export interface ArbiterConfiguration {
  /** The `issuer` of its verdicts. */
  readonly id: string;
  /** Absolute path of its public key. */
  readonly publicKey: string;
  /** The machine on which it runs (`host:` in the file); a node's name makes it biased. */
  readonly runsOn?: string;
}

export interface ListenConfiguration {
  /** Absolute path of the Unix socket. */
  readonly socket?: string;
  readonly http?: { readonly address: Address; readonly tls?: TlsConfiguration };
}

export interface TlsConfiguration {
  /** Absolute path of the PEM certificate chain. */
  readonly certificate: string;
  readonly key: Secret;
  /** Absolute path of the PEM authorities that sign client certificates. */
  readonly clientCa?: string;
}

/**
 * Something wrong in the file, at its place. Printed as `bailiff.yaml:14:7 devices.pdu-a.profile: says. next`. Lines and columns count
 * from 1. Neither `says` nor `next` ever holds a value that may be a secret.
 */
export interface ConfigProblem {
  /** Stable and kebab-case, as in docs/ERRORS.md. */
  readonly code: ConfigCode;
  readonly severity: 'error' | 'warning';
  /** As given by the user, so that an editor can jump to it. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Dotted path of the key: `nodes.db1.fence[0][1].outlet`; '' for the document as a whole. */
  readonly path: string;
  readonly says: string;
  readonly next: string;
}

/** What the loader gives back: a configuration that may be used, or every problem found, sorted by line. */
export type LoadResult =
  | { readonly ok: true; readonly configuration: Configuration; readonly where: Whereabouts }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Finds the line and column of a path in the file, for findings made after loading (lint, `bailiff check`). */
export type Whereabouts = (path: readonly (string | number)[]) => { readonly line: number; readonly column: number };
