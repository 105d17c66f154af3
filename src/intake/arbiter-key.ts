/** The public key of an arbiter: PEM (SubjectPublicKeyInfo, RFC 7468) or JWK (RFC 7517, RFC 8037), and nothing but Ed25519. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Problem } from '../vocabulary/index.ts';
import { strictJson } from './strict-json.ts';

export interface KnownArbiter {
  readonly id: string;
  /** Path of its public key: PEM (SubjectPublicKeyInfo) or JWK. */
  readonly publicKey: string;
}

/** A key with which verdicts can be verified. Problem: `key-unreadable`, which names the file and what stands in it instead. Never rejects. */
export async function readArbiterKey({ publicKey: path }: KnownArbiter): Promise<{ readonly key: KeyObject } | Problem> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > MOST_BYTES) return unreadable(path, `it is longer than ${MOST_BYTES} bytes.`);
    const text = bytes.toString('latin1').trim();
    const key = text.startsWith('{') ? fromJwk(bytes) : fromPem(text);
    if (typeof key === 'string') return unreadable(path, key);
    const { asymmetricKeyType: type = 'unknown' } = key;
    return type === 'ed25519'
      ? { key }
      : unreadable(path, `it is ${KINDS[type] ?? `a key of type ${type}`}, and verdicts are signed with Ed25519.`);
  } catch (error) {
    return unreadable(path, `${error instanceof Error ? error.message : String(error)}.`);
  }
}

export const unreadable = (path: string, why: string): Problem => ({
  code: 'key-unreadable',
  says: `The key ${path} cannot be used: ${why}`,
  next: 'Make one with bailiff verdict keygen.',
});

const MOST_BYTES = 64 * 1024;

const KINDS: Readonly<Record<string, string>> = {
  rsa: 'an RSA key',
  'rsa-pss': 'an RSA key',
  ec: 'a key on a NIST curve (EC)',
  dsa: 'a DSA key',
  ed448: 'an Ed448 key',
  x25519: 'an X25519 key, which agrees on secrets and signs nothing',
  x448: 'an X448 key, which agrees on secrets and signs nothing',
};

const PRIVATE = 'it holds a private key, which only the arbiter may have. Give this machine the public half, and the arbiter a new pair.';

function fromPem(text: string): KeyObject | string {
  if (text === '') return 'it is empty.';
  if (/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(text)) return PRIVATE;
  if (text.includes('-----BEGIN CERTIFICATE-----')) return 'it holds a certificate. Take the key out of it: openssl x509 -pubkey -noout.';
  if (/^(?:ssh|ecdsa|sk)-\S+ /.test(text)) return 'it is a key of OpenSSH. Its other form: ssh-keygen -e -m PKCS8.';
  if (!text.includes('-----BEGIN PUBLIC KEY-----')) return 'it holds neither a PUBLIC KEY in PEM nor a JWK.';
  return createPublicKey(text);
}

function fromJwk(bytes: Uint8Array): KeyObject | string {
  const read = strictJson(bytes);
  if ('faults' in read) return `${read.faults.map(({ at, says }) => `${at === '' ? 'it' : at} ${says}`).join('; ')}.`;
  const jwk = read.value as Readonly<Record<string, unknown>>;
  if (Array.isArray(jwk['keys'])) return 'it is a set of keys (JWKS). Put one key into a file of its own.';
  if (jwk['kty'] === 'oct') return 'it is a symmetric key, and whoever can verify with it can sign with it.';
  if (jwk['d'] !== undefined) return PRIVATE;
  const uses = jwk['key_ops'];
  if ((jwk['use'] ?? 'sig') !== 'sig' || (Array.isArray(uses) && !uses.includes('verify')))
    return 'its use or key_ops do not let it verify.';
  return createPublicKey({ key: jwk, format: 'jwk' });
}
