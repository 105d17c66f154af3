/** The public keys of the arbiters: could a verdict be verified with each of them? Nothing leaves this machine. */
import { createHash, type KeyObject } from 'node:crypto';
import type { Configuration } from '../config/index.ts';
import { readArbiterKey } from '../intake/arbiter-key.ts';
import type { Problem } from '../vocabulary/index.ts';

export interface CheckedKey {
  readonly arbiter: string;
  readonly file: string;
  /** `SHA256:…` of its SubjectPublicKeyInfo in base64, to compare with the arbiter's own. */
  readonly fingerprint?: string;
  /** `key-unreadable`: no verdict can be verified with it. */
  readonly problem?: Problem;
  /** `key-shared`: another arbiter has the same. */
  readonly warning?: Problem;
}

export async function checkKeys({ arbiters }: Pick<Configuration, 'arbiters'>): Promise<readonly CheckedKey[]> {
  const checked: CheckedKey[] = [];
  for (const { id: arbiter, publicKey: file } of arbiters) {
    const read = await readArbiterKey({ id: arbiter, publicKey: file });
    if ('code' in read) {
      checked.push({ arbiter, file, problem: read });
      continue;
    }
    const fingerprint = fingerprintOf(read.key);
    const twin = checked.find((other) => other.fingerprint === fingerprint);
    checked.push({ arbiter, file, fingerprint, ...(twin === undefined ? {} : { warning: keyShared(arbiter, twin.arbiter) }) });
  }
  return checked;
}

function fingerprintOf(key: KeyObject): string {
  const bytes = key.export({ type: 'spki', format: 'der' });
  return `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`;
}

const keyShared = (arbiter: string, other: string): Problem => ({
  code: 'key-shared',
  says: `The arbiters ${other} and ${arbiter} have one key: whoever holds it may speak as either of them.`,
  next: 'Give each arbiter a pair of its own (bailiff verdict keygen), or take one entry away.',
});
