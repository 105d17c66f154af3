/** PDUs of SNMP (RFC 3416) as the mock reads and writes them. */
import { BadBytes, element, elements, expectTag, integer, octets, oid, readInteger, readOid, TAG } from './ber.ts';

export type Value =
  | { readonly type: 'integer' | 'gauge' | 'ticks' | 'counter'; readonly number: number }
  | { readonly type: 'octets' | 'oid'; readonly text: string }
  | { readonly type: 'none' | 'noSuchObject' | 'noSuchInstance' | 'endOfMibView' };

export interface Varbind {
  readonly oid: string;
  readonly value: Value;
}

export interface Request {
  readonly kind: 'get' | 'getNext' | 'getBulk' | 'set';
  readonly id: number;
  /** GETBULK: objects taken once, and rows of the others. */
  readonly nonRepeaters: number;
  readonly repetitions: number;
  readonly varbinds: readonly Varbind[];
}

export interface Response {
  readonly error: number;
  readonly index: number;
  readonly varbinds: readonly Varbind[];
}

const KINDS: Readonly<Record<number, Request['kind']>> = {
  [TAG.get]: 'get',
  [TAG.getNext]: 'getNext',
  [TAG.getBulk]: 'getBulk',
  [TAG.set]: 'set',
};

/** The PDU of a request. Throws BadBytes on anything else, also on responses: a mock does not talk to mocks. */
export function readRequest(bytes: Uint8Array): Request {
  const [pdu] = elements(bytes);
  const kind = pdu === undefined ? undefined : KINDS[pdu.tag];
  if (pdu === undefined || kind === undefined) throw new BadBytes('no request');
  const [id, first, second, list] = elements(pdu.content);
  const varbinds = elements(expectTag(list, TAG.sequence).content).map((each): Varbind => {
    const [name, value] = elements(expectTag(each, TAG.sequence).content);
    if (value === undefined) throw new BadBytes('a value is missing');
    return { oid: readOid(name), value: readValue(value.tag, value.content) };
  });
  return { kind, id: readInteger(id), nonRepeaters: readInteger(first), repetitions: readInteger(second), varbinds };
}

function readValue(tag: number, content: Uint8Array): Value {
  const number = (): number => readInteger({ tag: TAG.integer, content, offset: 0 });
  switch (tag) {
    case TAG.integer:
      return { type: 'integer', number: number() };
    case TAG.gauge:
      return { type: 'gauge', number: number() };
    case TAG.counter:
      return { type: 'counter', number: number() };
    case TAG.ticks:
      return { type: 'ticks', number: number() };
    case TAG.octets:
      return { type: 'octets', text: new TextDecoder().decode(content) };
    case TAG.oid:
      return { type: 'oid', text: readOid({ tag: TAG.oid, content, offset: 0 }) };
    case TAG.none:
      return { type: 'none' };
    default:
      throw new BadBytes('a type that no PDU knows');
  }
}

function writeValue(value: Value): Uint8Array {
  switch (value.type) {
    case 'integer':
    case 'gauge':
    case 'counter':
    case 'ticks':
      return integer(value.number, TAG[value.type]);
    case 'octets':
      return octets(value.text);
    case 'oid':
      return oid(value.text);
    default:
      return element(TAG[value.type]);
  }
}

/** A response (or report) PDU. */
export function writeResponse(id: number, { error, index, varbinds }: Response, tag: number = TAG.response): Uint8Array {
  const list = varbinds.map((varbind) => element(TAG.sequence, oid(varbind.oid), writeValue(varbind.value)));
  return element(tag, integer(id), integer(error), integer(index), element(TAG.sequence, ...list));
}
