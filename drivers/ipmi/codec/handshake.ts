/**
 * Payloads of the login: Open Session and RAKP 1 to 4 (IPMI 2.0, sections 13.17 to 13.24), for both sides. Session ids are the four bytes
 * on the wire read as a little endian number.
 */
import { bytesOf, byteAt, concat, type Decoded, decoded, NOTHING, readU32, reject, u32 } from './bytes.ts';

export interface AlgorithmNumbers {
  readonly authentication: number;
  readonly integrity: number;
  readonly confidentiality: number;
}

export interface OpenSessionRequest extends AlgorithmNumbers {
  readonly tag: number;
  /** 0: the highest that fits. */
  readonly privilege: number;
  readonly consoleSessionId: number;
}

/** An answer with a status other than 00h. BMCs send 1, 2, 8 or all bytes of it; OpenBMC leaves tag and session id 0. */
export interface Refused {
  readonly kind: 'refused';
  readonly tag: number;
  readonly status: number;
  /** Present where the answer was long enough. */
  readonly consoleSessionId: number | undefined;
  /** The bytes after tag and status, as sent. */
  readonly rest: Uint8Array;
}

export interface SessionOpened extends AlgorithmNumbers {
  readonly kind: 'opened';
  readonly tag: number;
  readonly privilege: number;
  readonly consoleSessionId: number;
  readonly bmcSessionId: number;
}
export type OpenSessionResponse = SessionOpened | Refused;

export interface Rakp1 {
  readonly tag: number;
  readonly bmcSessionId: number;
  /** Rm, 16 bytes. */
  readonly consoleRandom: Uint8Array;
  /** Bit 4: look the user up by name only; low nibble: the privilege asked for. */
  readonly role: number;
  /** At most 16 bytes; padded to 16 only for boxes that want it so. */
  readonly user: Uint8Array;
}

export interface Rakp2Accepted {
  readonly kind: 'accepted';
  readonly tag: number;
  readonly consoleSessionId: number;
  /** Rc, 16 bytes. */
  readonly bmcRandom: Uint8Array;
  /** 16 bytes as on the wire. */
  readonly guid: Uint8Array;
  readonly code: Uint8Array;
}
export type Rakp2 = Rakp2Accepted | Refused;

export interface Rakp3 {
  readonly tag: number;
  /** 00h, or the reason why the console stops; then `code` is empty. */
  readonly status: number;
  readonly bmcSessionId: number;
  readonly code: Uint8Array;
}

export interface Rakp4Accepted {
  readonly kind: 'accepted';
  readonly tag: number;
  readonly consoleSessionId: number;
  /** The integrity check value. */
  readonly code: Uint8Array;
}
export type Rakp4 = Rakp4Accepted | Refused;

export const ROLE_NAME_ONLY = 0x10;
export const MAX_USER_BYTES = 16;

function algorithmPayloads(numbers: AlgorithmNumbers): Uint8Array {
  const one = (type: number, algorithm: number): Uint8Array => bytesOf(type, 0, 0, 8, algorithm, 0, 0, 0);
  return concat(one(0, numbers.authentication), one(1, numbers.integrity), one(2, numbers.confidentiality));
}

function readAlgorithms(payload: Uint8Array, at: number): AlgorithmNumbers | undefined {
  for (let type = 0; type < 3; type += 1) {
    const start = at + 8 * type;
    if (byteAt(payload, start) !== type || byteAt(payload, start + 3) !== 8) return undefined;
  }
  return {
    authentication: byteAt(payload, at + 4) & 0x3f,
    integrity: byteAt(payload, at + 12) & 0x3f,
    confidentiality: byteAt(payload, at + 20) & 0x3f,
  };
}

export function encodeOpenSessionRequest(request: OpenSessionRequest): Uint8Array {
  return concat(bytesOf(request.tag, request.privilege, 0, 0), u32(request.consoleSessionId), algorithmPayloads(request));
}

export function decodeOpenSessionRequest(payload: Uint8Array): Decoded<OpenSessionRequest> {
  if (payload.length !== 32) return reject('wrong-length');
  const algorithms = readAlgorithms(payload, 8);
  if (algorithms === undefined) return reject('bad-field');
  return decoded({ tag: byteAt(payload, 0), privilege: byteAt(payload, 1) & 0x0f, consoleSessionId: readU32(payload, 4), ...algorithms });
}

/** The usual 8 byte refusal. */
export function refusal(tag: number, status: number, consoleSessionId: number): Refused {
  return { kind: 'refused', tag, status, consoleSessionId, rest: concat(bytesOf(0, 0), u32(consoleSessionId)) };
}

/** The 2 byte refusal of ipmi_sim's Open Session. */
export const shortRefusal = (tag: number, status: number): Refused => ({
  kind: 'refused',
  tag,
  status,
  consoleSessionId: undefined,
  rest: NOTHING,
});

const encodeRefused = (refused: Refused): Uint8Array => concat(bytesOf(refused.tag, refused.status), refused.rest);

/** undefined where the status is 00h. A payload of one byte is a completion code (OpenBMC, request of a wrong length). */
function decodeRefused(payload: Uint8Array): Refused | undefined {
  if (payload.length < 2 || byteAt(payload, 1) === 0) return undefined;
  return {
    kind: 'refused',
    tag: byteAt(payload, 0),
    status: byteAt(payload, 1),
    consoleSessionId: payload.length >= 8 ? readU32(payload, 4) : undefined,
    rest: payload.slice(2),
  };
}

export function encodeOpenSessionResponse(response: OpenSessionResponse): Uint8Array {
  if (response.kind === 'refused') return encodeRefused(response);
  const { tag, privilege, consoleSessionId, bmcSessionId } = response;
  return concat(bytesOf(tag, 0, privilege, 0), u32(consoleSessionId), u32(bmcSessionId), algorithmPayloads(response));
}

export function decodeOpenSessionResponse(payload: Uint8Array): Decoded<OpenSessionResponse> {
  const refused = decodeRefused(payload);
  if (refused !== undefined) return decoded(refused);
  if (payload.length < 36) return reject('too-short');
  const algorithms = readAlgorithms(payload, 12);
  if (algorithms === undefined) return reject('bad-field');
  return decoded({
    kind: 'opened',
    tag: byteAt(payload, 0),
    privilege: byteAt(payload, 2),
    consoleSessionId: readU32(payload, 4),
    bmcSessionId: readU32(payload, 8),
    ...algorithms,
  });
}

export function encodeRakp1(rakp1: Rakp1): Uint8Array {
  const head = concat(bytesOf(rakp1.tag, 0, 0, 0), u32(rakp1.bmcSessionId), rakp1.consoleRandom);
  return concat(head, bytesOf(rakp1.role, 0, 0, rakp1.user.length), rakp1.user);
}

export function decodeRakp1(payload: Uint8Array): Decoded<Rakp1> {
  if (payload.length < 28) return reject('too-short');
  const length = byteAt(payload, 27);
  if (length > MAX_USER_BYTES) return reject('bad-field');
  if (payload.length < 28 + length) return reject('wrong-length');
  return decoded({
    tag: byteAt(payload, 0),
    bmcSessionId: readU32(payload, 4),
    consoleRandom: payload.slice(8, 24),
    role: byteAt(payload, 24),
    user: payload.slice(28, 28 + length),
  });
}

export function encodeRakp2(rakp2: Rakp2): Uint8Array {
  if (rakp2.kind === 'refused') return encodeRefused(rakp2);
  return concat(bytesOf(rakp2.tag, 0, 0, 0), u32(rakp2.consoleSessionId), rakp2.bmcRandom, rakp2.guid, rakp2.code);
}

/** The length of the code depends on the suite; comparing it is the caller's part. */
export function decodeRakp2(payload: Uint8Array): Decoded<Rakp2> {
  const refused = decodeRefused(payload);
  if (refused !== undefined) return decoded(refused);
  if (payload.length < 40) return reject('too-short');
  if (payload.length > 40 + 64) return reject('too-long');
  return decoded({
    kind: 'accepted',
    tag: byteAt(payload, 0),
    consoleSessionId: readU32(payload, 4),
    bmcRandom: payload.slice(8, 24),
    guid: payload.slice(24, 40),
    code: payload.slice(40),
  });
}

export function encodeRakp3(rakp3: Rakp3): Uint8Array {
  return concat(bytesOf(rakp3.tag, rakp3.status, 0, 0), u32(rakp3.bmcSessionId), rakp3.code);
}

export function decodeRakp3(payload: Uint8Array): Decoded<Rakp3> {
  if (payload.length < 8) return reject('too-short');
  if (payload.length > 8 + 64) return reject('too-long');
  return decoded({ tag: byteAt(payload, 0), status: byteAt(payload, 1), bmcSessionId: readU32(payload, 4), code: payload.slice(8) });
}

export function encodeRakp4(rakp4: Rakp4): Uint8Array {
  if (rakp4.kind === 'refused') return encodeRefused(rakp4);
  return concat(bytesOf(rakp4.tag, 0, 0, 0), u32(rakp4.consoleSessionId), rakp4.code);
}

export function decodeRakp4(payload: Uint8Array): Decoded<Rakp4> {
  const refused = decodeRefused(payload);
  if (refused !== undefined) return decoded(refused);
  if (payload.length < 8) return reject('too-short');
  if (payload.length > 8 + 64) return reject('too-long');
  return decoded({ kind: 'accepted', tag: byteAt(payload, 0), consoleSessionId: readU32(payload, 4), code: payload.slice(8) });
}
