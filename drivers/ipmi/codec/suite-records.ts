import { byteAt, type Decoded, decoded, readU24, reject } from './bytes.ts';

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

/** Reads both forms by the tag bits, up to the next record: some BMCs write "none" too (OpenBMC), others leave it out. */
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
