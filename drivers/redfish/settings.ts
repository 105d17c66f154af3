/** The settings of a Redfish device, and what the schema alone cannot say about them. */
import type { Place, Secret, Setting, SettingsSchema } from '../kit/contract.ts';
import { QUIRK_NAMES, type Quirks, quirksOf } from './quirks.ts';

const PIN = /^(?:SHA-?256[:=])?(?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}$|^(?:SHA-?256[:=])?[0-9A-Fa-f]{64}$/i;

const identity = (says: string): Setting => ({ kind: 'string', says, pattern: /^[^\0\r\n]+$/, maxBytes: 255 });

const COMMON: SettingsSchema = {
  host: { kind: 'string', says: 'name or IP address of the device', required: true, pattern: /^[A-Za-z0-9_.:%-]+$/, maxBytes: 255 },
  port: { kind: 'integer', says: 'TCP port of its Redfish service', default: 443, min: 1, max: 65_535 },
  username: { kind: 'string', says: 'user to log in as', required: true, pattern: /^[^\0\r\n:]+$/, maxBytes: 255 },
  password: { kind: 'secret', says: 'password of the user', required: true },
  auth: {
    kind: 'string',
    says: 'basic: the password goes with each request, no session can run out; session: one login, then a token',
    default: 'basic',
    oneOf: ['basic', 'session'],
  },
  tls: {
    kind: 'object',
    says: 'how the device is known; ca or pins is needed',
    fields: {
      ca: { kind: 'string', isPath: true, says: 'file of CA certificates (PEM) that vouch for the device', maxBytes: 4_096 },
      pins: {
        kind: 'list',
        says: 'SHA-256 fingerprints of its certificate, as bailiff discover or openssl x509 -fingerprint -sha256 shows them',
        of: { kind: 'string', says: '32 bytes in hex digits, with or without colons', pattern: PIN },
        maxItems: 8,
      },
      serverName: {
        kind: 'string',
        says: 'with ca: the name in the certificate, where it is not host',
        pattern: /^[A-Za-z0-9_.:-]+$/,
        maxBytes: 255,
      },
    },
  },
  insecure: {
    kind: 'boolean',
    says: 'plain HTTP without TLS: everybody on the way reads the password and may answer instead',
    default: false,
  },
  legacyTls: { kind: 'boolean', says: 'also accept TLS 1.0 and 1.1 and weak ciphers and keys, for old firmware', default: false },
  idle: { kind: 'duration', says: 'how long an unused connection is kept', default: 10_000, min: 0, max: 600_000 },
  loginPause: { kind: 'duration', says: 'how long a refused password is not sent again', default: 60_000, min: 1_000, max: 3_600_000 },
  quirks: {
    kind: 'list',
    says: 'where this device differs from the specification',
    of: { kind: 'string', says: 'name of a quirk', oneOf: QUIRK_NAMES },
    default: [],
    maxItems: QUIRK_NAMES.length,
  },
};

export const SYSTEM_SETTINGS: SettingsSchema = {
  ...COMMON,
  system: identity('which system: its id, UUID, serial number or path; needed where the device has more than one'),
  uuid: identity('UUID that the system must have: compared in every reading and before every order'),
  serial: identity('serial number that the system must have: compared in every reading and before every order'),
};

export const PDU_SETTINGS: SettingsSchema = {
  ...COMMON,
  pdu: identity('which power strip: its id, UUID, serial number or path; needed where the device has more than one'),
};

/** Settings that have passed the schema. */
interface Raw {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: Secret;
  readonly auth: 'basic' | 'session';
  readonly tls?: { readonly ca?: string; readonly pins?: readonly string[]; readonly serverName?: string };
  readonly insecure: boolean;
  readonly legacyTls: boolean;
  readonly idle: number;
  readonly loginPause: number;
  readonly quirks: readonly string[];
  readonly system?: string;
  readonly pdu?: string;
  readonly uuid?: string;
  readonly serial?: string;
}

/** How the device proves who it is, before a single byte is sent to it. */
export type Trust =
  | { readonly kind: 'pins'; readonly pins: readonly string[] }
  | { readonly kind: 'ca'; readonly file: string; readonly serverName: string | undefined }
  | { readonly kind: 'plain' }
  /** For discover alone: whatever certificate is shown is taken, and nothing secret is sent. */
  | { readonly kind: 'anybody' };

export interface Prepared {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: Secret;
  /** `none` is for discover alone: nothing secret is sent. */
  readonly auth: 'basic' | 'session' | 'none';
  readonly trust: Trust;
  readonly legacyTls: boolean;
  readonly idleMs: number;
  readonly loginPauseMs: number;
  readonly quirks: Quirks;
  /** The member of Systems or RackPDUs: id, UUID, serial number or path. */
  readonly member: string | undefined;
  readonly uuid: string | undefined;
  readonly serial: string | undefined;
}

/** `AB:CD:…` as Node shows it, from any accepted spelling. */
export const normalPin = (pin: string): string =>
  (
    pin
      .replace(/^SHA-?256[:=]/i, '')
      .replaceAll(':', '')
      .toUpperCase()
      .match(/../g) ?? []
  ).join(':');

/** Settings that make sense together, or what is wrong in a sentence. */
export function prepare(checked: Readonly<Record<string, unknown>>): Prepared | string {
  const raw = checked as unknown as Raw;
  const trust = trustOf(raw);
  if (typeof trust === 'string') return trust;
  return {
    host: raw.host,
    port: raw.port,
    username: raw.username,
    password: raw.password,
    auth: raw.auth,
    trust,
    legacyTls: raw.legacyTls,
    idleMs: raw.idle,
    loginPauseMs: raw.loginPause,
    quirks: quirksOf(raw.quirks),
    member: raw.system ?? raw.pdu,
    uuid: raw.uuid,
    serial: raw.serial,
  };
}

/** One service may have several systems: which one is meant is told by any of these. */
export function placeOf(checked: Readonly<Record<string, unknown>>): Place {
  const { host, port, system, pdu, uuid, serial } = checked as unknown as Raw;
  return { host, port, inside: system ?? pdu ?? uuid ?? serial ?? '' };
}

/** What does not fit together, in a sentence. */
export function settingsProblem(checked: Readonly<Record<string, unknown>>): string | undefined {
  const prepared = prepare(checked);
  return typeof prepared === 'string' ? prepared : undefined;
}

function trustOf({ tls = {}, insecure, legacyTls }: Raw): Trust | string {
  const pins = tls.pins ?? [];
  if (insecure) {
    const secure = tls.ca !== undefined || pins.length > 0 || legacyTls;
    return secure ? 'insecure: true is plain HTTP; leave tls and legacyTls out' : { kind: 'plain' };
  }
  if (tls.ca !== undefined && pins.length > 0) return 'tls.ca and tls.pins are two ways to know the device: give one of them';
  if (pins.length > 0) {
    if (tls.serverName !== undefined) return 'tls.serverName belongs to tls.ca; a pinned certificate is known by its fingerprint';
    return { kind: 'pins', pins: pins.map(normalPin) };
  }
  if (tls.ca !== undefined) return { kind: 'ca', file: tls.ca, serverName: tls.serverName };
  return 'tls.ca or tls.pins is needed: a device that is not known gets no password (bailiff discover shows the fingerprint to pin)';
}
