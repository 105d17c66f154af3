/** What is read fast is read as the yaml package reads it, values and places; whatever is not plain is left to the package. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/config/defaults.ts';
import { readPlainly } from '../../src/config/plain-yaml.ts';
import { readByPackage } from '../../src/config/tree.ts';

type Path = readonly (string | number)[];

const pathsIn = (value: unknown, path: Path = []): readonly Path[] => {
  if (typeof value !== 'object' || value === null) return [path];
  const keys: readonly (string | number)[] = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value);
  return [
    path,
    [...path, 'not there'],
    ...keys.flatMap((key) => pathsIn((value as Record<string | number, unknown>)[key], [...path, key])),
  ];
};

/** True where it was read fast. */
const agrees = (text: string): boolean => {
  const plain = readPlainly(text, LIMITS);
  if (plain === undefined) return false;
  const whole = readByPackage(text);
  expect({ text, findings: whole.findings, fatal: whole.fatal }).toEqual({ text, findings: [], fatal: false });
  expect({ text, value: plain.value }).toStrictEqual({ text, value: whole.value });
  for (const path of pathsIn(whole.value)) expect({ text, path, at: plain.where(path) }).toEqual({ text, path, at: whole.where(path) });
  return true;
};

const key = fc.constantFrom(
  'a',
  'b',
  'cc',
  'node-1',
  'x.y',
  'host',
  'file',
  'null',
  'true',
  'y',
  'no',
  'a_b',
  'A1',
  '1a',
  '7',
  '__proto__',
  '<<',
);
const word = fc.constantFrom(
  ...[
    'on',
    'no',
    'true',
    'false',
    'True',
    'null',
    '~',
    '0',
    '7',
    '007',
    '-1',
    '+3',
    '1.5',
    '.5',
    '1e3',
    '0x1f',
    '0o7',
    '12345678901234567890',
    '.inf',
    '.nan',
    '10s',
  ],
  ...[
    '10.0.0.1',
    '127.0.0.1:7101',
    'fd00::1',
    '::1',
    'a:b',
    'a:',
    './state',
    '../x',
    '/dev/ttyS1',
    'keys/a.pub',
    'a#b',
    'a b',
    '-',
    '- a',
    'x@y',
    '%a',
    '&a',
    '*a',
    '!t',
  ],
  ...[
    '"a b"',
    '"1"',
    '"a: #b"',
    "'it'",
    '"\\n"',
    "'a''b'",
    '""',
    "''",
    '"a',
    '2024-01-01',
    '1_000',
    '1.2.3',
    '1.',
    'e5',
    '1e',
    '0b1',
    '|',
    '>',
  ],
);
const flow = fc.letrec<{ node: string; map: string; list: string }>((tie) => ({
  node: fc.oneof({ maxDepth: 3, withCrossShrink: true }, word, tie('map'), tie('list')),
  map: fc
    .tuple(
      fc.array(fc.tuple(key, fc.constantFrom(': ', ':', ':  '), tie('node')), { maxLength: 3 }),
      fc.constantFrom('', ' '),
      fc.constantFrom(', ', ',', ' , '),
    )
    .map(([pairs, blank, comma]) => `{${blank}${pairs.map((pair) => pair.join('')).join(comma)}${blank}}`),
  list: fc
    .tuple(fc.array(tie('node'), { maxLength: 3 }), fc.constantFrom('', ' '), fc.constantFrom(', ', ','))
    .map(([items, blank, comma]) => `[${blank}${items.join(comma)}${blank}]`),
})).node;

const comment = fc.constantFrom('', '', '', '', ' # said', '  #x', '# y');
const block = (depth: number, indent: string): fc.Arbitrary<string> => {
  const line = fc.tuple(key, flow, comment).map(([name, value, rest]) => `${indent}${name}: ${value}${rest}\n`);
  const item = fc.tuple(flow, comment, fc.constantFrom('', '', ' ')).map(([value, rest, blank]) => `- ${blank}${value}${rest}\n`);
  if (depth === 0) return fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.join(''));
  const deeper = fc.constantFrom(`${indent}  `, `${indent}    `, `${indent} `, indent);
  const nested = fc
    .tuple(
      key,
      comment,
      deeper.chain((more) => block(depth - 1, more)),
    )
    .map(([name, rest, inner]) => `${indent}${name}:${rest}\n${inner}`);
  const listed = fc
    .tuple(key, deeper, fc.array(item, { minLength: 1, maxLength: 3 }))
    .map(([name, more, items]) => `${indent}${name}:\n${items.map((one) => more + one).join('')}`);
  const blank = fc.constantFrom('\n', '# a comment\n', `${indent}  # another\n`, '   \n');
  return fc
    .array(fc.oneof({ weight: 4, arbitrary: line }, { weight: 3, arbitrary: nested }, { weight: 2, arbitrary: listed }, blank), {
      minLength: 1,
      maxLength: 4,
    })
    .map((lines) => lines.join(''));
};

const LETTERS = [...'ab1 \n:-,#{}[]"\'&*!|>%@`?~./\\\t', '\r', ': ', ' #', '- ', '\n  ', '---\n', 'é', '\ufeff', '<<', '\u0000'];
const changed = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(text, fc.array(fc.tuple(fc.nat(400), fc.nat(3), fc.constantFrom(...LETTERS, '')), { maxLength: 3 }))
    .map(([whole, changes]) =>
      changes.reduce(
        (now, [at, gone, put]) => now.slice(0, at % (now.length + 1)) + put + now.slice((at % (now.length + 1)) + gone),
        whole,
      ),
    );

describe('what is read fast', () => {
  it('is what the package reads, for every text made of what configurations are made of', () => {
    let fast = 0;
    fc.assert(
      fc.property(block(2, ''), (text) => {
        if (agrees(text)) fast += 1;
      }),
      { numRuns: 3_000 },
    );
    expect(fast).toBeGreaterThan(30);
  });

  it('is what the package reads, also where a text was changed anywhere', () => {
    const small =
      'cluster: orders\nnodes:\n  db1:\n    votes: 1\n    fence:\n      - [{ device: bmc, outlet: 4 }]\n  db2: { fence: [] }\n# end\nlisten: { socket: run/b.sock }\n';
    fc.assert(
      fc.property(changed(fc.constantFrom(small, 'a: 1\n', 'a:\n  - b\n')), (text) => void agrees(text)),
      { numRuns: 5_000 },
    );
    fc.assert(
      fc.property(changed(block(1, '')), (text) => void agrees(text)),
      { numRuns: 2_000 },
    );
  });

  it('is a configuration as programs write it', () => {
    const nodes = [1, 2, 3]
      .map((n) => `  db${n}: { votes: 1, fence: [[{ device: bmc-${n} }], [{ device: pdu, outlet: ${n} }]] }\n`)
      .join('');
    const text = `cluster: orders # one of them\nself: { id: witness-1 }\nnodes:\n${nodes}devices:\n  pdu: { driver: snmp-pdu, host: 10.0.0.1, community: { file: secrets/pdu } }\nverify: { referenceIps: [10.0.0.254], need: 1, within: 3s }\n`;
    expect(agrees(text)).toBe(true);
  });

  it('is never what is wrong, or means more than it says', () => {
    for (const text of [
      '',
      'a',
      '[a]',
      'a: 1\na: 2',
      'a: *b',
      'a: &b c',
      'a: !t c',
      'a: |\n  b',
      'a: 1\n b: 2',
      'a: b\n  c',
      '--- \na: 1',
      'a: 0o7',
      'a:\n',
      '<<: { a: 1 }',
      'a: [b: c]',
      'a: "\\x41"',
    ])
      expect([text, readPlainly(text, LIMITS)]).toEqual([text, undefined]);
  });

  it('keeps within the bounds of the whole', () => {
    const text = 'a: [1, 2, 3]\n';
    expect(readPlainly(text, { values: 5, depth: 24 })).toBeDefined();
    expect(readPlainly(text, { values: 4, depth: 24 })).toBeUndefined();
    expect(readPlainly(`a: ${'['.repeat(30)}${']'.repeat(30)}\n`, LIMITS)).toBeUndefined();
    expect(readPlainly(`a: ${'['.repeat(100_000)}`, { values: 1e9, depth: 1e9 })).toBeUndefined();
  });

  it('agrees on every configuration among the fixtures', () => {
    const folder = join('test', 'config', 'fixtures');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
    for (const name of files) agrees(readFileSync(join(folder, name), 'utf8'));
  });
});
