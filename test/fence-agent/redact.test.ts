/** Whatever an agent says, in whatever spelling: no secret is in what is shown of it, whole or in part. */
import { describe, expect, it } from 'vitest';
import { excerpt, redact } from '../../drivers/fence-agent/redact.ts';

const SECRET = `it's "5" \\ größer?`;
const bytes = Buffer.from(SECRET, 'utf8');
const pairs = bytes.toString('hex').match(/../g) ?? [];

describe('a secret is taken out', () => {
  it.each([
    ['as it is', SECRET],
    ['as a JSON text', JSON.stringify(SECRET).slice(1, -1)],
    ['as a shell word of Python', `'${SECRET.replaceAll("'", `'"'"'`)}'`],
    ['as a shell word with a backslash', `'${SECRET.replaceAll("'", `'\\''`)}'`],
    ['in hexadecimal', bytes.toString('hex')],
    ['in capital hexadecimal', bytes.toString('hex').toUpperCase()],
    ['in hexadecimal pairs', pairs.join(' ')],
    ['in base64', bytes.toString('base64')],
    ['in base64 without its end', bytes.toString('base64').replace(/=+$/, '')],
    ['in an address', encodeURIComponent(SECRET)],
  ])('%s, wherever it stands', (_how, spelt) => {
    const shown = redact(`sent ${spelt} and ${spelt}; again ${spelt}`, ['other', SECRET]);
    expect(shown.replaceAll(/'?\(secret\)'?=*/g, '*')).toBe('sent * and *; again *');
  });

  it('as a whole, where a part of it is a secret too', () => {
    expect(redact('pass pass-word', ['pass', 'pass-word'])).toBe('(secret) (secret)');
    expect(redact('pass pass-word', ['pass-word', 'pass'])).toBe('(secret) (secret)');
  });

  it('and an empty one is none', () => {
    expect(redact('abc', ['', 'x'])).toBe('abc');
  });

  it('before anything is shortened', () => {
    for (const filling of ['a', ' ', 'a\n'])
      for (let before = 150; before <= 450; before += 1) {
        const shown = excerpt(`${filling.repeat(before)}${SECRET}`, [SECRET]);
        expect(shown).not.toContain(SECRET.slice(0, 3));
        expect(shown.length).toBeLessThanOrEqual(202);
      }
  });
});

describe('an excerpt', () => {
  it('is one line without what moves a terminal, and without noise', () => {
    const said =
      "\u001b[31mlogin\u0000\tfailed\u202e\r\n\n  Please use '-h' for usage\nx.py:1: DeprecationWarning: pipes\nfrom pipes import quote\nat 3";
    expect(excerpt(said, [])).toBe('[31mlogin failed; at 3');
  });
});
