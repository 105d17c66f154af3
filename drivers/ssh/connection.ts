/** What a connection is to the rest of the driver: no word of the library that carries it. */
import type { Duplex, Readable } from 'node:stream';
import type { Problem, Where } from '../kit/contract.ts';
import type { HostKeyJudge } from './host-keys.ts';
import type { Credentials } from './login.ts';
import { connectionLost, loginRefused, noCommonAlgorithm, sessionsExhausted, unreachable } from './problems.ts';

export interface Dial {
  readonly where: Where;
  readonly host: string;
  readonly port: number;
  readonly credentials: Credentials;
  readonly judge: HostKeyJudge;
  /** What the judge knows may be out of date: after a refusal it is worth gathering it again, once. */
  readonly improvable: boolean;
  /** SHA-1 key exchanges, CBC ciphers, ssh-dss, MD5 and SHA-1-96 MACs as a last resort, for old firmware. */
  readonly legacy: boolean;
  /** Milliseconds between keepalives; 0: none. After two unanswered ones the connection is taken for dead. */
  readonly keepaliveMs: number;
  /** For error texts. */
  readonly keyOrigin: string;
  /** Offer only this key of the agent. */
  readonly agentKey?: string;
}

/** A session channel; `exit` is emitted with its exit status, `close` when the other end has closed it. */
export interface Channel extends Duplex {
  readonly stderr: Readable;
}

/** A logged-in connection. */
export interface Connection {
  /** Not gone: what arrived on it so far is complete in order. */
  readonly alive: boolean;
  /** Alive, and something can still be sent on it. */
  readonly usable: boolean;
  /** How the login went, for `check`: `key`, `password`; `none` where the device asked for nothing. */
  readonly loggedInBy: string;
  /** By what its host key is known, for `check`: `as pinned`. */
  readonly hostKeyBy: string;
  /** Key exchange, host key type and cipher. */
  readonly agreed: string;
  /** Called once, when the connection is gone for whatever reason; at once where it is. */
  onGone(run: () => void): () => void;
  /**
   * `opened` may come late or never: the caller's deadline decides how long it is waited for. `mayLeave` is asked right before the command is sent,
   * which is when the device has granted a channel; where it says no, nothing is sent and `opened` is not called.
   */
  exec(command: string, mayLeave: () => boolean, opened: (channel: Channel | undefined, why: string) => void): void;
  terminal(opened: (channel: Channel | undefined, why: string) => void): void;
  /** Says goodbye and closes; what is still to be written goes out first. */
  leave(): void;
  destroy(): void;
}

/** How far an attempt has come. */
interface Attempt {
  readonly where: Where;
  readonly step: string;
  readonly username: string;
  readonly tried: readonly string[];
  /** A credential was refused already. */
  readonly refused: boolean;
}

/** SSH_DISCONNECT_TOO_MANY_CONNECTIONS, RFC 4253, 11.1. */
const TOO_MANY_CONNECTIONS = 12;

/** What an error during an attempt means. Only the library's words and the disconnect reason are there to tell. */
export function failureOf(error: Error & { readonly code?: unknown }, attempt: Attempt): Problem {
  const { where, step, username, tried, refused } = attempt;
  const says = error.message.slice(0, 160);
  if (step === CONNECTING) return unreachable(where, says);
  if (/no matching|no .* algorithm/i.test(says)) return noCommonAlgorithm(where, says);
  if (error.code === TOO_MANY_CONNECTIONS || /too many (?:users|sessions|connections)/i.test(says)) return sessionsExhausted(where, says);
  if (refused || /authentication (?:failures|methods)/i.test(says)) return loginRefused(where, username, tried);
  return connectionLost(where, step, says);
}

export const CONNECTING = 'connecting';
