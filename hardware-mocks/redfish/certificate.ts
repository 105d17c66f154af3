/** Certificates of the day: X.509 v3 (RFC 5280) with a P-256 key, self-signed or signed by another of them. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { bits, boolean, explicit, implicit, integer, octets, oid, sequence, set, text, time } from './der.ts';

export interface CertificateOptions {
  readonly name: string;
  /** DNS names and IPv4 addresses; default: localhost and 127.0.0.1. */
  readonly alternatives?: readonly string[];
  readonly from?: Date;
  readonly to?: Date;
  /** Who signs it; default: itself. */
  readonly issuer?: MadeCertificate;
  /** The certificate may sign others. */
  readonly isAuthority?: boolean;
}

export interface MadeCertificate {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  readonly name: string;
  /** SHA-256 over the certificate, `AB:CD:…`. */
  readonly fingerprint: string;
}

const ECDSA_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const BASIC_CONSTRAINTS = '2.5.29.19';
const ALTERNATIVE_NAMES = '2.5.29.17';
const YEAR_MS = 365 * 24 * 3_600_000;

export function makeCertificate(options: CertificateOptions): MadeCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer: KeyObject = options.issuer === undefined ? privateKey : createPrivateKey(options.issuer.key);
  const algorithm = sequence(oid(ECDSA_SHA256));
  const body = sequence(
    explicit(0, integer(Uint8Array.of(2))),
    integer(Uint8Array.of(1, ...randomBytes(15))),
    algorithm,
    distinguished(options.issuer?.name ?? options.name),
    sequence(time(options.from ?? new Date(Date.now() - YEAR_MS)), time(options.to ?? new Date(Date.now() + 10 * YEAR_MS))),
    distinguished(options.name),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, extensions(options)),
  );
  const der = sequence(body, algorithm, bits(sign('sha256', body, signer)));
  const base64 =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  const certificate = `-----BEGIN CERTIFICATE-----\n${base64.join('\n')}\n-----END CERTIFICATE-----\n`;
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { certificate, key, name: options.name, fingerprint: new X509Certificate(certificate).fingerprint256 };
}

const distinguished = (name: string): Uint8Array => sequence(set(sequence(oid(COMMON_NAME), text(name))));

function extensions({ alternatives = ['localhost', '127.0.0.1'], isAuthority = false }: CertificateOptions): Uint8Array {
  const names = alternatives.map((each) => (isIPv4(each) ? implicit(7, Uint8Array.from(each.split('.').map(Number))) : implicit(2, each)));
  return sequence(
    sequence(oid(BASIC_CONSTRAINTS), boolean(true), octets(sequence(...(isAuthority ? [boolean(true)] : [])))),
    sequence(oid(ALTERNATIVE_NAMES), octets(sequence(...names))),
  );
}
