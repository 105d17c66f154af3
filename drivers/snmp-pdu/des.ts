/**
 * CBC-DES privacy (RFC 3414 section 8) where OpenSSL 3 has put single DES away. Triple DES with three equal keys is the same function, and
 * every OpenSSL has it: cards that know nothing better (APC's first network cards speak MD5 and DES) stay reachable.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

/** Bytes of the localized key that are the cipher's, and that mask the salt. */
const KEY = 8;

const tripled = (localKey: Uint8Array): Buffer => {
  const key = localKey.subarray(0, KEY);
  return Buffer.concat([key, key, key]);
};

/** RFC 3414 section 8.1.1.1: pre-IV (second half of the key) xor salt. */
function ivOf(localKey: Uint8Array, salt: Uint8Array): Buffer {
  return Buffer.from(localKey.subarray(KEY, KEY + 8).map((byte, at) => byte ^ (salt[at] ?? 0)));
}

/** `localKey` has 16 bytes or more, `salt` 8. The plain text is filled up with zeros to a multiple of 8 bytes. */
export function encryptDes(localKey: Uint8Array, salt: Uint8Array, plain: Uint8Array): Buffer {
  const cipher = createCipheriv('des-ede3-cbc', tripled(localKey), ivOf(localKey, salt)).setAutoPadding(false);
  const filled = Buffer.concat([plain, Buffer.alloc((KEY - (plain.length % KEY)) % KEY)]);
  return Buffer.concat([cipher.update(filled), cipher.final()]);
}

/** Throws where the length is no multiple of 8 bytes. */
export function decryptDes(localKey: Uint8Array, salt: Uint8Array, secret: Uint8Array): Buffer {
  const cipher = createDecipheriv('des-ede3-cbc', tripled(localKey), ivOf(localKey, salt)).setAutoPadding(false);
  return Buffer.concat([cipher.update(secret), cipher.final()]);
}
