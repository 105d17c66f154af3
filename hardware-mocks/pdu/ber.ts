/** BER as SNMP uses it (X.690, definite lengths only), written for the mock alone. What is not well formed throws BadBytes. */

export class BadBytes extends Error {
  override readonly name = 'BadBytes';
}

export const TAG = {
  integer: 0x02,
  octets: 0x04,
  none: 0x05,
  oid: 0x06,
  sequence: 0x30,
  gauge: 0x42,
  counter: 0x41,
  ticks: 0x43,
  noSuchObject: 0x80,
  noSuchInstance: 0x81,
  endOfMibView: 0x82,
  get: 0xa0,
  getNext: 0xa1,
  response: 0xa2,
  set: 0xa3,
  getBulk: 0xa5,
  report: 0xa8,
} as const;

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Where the content begins in the bytes that were read. */
  readonly offset: number;
}

/** The elements that follow each other in `bytes`; `base` is added to their offsets. */
export function elements(bytes: Uint8Array, base = 0): readonly Element[] {
  const out: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    let length = bytes[at + 1];
    if (length === undefined) throw new BadBytes('a length is missing');
    let start = at + 2;
    if (length >= 0x80) {
      const count = length - 0x80;
      if (count < 1 || count > 3) throw new BadBytes('a length that SNMP does not use');
      length = 0;
      for (let each = 0; each < count; each += 1) length = length * 256 + (bytes[start + each] ?? 0);
      start += count;
    }
    if (start + length > bytes.length) throw new BadBytes('an element is longer than its frame');
    out.push({ tag, content: bytes.subarray(start, start + length), offset: base + start });
    at = start + length;
    if (out.length > 1000) throw new BadBytes('too many elements');
  }
  return out;
}

export function expectTag(element: Element | undefined, tag: number): Element {
  if (element?.tag !== tag) throw new BadBytes(`tag ${tag.toString(16)} was expected`);
  return element;
}

export function readInteger(element: Element | undefined): number {
  const { content } = expectTag(element, TAG.integer);
  if (content.length < 1 || content.length > 5) throw new BadBytes('an integer of unusual length');
  return content.reduce((value, byte) => value * 256 + byte, (content[0] ?? 0) >= 0x80 ? -1 : 0);
}

export function readOid(element: Element | undefined): string {
  const { content } = expectTag(element, TAG.oid);
  const arcs: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (value > 0xffff_ffff) throw new BadBytes('an arc is too great');
    if (byte < 0x80) {
      arcs.push(value);
      value = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  const root = first < 40 ? 0 : first < 80 ? 1 : 2;
  return [root, first - root * 40, ...rest].join('.');
}

export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  const out = new Uint8Array(1 + size.length + length);
  out.set([tag, ...size]);
  let at = 1 + size.length;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Shortest two's complement; unsigned types get their leading zero where the first bit would be taken for a sign. */
export function integer(value: number, tag: number = TAG.integer): Uint8Array {
  const bytes: number[] = [];
  let rest = Math.trunc(value);
  do {
    bytes.unshift(((rest % 256) + 256) % 256);
    rest = Math.floor(rest / 256);
  } while (!(rest === 0 && (bytes[0] ?? 0) < 0x80) && !(rest === -1 && (bytes[0] ?? 0) >= 0x80));
  return element(tag, Uint8Array.from(bytes));
}

export function oid(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const septets = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) septets.unshift((left % 128) + 128);
    return septets;
  });
  return element(TAG.oid, Uint8Array.from(bytes));
}

export const octets = (content: Uint8Array | string): Uint8Array =>
  element(TAG.octets, typeof content === 'string' ? new TextEncoder().encode(content) : content);

/** Object identifiers in the order of a walk. */
export function compareOids(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = Number(left[at]) - Number(right[at]);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
