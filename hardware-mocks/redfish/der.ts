/** The few forms of DER (ITU-T X.690) that a certificate is made of. */

const utf8 = new TextEncoder();

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Tag, length, contents. */
function tagged(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = joined(contents);
  const { length } = content;
  const lengthBytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >>> 8, length & 0xff];
  return joined([Uint8Array.of(tag, ...lengthBytes), content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => tagged(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Uint8Array => tagged(0x31, ...parts);
export const octets = (content: Uint8Array): Uint8Array => tagged(0x04, content);
export const bits = (content: Uint8Array): Uint8Array => tagged(0x03, Uint8Array.of(0), content);
export const text = (value: string): Uint8Array => tagged(0x0c, utf8.encode(value));
export const boolean = (value: boolean): Uint8Array => tagged(0x01, Uint8Array.of(value ? 0xff : 0));
/** [n] with other contents inside. */
export const explicit = (number: number, ...parts: readonly Uint8Array[]): Uint8Array => tagged(0xa0 | number, ...parts);
/** [n] in place of the tag of a text or of bytes. */
export const implicit = (number: number, content: Uint8Array | string): Uint8Array =>
  tagged(0x80 | number, typeof content === 'string' ? utf8.encode(content) : content);

/** A positive whole number from its bytes. */
export function integer(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const bare = first < 0 ? Uint8Array.of(0) : bytes.subarray(first);
  return tagged(0x02, (bare[0] ?? 0) >= 0x80 ? joined([Uint8Array.of(0), bare]) : bare);
}

/** An object identifier in dotted form. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest.flatMap(base128)];
  return tagged(0x06, Uint8Array.from(bytes));
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}

/** UTCTime up to 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5). */
export function time(at: Date): Uint8Array {
  const digits = `${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
  return at.getUTCFullYear() < 2050 ? tagged(0x17, utf8.encode(digits.slice(2))) : tagged(0x18, utf8.encode(digits));
}
