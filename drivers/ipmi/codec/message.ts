/** IPMI messages inside payloads of type 0 and inside the 1.5 wrapper (IPMI 2.0, table 13-8, "IPMI LAN message"). */
import { bytesOf, byteAt, concat, type Decoded, decoded, reject } from './bytes.ts';

export const BMC_ADDRESS = 0x20;
export const CONSOLE_ADDRESS = 0x81;

export interface IpmiRequest {
  /** Even, 0 to 3Eh. */
  readonly netFn: number;
  readonly cmd: number;
  readonly data: Uint8Array;
  /** 0 to 63; the response echoes it. */
  readonly rqSeq: number;
  readonly rsAddr?: number;
  readonly rsLun?: number;
  readonly rqAddr?: number;
  readonly rqLun?: number;
}

export interface IpmiResponse {
  /** Odd: the request's netFn | 1. */
  readonly netFn: number;
  readonly cmd: number;
  readonly completionCode: number;
  readonly data: Uint8Array;
  readonly rqSeq: number;
  readonly rsAddr?: number;
  readonly rsLun?: number;
  readonly rqAddr?: number;
  readonly rqLun?: number;
}

/** `ignore`: for BMCs that send wrong ones (quirk nochecksumcheck); the packet's own integrity code still counts. */
export type Checksums = 'check' | 'ignore';

/** Two's complement of the sum. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return -sum & 0xff;
}

function framed(first: Uint8Array, second: Uint8Array): Uint8Array {
  return concat(first, bytesOf(checksum(first)), second, bytesOf(checksum(second)));
}

export function encodeRequest(request: IpmiRequest): Uint8Array {
  return framed(
    bytesOf(request.rsAddr ?? BMC_ADDRESS, (request.netFn << 2) | (request.rsLun ?? 0)),
    concat(bytesOf(request.rqAddr ?? CONSOLE_ADDRESS, (request.rqSeq << 2) | (request.rqLun ?? 0), request.cmd), request.data),
  );
}

export function encodeResponse(response: IpmiResponse): Uint8Array {
  return framed(
    bytesOf(response.rqAddr ?? CONSOLE_ADDRESS, (response.netFn << 2) | (response.rqLun ?? 0)),
    concat(
      bytesOf(response.rsAddr ?? BMC_ADDRESS, (response.rqSeq << 2) | (response.rsLun ?? 0), response.cmd, response.completionCode),
      response.data,
    ),
  );
}

function checksumsHold(bytes: Uint8Array): boolean {
  return checksum(bytes.subarray(0, 3)) === 0 && checksum(bytes.subarray(3)) === 0;
}

export function decodeRequest(bytes: Uint8Array, checksums: Checksums = 'check'): Decoded<Required<IpmiRequest>> {
  if (bytes.length < 7) return reject('too-short');
  if (checksums === 'check' && !checksumsHold(bytes)) return reject('bad-checksum');
  const netFn = byteAt(bytes, 1) >>> 2;
  if (netFn % 2 !== 0) return reject('bad-field');
  return decoded({
    rsAddr: byteAt(bytes, 0),
    netFn,
    rsLun: byteAt(bytes, 1) & 3,
    rqAddr: byteAt(bytes, 3),
    rqSeq: byteAt(bytes, 4) >>> 2,
    rqLun: byteAt(bytes, 4) & 3,
    cmd: byteAt(bytes, 5),
    data: bytes.slice(6, -1),
  });
}

export function decodeResponse(bytes: Uint8Array, checksums: Checksums = 'check'): Decoded<Required<IpmiResponse>> {
  if (bytes.length < 8) return reject('too-short');
  if (checksums === 'check' && !checksumsHold(bytes)) return reject('bad-checksum');
  const netFn = byteAt(bytes, 1) >>> 2;
  if (netFn % 2 !== 1) return reject('bad-field');
  return decoded({
    rqAddr: byteAt(bytes, 0),
    netFn,
    rqLun: byteAt(bytes, 1) & 3,
    rsAddr: byteAt(bytes, 3),
    rqSeq: byteAt(bytes, 4) >>> 2,
    rsLun: byteAt(bytes, 4) & 3,
    cmd: byteAt(bytes, 5),
    completionCode: byteAt(bytes, 6),
    data: bytes.slice(7, -1),
  });
}
