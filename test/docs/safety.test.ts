/** docs/SAFETY.md tells the truth: every promise is there, every test and story it names exists, every assertion is where it says. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'SAFETY.md'), 'utf8');
const [promises = '', limits = ''] = page.split('# What we do not promise');

/** One promise's paragraph by its name. */
const paragraphs = new Map(
  promises.split(/^## /m).flatMap((text) => (/^S\d+ /.test(text) ? [[text.split(' ')[0] ?? '', text] as const] : [])),
);
const names = Array.from({ length: 13 }, (_, index) => `S${index + 1}`);

const named = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found]) => found ?? '');
const files = (text: string): string[] => named(text, /`((?:src|test|drivers)\/[\w./-]+\.ts)`/g);
const stories = (text: string): string[] => named(text, /`(\d\d-[a-z-]+)`/g);

/** The files of src that assert this promise. */
function assertedIn(promise: string): string[] {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  return sources
    .filter((path) => new RegExp(`\\bkeep\\(\\s*'${promise}'`).test(readFileSync(join(root, 'src', path), 'utf8')))
    .map((path) => `src/${path.replaceAll('\\', '/')}`);
}

describe('docs/SAFETY.md', () => {
  it('lists S1 to S13, in order and each once', () => expect([...paragraphs.keys()]).toEqual(names));

  it.each(names)('%s names tests, and every file and story it names exists', (promise) => {
    const text = paragraphs.get(promise) ?? '';
    const missing = files(text).filter((path) => !existsSync(join(root, path)));
    const untold = stories(text).filter((story) => !existsSync(join(root, 'test', 'scenarios', 'stories', `${story}.txt`)));
    expect([...missing, ...untold]).toEqual([]);
    expect(files(text).filter((path) => path.endsWith('.test.ts')).length).toBeGreaterThan(0);
  });

  it.each(names.slice(0, 11))('%s is asserted in production, in files that its paragraph names', (promise) => {
    const places = assertedIn(promise);
    const text = paragraphs.get(promise) ?? '';
    expect(text).toContain(`keep('${promise}', …)`);
    expect(places.length).toBeGreaterThan(0);
    expect(places.filter((path) => !files(text).includes(path))).toEqual([]);
  });

  it('every test file it calls a test has tests that are not empty', () => {
    const tests = [...new Set(files(page).filter((path) => path.endsWith('.test.ts')))];
    const empty = tests.filter((path) => !/\bexpect[\w.]*\(|expectNone\(/.test(readFileSync(join(root, path), 'utf8')));
    expect(empty).toEqual([]);
  });

  it('says what is not promised', () => expect(limits.split('\n- ').length).toBeGreaterThan(5));
});
