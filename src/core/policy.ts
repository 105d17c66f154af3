import type { Evidence } from '../vocabulary/index.ts';

/** An outlet with what the core must know of its device. Durations are milliseconds throughout. */
export interface PolicyOutlet {
  readonly device: string;
  readonly plug: string;
  readonly evidence: Evidence;
  /** Consecutive off readings that confirm; two unless the configuration says otherwise. */
  readonly readings: number;
  /** Shortest time between two readings that both count. */
  readonly gap: number;
  /** Longest wait for one answer of this device, where it differs from the policy's. */
  readonly answerWithin?: number;
  /** How long after it was sent an order may still be carried out by the device. Absent: `LATENESS`. */
  readonly lateness?: number;
  /** `manual`: the outlet is a person; only an attestation can follow. */
  readonly manual?: boolean;
}

/** Devices switch at once or within a few seconds; a network that holds a datagram longer than this is not one to fence over. */
export const LATENESS = 5000;

export interface PolicyNode {
  readonly votes: number;
  /** Levels in order; all outlets of one level must read off together. */
  readonly levels: readonly (readonly PolicyOutlet[])[];
}

/** Everything the core decides by. It is journalled with each start, so that a replay decides as the process did. */
export interface Policy {
  readonly cluster: string;
  readonly self: { readonly id: string; readonly node?: string };
  readonly nodes: Readonly<Record<string, PolicyNode>>;
  readonly arbiters: Readonly<Record<string, { readonly runsOn?: string }>>;
  readonly verify: {
    /** How many of the reference IPs must answer; 0 where none is configured. */
    readonly need: number;
    readonly within: number;
    /** Pause before the second assessment of a contradiction or of blindness; 0: no second one. */
    readonly listenAgain: number;
    /** How long a good assessment allows orders. */
    readonly validFor: number;
  };
  /** Where present, nothing is ordered without a lease that lasts longer than its margin. Absent: no lease is needed. */
  readonly lease?: { readonly margin: number };
  readonly mode: 'automatic' | 'approval';
  readonly delay: number;
  /** One absolute deadline per operation, split over its levels. */
  readonly timeout: number;
  /** Longest wait for one answer of a device, within the level's share. */
  readonly answerWithin: number;
  /** Longest pause between two questions to an outlet that is not yet as wanted. */
  readonly poll: number;
  readonly approvalWindow: number;
  readonly storm: { readonly targets: number; readonly within: number };
  readonly allowBiasedArbiter: boolean;
  /** Two-node clusters: who breaks the tie when the survivors are half of the votes. */
  readonly tieBreaker: 'reference-ips' | 'none';
  /** Time between confirmed off and on in a reboot, so that capacitors drain. */
  readonly offTime: number;
  /** Time for the `on` half of a reboot, on top of the timeout. */
  readonly onTimeout: number;
  /** After a crash an operation past its deadline still gets this long to read. */
  readonly graceAfterCrash: number;
}
