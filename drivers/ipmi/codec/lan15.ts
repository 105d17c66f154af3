/**
 * The IPMI 1.5 session wrapper (IPMI 1.5 specification, table 12-8). It is spoken outside of sessions alone (Get Channel Authentication
 * Capabilities); packets of a session are read as far as their outer form goes.
 */
import { bytesOf, byteAt, concat, type Decoded, decoded, NOTHING, readU32, reject, u32 } from './bytes.ts';
import { CLASS_IPMI, decodeRmcp, encodeRmcp } from './rmcp.ts';

export const LAN15_NONE = 0x00;
/** Authentication type 06h: the rest is the RMCP+ wrapper, see rmcpplus.ts. */
export const AUTH_TYPE_RMCPPLUS = 0x06;

export interface Lan15Packet {
  readonly authType: number;
  readonly sequence: number;
  readonly sessionId: number;
  /** 16 bytes; empty where authType is 0. */
  readonly authCode: Uint8Array;
  readonly message: Uint8Array;
  /** One more byte 00 at the end, which datagrams of some lengths got for old network chips: taken, and never needed. */
  readonly legacyPad: boolean;
}

/** A whole datagram outside any session. */
export function encodeSessionless15(message: Uint8Array): Uint8Array {
  return encodeLan15({ authType: LAN15_NONE, sequence: 0, sessionId: 0, authCode: NOTHING, message, legacyPad: false });
}

export function encodeLan15(packet: Lan15Packet): Uint8Array {
  const head = concat(bytesOf(packet.authType), u32(packet.sequence), u32(packet.sessionId), packet.authCode);
  const pad = packet.legacyPad ? bytesOf(0) : NOTHING;
  return encodeRmcp(CLASS_IPMI, concat(head, bytesOf(packet.message.length), packet.message, pad));
}

export function decodeLan15(datagram: Uint8Array): Decoded<Lan15Packet> {
  const rmcp = decodeRmcp(datagram);
  if (!rmcp.ok) return rmcp;
  if (rmcp.value.messageClass !== CLASS_IPMI) return reject('wrong-class');
  const { body } = rmcp.value;
  if (body.length < 10) return reject('too-short');
  const authType = byteAt(body, 0);
  if (authType > 5) return reject('wrong-auth-type');
  const messageAt = authType === LAN15_NONE ? 10 : 26;
  if (body.length < messageAt) return reject('too-short');
  const end = messageAt + byteAt(body, messageAt - 1);
  const extra = body.length - end;
  if (extra < 0 || extra > 1) return reject('wrong-length');
  if (extra === 1 && byteAt(body, end) !== 0) return reject('wrong-length');
  return decoded({
    authType,
    sequence: readU32(body, 1),
    sessionId: readU32(body, 5),
    authCode: body.slice(9, messageAt - 1),
    message: body.slice(messageAt, end),
    legacyPad: extra === 1,
  });
}
