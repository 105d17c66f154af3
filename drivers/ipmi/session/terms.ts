/** What the session machine is given and what it gives back. No sockets, no clock, no randomness of its own. */
import type { CipherSuite, Command } from '../codec/index.ts';
import type { Quirks } from '../quirks.ts';
import type { MessageKind } from './pace.ts';

/** Milliseconds on any clock that does not go backwards. */
export type Time = number;

export interface ConsoleSettings {
  /** At most 16 bytes. */
  readonly user: Uint8Array;
  /** 1 callback to 4 administrator. */
  readonly privilege: number;
  /** In the order in which they are tried; never any other. */
  readonly suites: readonly CipherSuite[];
  readonly quirks: Quirks;
}

export interface Credentials {
  /** At most 20 bytes. */
  readonly password: Uint8Array;
  /** The BMC key of a two-key login, at most 20 bytes; absent: the password takes its place. */
  readonly kg?: Uint8Array;
}

export interface Chance {
  /** Uniform in [0, 1), for jitter. */
  random(): number;
  /** Cryptographically strong. */
  bytes(length: number): Uint8Array;
}

export const sameCredentials = (a: Credentials, b: Credentials): boolean =>
  a.password.join() === b.password.join() && a.kg?.join() === b.kg?.join();

/** One command to be answered by `deadline`. */
export interface Ask {
  readonly command: Command;
  readonly data: Uint8Array;
  readonly deadline: Time;
  /** Nothing of a command that changes something is sent at or after this. */
  readonly notAfter?: Time;
  /** True for a command that changes something: copies of it may still be under way when another one follows. */
  readonly changes: boolean;
}

/** The same command with the same data. */
export const sameAsk = (a: Ask, b: Ask): boolean =>
  a.command.cmd === b.command.cmd && a.command.netFn === b.command.netFn && a.data.join() === b.data.join();

export interface Failure {
  /** Where it happened: `Open Session`, `RAKP 2`, `Get Chassis Status`. */
  readonly step: string;
  readonly code: string;
  readonly says: string;
  readonly next: string;
  /** Trying again cannot help. */
  readonly lasting: boolean;
  /** User, password, key or privilege: trying again may lock the account. */
  readonly credentials: boolean;
}

export type Answer =
  | { readonly kind: 'answered'; readonly completionCode: number; readonly data: Uint8Array }
  /** `sent`: the command itself may have reached the BMC. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly sent: boolean };

/** How far a console has come with a command. */
export interface Progress {
  /** The session stands at the privilege that was asked for: from now on the command itself is sent. */
  readonly ready: boolean;
  /** The command itself may have reached the BMC. */
  readonly sent: boolean;
  /** The BMC has asked for time. */
  readonly troubled: boolean;
  /** The step of the login that the BMC owes, and since when; undefined where it owes none. */
  readonly owed: { readonly kind: MessageKind; readonly since: Time } | undefined;
}

/** A login that was accepted, for whoever wants to start with the same suite next time. */
export interface LoginSeen {
  readonly suite: CipherSuite;
  /** 16 bytes as on the wire. */
  readonly guid: Uint8Array;
}

/** Told of each login; `worthRemembering`: the suite may be tried first next time, also by another process. */
export type Seen = (login: LoginSeen, worthRemembering: boolean) => void;
