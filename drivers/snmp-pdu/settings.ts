/** The settings of one PDU, as data, and what they mean together. */
import { Secret, type SettingsSchema } from '../kit/contract.ts';
import type { Place } from './addressing.ts';
import { AUTH_PROTOCOLS, type AuthProtocol, type Level, type Login, type PrivProtocol, type Version } from './credentials.ts';
import { PART_NAMES, type PartName } from './profile.ts';
import { PROFILES } from './profiles/index.ts';

/** Spellings that people know, to the protocols' own names. */
const PRIVACY: Readonly<Record<string, PrivProtocol>> = {
  des: 'des',
  aes: 'aes',
  aes128: 'aes',
  aes256: 'aes256b',
  aes256b: 'aes256b',
  aes256r: 'aes256r',
};

export const settings: SettingsSchema = {
  host: { kind: 'string', required: true, maxBytes: 253, pattern: /^\S+$/, says: 'name or address of the PDU' },
  port: { kind: 'integer', min: 1, max: 65_535, default: 161, says: 'UDP port of its SNMP agent' },
  profile: {
    kind: 'string',
    required: true,
    oneOf: [...PROFILES.map((profile) => profile.name), 'custom'],
    says: 'family of the PDU; `bailiff discover` tells',
  },
  profileFile: { kind: 'string', isPath: true, maxBytes: 4096, says: 'JSON file with the profile, for profile: custom' },
  version: { kind: 'string', oneOf: ['1', '2c', '3'], default: '2c', says: 'SNMP version; 1 and 2c send the community in the clear' },
  community: { kind: 'secret', says: 'write community (version 1 and 2c)' },
  user: { kind: 'string', maxBytes: 32, says: 'user name (version 3)' },
  level: {
    kind: 'string',
    oneOf: ['noAuthNoPriv', 'authNoPriv', 'authPriv'],
    says: 'protection (version 3); told by auth and priv where it is left out',
  },
  auth: {
    kind: 'object',
    says: 'authentication (version 3)',
    fields: {
      protocol: { kind: 'string', required: true, oneOf: AUTH_PROTOCOLS, says: 'digest' },
      key: { kind: 'secret', required: true, says: 'authentication password, at least 8 characters' },
    },
  },
  priv: {
    kind: 'object',
    says: 'privacy (version 3)',
    fields: {
      protocol: {
        kind: 'string',
        required: true,
        oneOf: Object.keys(PRIVACY),
        says: 'cipher; aes256 is aes256b (Blumenthal key extension), aes256r the one of Reeder',
      },
      key: { kind: 'secret', required: true, says: 'privacy password, at least 8 characters' },
    },
  },
  unit: { kind: 'integer', min: 0, max: 9999, says: 'unit, where a plug leaves it out' },
  tower: { kind: 'integer', min: 0, max: 9999, says: 'tower, where a plug leaves it out' },
  infeed: { kind: 'integer', min: 0, max: 9999, says: 'infeed, where a plug leaves it out' },
  cord: { kind: 'integer', min: 0, max: 9999, says: 'input cord, where a plug leaves it out' },
  module: { kind: 'integer', min: 0, max: 9999, says: 'module, where a plug leaves it out' },
  line: { kind: 'integer', min: 0, max: 9999, says: "serial line (Avocent's port number), where a plug leaves it out" },
  names: {
    kind: 'list',
    maxItems: 256,
    of: { kind: 'string', maxBytes: 300, pattern: /^\d+(\.\d+)*=.+$/, says: 'outlet=name' },
    says: 'names that outlets must have, such as 4=db1 psu a: compared before every order and in every reading',
  },
};

interface Settings {
  readonly host: string;
  readonly port: number;
  readonly profile: string;
  readonly profileFile: string | undefined;
  readonly login: Login;
  readonly defaults: Place;
  readonly expectedNames: ReadonlyMap<string, string>;
}

interface Raw {
  readonly host: string;
  readonly port: number;
  readonly profile: string;
  readonly profileFile?: string;
  readonly version: Version;
  readonly community?: Secret;
  readonly user?: string;
  readonly level?: Level;
  readonly auth?: { readonly protocol: AuthProtocol; readonly key: Secret };
  readonly priv?: { readonly protocol: string; readonly key: Secret };
  readonly names?: readonly string[];
}

/** `raw` has passed checkSettings. A text says what does not fit together. */
export function readSettings(raw: Readonly<Record<string, unknown>>): Settings | string {
  const given = raw as unknown as Raw;
  const login = loginOf(raw);
  if (typeof login === 'string') return login;
  if (given.profile === 'custom' && given.profileFile === undefined) return 'profile custom needs profileFile';
  if (given.profile !== 'custom' && given.profileFile !== undefined) return 'profileFile is only for profile: custom';
  const defaults: Partial<Record<PartName, number>> = {};
  for (const name of PART_NAMES) if (name !== 'outlet' && typeof raw[name] === 'number') defaults[name] = raw[name];
  const expectedNames = new Map<string, string>();
  for (const line of given.names ?? []) expectedNames.set(line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1));
  return { host: given.host, port: given.port, profile: given.profile, profileFile: given.profileFile, login, defaults, expectedNames };
}

/** `raw` has the names and types of the settings, with a version. A text says what does not fit together. */
export function loginOf(raw: Readonly<Record<string, unknown>>): Login | string {
  const { version, community, user, level, auth, priv } = raw as unknown as Raw;
  if (version !== '3') {
    if (user !== undefined || level !== undefined || auth !== undefined || priv !== undefined)
      return `user, level, auth and priv belong to version 3, not to ${version}`;
    return community === undefined ? `version ${version} needs a community` : { version, community };
  }
  if (community !== undefined) return 'a community belongs to version 1 and 2c, not to 3';
  if (user === undefined) return 'version 3 needs a user';
  const told: Level = priv !== undefined ? 'authPriv' : auth !== undefined ? 'authNoPriv' : 'noAuthNoPriv';
  if (priv !== undefined && auth === undefined) return 'priv needs auth: SNMPv3 has no privacy without authentication';
  if (level !== undefined && level !== told) return `level ${level} does not fit what is given (${told})`;
  const cipher = priv === undefined ? undefined : PRIVACY[priv.protocol];
  if (auth !== undefined && (!AUTH_PROTOCOLS.includes(auth.protocol) || !(auth.key instanceof Secret)))
    return 'auth needs its protocol and its key';
  if (priv !== undefined && (cipher === undefined || !(priv.key instanceof Secret))) return 'priv needs its protocol and its key';
  return {
    version,
    user,
    ...(auth === undefined ? {} : { auth: { protocol: auth.protocol, key: auth.key } }),
    ...(priv === undefined || cipher === undefined ? {} : { priv: { protocol: cipher, key: priv.key } }),
  };
}
