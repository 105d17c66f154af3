/** The page for whoever has bailiff in process is run as a reader would run it: compiled against the package, then by node. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../tidy/project.ts';
import { compile, installBailiff, node } from './installed.ts';

const page = readFileSync(join(root, 'docs/guides/library.md'), 'utf8');
const LIMIT_MS = 120_000;

const block = (heading: string): string => new RegExp(`^\`\`\`${heading}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? '';

describe('docs/guides/library.md', () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bailiff-library-'));
    installBailiff(folder);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'reader', type: 'module' }));
    writeFileSync(join(folder, 'fence.ts'), block('ts fence.ts'));
  }, LIMIT_MS);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('shows a program that compiles, and what it really prints', { timeout: LIMIT_MS }, () => {
    expect(compile(folder, 'tsconfig.json', { rootDir: '.', outDir: '.' }, ['fence.ts'])).toEqual({ code: 0, text: '' });
    expect(node(['fence.js'], folder)).toEqual({ code: 0, text: block('console') });
  });

  it('says of every export what it is for, and of no other', () => {
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly exports: object };
    const told = [...page.matchAll(/^\| `(bailiff[^`]*)` \|/gm)].map(([, name]) => name);
    expect(told).toEqual(Object.keys(exports).map((entry) => entry.replace(/^\./, 'bailiff')));
  });
});
