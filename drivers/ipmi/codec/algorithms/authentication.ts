/** RAKP authentication algorithms (IPMI 2.0, table 13-17). */
import { createHmac } from 'node:crypto';
import { NOTHING } from '../bytes.ts';

export interface Authentication {
  /** Number on the wire. */
  readonly id: number;
  readonly name: string;
  readonly hash: 'none' | 'sha1' | 'md5' | 'sha256';
  /** Bytes of the key exchange code in RAKP 2 and RAKP 3. */
  readonly codeLength: number;
  /** Bytes of the integrity check value in RAKP 4. */
  readonly checkLength: number;
}

export const RAKP_NONE: Authentication = { id: 0, name: 'RAKP-none', hash: 'none', codeLength: 0, checkLength: 0 };
export const RAKP_HMAC_SHA1: Authentication = { id: 1, name: 'RAKP-HMAC-SHA1', hash: 'sha1', codeLength: 20, checkLength: 12 };
export const RAKP_HMAC_MD5: Authentication = { id: 2, name: 'RAKP-HMAC-MD5', hash: 'md5', codeLength: 16, checkLength: 16 };
export const RAKP_HMAC_SHA256: Authentication = { id: 3, name: 'RAKP-HMAC-SHA256', hash: 'sha256', codeLength: 32, checkLength: 16 };

/** Empty for RAKP-none. */
export function rakpHmac(authentication: Authentication, key: Uint8Array, data: Uint8Array): Uint8Array {
  if (authentication.hash === 'none') return NOTHING;
  return Uint8Array.from(createHmac(authentication.hash, key).update(data).digest());
}
