/** docs/ERRORS.md and the sources are held to each other, both ways. BAILIFF_REWRITE=1 adds and removes rows; words of a person stay. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectSources, root } from '../tidy/project.ts';
import { readSource } from '../tidy/source.ts';
import { rowsOf, sectionsIn, sectionsOf, withSections } from './errors-page.ts';
import { problemCodes } from './problem-codes.ts';

const file = join(root, 'docs/ERRORS.md');
const sources = projectSources().filter(({ path }) => /^(?:src|drivers|hardware-mocks)\//.test(path));
const found = problemCodes(sources);

describe('docs/ERRORS.md', () => {
  const before = readFileSync(file, 'utf8');
  const kept = new Map(rowsOf(before).map((row) => [row.code, row]));
  const wanted = sectionsOf(found.said, kept);
  if (process.env['BAILIFF_REWRITE'] === '1') writeFileSync(file, withSections(before, wanted));
  const page = readFileSync(file, 'utf8');

  it('can read every code off the sources', () => {
    expect(found.hidden).toEqual([]);
    expect(found.said.length).toBeGreaterThan(150);
  });

  it('lists every code that the program can give, and no other', () => {
    const codes = (of: typeof wanted): string[] => of.flatMap(({ rows }) => rows.map(({ code }) => code)).sort();
    expect(codes(sectionsIn(page))).toEqual(codes(wanted));
  });

  it('says where each comes from, in its section', () => {
    const places = (of: typeof wanted): string[] =>
      of.flatMap(({ title, rows }) => rows.map(({ code, from }) => `${title}: ${code} (${from})`)).sort();
    expect(places(sectionsIn(page))).toEqual(places(wanted));
  });

  it('tells in each row what happened and what to do', () => {
    for (const { code, says, next } of rowsOf(page)) {
      expect(says, code).toMatch(/^[A-Z`…].{8,}[.?!…)]$/s);
      expect(next, code).toMatch(/^[A-Z`…].{8,}[.?!…)]$/s);
    }
  });

  it('lists no code twice', () => {
    const codes = rowsOf(page).map(({ code }) => code);
    expect(codes).toEqual([...new Set(codes)]);
  });
});

describe('what finds the codes', () => {
  const codesOf = (text: string): string[] => problemCodes([readSource('drivers/x/a.ts', text)]).said.map(({ code }) => code);
  const hiddenIn = (text: string): string[] => [...problemCodes([readSource('drivers/x/a.ts', text)]).hidden];

  it.each([
    ['an object', "const a = { code: 'a-b', says: 'x', next: 'y' };", ['a-b']],
    ['a choice', "const a = (b: boolean) => ({ code: b ? 'a-b' : 'c-d', says: 'x', next: 'y' });", ['a-b', 'c-d']],
    ['a constant', "const f = () => { const code = 'a-b'; return { code, says: 'x', next: 'y' }; };", ['a-b']],
    ['a maker', "const make = (code: string, says: string) => ({ code, says }); make('a-b', 'x'); make('c-d', 'y');", ['a-b', 'c-d']],
    [
      'a maker of makers',
      "const a = (code: string, says: string) => ({ code, says }); const b = (s: string, code: string) => a(code, s); b('', 'a-b');",
      ['a-b'],
    ],
    ['a function', "function make(at: number, code: string) { return { code, next: 'x' }; } make(1, 'a-b');", ['a-b']],
    ['a private method', "class A { #p(code: string) { return { code, says: 'x' }; } f() { return this.#p('a-b'); } }", ['a-b']],
  ])('finds %s', (_what, text, codes) => {
    expect(codesOf(text)).toEqual(codes);
    expect(hiddenIn(text)).toEqual([]);
  });

  it('follows a maker into another file', () => {
    const maker = readSource('drivers/x/make.ts', 'export const make = (code: string, says: string) => ({ code, says });');
    const user = readSource('drivers/x/use.ts', "import { make } from './make.ts'; make('a-b', 'x');");
    expect(problemCodes([maker, user]).said.map(({ code, path }) => [code, path])).toEqual([['a-b', 'drivers/x/use.ts']]);
  });

  it.each([
    ['a code that is computed', 'const a = (b: number) => ({ code: `a-$' + '{b}`, says: 1 });'],
    ['a code from a table', "const a = (b: string) => ({ code: TABLE[b], says: 'x' });"],
    ['a maker that is given a computed code', 'const make = (code: string, says: string) => ({ code, says }); make(`a-$' + '{b}`, 1);'],
  ])('does not overlook %s', (_what, text) => {
    expect(hiddenIn(text)).toHaveLength(1);
  });

  it('takes a code that is handed on for what it is', () => {
    const text = 'const a = ({ code, says }: Problem) => ({ code, says }); const b = (p: Problem) => ({ code: p.code, says: p.says });';
    expect([codesOf(text), hiddenIn(text)]).toEqual([[], []]);
  });
});
