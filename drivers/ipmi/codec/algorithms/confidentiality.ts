/** Confidentiality algorithms of RMCP+ payloads (IPMI 2.0, table 13-19). xRC4 is left out: no device was met that needs it. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { byteAt, concat, type Decoded, decoded, reject } from '../bytes.ts';

export interface Confidentiality {
  readonly id: number;
  readonly name: string;
  /** Random bytes that `seal` needs for each packet. */
  readonly ivLength: number;
}

export const CONFIDENTIALITY_NONE: Confidentiality = { id: 0, name: 'none', ivLength: 0 };
export const AES_CBC_128: Confidentiality = { id: 1, name: 'AES-CBC-128', ivLength: 16 };

/** Pad bytes 01 02 03 … and their number, so that the whole is a multiple of 16 bytes (IPMI 2.0, table 13-20). */
export function aesPad(plainLength: number): Uint8Array {
  const count = (16 - ((plainLength + 1) % 16)) % 16;
  return Uint8Array.from({ length: count + 1 }, (_, index) => (index < count ? index + 1 : count));
}

/** IV and ciphertext. `key`: the first 16 bytes of K2. `iv`: 16 fresh random bytes. */
export function aesSeal(key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
  return concat(iv, cipher.update(concat(plain, aesPad(plain.length))), cipher.final());
}

export function aesOpen(key: Uint8Array, payload: Uint8Array): Decoded<Uint8Array> {
  if (payload.length < 32 || payload.length % 16 !== 0) return reject('bad-ciphertext');
  const decipher = createDecipheriv('aes-128-cbc', key, payload.subarray(0, 16)).setAutoPadding(false);
  const padded = concat(decipher.update(payload.subarray(16)), decipher.final());
  const count = byteAt(padded, padded.length - 1);
  if (count > 15) return reject('bad-padding');
  const end = padded.length - 1 - count;
  for (let index = 0; index < count; index += 1) {
    if (byteAt(padded, end + index) !== index + 1) return reject('bad-padding');
  }
  return decoded(padded.slice(0, end));
}
