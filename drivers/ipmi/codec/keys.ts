/** Codes and keys of the login (IPMI 2.0, sections 13.28 to 13.32). */
import { timingSafeEqual } from 'node:crypto';
import { type Authentication, rakpHmac } from './algorithms/authentication.ts';
import type { CipherSuite } from './algorithms/suites.ts';
import { bytesOf, concat, NOTHING, u32, zeroPadded } from './bytes.ts';
import type { SessionKeys } from './rmcpplus.ts';

/** Bytes of a password (Kuid) and of Kg. Longer ones are refused by the caller, never cut. */
export const KEY_BYTES = 20;

/** What both sides know after RAKP 2. */
export interface Exchange {
  readonly consoleSessionId: number;
  readonly bmcSessionId: number;
  /** Rm. */
  readonly consoleRandom: Uint8Array;
  /** Rc. */
  readonly bmcRandom: Uint8Array;
  readonly guid: Uint8Array;
  /** The role byte of RAKP 1 as sent. */
  readonly role: number;
  /** The user name of RAKP 1 as sent. */
  readonly user: Uint8Array;
}

/** role ‖ length of the user name ‖ user name. */
const identity = (exchange: Exchange): Uint8Array => concat(bytesOf(exchange.role, exchange.user.length), exchange.user);

const key20 = (secret: Uint8Array): Uint8Array => zeroPadded(secret, KEY_BYTES);

/** Key exchange code of RAKP 2: the BMC proves that it knows the password. */
export function rakp2Code(authentication: Authentication, exchange: Exchange, password: Uint8Array): Uint8Array {
  const { consoleSessionId, bmcSessionId, consoleRandom, bmcRandom, guid } = exchange;
  const data = concat(u32(consoleSessionId), u32(bmcSessionId), consoleRandom, bmcRandom, guid, identity(exchange));
  return rakpHmac(authentication, key20(password), data);
}

/** Key exchange code of RAKP 3: the console proves that it knows the password. */
export function rakp3Code(authentication: Authentication, exchange: Exchange, password: Uint8Array): Uint8Array {
  return rakpHmac(authentication, key20(password), concat(exchange.bmcRandom, u32(exchange.consoleSessionId), identity(exchange)));
}

/** Session integrity key. `kg`: the BMC key of a two-key login; without it the password takes its place. */
export function sessionIntegrityKey(authentication: Authentication, exchange: Exchange, password: Uint8Array, kg?: Uint8Array): Uint8Array {
  const data = concat(exchange.consoleRandom, exchange.bmcRandom, identity(exchange));
  return rakpHmac(authentication, key20(kg ?? password), data);
}

/** Integrity check value of RAKP 4, cut to `length` bytes (the authentication algorithm's, where nothing else is known). */
export function rakp4Code(
  authentication: Authentication,
  exchange: Exchange,
  sik: Uint8Array,
  length = authentication.checkLength,
): Uint8Array {
  return rakpHmac(authentication, sik, concat(exchange.consoleRandom, u32(exchange.bmcSessionId), exchange.guid)).slice(0, length);
}

/** K1 for n = 1, K2 for n = 2. The constant is 20 bytes long for every hash. */
export function additionalKey(authentication: Authentication, sik: Uint8Array, n: 1 | 2): Uint8Array {
  return rakpHmac(authentication, sik, new Uint8Array(KEY_BYTES).fill(n));
}

export function sessionKeys(suite: CipherSuite, sik: Uint8Array, password: Uint8Array): SessionKeys {
  if (suite.authentication.codeLength === 0) return { suite, integrityKey: NOTHING, aesKey: NOTHING };
  const { authentication, integrity } = suite;
  return {
    suite,
    integrityKey: integrity.keyedBy === 'password' ? key20(password) : additionalKey(authentication, sik, 1),
    aesKey: additionalKey(authentication, sik, 2).slice(0, 16),
  };
}

/** Constant in time for codes of equal length. */
export const sameCode = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);
