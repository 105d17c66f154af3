/** Integrity algorithms of RMCP+ packets (IPMI 2.0, table 13-18). */
import { createHash, createHmac } from 'node:crypto';
import { concat, NOTHING } from '../bytes.ts';

export interface Integrity {
  readonly id: number;
  readonly name: string;
  /** Bytes of the code at the end of a packet; 0: no trailer at all. */
  readonly codeLength: number;
  /** What keys the code: K1, or for MD5-128 the password zero padded to 20 bytes. */
  readonly keyedBy: 'k1' | 'password';
  code(key: Uint8Array, data: Uint8Array): Uint8Array;
}

const hmac =
  (hash: string, length: number) =>
  (key: Uint8Array, data: Uint8Array): Uint8Array =>
    Uint8Array.from(createHmac(hash, key).update(data).digest().subarray(0, length));

export const INTEGRITY_NONE: Integrity = { id: 0, name: 'none', codeLength: 0, keyedBy: 'k1', code: () => NOTHING };
export const HMAC_SHA1_96: Integrity = { id: 1, name: 'HMAC-SHA1-96', codeLength: 12, keyedBy: 'k1', code: hmac('sha1', 12) };
export const HMAC_MD5_128: Integrity = { id: 2, name: 'HMAC-MD5-128', codeLength: 16, keyedBy: 'k1', code: hmac('md5', 16) };
export const MD5_128: Integrity = {
  id: 3,
  name: 'MD5-128',
  codeLength: 16,
  keyedBy: 'password',
  code: (key, data) =>
    Uint8Array.from(
      createHash('md5')
        .update(concat(key, data, key))
        .digest(),
    ),
};
export const HMAC_SHA256_128: Integrity = { id: 4, name: 'HMAC-SHA256-128', codeLength: 16, keyedBy: 'k1', code: hmac('sha256', 16) };
