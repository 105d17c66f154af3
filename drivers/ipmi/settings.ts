/** The settings of an IPMI device, and what is wrong with them beyond what the schema can say. */
import type { Problem, Secret, SettingsSchema } from '../kit/contract.ts';
import {
  CIPHER_SUITES,
  type CipherSuite,
  cipherSuite,
  fromHex,
  isInsecure,
  KEY_BYTES,
  MAX_USER_BYTES,
  PRIVILEGE,
  type Privilege,
} from './codec/index.ts';
import type { ClientSettings } from './client.ts';
import { kgMalformed, passwordTooLong, secretUnreadable, suiteInsecure, suiteUnknown } from './problems.ts';
import { QUIRK_NAMES, quirksOf } from './quirks.ts';
import type { Credentials } from './session/terms.ts';

export const settings: SettingsSchema = {
  host: { kind: 'string', says: 'address or name of the BMC', required: true, pattern: /^[^\s]+$/ },
  port: { kind: 'integer', says: 'UDP port', default: 623, min: 1, max: 65_535 },
  username: {
    kind: 'string',
    says: `user on the BMC, at most ${MAX_USER_BYTES} bytes; '' is the anonymous user`,
    required: true,
    maxBytes: MAX_USER_BYTES,
  },
  password: { kind: 'secret', says: `password of the user, at most ${KEY_BYTES} bytes`, required: true },
  kg: { kind: 'secret', says: `BMC key of a two-key login: ${KEY_BYTES} bytes of text, or 0x and ${2 * KEY_BYTES} hex digits` },
  privilege: {
    kind: 'string',
    says: 'privilege to ask for: operator may switch the power, user may only read it',
    default: 'operator',
    oneOf: ['operator', 'administrator', 'user'],
  },
  cipherSuites: {
    kind: 'list',
    says: 'cipher suites in the order in which they are tried; never any other',
    of: { kind: 'integer', says: 'number of a cipher suite of IPMI 2.0', min: 0, max: 17 },
    default: [17, 3],
    maxItems: CIPHER_SUITES.length,
  },
  insecure: { kind: 'boolean', says: 'allow cipher suites without password check, integrity or encryption', default: false },
  quirks: {
    kind: 'list',
    says: 'where this BMC differs from the specification',
    of: { kind: 'string', says: 'name of a quirk', oneOf: QUIRK_NAMES },
    default: [],
    maxItems: QUIRK_NAMES.length,
  },
};

/** Settings that have passed the schema. */
interface Raw {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: Secret;
  readonly kg?: Secret;
  readonly privilege: Privilege;
  readonly cipherSuites: readonly number[];
  readonly insecure: boolean;
  readonly quirks: readonly string[];
}

export interface Prepared {
  readonly client: ClientSettings;
  readonly password: Secret;
  readonly kg: Secret | undefined;
}

const isProblem = (value: CipherSuite | Problem): value is Problem => 'code' in value;

function allowedSuite(id: number, insecure: boolean): CipherSuite | Problem {
  const suite = cipherSuite(id);
  const known = CIPHER_SUITES.map((each) => each.id).join(', ');
  if (suite === undefined) return suiteUnknown(`cipher suite ${id} is not spoken here`, `name some of ${known} in cipherSuites`);
  if (insecure || !isInsecure(suite)) return suite;
  const lacks =
    suite.authentication.codeLength === 0
      ? 'checks no password'
      : suite.integrity.codeLength === 0
        ? 'has no integrity code'
        : 'does not encrypt';
  return suiteInsecure(id, lacks);
}

/** What the schema cannot say: which suites there are, and which of them need `insecure`. */
export function prepareSettings(checked: Readonly<Record<string, unknown>>): Prepared | Problem {
  const raw = checked as unknown as Raw;
  if (raw.cipherSuites.length === 0) return suiteUnknown('cipherSuites is empty', 'leave it out (17, then 3) or name at least one');
  const suites: CipherSuite[] = [];
  for (const id of new Set(raw.cipherSuites)) {
    const suite = allowedSuite(id, raw.insecure);
    if (isProblem(suite)) return suite;
    suites.push(suite);
  }
  return {
    client: {
      host: raw.host,
      port: raw.port,
      user: new TextEncoder().encode(raw.username),
      privilege: PRIVILEGE[raw.privilege],
      suites,
      quirks: quirksOf(raw.quirks),
    },
    password: raw.password,
    kg: raw.kg,
  };
}

/** For the configuration: the same in one sentence. Secrets stay unread; a malformed kg is told when it is used. */
export function settingsProblem(checked: Readonly<Record<string, unknown>>): string | undefined {
  const prepared = prepareSettings(checked);
  return 'code' in prepared ? `${prepared.says}: ${prepared.next}` : undefined;
}

/** The secrets as bytes, read at each use so that a rotated one is taken up. */
export function readCredentials(prepared: Prepared): Credentials | Problem {
  const password = revealed(prepared.password);
  if (password === undefined) return secretUnreadable(prepared.password.origin);
  if (password.length > KEY_BYTES) return passwordTooLong(password.length);
  if (prepared.kg === undefined) return { password };
  const kg = revealed(prepared.kg);
  if (kg === undefined) return secretUnreadable(prepared.kg.origin);
  const key = kgBytes(kg);
  return key === undefined ? kgMalformed() : { password, kg: key };
}

function revealed(secret: Secret): Uint8Array | undefined {
  try {
    return new TextEncoder().encode(secret.reveal());
  } catch {
    return undefined;
  }
}

/** Text as it is, or `0x` and hex digits. Undefined: too long, or not hex after all. */
function kgBytes(text: Uint8Array): Uint8Array | undefined {
  const isHex = text[0] === 0x30 && (text[1] === 0x78 || text[1] === 0x58);
  const bytes = isHex ? fromHex(new TextDecoder().decode(text.subarray(2))) : text;
  return bytes === undefined || bytes.length === 0 || bytes.length > KEY_BYTES ? undefined : bytes;
}
