/** The commands that fencing needs: numbers, request data and response data (after the completion code), for both sides. */
import { bytesOf, byteAt, type Decoded, decoded, readU16, readU24, reject, u32 } from './bytes.ts';

/** A command without its place in a message. */
export interface Command {
  readonly name: string;
  readonly netFn: number;
  readonly cmd: number;
}

const command = (name: string, netFn: number, cmd: number): Command => ({ name, netFn, cmd });

export const COMMAND = {
  getChassisStatus: command('Get Chassis Status', 0x00, 0x01),
  chassisControl: command('Chassis Control', 0x00, 0x02),
  getDeviceId: command('Get Device ID', 0x06, 0x01),
  getSystemGuid: command('Get System GUID', 0x06, 0x37),
  getChannelAuthCapabilities: command('Get Channel Authentication Capabilities', 0x06, 0x38),
  setSessionPrivilege: command('Set Session Privilege Level', 0x06, 0x3b),
  closeSession: command('Close Session', 0x06, 0x3c),
  getChannelCipherSuites: command('Get Channel Cipher Suites', 0x06, 0x54),
} as const;

export const PRIVILEGE = { callback: 1, user: 2, operator: 3, administrator: 4 } as const;
export type Privilege = keyof typeof PRIVILEGE;

/** Data of Chassis Control (IPMI 2.0, table 28-4). Only `off` and `on` are orders of this project; the rest is for a BMC to refuse. */
export const CHASSIS_CONTROL = { off: 0, on: 1, cycle: 2, reset: 3, diagnosticInterrupt: 4, softOff: 5 } as const;

export type RestorePolicy = 'stay-off' | 'previous' | 'always-on' | 'unknown';
const RESTORE_POLICIES: readonly RestorePolicy[] = ['stay-off', 'previous', 'always-on', 'unknown'];

/** Get Chassis Status (IPMI 2.0, table 28-3). */
export interface ChassisStatus {
  readonly on: boolean;
  readonly overload: boolean;
  readonly interlock: boolean;
  readonly fault: boolean;
  readonly controlFault: boolean;
  readonly restorePolicy: RestorePolicy;
  /** Byte 2 as sent: bit 0 AC failed, 4 last power-on by an IPMI command. */
  readonly lastEvent: number;
  /** Byte 3 as sent: bits 5:4 identify state, 6 identify state supported. */
  readonly misc: number;
  /** Byte 4, where it was sent. */
  readonly frontPanel: number | undefined;
}

export function decodeChassisStatus(data: Uint8Array): Decoded<ChassisStatus> {
  if (data.length < 3) return reject('too-short');
  const power = byteAt(data, 0);
  return decoded({
    on: (power & 1) !== 0,
    overload: (power & 2) !== 0,
    interlock: (power & 4) !== 0,
    fault: (power & 8) !== 0,
    controlFault: (power & 16) !== 0,
    restorePolicy: RESTORE_POLICIES[(power >>> 5) & 3] ?? 'unknown',
    lastEvent: byteAt(data, 1),
    misc: byteAt(data, 2),
    frontPanel: data[3],
  });
}

/** Get Device ID (IPMI 2.0, table 20-2). */
export interface DeviceId {
  readonly id: number;
  readonly revision: number;
  /** Bit 7 of the first firmware byte: the firmware is being updated. */
  readonly updating: boolean;
  readonly firmwareMajor: number;
  /** As sent (BCD). */
  readonly firmwareMinor: number;
  /** As sent: 51h is 1.5, 02h is 2.0. */
  readonly ipmiVersion: number;
  readonly support: number;
  /** IANA enterprise number. */
  readonly manufacturer: number;
  readonly product: number;
  readonly auxiliary: Uint8Array;
}

export function decodeDeviceId(data: Uint8Array): Decoded<DeviceId> {
  if (data.length < 11) return reject('too-short');
  return decoded({
    id: byteAt(data, 0),
    revision: byteAt(data, 1),
    updating: (byteAt(data, 2) & 0x80) !== 0,
    firmwareMajor: byteAt(data, 2) & 0x7f,
    firmwareMinor: byteAt(data, 3),
    ipmiVersion: byteAt(data, 4),
    support: byteAt(data, 5),
    manufacturer: readU24(data, 6),
    product: readU16(data, 9),
    auxiliary: data.slice(11, 15),
  });
}

/** 16 bytes as on the wire. */
export const decodeGuid = (data: Uint8Array): Decoded<Uint8Array> => (data.length < 16 ? reject('too-short') : decoded(data.slice(0, 16)));

/** Request and response data of Set Session Privilege Level: one byte. */
export function decodePrivilege(data: Uint8Array): Decoded<number> {
  return data.length < 1 ? reject('too-short') : decoded(byteAt(data, 0) & 0x0f);
}

export const encodeCloseSession = (bmcSessionId: number): Uint8Array => u32(bmcSessionId);
/** Request data of Get Channel Authentication Capabilities for the channel that it came in on, with the 2.0 part. */
export const encodeAuthCapabilitiesRequest = (privilege: number): Uint8Array => bytesOf(0x8e, privilege);

/** Response of Get Channel Authentication Capabilities (IPMI 2.0, table 22-15). */
export interface AuthCapabilities {
  readonly channel: number;
  /** Bit 7: `extended` is meant; 5 OEM, 4 password, 2 MD5, 1 MD2, 0 none. */
  readonly types: number;
  /** Bit 5: two-key login (Kg); 2 named users, 1 null users, 0 anonymous login. Several BMCs fill this wrongly. */
  readonly status: number;
  /** Bit 1: IPMI 2.0, bit 0: IPMI 1.5. */
  readonly extended: number;
  readonly oem: Uint8Array;
}

export function decodeAuthCapabilities(data: Uint8Array): Decoded<AuthCapabilities> {
  if (data.length < 8) return reject('too-short');
  return decoded({
    channel: byteAt(data, 0),
    types: byteAt(data, 1),
    status: byteAt(data, 2),
    extended: byteAt(data, 3),
    oem: data.slice(4, 8),
  });
}

/** Request data of Get Channel Cipher Suites: list by suite. `index`: which 16 bytes of the list. */
export const encodeCipherSuitesRequest = (index: number): Uint8Array => bytesOf(0x0e, 0x00, 0x80 | index);
