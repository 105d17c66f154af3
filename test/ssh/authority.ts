/** A certificate authority for the tests: certificates by the specification (openssh-portable, PROTOCOL.certkeys), good ones and bad ones. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import { freshKeyPair } from '../../hardware-mocks/ssh/index.ts';
import { readKey } from '../../hardware-mocks/ssh/keys.ts';

export type AuthorityType = 'ed25519' | 'ecdsa' | 'rsa';

export interface Authority {
  /** Its public key over the wire. */
  readonly blob: Buffer;
  /** A line of a .pub file. */
  readonly line: string;
  /** `algorithm`: other than the usual one, to sign badly. */
  readonly sign: (data: Uint8Array, algorithm?: string) => Buffer;
}

export const string = (value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const uint64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
};
const mpint = (bytes: Uint8Array): Buffer => {
  const at = bytes.findIndex((byte) => byte !== 0);
  const plain = bytes.subarray(at < 0 ? bytes.length : at);
  return string((plain[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), plain]) : plain);
};

const HASH: Readonly<Record<string, string>> = { 'ssh-rsa': 'sha1', 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' };

/** `bits` is for rsa. */
export function authority(type: AuthorityType = 'ed25519', bits = 2048): Authority {
  const [blob, key] = keyOf(type, bits);
  const signRaw = (data: Uint8Array, algorithm: string): Buffer => {
    if (type === 'ed25519') return string(sign(null, data, key));
    if (type === 'rsa') return string(sign(HASH[algorithm] ?? 'sha512', data, key));
    const pair = sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
    return string(Buffer.concat([mpint(pair.subarray(0, 32)), mpint(pair.subarray(32))]));
  };
  const usual = { ed25519: 'ssh-ed25519', ecdsa: 'ecdsa-sha2-nistp256', rsa: 'rsa-sha2-512' }[type];
  return {
    blob,
    line: `${blob.toString('latin1', 4, 4 + blob.readUInt32BE(0))} ${blob.toString('base64')} ca`,
    sign: (data, algorithm = usual) => Buffer.concat([string(algorithm), signRaw(data, algorithm)]),
  };
}

/** Of a copy: Node can wait for ever for the lock of a key that it has just generated (see ed25519KeyPair). */
const jwkOf = (publicKey: KeyObject): JsonWebKey =>
  createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({ format: 'jwk' });

function keyOf(type: AuthorityType, bits: number): readonly [Buffer, KeyObject] {
  if (type === 'rsa') {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
    const { n = '', e = '' } = jwkOf(publicKey);
    return [Buffer.concat([string('ssh-rsa'), mpint(Buffer.from(e, 'base64url')), mpint(Buffer.from(n, 'base64url'))]), privateKey];
  }
  if (type === 'ed25519') {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const { x = '' } = jwkOf(publicKey);
    return [Buffer.concat([string('ssh-ed25519'), string(Buffer.from(x, 'base64url'))]), privateKey];
  }
  const pair = freshKeyPair('ecdsa');
  return [readKey(pair.publicKey)?.getPublicSSH() ?? Buffer.alloc(0), createPrivateKey(pair.privateKey)];
}

export interface Statement {
  /** The key to certify, over the wire. */
  readonly key: Uint8Array;
  readonly by: Authority;
  readonly kind?: number;
  readonly id?: string;
  readonly serial?: bigint;
  readonly principals?: readonly string[];
  readonly after?: bigint;
  readonly before?: bigint;
  readonly critical?: readonly (readonly [string, string])[];
  readonly algorithm?: string;
  /** Stands where the authority's key should. */
  readonly signatureKey?: Uint8Array;
  readonly behind?: Uint8Array;
}

export const FOR_EVER = 0xffff_ffff_ffff_ffffn;

export function certify(statement: Statement): Buffer {
  const { key, by, kind = 2, id = 'pdu-a', serial = 7n, principals = ['127.0.0.1'], after = 0n, before = FOR_EVER } = statement;
  const plain = Buffer.from(key);
  const typeLength = plain.readUInt32BE(0);
  const type = plain.toString('latin1', 4, 4 + typeLength);
  const options = (statement.critical ?? []).flatMap(([name, data]) => [string(name), string(string(data))]);
  const signed = Buffer.concat([
    string(`${type}-cert-v01@openssh.com`),
    string('a nonce'),
    plain.subarray(4 + typeLength),
    uint64(serial),
    uint32(kind),
    string(id),
    string(Buffer.concat(principals.map(string))),
    uint64(after),
    uint64(before),
    string(Buffer.concat(options)),
    string(''),
    string(''),
    string(statement.signatureKey ?? by.blob),
  ]);
  return Buffer.concat([signed, string(by.sign(signed, statement.algorithm)), statement.behind ?? Buffer.alloc(0)]);
}

/** A line as `ssh-keygen -s` writes it. */
export const certificateLine = (blob: Buffer): string =>
  `${blob.toString('latin1', 4, 4 + blob.readUInt32BE(0))} ${blob.toString('base64')} comment\n`;

/** A fresh key over the wire. */
export const deviceKey = (type: AuthorityType = 'ed25519'): Buffer =>
  readKey(freshKeyPair(type).publicKey)?.getPublicSSH() ?? Buffer.alloc(0);
