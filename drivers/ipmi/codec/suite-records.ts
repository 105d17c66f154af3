/** The list of Get Channel Cipher Suites (IPMI 2.0, table 22-19). Unauthenticated: whoever sits between may shorten it. */
import type { CipherSuite } from './algorithms/suites.ts';
import { bytesOf, byteAt, concat, type Decoded, decoded, NOTHING, readU24, reject } from './bytes.ts';

const STANDARD = 0xc0;
const OEM = 0xc1;

export interface SuiteRecord {
  readonly id: number;
  /** Enterprise number, on OEM records only. */
  readonly enterprise: number | undefined;
  readonly authentication: number;
  /** Empty where no algorithm was listed; `[0]` where "none" was listed. */
  readonly integrity: readonly number[];
  readonly confidentiality: readonly number[];
}

/**
 * `five-bytes`: "none" is written too, as OpenBMC does; ipmitool 1.8.19 understands nothing else. `short`: "none" is left out, as the
 * specification's wording allows.
 */
export function encodeSuiteRecords(suites: readonly CipherSuite[], form: 'five-bytes' | 'short' = 'five-bytes'): Uint8Array {
  const tagged = (tag: number, algorithm: number): Uint8Array => (algorithm === 0 && form === 'short' ? NOTHING : bytesOf(tag | algorithm));
  return concat(
    ...suites.map(({ id, authentication, integrity, confidentiality }) =>
      concat(bytesOf(STANDARD, id, authentication.id), tagged(0x40, integrity.id), tagged(0x80, confidentiality.id)),
    ),
  );
}

/** Reads both forms, by the tag bits, up to the next record. */
export function decodeSuiteRecords(bytes: Uint8Array): Decoded<readonly SuiteRecord[]> {
  const records: SuiteRecord[] = [];
  let at = 0;
  while (at < bytes.length) {
    const start = byteAt(bytes, at);
    if (start !== STANDARD && start !== OEM) return reject('bad-field');
    const head = start === OEM ? 5 : 2;
    if (bytes.length < at + head + 1) return reject('too-short');
    const integrity: number[] = [];
    const confidentiality: number[] = [];
    let next = at + head + 1;
    for (; next < bytes.length && byteAt(bytes, next) < STANDARD; next += 1) {
      const value = byteAt(bytes, next);
      if (value >>> 6 === 1) integrity.push(value & 0x3f);
      else if (value >>> 6 === 2) confidentiality.push(value & 0x3f);
    }
    records.push({
      id: byteAt(bytes, at + 1),
      enterprise: start === OEM ? readU24(bytes, at + 2) : undefined,
      authentication: byteAt(bytes, at + head) & 0x3f,
      integrity,
      confidentiality,
    });
    at = next;
  }
  return decoded(records);
}

/** The 16 byte slice of the list that request `index` asks for; shorter than 16 bytes: the last one. */
export const suiteRecordSlice = (list: Uint8Array, index: number): Uint8Array => list.slice(16 * index, 16 * index + 16);
