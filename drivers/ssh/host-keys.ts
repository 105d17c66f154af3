/** Is this the machine we know? There is no default: without a pinned key or a known_hosts entry nothing is sent. */
import { createHash } from 'node:crypto';
import type { Problem } from '../contract.ts';
import { knownHost } from './known-hosts.ts';
import { hostKeyChanged, hostKeyRevoked, hostKeyUnknown, type Where } from './problems.ts';

/** `SHA256:…` as `ssh-keygen -l` prints it, or with the key's type before it: `ssh-ed25519 SHA256:…`. */
export const PIN = /^(?:(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp(?:256|384|521)) )?SHA256:[A-Za-z0-9+/]{43}$/;

/** `SHA256:` and the base64 of the digest without padding. */
export const fingerprint = (blob: Uint8Array): string => `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;

/** The type in a public key's wire form (RFC 4253, 6.6), or `unknown`. */
export function keyType(blob: Uint8Array): string {
  const view = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  const length = view.length >= 4 ? view.readUInt32BE(0) : 0;
  return length > 0 && length <= 64 && length + 4 <= view.length ? view.toString('latin1', 4, 4 + length) : 'unknown';
}

export const keyName = (blob: Uint8Array): string => `${keyType(blob)} ${fingerprint(blob)}`;

export interface HostKeyJudge {
  /** Undefined: this key is known. */
  judge(blob: Uint8Array): Problem | undefined;
  /** Types of the known keys, to ask the device for one of them; undefined where they are not known. */
  readonly types: readonly string[] | undefined;
}

export function judgeByPins(where: Where, pins: readonly string[]): HostKeyJudge {
  const typed = pins.map((pin) => (pin.includes(' ') ? pin.split(' ')[0] : undefined));
  return {
    types: typed.every((type) => type !== undefined) ? [...new Set(typed)] : undefined,
    judge: (blob) => {
      const known = pins.some((pin) => (pin.includes(' ') ? pin === keyName(blob) : pin === fingerprint(blob)));
      return known ? undefined : hostKeyChanged(where, keyName(blob), pins);
    },
  };
}

export function judgeByKnownHosts(where: Where, host: string, port: number, text: string, file: string): HostKeyJudge {
  const known = knownHost(text, host, port);
  const same = (blob: Uint8Array, keys: readonly { readonly blob: Uint8Array }[]): boolean =>
    keys.some((key) => Buffer.compare(key.blob, blob) === 0);
  const types = [...new Set(known.keys.map((key) => key.type))];
  return {
    types: types.length > 0 ? types : undefined,
    judge: (blob) => {
      if (same(blob, known.revoked)) return hostKeyRevoked(where, keyName(blob));
      if (same(blob, known.keys)) return undefined;
      if (known.keys.length > 0) {
        return hostKeyChanged(
          where,
          keyName(blob),
          known.keys.map((key) => `${key.type} ${fingerprint(key.blob)} (${file}:${key.line})`),
        );
      }
      const why =
        known.authorities > 0
          ? `${file} has only @cert-authority lines for it, and host certificates are not supported`
          : `${file} does not have it`;
      return hostKeyUnknown(where, keyName(blob), why);
    },
  };
}
