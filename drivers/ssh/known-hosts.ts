/** OpenSSH's known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): plain and hashed names, [host]:port, patterns, @revoked, @cert-authority. */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface KnownKey {
  readonly type: string;
  /** The key as it goes over the wire (RFC 4253, 6.6). */
  readonly blob: Uint8Array;
  readonly line: number;
}

interface KnownHost {
  readonly keys: readonly KnownKey[];
  readonly revoked: readonly KnownKey[];
  /** Keys of the certificate authorities that are trusted for this host (`@cert-authority`). */
  readonly authorities: readonly KnownKey[];
}

const KEY = /^[A-Za-z0-9+/]{16,}={0,2}$/;

/** How OpenSSH names a host in the file: the port is written only where it is not 22. */
const knownHostsName = (host: string, port: number): string => (port === 22 ? host : `[${host}]:${port}`).toLowerCase();

/** What a known_hosts file says about one host. Lines that cannot be read say nothing, as with OpenSSH. */
export function knownHost(text: string, host: string, port: number): KnownHost {
  const keys: KnownKey[] = [];
  const revoked: KnownKey[] = [];
  const authorities: KnownKey[] = [];
  const name = knownHostsName(host, port);
  for (const [index, raw] of text.split('\n').entries()) {
    const fields = raw.trim().split(/[ \t]+/);
    if (fields[0] === '' || fields[0]?.startsWith('#') === true) continue;
    const marker = fields[0]?.startsWith('@') === true ? fields.shift() : undefined;
    const [names, type, base64] = fields;
    if (names === undefined || type === undefined || base64 === undefined || !KEY.test(base64) || !namesMatch(names, name)) continue;
    const key: KnownKey = { type, blob: Buffer.from(base64, 'base64'), line: index + 1 };
    if (marker === undefined) keys.push(key);
    else if (marker === '@revoked') revoked.push(key);
    else if (marker === '@cert-authority') authorities.push(key);
  }
  return { keys, revoked, authorities };
}

function namesMatch(names: string, name: string): boolean {
  if (names.startsWith('|')) return hashMatches(names, name);
  let matched = false;
  for (const pattern of names.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!globMatches(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

/** `|1|salt|hash`: HMAC-SHA1 of the name, keyed with the salt. */
function hashMatches(field: string, name: string): boolean {
  const [, version, salt, hash] = field.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  const known = Buffer.from(hash, 'base64');
  const found = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return known.length === found.length && timingSafeEqual(known, found);
}

/** `*` any number of characters, `?` one. Greedy with one way back: linear in practice, never exponential. */
function globMatches(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let from = 0;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p;
      from = n;
      p += 1;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p += 1;
      n += 1;
    } else if (star >= 0) {
      p = star + 1;
      from += 1;
      n = from;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
