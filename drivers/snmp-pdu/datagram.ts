/**
 * What an SNMP datagram says about itself, before any of it is believed: version, protection, kind. net-snmp takes an unprotected answer for
 * a protected question and gives up a question on the first ill-fitting reply; so what does not fit is dropped here, unread, and the
 * question goes on waiting for its own answer. RFC 3416 section 3, RFC 3412 section 6.
 */

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTETS = 0x04;
const RESPONSE = 0xa2;
const REPORT = 0xa8;

/** What an acceptable answer looks like. `version` as on the wire: 0 (v1), 1 (v2c), 3. */
export interface Expected {
  readonly version: 0 | 1 | 3;
  /** v3: the answer must be authenticated, encrypted. Reports may come without (the engine does not know the user yet). */
  readonly auth: boolean;
  readonly priv: boolean;
}

class Cursor {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Start and end of the next element's content, with the cursor put behind its header (into the content). */
  open(tag: number): { readonly start: number; readonly end: number } | undefined {
    if (this.bytes[this.at] !== tag) return undefined;
    let length = this.bytes[this.at + 1];
    if (length === undefined) return undefined;
    let start = this.at + 2;
    if (length >= 0x80) {
      const count = length - 0x80;
      if (count < 1 || count > 4) return undefined;
      length = 0;
      for (let each = 0; each < count; each += 1) length = length * 256 + (this.bytes[start + each] ?? 0);
      start += count;
    }
    if (start + length > this.bytes.length) return undefined;
    this.at = start;
    return { start, end: start + length };
  }

  passOver(tag: number): boolean {
    const element = this.open(tag);
    if (element === undefined) return false;
    this.at = element.end;
    return true;
  }

  smallInteger(): number | undefined {
    const element = this.open(INTEGER);
    if (element === undefined || element.end - element.start !== 1) return undefined;
    this.at = element.end;
    return this.bytes[element.start];
  }
}

/** Greatest datagram looked at; a PDU's agent sends no more than 1472 bytes, 65507 is UDP's own limit. */
const MAX_BYTES = 65_507;

/** May this datagram be the answer? Only its outer form is looked at: digest, ids and object names are compared later. */
export function mayAnswer(bytes: Uint8Array, expected: Expected): boolean {
  if (bytes.length > MAX_BYTES) return false;
  const cursor = new Cursor(bytes);
  const message = cursor.open(SEQUENCE);
  if (message === undefined || message.end !== bytes.length) return false;
  if (cursor.smallInteger() !== expected.version) return false;
  if (expected.version !== 3) return cursor.passOver(OCTETS) && bytes[cursor.at] === RESPONSE;
  return mayAnswerV3(bytes, cursor, expected);
}

function mayAnswerV3(bytes: Uint8Array, cursor: Cursor, expected: Expected): boolean {
  const header = cursor.open(SEQUENCE);
  if (header === undefined || !cursor.passOver(INTEGER) || !cursor.passOver(INTEGER)) return false;
  const flags = cursor.open(OCTETS);
  if (flags === undefined || flags.end - flags.start !== 1) return false;
  const auth = ((bytes[flags.start] ?? 0) & 1) !== 0;
  const priv = ((bytes[flags.start] ?? 0) & 2) !== 0;
  cursor.at = header.end;
  if (!cursor.passOver(OCTETS) || (priv && !auth)) return false;
  if (priv) return expected.priv && bytes[cursor.at] === OCTETS;
  const scoped = cursor.open(SEQUENCE);
  if (scoped === undefined || !cursor.passOver(OCTETS) || !cursor.passOver(OCTETS)) return false;
  if (bytes[cursor.at] === REPORT) return true;
  return bytes[cursor.at] === RESPONSE && !expected.priv && auth === expected.auth;
}
