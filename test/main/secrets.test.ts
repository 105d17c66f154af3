/** What left a secret is masked wherever it comes back, and nothing else is. */
import { expect, it } from 'vitest';
import { Secret, withoutSecrets } from '../../src/vocabulary/index.ts';
import { healthIn, orderResultIn, readingIn, threw } from '../../src/devices/answers.ts';

const WORD = 'hunter-2 "x"';

it('masks a value only once it was handed out, as it is, as JSON and as in an address', () => {
  const secret = Secret.fixed(WORD);
  expect(withoutSecrets(`a ${WORD} b`)).toBe(`a ${WORD} b`);
  secret.reveal();
  expect(withoutSecrets(`a ${WORD} b ${JSON.stringify(WORD)} c ${encodeURIComponent(WORD)}`)).toBe('a (secret) b "(secret)" c (secret)');
});

it('masks the longer value first, keeps what is too short, and takes a key line by line', () => {
  for (const value of ['swordfish', 'swordfish-and-more', 'abc', '-----BEGIN KEY-----\n0123456789abcdef0\nxyz\n-----END KEY-----'])
    Secret.fixed(value).reveal();
  expect(withoutSecrets('swordfish-and-more swordfish abc')).toBe('(secret) (secret) abc');
  expect(withoutSecrets('near 0123456789abcdef0 xyz -----BEGIN KEY-----')).toBe('near (secret) xyz -----BEGIN KEY-----');
});

it('both values of a secret that was rotated', () => {
  const values = ['first-value', 'second-value'];
  const secret = new Secret('a file', () => values.shift() ?? '');
  secret.reveal();
  secret.reveal();
  expect(withoutSecrets('first-value second-value')).toBe('(secret) (secret)');
});

it('a value that no address can spell is masked as it is', () => {
  Secret.fixed('lone \ud800 half').reveal();
  expect(withoutSecrets('a lone \ud800 half b')).toBe('a (secret) b');
});

it('nothing of a driver passes the boundary with it, nor the half of it at the end of a long text', () => {
  Secret.fixed(WORD).reveal();
  const why = { code: 'odd', says: `${'x'.repeat(495)}${WORD}`, next: WORD };
  const passed = [
    threw('d', 'read', new Error(WORD)),
    threw('d', 'read', WORD),
    orderResultIn('d', { result: 'rejected', why }),
    readingIn('d', { power: 'unknown', source: WORD, why }),
    healthIn('d', { ok: false, found: [WORD], problem: why }),
  ];
  expect(JSON.stringify(passed)).not.toContain('hunt');
});
