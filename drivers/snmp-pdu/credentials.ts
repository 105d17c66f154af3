/** How to log in, with the secrets fetched: exists only while a session is opened. */
import type { Secret } from '../kit/contract.ts';

export const AUTH_PROTOCOLS = ['md5', 'sha', 'sha224', 'sha256', 'sha384', 'sha512'] as const;
export type AuthProtocol = (typeof AUTH_PROTOCOLS)[number];

/**
 * `aes256b` extends a short key as draft-blumenthal-aes-usm-04 says (net-snmp, most agents); `aes256r` as draft-reeder-snmpv3-usm-3desede-00
 * (Cisco and others). They differ only where the digest is shorter than 32 bytes (MD5, SHA, SHA-224).
 */
const PRIV_PROTOCOLS = ['des', 'aes', 'aes256b', 'aes256r'] as const;
export type PrivProtocol = (typeof PRIV_PROTOCOLS)[number];

export type Version = '1' | '2c' | '3';
export type Level = 'noAuthNoPriv' | 'authNoPriv' | 'authPriv';

export type Credentials =
  | { readonly version: '1' | '2c'; readonly community: string }
  | {
      readonly version: '3';
      readonly user: string;
      readonly auth?: { readonly protocol: AuthProtocol; readonly key: string };
      readonly priv?: { readonly protocol: PrivProtocol; readonly key: string };
    };

/** How to log in, as the settings give it: secrets are not fetched yet. */
export type Login =
  | { readonly version: '1' | '2c'; readonly community: Secret }
  | {
      readonly version: '3';
      readonly user: string;
      readonly auth?: { readonly protocol: AuthProtocol; readonly key: Secret };
      readonly priv?: { readonly protocol: PrivProtocol; readonly key: Secret };
    };

type Revealed = { readonly credentials: Credentials } | { readonly wrong: string };

/** RFC 3414 section 11.2: passwords of less than 8 characters are not to be used; net-snmp's own agent refuses them. */
const MIN_KEY = 8;

/** Fetches the secrets. Says in words what is wrong (a file that vanished, a key that is too short), never the value. */
export function reveal(login: Login): Revealed {
  try {
    if (login.version !== '3') {
      const community = trimmed(login.community);
      return community === ''
        ? { wrong: `the community (${login.community.origin}) is empty` }
        : { credentials: { version: login.version, community } };
    }
    const { user, auth, priv } = login;
    for (const half of [auth, priv])
      if (half !== undefined && trimmed(half.key).length < MIN_KEY)
        return { wrong: `the key of ${half.protocol} (${half.key.origin}) has less than ${MIN_KEY} characters` };
    return {
      credentials: {
        version: '3',
        user,
        ...(auth === undefined ? {} : { auth: { protocol: auth.protocol, key: trimmed(auth.key) } }),
        ...(priv === undefined ? {} : { priv: { protocol: priv.protocol, key: trimmed(priv.key) } }),
      },
    };
  } catch {
    const secrets = login.version === '3' ? [login.auth?.key, login.priv?.key] : [login.community];
    return {
      wrong: `a secret could not be fetched (${secrets.flatMap((secret) => (secret === undefined ? [] : [secret.origin])).join(', ')})`,
    };
  }
}

/** A file usually ends with a line break that is no part of the secret. */
function trimmed(secret: Secret): string {
  return secret.reveal().replace(/\r?\n$/, '');
}
