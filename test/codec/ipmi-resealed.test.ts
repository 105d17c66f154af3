/** Packets whose integrity code fits and that are malformed all the same: what the code vouches for must still be what the specification says. */
import { createCipheriv } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { aesOpen, concat, openPlus, sealPlus, sessionKeys } from '../../drivers/ipmi/codec/index.ts';
import { suiteById } from './ipmi-vectors.ts';

const keys = sessionKeys(suiteById(17), new Uint8Array(32).fill(4), new Uint8Array(0));
const { integrity } = keys.suite;

/** A sound packet, changed before its code was made. */
function resealed(...changes: readonly { readonly fromEnd: number; readonly to: number }[]): Uint8Array {
  const sound = sealPlus({ payloadType: 0, sessionId: 7, sequence: 1, payload: Uint8Array.of(1, 2, 3) }, keys, new Uint8Array(16));
  const end = sound.length - integrity.codeLength;
  const bytes = sound.slice(0, end);
  for (const { fromEnd, to } of changes) bytes[end - fromEnd] = to;
  return concat(bytes, integrity.code(keys.integrityKey, bytes.subarray(4)));
}

describe('the trailer', () => {
  test('is taken as it should be', () => {
    expect(openPlus(resealed(), keys)).toMatchObject({ ok: true, value: { payload: Uint8Array.of(1, 2, 3) } });
  });

  test('must name the next header 07h', () => {
    expect(openPlus(resealed({ fromEnd: 1, to: 0x06 }), keys)).toEqual({ ok: false, why: 'bad-trailer' });
  });

  test.each([0, 1, 3, 255])('must have as long a pad as it says, not %d', (length) => {
    expect(openPlus(resealed({ fromEnd: 2, to: length }), keys)).toEqual({ ok: false, why: 'bad-trailer' });
  });
});

describe('the padding under AES', () => {
  const key = new Uint8Array(16).fill(2);
  const iv = new Uint8Array(16).fill(1);
  const sealed = (padded: readonly number[]): Uint8Array => {
    const cipher = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
    return concat(iv, cipher.update(Uint8Array.from(padded)), cipher.final());
  };
  const plain = Array.from({ length: 12 }, () => 0xaa);

  test('is 01 02 03 and its length', () => {
    expect(aesOpen(key, sealed([...plain, 1, 2, 3, 3]))).toEqual({ ok: true, value: Uint8Array.from(plain) });
  });

  test.each([
    ['of zeros', [...plain, 0, 0, 0, 3]],
    ['with one byte off', [...plain, 1, 2, 4, 3]],
    ['that counts from two', [...plain, 2, 3, 4, 3]],
    ['longer than a block', [...plain, 1, 2, 3, 16]],
    ['longer than everything', [...plain, 1, 2, 3, 255]],
  ])('%s is refused', (_, padded) => {
    expect(aesOpen(key, sealed(padded))).toEqual({ ok: false, why: 'bad-padding' });
  });
});
