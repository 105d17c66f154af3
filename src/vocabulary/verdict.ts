/** What the arbiter says happened; verify tests exactly this claim. */
export type Claim = 'dead' | 'partitioned' | 'misbehaving';

export const CLAIMS: readonly Claim[] = ['dead', 'partitioned', 'misbehaving'];

/** An issuer's statement: these targets lost, at this epoch. Times are milliseconds since 1970-01-01T00:00:00Z. */
export interface Verdict {
  readonly id: string;
  readonly cluster: string;
  /** Only grows per cluster. */
  readonly epoch: number;
  readonly claim: Claim;
  readonly targets: readonly string[];
  readonly survivors: readonly string[];
  readonly votes?: { readonly for: number; readonly total: number };
  readonly issuer: string;
  /** The machine on which the issuer runs; compared with the contenders to find a biased arbiter. */
  readonly issuerHost?: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly reason: string;
}

/** What an operator or a program (Pacemaker, a hook) asks for, outside any verdict. */
export interface Command {
  readonly id: string;
  readonly action: Action;
  readonly target: string;
  readonly by: string;
  /** A person may override limits; a program may not. */
  readonly origin: 'person' | 'program';
  readonly reason: string;
  /** Limits that the person lifts for this one command. */
  readonly override: readonly Override[];
  /** Milliseconds for the whole operation, where it differs from the policy. */
  readonly timeout?: number;
}

/** `attest` orders nothing: a named person states that the node is down. */
export type Action = 'off' | 'reboot' | 'on' | 'attest';

export type Override = 'storm-limit' | 'quorum-floor' | 'survivor';
