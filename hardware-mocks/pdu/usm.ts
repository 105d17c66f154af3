/** User security of SNMPv3 (RFC 3414, 3826, 7860) on node:crypto alone, so that it does not share a slip with the driver's library. */
import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';

export const DIGESTS = {
  md5: { hash: 'md5', bytes: 12 },
  sha: { hash: 'sha1', bytes: 12 },
  sha224: { hash: 'sha224', bytes: 16 },
  sha256: { hash: 'sha256', bytes: 24 },
  sha384: { hash: 'sha384', bytes: 32 },
  sha512: { hash: 'sha512', bytes: 48 },
} as const;
export type Digest = keyof typeof DIGESTS;

export const CIPHERS = ['des', 'aes', 'aes256b', 'aes256r'] as const;
export type Cipher = (typeof CIPHERS)[number];

const MEGABYTE = 1_048_576;

/** Password to localized key, RFC 3414 appendix A.2. */
export function localKey(digest: Digest, password: Uint8Array | string, engineId: Uint8Array): Buffer {
  const { hash } = DIGESTS[digest];
  const word = Buffer.from(password);
  const long = Buffer.alloc(MEGABYTE, word);
  const master = createHash(hash).update(long).digest();
  return createHash(hash).update(master).update(engineId).update(master).digest();
}

export function digestOf(digest: Digest, key: Uint8Array, message: Uint8Array): Buffer {
  const { hash, bytes } = DIGESTS[digest];
  return createHmac(hash, key).update(message).digest().subarray(0, bytes);
}

export function sameDigest(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The cipher's key. Short digests are stretched as Blumenthal (draft-blumenthal-aes-usm-04) or Reeder (draft-reeder-snmpv3-usm-3desede-00) say. */
export function cipherKey(cipher: Cipher, digest: Digest, password: string, engineId: Uint8Array): Buffer {
  const first = localKey(digest, password, engineId);
  const wanted = cipher === 'aes' || cipher === 'des' ? 16 : 32;
  let key = first;
  while (key.length < wanted) {
    key =
      cipher === 'aes256r'
        ? Buffer.concat([key, localKey(digest, key.subarray(key.length - first.length), engineId)])
        : Buffer.concat([key, createHash(DIGESTS[digest].hash).update(key).digest()]);
  }
  return key.subarray(0, wanted);
}

/** `salt` is 8 bytes: msgPrivacyParameters. */
export function encrypt(
  cipher: Cipher,
  key: Buffer,
  clock: { readonly boots: number; readonly time: number },
  salt: Uint8Array,
  plain: Uint8Array,
): Buffer {
  if (cipher === 'des') {
    const padded = Buffer.concat([plain, Buffer.alloc((8 - (plain.length % 8)) % 8)]);
    const des = createCipheriv('des-ede3-cbc', tripled(key), desIv(key, salt)).setAutoPadding(false);
    return Buffer.concat([des.update(padded), des.final()]);
  }
  const aes = createCipheriv(cipher === 'aes' ? 'aes-128-cfb' : 'aes-256-cfb', key, aesIv(clock, salt));
  return Buffer.concat([aes.update(plain), aes.final()]);
}

export function decrypt(
  cipher: Cipher,
  key: Buffer,
  clock: { readonly boots: number; readonly time: number },
  salt: Uint8Array,
  secret: Uint8Array,
): Buffer {
  const opened =
    cipher === 'des'
      ? createDecipheriv('des-ede3-cbc', tripled(key), desIv(key, salt)).setAutoPadding(false)
      : createDecipheriv(cipher === 'aes' ? 'aes-128-cfb' : 'aes-256-cfb', key, aesIv(clock, salt));
  return Buffer.concat([opened.update(secret), opened.final()]);
}

/** OpenSSL 3 has no single DES; triple DES with three equal keys is the same function. */
const tripled = (key: Buffer): Buffer => Buffer.concat([key.subarray(0, 8), key.subarray(0, 8), key.subarray(0, 8)]);

/** RFC 3414 section 8.1.1.1: the second half of the key, each byte mixed with the salt. */
const desIv = (key: Buffer, salt: Uint8Array): Buffer => Buffer.from(key.subarray(8, 16).map((byte, at) => byte ^ (salt[at] ?? 0)));

/** RFC 3826 section 3.1.2.1. */
function aesIv({ boots, time }: { readonly boots: number; readonly time: number }, salt: Uint8Array): Buffer {
  const iv = Buffer.alloc(16);
  iv.writeUInt32BE(boots, 0);
  iv.writeUInt32BE(time, 4);
  iv.set(salt, 8);
  return iv;
}
