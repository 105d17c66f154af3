/** How keys are named to people and in pins. */
import { createHash } from 'node:crypto';

/** `SHA256:…` as `ssh-keygen -l` prints it, or with the key's type before it: `ssh-ed25519 SHA256:…`. */
export const PIN = /^(?:(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp(?:256|384|521)) )?SHA256:[A-Za-z0-9+/]{43}$/;

/** `SHA256:` and the base64 of the digest without padding. */
export const fingerprint = (blob: Uint8Array): string => `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;

/** The type in a public key's wire form (RFC 4253, 6.6), or `unknown`. */
export function keyType(blob: Uint8Array): string {
  const view = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  const length = view.length >= 4 ? view.readUInt32BE(0) : 0;
  const type = length > 0 && length <= 64 && length + 4 <= view.length ? view.toString('latin1', 4, 4 + length) : '';
  return /^[\w@.-]+$/.test(type) ? type : 'unknown';
}

export const keyName = (blob: Uint8Array): string => `${keyType(blob)} ${fingerprint(blob)}`;
