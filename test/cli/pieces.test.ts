/** The parts of the command that are plain functions. What they do together is tested through the command itself. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OutletSeen, readsOn } from '../../src/service/fenced-but-on.ts';
import { askLine } from '../../src/cli/ask.ts';
import { jsonIn } from '../../src/cli/given-file.ts';
import { realIo, type Sink } from '../../src/cli/io.ts';
import { checkStateFolder } from '../../src/main/state-folder.ts';
import type { Holding } from '../../src/store/index.ts';
import { fittingTable, table } from '../../src/cli/table.ts';
import { coloured, folded, shown, shownJson, width } from '../../src/cli/terminal.ts';

describe('what goes to a terminal', () => {
  test('own colours work; colours from outside are written out, also within ours', () => {
    expect(shown(`${coloured('1;31', 'bad \u001b[32mgood')} \u001b[0m`)).toBe('\u001b[1;31mbad \\e[32mgood\u001b[0m \\e[0m');
  });

  test('no text brings a control character out, and what is harmless stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        expect(shown(text)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect(JSON.parse(shownJson({ text }))).toEqual({ text });
        expect(shownJson({ text }).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
      }),
    );
    expect(shown('Łódź, 東京, עברית: 50 %, 🐘')).toBe('Łódź, 東京, עברית: 50 %, 🐘');
  });

  test.each([
    ['left-to-right mark', 0x200e],
    ['right-to-left mark', 0x200f],
    ['Arabic letter mark', 0x061c],
    ['zero-width space', 0x200b],
    ['zero-width joiner', 0x200d],
    ['word joiner', 0x2060],
    ['byte order mark', 0xfeff],
    ['soft hyphen', 0x00ad],
    ['right-to-left override', 0x202e],
    ['first strong isolate', 0x2068],
    ['Hangul filler', 0x3164],
    ['variation selector', 0xfe0f],
    ['tag letter', 0xe0041],
    ['half of a pair', 0xd800],
  ])('a %s is written out', (_what, point) => {
    const hex = point.toString(16).padStart(4, '0');
    const text = `db${String.fromCodePoint(point)}1`;
    expect(shown(text)).toBe(point > 0xffff ? `db\\u{${hex}}1` : `db\\u${hex}1`);
    expect(shownJson({ [text]: text })).toMatch(/^[ -~\n]+$/);
    expect(JSON.parse(shownJson({ [text]: text }))).toEqual({ [text]: text });
  });

  test('nothing that cannot be seen comes out, in text and in JSON, wherever it stands', () => {
    const unseen = fc.oneof(
      fc.integer({ min: 0, max: 0x1f }),
      fc.constantFrom(0x7f, 0x85, 0x9f, 0xad, 0x034f, 0x061c, 0x115f, 0x180e, 0x3164, 0xfeff, 0xffa0, 0xfff9, 0x1d173),
      fc.integer({ min: 0x200b, max: 0x200f }),
      fc.integer({ min: 0x2028, max: 0x202e }),
      fc.integer({ min: 0x2060, max: 0x206f }),
      fc.integer({ min: 0xd800, max: 0xdbff }),
      fc.integer({ min: 0xfe00, max: 0xfe0f }),
      fc.integer({ min: 0xe0000, max: 0xe0fff }),
    );
    const parts = fc.array(fc.tuple(fc.constantFrom('', 'db1 ', '東', '"', '\\'), unseen), { maxLength: 12 });
    fc.assert(
      fc.property(parts, (pieces) => {
        const text = pieces.map(([seen, point]) => seen + String.fromCodePoint(point)).join('');
        expect(shown(coloured('31', text), false)).toMatch(/^(?:[ -~]|東)*$/);
        expect(shownJson([text])).toMatch(/^(?:[ -~\n]|東)*$/);
        expect(JSON.parse(shownJson([text]))).toEqual([text]);
      }),
      { numRuns: 500 },
    );
  });

  test('columns are as wide as what is shown in them', () => {
    expect(width(coloured('32', 'on'))).toBe(2);
    expect(width('\u001b[2J')).toBe('\\e[2J'.length);
    const [head, row] = table(['power', 'x'], [[coloured('32', 'a\nbcdef'), 'y']]);
    expect([head, shown(row ?? '')]).toEqual(['POWER     X', '\u001b[32ma\\nbcdef\u001b[0m  y']);
  });
});

describe('a terminal and a file', () => {
  const sink = (columns?: number): Sink & { readonly text: () => string } => {
    let text = '';
    const write = (more: string): void => {
      text += more;
    };
    return { ...(columns === undefined ? {} : { isTTY: true, columns }), on: () => undefined, write, text: () => text };
  };
  const said = (columns: { out?: number; err?: number }, env: Record<string, string>): readonly string[] => {
    const [stdout, stderr] = [sink(columns.out), sink(columns.err)];
    const io = realIo({ stdout, stderr, env });
    io.out(io.paint('good', 'on'));
    io.err(io.paint('bad', 'blind'));
    return [stdout.text(), stderr.text()];
  };

  test.each([
    ['a terminal', { out: 80, err: 80 }, {}, ['\u001b[32mon\u001b[0m\n', '\u001b[1;31mblind\u001b[0m\n']],
    ['errors to a file', { out: 80 }, {}, ['\u001b[32mon\u001b[0m\n', 'blind\n']],
    ['results to a file', { err: 80 }, {}, ['on\n', '\u001b[1;31mblind\u001b[0m\n']],
    ['NO_COLOR', { out: 80, err: 80 }, { NO_COLOR: '1' }, ['on\n', 'blind\n']],
    ['an empty NO_COLOR is none', { out: 80 }, { NO_COLOR: '' }, ['\u001b[32mon\u001b[0m\n', 'blind\n']],
    ['a dumb terminal', { out: 80, err: 80 }, { TERM: 'dumb' }, ['on\n', 'blind\n']],
  ])('%s', (_what, columns, env, expected) => {
    expect(said(columns, env)).toEqual(expected);
  });

  test('long lines are broken at blanks for a terminal, and left whole for a file', () => {
    const line = `bailiff.yaml:6:3 warning: ${'a word and '.repeat(9)}the end`;
    const [stdout, stderr] = [sink(60), sink()];
    const io = realIo({ stdout, stderr, env: {} });
    io.out(line);
    io.err(line);
    expect(stderr.text()).toBe(`${line}\n`);
    const lines = stdout.text().trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const one of lines) expect(one.length).toBeLessThanOrEqual(60);
    expect(lines.map((one) => one.trim()).join(' ')).toBe(line);
  });

  test('what is broken hangs below its column', () => {
    expect(folded('     8.00 s to   34.00 s  level 1: order off, then read off', 45)).toEqual([
      '     8.00 s to   34.00 s  level 1: order off,',
      '                 then read off',
    ]);
    expect(folded('  next: treat the node as running, and look at it', 40)).toEqual([
      '  next: treat the node as running, and',
      '    look at it',
    ]);
  });

  test('nothing is lost, and only a word that does not fit is too wide', () => {
    const word = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 50 }).map((text) => text.replaceAll(' ', '_'));
    const gap = fc.constantFrom(' ', ' ', '  ', '     ');
    fc.assert(
      fc.property(fc.array(fc.tuple(gap, word), { minLength: 1 }), fc.integer({ min: 40, max: 120 }), (parts, columns) => {
        const line = parts.map(([blanks, text]) => blanks + text).join('');
        const lines = folded(line, columns);
        expect(lines.join(' ').replace(/ +/g, ' ').trim()).toBe(line.replace(/ +/g, ' ').trim());
        for (const one of lines) if (width(one) > columns) expect(one.trim().split(' ')).toHaveLength(1);
      }),
    );
  });

  test('a table drops the column that it can spare, on a terminal that is too narrow', () => {
    const [head, rows] = [['outlet', 'read by', 'remark'], [['pdu-a:4', 'x'.repeat(40), 'well']]];
    expect(fittingTable(undefined, head, rows, 'read by')).toEqual(table(head, rows));
    expect(fittingTable(80, head, rows, 'read by')).toEqual(table(head, rows));
    expect(fittingTable(40, head, rows, 'read by')).toEqual(['OUTLET   REMARK', 'pdu-a:4  well']);
  });
});

describe('a question at the terminal', () => {
  const typing = async (keys: string | null, output = new PassThrough()): Promise<string | undefined> => {
    const input = new PassThrough();
    const asked = askLine('Its name: ', { input, output, terminal: true });
    if (keys === null) input.end();
    else input.write(keys);
    return await asked;
  };

  test.each([
    ['what was typed', ' db1 \r', 'db1'],
    ['Ctrl-C leaves', 'db\u0003', undefined],
    ['Ctrl-D ends the input', '\u0004', ''],
    ['the input is gone', null, ''],
  ])('%s', async (_what, keys, answer) => {
    expect(await typing(keys)).toBe(answer);
  });

  test('what is said next begins a line, also after Ctrl-D', async () => {
    const output = new PassThrough();
    await typing('\u0004', output);
    // All of it: from Node 26 on, `read()` gives one piece at a time.
    expect(await text(output.end())).toMatch(/Its name: [^\n]*\n$/);
  });
});

describe('where a file stops being JSON', () => {
  test.each([
    ['', 'it is empty'],
    ['hello', 'see line 1'],
    ['{\n"a": 1,\n}', 'see line 3'],
    ['{\n"a" 1\n}', 'see line 2'],
    ['[1,\n2,\n', 'it ends too early, in line 3'],
    ['{"a":\n\n', 'it ends too early, in line 3'],
    ['{}\n{}', 'see line 2'],
    ['["a\nb"]', 'see line 1'],
    ['[1, 2}', 'see line 1'],
  ])('%j: %s', (content, says) => {
    expect(jsonIn('f', content)).toMatchObject({ code: 'not-json', says: expect.stringContaining(`f is not JSON: ${says}`) });
  });

  test('a line is always told, and JSON is JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', '\n]', 'x'), (json, at, extra) => {
        expect(jsonIn('f', json)).toEqual({ value: JSON.parse(json) as unknown });
        const cut = at % (json.length + 1);
        const read = jsonIn('f', json.slice(0, cut) + extra + json.slice(cut));
        if ('code' in read) expect(read.says).toMatch(/line [1-3]\.$|it is empty\.$/);
      }),
    );
  });
});

describe('a node that is marked fenced', () => {
  const seen = (level: number, power: OutletSeen['power'], evidence: OutletSeen['evidence'] = 'device'): OutletSeen => ({
    level,
    power,
    evidence,
  });

  test.each([
    ['its only level reads off', [seen(0, 'off')], false],
    ['its only level reads on', [seen(0, 'on')], true],
    ['off by its BMC, and its feeds are on', [seen(0, 'off'), seen(1, 'on'), seen(1, 'on')], false],
    ['off by its feeds, and its BMC is silent', [seen(0, 'unknown'), seen(1, 'off'), seen(1, 'off')], false],
    ['one of its feeds is on again', [seen(0, 'unknown'), seen(1, 'off'), seen(1, 'on')], true],
    ['all is unknown: that is another matter', [seen(0, 'unknown'), seen(1, 'unknown')], false],
    ['what runs on it says off, its BMC says on', [seen(0, 'off', 'target'), seen(1, 'on')], true],
    ['it has no level', [], false],
  ] satisfies [string, OutletSeen[], boolean][])('%s', (_what, outlets, contradicts) => {
    expect(readsOn(outlets)).toBe(contradicts);
  });
});

describe('the state folder', () => {
  let home = '';
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'bailiff-state-'));
  });
  afterAll(async () => await rm(home, { recursive: true, force: true }));

  test('that can be made is fit; little room is a warning', async () => {
    const folder = join(home, 'a/b');
    const asked: string[] = [];
    const freeAt = (place: string) => {
      asked.push(place);
      return Promise.resolve(63 * 1024 * 1024);
    };
    const checked = await checkStateFolder(folder, { freeAt });
    expect(asked).toEqual([home]);
    expect(checked).toMatchObject({
      folder,
      ok: true,
      warnings: [{ code: 'state-folder-nearly-full', says: expect.stringContaining('63 MiB') }],
    });
    expect((await checkStateFolder(folder, { freeAt: () => Promise.resolve(64 * 1024 * 1024) })).warnings).toEqual([]);
    expect((await checkStateFolder(folder, { freeAt: () => Promise.resolve(undefined) })).ok).toBe(true);
  });

  test('that is there and empty is fit', async () => {
    expect(await checkStateFolder(home)).toMatchObject({ ok: true, found: ['journal intact: 0 events in 0 segments'] });
  });

  describe('that another process holds', () => {
    const held = async (holding: Holding, ms: number) =>
      await checkStateFolder(home, { longest: 60_000, now: () => 1_000_000 + ms, holding: async () => await Promise.resolve(holding) });
    const since: Holding = { holder: { who: 'process 4711 (since then)', since: 1_000_000 } };

    test('as a fencing does that is under way: a warning that names it', async () => {
      for (const ms of [0, 60_000, -5000])
        expect(await held(since, ms)).toMatchObject({
          ok: true,
          warnings: [{ code: 'state-in-use', says: expect.stringContaining('process 4711 (since then)') }],
        });
    });

    test('for longer than a fencing takes: nothing can be fenced', async () => {
      expect(await held(since, 60_001)).toMatchObject({
        ok: false,
        problem: {
          code: 'state-in-use',
          says: expect.stringContaining('in use by process 4711 (since then): 60 s, and a whole fencing has 60 s'),
        },
        warnings: [],
      });
    });

    test('since nobody knows when: a warning', async () => {
      expect(await held({ holder: { who: 'another process' } }, 0)).toMatchObject({ ok: true, warnings: [{ code: 'state-in-use' }] });
    });

    test('and one that was killed: said, and no fault', async () => {
      const checked = await held({ left: { pid: 4711, startedAt: 0 } }, 0);
      expect(checked).toMatchObject({ ok: true, warnings: [] });
      expect(checked.found[1]).toContain('names process 4711 of 1970-01-01T00:00:00Z, which does not run here');
    });
  });
});
