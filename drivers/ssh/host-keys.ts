/** Is this the machine we know? There is no default: without a pinned key, a known_hosts entry or a certificate nothing is sent. */
import type { Problem, Where } from '../kit/contract.ts';
import { type Authorities, describe, judged } from './certificates.ts';
import { parseCertificate } from './codec/certificate.ts';
import { sameBytes } from './codec/wire.ts';
import { fingerprint, keyName, keyType } from './key-names.ts';
import { type KnownKey, knownHost } from './known-hosts.ts';
import { certificateMissing, certificateRefused, hostKeyChanged, hostKeyRevoked, hostKeyUnknown } from './problems.ts';

/** The key is known, and by what: `as pinned`. */
export interface Admitted {
  readonly by: string;
  /** The certificate that vouches for it, where it is one. */
  readonly certificate?: Uint8Array;
}

export interface HostKeyJudge {
  judge(blob: Uint8Array): Admitted | Problem;
  /** Types of the known keys, to ask the device for one of them; undefined where they are not known. */
  readonly types: readonly string[] | undefined;
  /** A key of another type is not asked for where the device has none of `types`; otherwise it is, and shown in the refusal. */
  readonly only?: true;
}

/** The keys that are known by themselves. */
export interface PlainKeys {
  readonly types: readonly string[] | undefined;
  /** As people are shown them. */
  readonly names: readonly string[];
  /** By what it is known; undefined: it is not one of them. */
  knows(blob: Uint8Array): string | undefined;
  readonly revoked: readonly Uint8Array[];
  /** Why a key is unknown where `names` is empty. */
  readonly why: string;
}

/** What vouches for keys that are not known by themselves. */
export interface Vouching {
  readonly authorities: Authorities;
  readonly certificates: readonly Uint8Array[];
  /** Where the certificates are from, and what became of asking for them: `the device offers none`. */
  readonly why: string;
}

export function pinnedKeys(pins: readonly string[]): PlainKeys {
  const typed = pins.map((pin) => (pin.includes(' ') ? pin.split(' ')[0] : undefined));
  return {
    types: pins.length > 0 && typed.every((type) => type !== undefined) ? [...new Set(typed)] : undefined,
    names: pins,
    knows: (blob) => (pins.some((pin) => pin === (pin.includes(' ') ? keyName(blob) : fingerprint(blob))) ? 'as pinned' : undefined),
    revoked: [],
    why: 'no key is pinned',
  };
}

/** Keys of a known_hosts file, and the authorities that it names for this host. */
export function keysInKnownHosts(
  host: string,
  port: number,
  text: string,
  file: string,
): { readonly keys: PlainKeys; readonly authorities: readonly Uint8Array[] } {
  const known = knownHost(text, host, port);
  const types = [...new Set(known.keys.map((key) => key.type))];
  const place = (key: KnownKey): string => `${file}:${key.line}`;
  return {
    authorities: known.authorities.map(({ blob }) => blob),
    keys: {
      types: types.length > 0 ? types : undefined,
      names: known.keys.map((key) => `${key.type} ${fingerprint(key.blob)} (${place(key)})`),
      knows: (blob) => {
        const found = known.keys.find((key) => sameBytes(key.blob, blob));
        return found === undefined ? undefined : `as in ${place(found)}`;
      },
      revoked: known.revoked.map(({ blob }) => plainOf(blob)),
      why: `${file} does not have it`,
    },
  };
}

/** A certificate may be revoked in place of its key. */
function plainOf(blob: Uint8Array): Uint8Array {
  const certificate = parseCertificate(blob);
  return typeof certificate === 'string' ? blob : certificate.key;
}

export function judgeHostKey(where: Where, plain: PlainKeys, vouching?: Vouching): HostKeyJudge {
  const offered = vouching === undefined ? [] : judged(vouching.certificates, vouching.authorities);
  const certified = offered.filter(({ fault }) => fault === undefined).map(({ certificate }) => keyType(certificate.key));
  return {
    types: certified.length > 0 ? [...new Set(certified)] : plain.types,
    judge: (blob) => {
      const shown = keyName(blob);
      if (plain.revoked.some((key) => sameBytes(key, blob))) return hostKeyRevoked(where, shown);
      const known = plain.knows(blob);
      if (known !== undefined) return { by: known };
      const about = offered.filter(({ certificate }) => sameBytes(certificate.key, blob));
      const good = about.find(({ fault }) => fault === undefined);
      if (good !== undefined) return { by: `vouched for by the ${describe(good.certificate)}`, certificate: good.certificate.blob };
      const [refused] = about;
      if (refused !== undefined) return certificateRefused(where, shown, describe(refused.certificate), refused.fault ?? '', plain.names);
      const missing = vouching === undefined ? undefined : `no certificate vouches for it: ${vouching.why}`;
      if (plain.names.length > 0) return hostKeyChanged(where, shown, plain.names, missing);
      return missing === undefined ? hostKeyUnknown(where, shown, plain.why) : certificateMissing(where, shown, missing, trusted(vouching));
    },
  };
}

const trusted = (vouching: Vouching | undefined): readonly string[] => (vouching?.authorities.trusted ?? []).map(keyName);
