/** The RMCP+ session wrapper (IPMI 2.0, table 13-8): header, encrypted payload, integrity trailer. */
import { timingSafeEqual } from 'node:crypto';
import { aesOpen, aesSeal } from './algorithms/confidentiality.ts';
import type { CipherSuite } from './algorithms/suites.ts';
import { bytesOf, byteAt, concat, type Decoded, decoded, NOTHING, readU16, readU32, reject, u16, u32 } from './bytes.ts';
import { AUTH_TYPE_RMCPPLUS } from './lan15.ts';
import { CLASS_IPMI, decodeRmcp, encodeRmcp } from './rmcp.ts';

export const PAYLOAD = {
  ipmi: 0x00,
  sol: 0x01,
  oemExplicit: 0x02,
  openSessionRequest: 0x10,
  openSessionResponse: 0x11,
  rakp1: 0x12,
  rakp2: 0x13,
  rakp3: 0x14,
  rakp4: 0x15,
} as const;

const NEXT_HEADER = 0x07;

/** A packet as it lies on the wire: nothing decrypted, nothing verified. */
export interface PlusPacket {
  readonly payloadType: number;
  readonly encrypted: boolean;
  readonly authenticated: boolean;
  /** Only with payload type 02h: enterprise number and OEM payload id, 6 bytes as sent. */
  readonly oem: Uint8Array;
  /** 0 outside a session; otherwise the id that the receiver chose. */
  readonly sessionId: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
  /** What follows the payload: pad, pad length, next header, code. Empty on packets without integrity. */
  readonly trailer: Uint8Array;
}

/** Keys of one session, see keys.ts. */
export interface SessionKeys {
  readonly suite: CipherSuite;
  /** K1 in full, or for MD5-128 the padded password. */
  readonly integrityKey: Uint8Array;
  /** The first 16 bytes of K2. */
  readonly aesKey: Uint8Array;
}

export interface PlainPacket {
  readonly payloadType: number;
  readonly sessionId: number;
  readonly sequence: number;
  /** Decrypted. */
  readonly payload: Uint8Array;
}

/** True for datagrams whose authentication type says RMCP+; the others go to lan15.ts. */
export const isRmcpPlus = (datagram: Uint8Array): boolean =>
  byteAt(datagram, 3) === CLASS_IPMI && byteAt(datagram, 4) === AUTH_TYPE_RMCPPLUS;

export function encodePlus(packet: PlusPacket): Uint8Array {
  const type = packet.payloadType | (packet.encrypted ? 0x80 : 0) | (packet.authenticated ? 0x40 : 0);
  const head = concat(
    bytesOf(AUTH_TYPE_RMCPPLUS, type),
    packet.oem,
    u32(packet.sessionId),
    u32(packet.sequence),
    u16(packet.payload.length),
  );
  return encodeRmcp(CLASS_IPMI, concat(head, packet.payload, packet.trailer));
}

export function decodePlus(datagram: Uint8Array): Decoded<PlusPacket> {
  const rmcp = decodeRmcp(datagram);
  if (!rmcp.ok) return rmcp;
  if (rmcp.value.messageClass !== CLASS_IPMI) return reject('wrong-class');
  const { body } = rmcp.value;
  if (body.length < 2) return reject('too-short');
  if (byteAt(body, 0) !== AUTH_TYPE_RMCPPLUS) return reject('wrong-auth-type');
  const payloadType = byteAt(body, 1) & 0x3f;
  const idAt = payloadType === PAYLOAD.oemExplicit ? 8 : 2;
  if (body.length < idAt + 10) return reject('too-short');
  const payloadAt = idAt + 10;
  const end = payloadAt + readU16(body, idAt + 8);
  if (body.length < end) return reject('wrong-length');
  return decoded({
    payloadType,
    encrypted: (byteAt(body, 1) & 0x80) !== 0,
    authenticated: (byteAt(body, 1) & 0x40) !== 0,
    oem: body.slice(2, idAt),
    sessionId: readU32(body, idAt),
    sequence: readU32(body, idAt + 4),
    payload: body.slice(payloadAt, end),
    trailer: body.slice(end),
  });
}

/** A packet outside a session: the four RAKP messages, Open Session, and sessionless commands. */
export function encodeSetup(payloadType: number, payload: Uint8Array): Uint8Array {
  return encodePlus({
    payloadType,
    encrypted: false,
    authenticated: false,
    oem: NOTHING,
    sessionId: 0,
    sequence: 0,
    payload,
    trailer: NOTHING,
  });
}

/** The payload of a packet outside a session. Bytes after the payload are ignored: nothing vouches for any byte here. */
export function decodeSetup(datagram: Uint8Array): Decoded<PlainPacket> {
  const packet = decodePlus(datagram);
  if (!packet.ok) return packet;
  const { payloadType, encrypted, authenticated, sessionId, sequence, payload } = packet.value;
  if (encrypted || authenticated || sessionId !== 0) return reject('unexpected-flags');
  return decoded({ payloadType, sessionId, sequence, payload });
}

/** Pad FFh … that brings the part from the authentication type to the next header to a multiple of 4 bytes. */
export function integrityPad(payloadLength: number): Uint8Array {
  return new Uint8Array((4 - ((12 + payloadLength + 2) % 4)) % 4).fill(0xff);
}

/** A packet inside a session. `iv`: 16 fresh random bytes (unused by suites without encryption). */
export function sealPlus(packet: PlainPacket, keys: SessionKeys, iv: Uint8Array): Uint8Array {
  const encrypted = keys.suite.confidentiality.id !== 0;
  const authenticated = keys.suite.integrity.codeLength !== 0;
  const payload = encrypted ? aesSeal(keys.aesKey, iv, packet.payload) : packet.payload;
  const { payloadType, sessionId, sequence } = packet;
  const pad = integrityPad(payload.length);
  const unsigned = authenticated ? concat(pad, bytesOf(pad.length, NEXT_HEADER)) : NOTHING;
  const datagram = encodePlus({ payloadType, encrypted, authenticated, oem: NOTHING, sessionId, sequence, payload, trailer: unsigned });
  return authenticated ? concat(datagram, keys.suite.integrity.code(keys.integrityKey, datagram.subarray(4))) : datagram;
}

/**
 * Verifies and decrypts a packet inside a session. Whatever the suite promises must be there: no code, a wrong code or plain text are
 * rejected. The pad length is taken from the wire (OpenBMC sends 4 instead of 0 in one case, `ipmitool -o icts` counts otherwise), but it
 * must fit.
 */
export function openPlus(datagram: Uint8Array, keys: SessionKeys): Decoded<PlainPacket> {
  const packet = decodePlus(datagram);
  if (!packet.ok) return packet;
  const { suite } = keys;
  const { payloadType, sessionId, sequence, trailer } = packet.value;
  if (suite.integrity.codeLength === 0) {
    if (packet.value.authenticated) return reject('unexpected-flags');
  } else {
    if (!packet.value.authenticated) return reject('not-authenticated');
    const verified = verifyTrailer(datagram, trailer, keys);
    if (!verified.ok) return verified;
  }
  if (suite.confidentiality.id === 0) {
    if (packet.value.encrypted) return reject('unexpected-flags');
    return decoded({ payloadType, sessionId, sequence, payload: packet.value.payload });
  }
  if (!packet.value.encrypted) return reject('not-encrypted');
  const plain = aesOpen(keys.aesKey, packet.value.payload);
  return plain.ok ? decoded({ payloadType, sessionId, sequence, payload: plain.value }) : plain;
}

function verifyTrailer(datagram: Uint8Array, trailer: Uint8Array, keys: SessionKeys): Decoded<true> {
  const { codeLength } = keys.suite.integrity;
  const pad = trailer.length - codeLength - 2;
  if (pad < 0) return reject('bad-trailer');
  if (byteAt(trailer, pad) !== pad || byteAt(trailer, pad + 1) !== NEXT_HEADER) return reject('bad-trailer');
  const signedEnd = datagram.length - codeLength;
  const wanted = keys.suite.integrity.code(keys.integrityKey, datagram.subarray(4, signedEnd));
  return timingSafeEqual(wanted, datagram.subarray(signedEnd)) ? decoded(true) : reject('bad-auth-code');
}
