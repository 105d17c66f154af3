/** Little pieces for reading and writing bytes. All multi-byte integers of RMCP+ are little endian, except in ASF. */

/** Why bytes were not taken. A decoder never throws: it names one of these. */
export type Reject =
  | 'too-short'
  | 'too-long'
  | 'not-rmcp'
  | 'rmcp-ack'
  | 'wrong-class'
  | 'not-asf'
  | 'wrong-auth-type'
  | 'wrong-length'
  | 'wrong-payload-type'
  | 'not-authenticated'
  | 'not-encrypted'
  | 'unexpected-flags'
  | 'bad-trailer'
  | 'bad-auth-code'
  | 'bad-ciphertext'
  | 'bad-padding'
  | 'bad-checksum'
  | 'bad-field';

export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: Reject };

export const decoded = <T>(value: T): Decoded<T> => ({ ok: true, value });
export const reject = (why: Reject): { readonly ok: false; readonly why: Reject } => ({ ok: false, why });

export const NOTHING: Uint8Array = new Uint8Array(0);

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const bytesOf = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

/** The byte at `at`; 0 beyond the end, so callers check the length first. */
export const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;

export const u16 = (value: number): Uint8Array => bytesOf(value & 0xff, (value >>> 8) & 0xff);
export const u32 = (value: number): Uint8Array => bytesOf(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
export const u32BigEndian = (value: number): Uint8Array => u32(value).reverse();

export const readU16 = (bytes: Uint8Array, at: number): number => byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8);
export const readU24 = (bytes: Uint8Array, at: number): number => readU16(bytes, at) | (byteAt(bytes, at + 2) << 16);
export const readU32 = (bytes: Uint8Array, at: number): number => (readU24(bytes, at) | (byteAt(bytes, at + 3) << 24)) >>> 0;
export const readU32BigEndian = (bytes: Uint8Array, at: number): number => readU32(bytes.slice(at, at + 4).reverse(), 0);

/** `bytes` zero padded on the right to `length`; longer input stays as it is (callers refuse it before). */
export function zeroPadded(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.length >= length ? bytes : concat(bytes, new Uint8Array(length - bytes.length));
}

export const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Bytes of an even number of hex digits; undefined for anything else. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, index) => Number.parseInt(text.slice(2 * index, 2 * index + 2), 16));
}
