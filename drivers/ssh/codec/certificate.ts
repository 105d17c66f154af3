/**
 * OpenSSH certificates: a public statement, signed by an authority, that a key belongs to the principals that it names, from one time to
 * another (openssh-portable, PROTOCOL.certkeys). Bytes to values; what they are worth is judged elsewhere. Nothing here throws.
 */
import { Fields, stringField, strings } from './wire.ts';

export interface Certificate {
  /** The certificate itself, as it goes over the wire. */
  readonly blob: Uint8Array;
  /** The key that is certified, in its plain form (RFC 4253, 6.6): what the device proves to hold. */
  readonly key: Uint8Array;
  readonly serial: bigint;
  readonly kind: 'host' | 'user' | 'other';
  /** What the authority calls it. Anything may stand here. */
  readonly id: string;
  readonly principals: readonly string[];
  /** Seconds since the epoch, unsigned 64 bits: good from `after` on, and no longer at `before`. */
  readonly after: bigint;
  readonly before: bigint;
  readonly criticalOptions: readonly string[];
  /** The public key of the authority, in its plain form. */
  readonly authority: Uint8Array;
  /** What the signature is about. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** Fields of the public key between nonce and serial number, by type. */
const KEY_FIELDS: Readonly<Record<string, number>> = { 'ssh-ed25519': 1, 'ssh-rsa': 2, 'ssh-dss': 4 };
const CERTIFIED = /^(ssh-ed25519|ssh-rsa|ssh-dss|ecdsa-sha2-nistp(?:256|384|521))-cert-v01@openssh\.com$/;
/** OpenSSH writes no more than 256 principals. */
const MOST_PRINCIPALS = 256;
const MOST_OPTIONS = 64;
const MOST_BYTES = 65_536;

/** The plain type of a certificate's type: `ssh-ed25519` of `ssh-ed25519-cert-v01@openssh.com`; undefined where it names no certificate. */
export const certifiedType = (type: string): string | undefined => CERTIFIED.exec(type)?.[1];

/** The certificate, or what is wrong with the bytes in words. */
export function parseCertificate(blob: Uint8Array): Certificate | string {
  if (blob.length > MOST_BYTES) return `is larger than ${MOST_BYTES} bytes`;
  const fields = new Fields(blob);
  const type = certifiedType(fields.text() ?? '');
  if (type === undefined) return 'is no certificate of a known type';
  fields.string(); // a nonce of the authority
  const key: Uint8Array[] = [stringField(type)];
  for (let left = KEY_FIELDS[type] ?? 2; left > 0; left -= 1) key.push(stringField(fields.string() ?? ''));
  const serial = fields.uint64();
  const kind = fields.uint32();
  const id = fields.text();
  const principals = strings(fields.string() ?? CUT, MOST_PRINCIPALS);
  const after = fields.uint64();
  const before = fields.uint64();
  const criticalOptions = strings(fields.string() ?? CUT, 2 * MOST_OPTIONS);
  fields.string(); // extensions: none means anything for hosts, and unknown ones are to be ignored
  fields.string(); // reserved
  const authority = fields.string();
  const signedLength = fields.at;
  const signature = fields.string();
  if (!fields.whole || serial === undefined || id === undefined || after === undefined || before === undefined) return BROKEN;
  if (authority === undefined || signature === undefined || principals === undefined || criticalOptions === undefined) return BROKEN;
  return {
    blob,
    key: Buffer.concat(key),
    serial,
    kind: kind === 2 ? 'host' : kind === 1 ? 'user' : 'other',
    id,
    principals: principals.map((bytes) => Buffer.from(bytes).toString('utf8')),
    after,
    before,
    // Names and data by turns.
    criticalOptions: criticalOptions.filter((_, at) => at % 2 === 0).map((bytes) => Buffer.from(bytes).toString('utf8')),
    authority,
    signed: blob.subarray(0, signedLength),
    signature,
  };
}

/** Not a list of strings. */
const CUT = new Uint8Array(1);
const BROKEN = 'is cut short or has something behind its end';

const MOST_LINES = 256;
const BASE64 = /^[A-Za-z0-9+/]{16,}={0,2}$/;

/**
 * The certificates in a text: a `-cert.pub` file, several of them, or what ssh-keyscan writes (a host's name before each). Lines that are
 * no certificates are passed over.
 */
export function certificatesIn(text: string): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const line of text.split('\n', MOST_LINES)) {
    const words = line.trim().split(/[ \t]+/, 4);
    const at = words.findIndex((word) => certifiedType(word) !== undefined);
    const base64 = words[at + 1];
    if (at < 0 || at > 1 || base64 === undefined || !BASE64.test(base64)) continue;
    found.push(Buffer.from(base64, 'base64'));
  }
  return found;
}
