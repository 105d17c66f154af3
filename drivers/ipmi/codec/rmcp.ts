/** RMCP header (ASF 2.0, section 3.2.2) and the ASF presence ping and pong (section 3.2.4). */
import { bytesOf, byteAt, concat, type Decoded, decoded, readU32BigEndian, reject, u32BigEndian } from './bytes.ts';

export const RMCP_VERSION = 0x06;
/** Sequence FFh: no RMCP acknowledgement wanted. All IPMI messages carry it. */
export const RMCP_NO_ACK = 0xff;
export const CLASS_ASF = 0x06;
export const CLASS_IPMI = 0x07;
export const ASF_ENTERPRISE = 4542;
/** Larger than any datagram of this protocol: an IPMI payload is at most a few hundred bytes. */
export const MAX_DATAGRAM = 1500;

const ASF_PING = 0x80;
const ASF_PONG = 0x40;

export interface RmcpDatagram {
  readonly sequence: number;
  /** 06h ASF, 07h IPMI, 08h OEM. */
  readonly messageClass: number;
  readonly body: Uint8Array;
}

export function encodeRmcp(messageClass: number, body: Uint8Array, sequence: number = RMCP_NO_ACK): Uint8Array {
  return concat(bytesOf(RMCP_VERSION, 0, sequence, messageClass), body);
}

/** Acknowledgements (bit 7 of the class) are rejected: some BMCs send them, nobody here asked. */
export function decodeRmcp(datagram: Uint8Array): Decoded<RmcpDatagram> {
  if (datagram.length < 4) return reject('too-short');
  if (datagram.length > MAX_DATAGRAM) return reject('too-long');
  if (byteAt(datagram, 0) !== RMCP_VERSION) return reject('not-rmcp');
  const messageClass = byteAt(datagram, 3);
  if ((messageClass & 0x80) !== 0) return reject('rmcp-ack');
  return decoded({ sequence: byteAt(datagram, 2), messageClass, body: datagram.subarray(4) });
}

export type AsfMessage =
  | { readonly kind: 'ping'; readonly tag: number }
  /** `entities`: bit 7 IPMI supported, low nibble 1 ASF 1.0. */
  | {
      readonly kind: 'pong';
      readonly tag: number;
      readonly enterprise: number;
      readonly oem: number;
      readonly entities: number;
      readonly interactions: number;
    };

export function encodeAsf(message: AsfMessage): Uint8Array {
  const head = (type: number, length: number): Uint8Array => concat(u32BigEndian(ASF_ENTERPRISE), bytesOf(type, message.tag, 0, length));
  if (message.kind === 'ping') return encodeRmcp(CLASS_ASF, head(ASF_PING, 0));
  const data = concat(
    u32BigEndian(message.enterprise),
    u32BigEndian(message.oem),
    bytesOf(message.entities, message.interactions),
    new Uint8Array(6),
  );
  return encodeRmcp(CLASS_ASF, concat(head(ASF_PONG, data.length), data));
}

/** A pong proves that the BMC is alive; it says nothing about the power. */
export function decodeAsf(datagram: Uint8Array): Decoded<AsfMessage> {
  const rmcp = decodeRmcp(datagram);
  if (!rmcp.ok) return rmcp;
  if (rmcp.value.messageClass !== CLASS_ASF) return reject('wrong-class');
  const { body } = rmcp.value;
  if (body.length < 8) return reject('too-short');
  if (readU32BigEndian(body, 0) !== ASF_ENTERPRISE) return reject('not-asf');
  const tag = byteAt(body, 5);
  const length = byteAt(body, 7);
  if (body.length < 8 + length) return reject('wrong-length');
  if (byteAt(body, 4) === ASF_PING) return length === 0 ? decoded({ kind: 'ping', tag }) : reject('wrong-length');
  if (byteAt(body, 4) !== ASF_PONG || length !== 16) return reject('not-asf');
  return decoded({
    kind: 'pong',
    tag,
    enterprise: readU32BigEndian(body, 8),
    oem: readU32BigEndian(body, 12),
    entities: byteAt(body, 16),
    interactions: byteAt(body, 17),
  });
}
