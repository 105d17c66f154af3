import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';

export interface KeyPair {
  /** A private key file as OpenSSH reads it. */
  readonly privateKey: string;
  /** A line of an authorized_keys file: `ssh-ed25519 AAAA…`. */
  readonly publicKey: string;
}

/**
 * A key pair for tests and labs, made by Node. Not by ssh2's own generateKeyPairSync: up to 1.17 that drops leading zero bytes of an Ed25519
 * public key, so one key in 256 cannot be read again (github.com/mscdex/ssh2, no. 1513).
 */
export function freshKeyPair(type: 'ed25519' | 'rsa' | 'ecdsa' = 'ed25519'): KeyPair {
  if (type === 'ed25519') return ed25519KeyPair(generateKeyPairSync('ed25519').privateKey);
  const privateKey = String(
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }),
  );
  const key = readKey(privateKey);
  if (key === undefined) throw new TypeError(`ssh2 does not read the ${type} key that Node made`);
  return { privateKey, publicKey: `${key.type} ${key.getPublicSSH().toString('base64')}` };
}

const ED25519 = 'ssh-ed25519';
/** With these both DER forms of an Ed25519 key end (RFC 8410, sections 4 and 7). */
const lastBytes = (der: Buffer): Buffer => der.subarray(-32);
/** Without a passphrase the list of private keys is padded to 8 bytes. */
const BLOCK = 8;

/**
 * An Ed25519 key in OpenSSH's own form, the only one in which ssh and ssh2 take it (openssh-portable, PROTOCOL.key; RFC 8709, section 4).
 *
 * Not by way of a JWK: Node (seen with 20.20.2) holds the key's lock while it makes one, and a garbage collection in that moment that
 * collects what generated the key waits for the same lock, for ever. One export in some ten thousand never came back.
 */
export function ed25519KeyPair(privateKey: KeyObject): KeyPair {
  const seed = lastBytes(privateKey.export({ format: 'der', type: 'pkcs8' }));
  const point = lastBytes(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }));
  const publicBlob = Buffer.concat([field(ED25519), field(point)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([
    check,
    check,
    publicBlob,
    field(Buffer.concat([seed, point])),
    field(''), // no comment
  ]);
  const padding = Uint8Array.from({ length: (BLOCK - (secret.length % BLOCK)) % BLOCK }, (_, at) => at + 1);
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'), // cipher
    field('none'), // key derivation
    field(''), // its options
    uint32(1), // how many keys
    field(publicBlob),
    field(Buffer.concat([secret, padding])),
  ]);
  const lines = file.toString('base64').match(/.{1,70}/g) ?? [];
  return {
    privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`,
    publicKey: `${ED25519} ${publicBlob.toString('base64')}`,
  };
}

/** `SHA256:…` of a private or public key in text form, as `ssh-keygen -l` prints it. Throws TypeError where the text is no key. */
export function fingerprintOf(key: string): string {
  const blob = readKey(key)?.getPublicSSH();
  if (blob === undefined) throw new TypeError('not a key');
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** A private key file, a public key file or a line of authorized_keys; undefined where the text is none of them. */
export function readKey(text: string): ParsedKey | undefined {
  // ssh2 gives a list for keys in OpenSSH's own form, against its types.
  const parsed = ssh2.utils.parseKey(text) as ParsedKey | Error | readonly ParsedKey[];
  const key = parsed instanceof Error || !('length' in parsed) ? parsed : parsed[0];
  return key instanceof Error ? undefined : key;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** RFC 4251, section 5: `string`. */
function field(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}
