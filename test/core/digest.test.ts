/** The digest is SHA-256, as another implementation makes it. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { digestOf } from '../../src/core/digest.ts';

const theirs = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

it('is that of FIPS 180-4, for texts of every length and script', () => {
  expect(digestOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  for (let length = 0; length < 200; length += 1) expect(digestOf('x'.repeat(length))).toBe(theirs('x'.repeat(length)));
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      expect(digestOf(text)).toBe(theirs(text));
    }),
  );
});
