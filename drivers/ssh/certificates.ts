/**
 * Does an authority that we trust vouch for this key? The handshake proves that the device holds a key; a certificate is a public, signed
 * statement whose key that is. So it may come from anywhere, and nothing in it is believed before all of it has been checked.
 */
import { type Certificate, parseCertificate } from './codec/certificate.ts';
import { signatureFault } from './codec/signature.ts';
import { sameBytes } from './codec/wire.ts';
import { keyName } from './key-names.ts';

/** Whose word is taken for what. */
export interface Authorities {
  /** The name under which the device is configured, without its port: what a principal must match. */
  readonly name: string;
  /** Public keys of the authorities for it. */
  readonly trusted: readonly Uint8Array[];
  /** Keys that must not be believed any more, an authority's or a device's. */
  readonly revoked: readonly Uint8Array[];
  readonly nowMs: number;
}

interface Offered {
  readonly certificate: Certificate;
  /** Why it is not believed, in words; undefined: it is. */
  readonly fault: string | undefined;
}

/** Certificates that can be read, judged one by one. */
export function judged(blobs: readonly Uint8Array[], authorities: Authorities): readonly Offered[] {
  return blobs.flatMap((blob) => {
    const certificate = parseCertificate(blob);
    return typeof certificate === 'string' ? [] : [{ certificate, fault: faultOf(certificate, authorities) }];
  });
}

function faultOf(certificate: Certificate, { name, trusted, revoked, nowMs }: Authorities): string | undefined {
  if (certificate.kind !== 'host') return `it is a certificate of the kind ${certificate.kind}, not of a host`;
  if (!trusted.some((key) => sameBytes(key, certificate.authority)))
    return `its authority is not trusted for it; trusted is ${trusted.map(keyName).join(' or ')}`;
  if (revoked.some((key) => sameBytes(key, certificate.authority))) return 'the key of its authority is @revoked';
  if (revoked.some((key) => sameBytes(key, certificate.key))) return 'the key that it certifies is @revoked';
  const wrong = signatureFault(certificate.authority, certificate.signed, certificate.signature);
  if (wrong !== undefined) return wrong;
  if (certificate.criticalOptions.length > 0)
    return `it has the critical option ${printable(certificate.criticalOptions[0] ?? '')}, and none is known for hosts`;
  // Until 10.2 OpenSSH took a certificate without principals for every host's; since 10.3 it takes patterns. Neither is taken here.
  if (certificate.principals.length === 0) return 'it names no principal, and so nobody';
  if (!certificate.principals.includes(name)) return `it does not name ${printable(name)}`;
  const now = BigInt(Math.floor(nowMs / 1000));
  if (now < certificate.after) return `it is not yet valid (now is ${instant(now)})`;
  return now >= certificate.before ? `it has expired (now is ${instant(now)})` : undefined;
}

const MOST_NAMED = 6;

/** What was offered, for people: name, authority, principals, validity. */
export function describe({ id, serial, authority, principals, after, before }: Certificate): string {
  const named = principals.slice(0, MOST_NAMED).map(printable).join(', ') + (principals.length > MOST_NAMED ? ', …' : '');
  const [from, until] = [after === 0n ? 'always' : instant(after), instant(before)];
  const validity = `from ${from} until ${until}`;
  return `certificate ${printable(id)} (serial ${serial}) of the CA ${keyName(authority)} for ${named === '' ? 'nobody' : named}, valid ${validity}`;
}

const LAST_INSTANT = 8_640_000_000_000n;
const instant = (seconds: bigint): string =>
  seconds > LAST_INSTANT ? 'for ever' : new Date(Number(seconds) * 1000).toISOString().replace('.000', '');

const printable = (text: string): string => JSON.stringify(text.slice(0, 64).replace(/[^\u0020-\u007e]/g, '?'));
