/** One text, one meaning: what two parsers could read differently is refused, and the member is named. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { strictJson } from '../../src/intake/strict-json.ts';

const read = (text: string | Uint8Array) => strictJson(typeof text === 'string' ? Buffer.from(text) : text);

describe('strict JSON', () => {
  it('reads what JSON.parse reads, wherever a name stands once in its object', () => {
    const number = fc.integer();
    const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((one) => !/\p{Cs}/u.test(one));
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof({ depthSize: 'small', maxDepth: 8 }, number, text, fc.boolean(), fc.constant(null), tie('list'), tie('object')),
      list: fc.array(tie('json'), { maxLength: 4 }),
      object: fc.dictionary(text, tie('json'), { maxKeys: 4 }),
    }));
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const written = JSON.stringify(value, undefined, indent);
        expect(read(written)).toEqual({ value: JSON.parse(written) as unknown });
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['twice', '{"a":1,"a":1}', 'a', 'stands twice'],
    ['twice, once with an escape', String.raw`{"epoch":1,"e\u0070och":2}`, 'epoch', 'stands twice'],
    ['twice, deep inside', '{"x":[0,{"y":{"b":1,"c":2,"b":3}}]}', 'x.1.y.b', 'stands twice'],
    ['twice, with a list between', '{"a":[1,2,{"a":3}],"b":{},"a":4}', 'a', 'stands twice'],
    ['twice, empty', '{"":1,"":2}', '', 'stands twice'],
    ['twice, __proto__', '{"__proto__":1,"__proto__":2}', '__proto__', 'stands twice'],
    ['half a letter', String.raw`{"reason":"\ud800"}`, 'reason', 'surrogate'],
    ['half a letter in a name', String.raw`{"\udc00":1}`, '\udc00', 'surrogate'],
    ['a number too long', '{"epoch":9007199254740993}', 'epoch', 'exact'],
    ['a number that is rounded', '{"epoch":7.00000000000000000001}', 'epoch', 'exact'],
    ['a number in another way', '{"epoch":1e2}', 'epoch', 'plainly'],
    ['a minus nothing', '[[-0]]', '0.0', 'plainly'],
  ])('refuses %s', (_what, text, at, says) => {
    expect(JSON.parse(text)).toBeDefined();
    expect(read(text)).toEqual({ faults: [{ at, says: expect.stringContaining(says) }] });
  });

  it.each([
    ['a byte order mark', Buffer.from('\ufeff{}'), '', 'byte order mark'],
    ['no JSON', Buffer.from('{"a":1'), '', 'is not JSON'],
    ['an overlong letter', Buffer.from([...Buffer.from('{"a":{"b":"x'), 0xc0, 0xaf, ...Buffer.from('"}}')]), 'a.b', 'no UTF-8'],
    ['a surrogate in UTF-8', Buffer.from([...Buffer.from('{"a":["'), 0xed, 0xa0, 0x80, ...Buffer.from('"]}')]), 'a.0', 'no UTF-8'],
    ['Latin-1', Buffer.from('{"reason":"h\u00e4ngt"}', 'latin1'), 'reason', 'no UTF-8'],
    ['a wrong byte outside of texts', Buffer.from([0x7b, 0xff, 0x7d]), '', 'no UTF-8'],
    ['nothing', Buffer.alloc(0), '', 'is not JSON'],
  ])('refuses %s', (_what, bytes, at, says) => {
    expect(read(bytes)).toEqual({ faults: [{ at, says: expect.stringContaining(says) }] });
  });

  it('finds every name that was planted twice, however it is written and how deep', () => {
    const name = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 6 });
    const escapedAt = (text: string, at: number): string =>
      `"${[...text].map((letter, index) => (index === at % text.length ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : JSON.stringify(letter).slice(1, -1))).join('')}"`;
    fc.assert(
      fc.property(name, fc.nat(), fc.array(fc.constantFrom('{"in":', '['), { maxLength: 15 }), (key, at, around) => {
        const closing = around
          .toReversed()
          .map((open) => (open === '[' ? ']' : '}'))
          .join('');
        const text = `${around.join('')}{${JSON.stringify(key)}:1,${escapedAt(key, at)}:2}${closing}`;
        const wanted = [...around.map((open) => (open === '[' ? '0' : 'in')), key].join('.');
        expect(read(text)).toEqual({ faults: [{ at: wanted, says: 'stands twice' }] });
      }),
    );
  });

  it('stands any bytes, and depth', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void read(bytes)),
      { numRuns: 500 },
    );
    expect(read('['.repeat(16) + ']'.repeat(16))).toHaveProperty('value');
  });

  it('is not kept busy by depth: nobody has been authenticated yet', () => {
    const deep = { faults: [{ at: '', says: 'is nested more than 16 deep' }] };
    expect(read('['.repeat(30_000) + ']'.repeat(30_000))).toEqual(deep);
    expect(read(`${'{"a":'.repeat(8000)}[${'1,'.repeat(8000)}1]${'}'.repeat(8000)}`)).toEqual(deep);
    expect(read(Buffer.concat([Buffer.from('['.repeat(9000)), Buffer.from([0x22, 0xff, 0x22]), Buffer.from(']'.repeat(9000))]))).toEqual(
      deep,
    );
    expect(read(JSON.stringify({ reason: 'x'.repeat(60_000), list: Array.from({ length: 20_000 }, () => 1) }))).toHaveProperty('value');
  });
});
