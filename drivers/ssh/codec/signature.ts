/** Signatures of authorities: Ed25519 (RFC 8709), ECDSA (RFC 5656), RSA with SHA-2 (RFC 8332). SHA-1 and DSA are refused. Nothing here throws. */
import { createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { certifiedType } from './certificate.ts';
import { Fields, magnitude, sameBytes } from './wire.ts';

interface Curve {
  readonly crv: string;
  readonly name: string;
  readonly hash: string;
  /** Bytes of a coordinate. */
  readonly size: number;
}

const CURVES: Readonly<Record<string, Curve>> = {
  'ecdsa-sha2-nistp256': { crv: 'P-256', name: 'nistp256', hash: 'sha256', size: 32 },
  'ecdsa-sha2-nistp384': { crv: 'P-384', name: 'nistp384', hash: 'sha384', size: 48 },
  'ecdsa-sha2-nistp521': { crv: 'P-521', name: 'nistp521', hash: 'sha512', size: 66 },
};
const RSA_HASHES: Readonly<Record<string, string>> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' };
/** Less than this can be factored by those who have the means. */
const LEAST_RSA_BITS = 2_048;
const MOST_RSA_BITS = 16_384;

interface AuthorityKey {
  readonly type: string;
  readonly key: KeyObject;
}

/** What is wrong with a public key as that of an authority, in words; undefined: it can be one. */
export function authorityFault(blob: Uint8Array): string | undefined {
  const found = authorityKey(blob);
  return typeof found === 'string' ? found : undefined;
}

/** What is wrong with a signature (RFC 4253, 6.6: its algorithm and its bytes), in words; undefined: it is the authority's. */
export function signatureFault(authority: Uint8Array, signed: Uint8Array, signature: Uint8Array): string | undefined {
  const found = authorityKey(authority);
  if (typeof found === 'string') return found;
  const fields = new Fields(signature);
  const algorithm = fields.text();
  const bytes = fields.string();
  if (algorithm === undefined || bytes === undefined || !fields.whole) return 'the signature is cut short or has something behind its end';
  try {
    return isSignedBy(found, algorithm, signed, bytes);
  } catch {
    return WRONG;
  }
}

const WRONG = 'the signature is not that of the authority';

function isSignedBy({ type, key }: AuthorityKey, algorithm: string, signed: Uint8Array, bytes: Uint8Array): string | undefined {
  if (type === 'ssh-rsa') {
    const hash = RSA_HASHES[algorithm];
    if (hash === undefined) return algorithm === 'ssh-rsa' ? 'it is signed with SHA-1' : `it is signed in an unknown way for ${type}`;
    const size = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
    if (bytes.length > size) return WRONG;
    // Leading zeros may have been left out.
    const padded = Buffer.concat([Buffer.alloc(size - bytes.length), bytes]);
    return verify(hash, signed, key, padded) ? undefined : WRONG;
  }
  if (algorithm !== type) return `it is signed in an unknown way for ${type}`;
  const curve = CURVES[type];
  if (curve === undefined) return verify(null, signed, key, bytes) ? undefined : WRONG;
  const pair = pairOf(bytes, curve.size);
  if (pair === undefined) return WRONG;
  return verify(curve.hash, signed, { key, dsaEncoding: 'ieee-p1363' }, pair) ? undefined : WRONG;
}

/** RFC 5656, 3.1.2: r and s as mpints; each in its full size, one behind the other. */
function pairOf(bytes: Uint8Array, size: number): Uint8Array | undefined {
  const fields = new Fields(bytes);
  const numbers = [fields.string(), fields.string()].map((each) => (each === undefined ? undefined : magnitude(each)));
  if (!fields.whole) return undefined;
  const pair = Buffer.alloc(2 * size);
  for (const [index, number] of numbers.entries()) {
    if (number === undefined || number.length > size) return undefined;
    pair.set(number, (index + 1) * size - number.length);
  }
  return pair;
}

function authorityKey(blob: Uint8Array): AuthorityKey | string {
  const fields = new Fields(blob);
  const type = fields.text() ?? '';
  if (certifiedType(type) !== undefined) return 'a certificate cannot be the key of an authority';
  const jwk = jwkOf(type, fields);
  if (typeof jwk === 'string') return jwk;
  if (!fields.whole) return 'the key of the authority is cut short or has something behind its end';
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const bits = key.asymmetricKeyDetails?.modulusLength;
    if (bits !== undefined && (bits < LEAST_RSA_BITS || bits > MOST_RSA_BITS))
      return `an RSA key of ${bits} bits cannot be that of an authority`;
    return { type, key };
  } catch {
    return 'the key of the authority is not one';
  }
}

function jwkOf(type: string, fields: Fields): JsonWebKey | string {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
  const curve = CURVES[type];
  if (type === 'ssh-ed25519') {
    const point = fields.string();
    return point?.length === 32 ? { kty: 'OKP', crv: 'Ed25519', x: base64(point) } : 'the key of the authority is not one';
  }
  if (type === 'ssh-rsa') {
    const [e, n] = [fields.string(), fields.string()].map((each) => magnitude(each ?? Buffer.of(0x80)));
    if (e === undefined || n === undefined || n.length > MOST_RSA_BITS / 8) return 'the key of the authority is not one';
    return { kty: 'RSA', e: base64(e), n: base64(n) };
  }
  if (curve === undefined) return `keys of the type ${JSON.stringify(type.slice(0, 40))} are not taken for authorities`;
  const name = fields.string();
  const point = fields.string();
  const fits = name !== undefined && sameBytes(name, Buffer.from(curve.name)) && point?.length === 1 + 2 * curve.size && point[0] === 4;
  if (!fits || point === undefined) return 'the key of the authority is not one';
  return { kty: 'EC', crv: curve.crv, x: base64(point.subarray(1, 1 + curve.size)), y: base64(point.subarray(1 + curve.size)) };
}
