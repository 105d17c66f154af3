/** docs/decisions: each page has its four parts, and each dependency has its reason. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectSources, root } from '../tidy/project.ts';

const folder = join(root, 'docs/decisions');
const pages = readdirSync(folder)
  .filter((name) => /^\d{4}-[a-z0-9-]+\.md$/.test(name))
  .sort();
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

describe('docs/decisions', () => {
  it('are numbered without gaps', () => {
    expect(pages.map((name) => Number(name.slice(0, 4)))).toEqual(pages.map((_, index) => index + 1));
    expect(pages.length).toBeGreaterThan(10);
  });

  it.each(pages)('%s has a problem, a choice, a cost, and when to reconsider', (name) => {
    const [title = '', ...parts] = read(name).split(/^## /m);
    expect(title).toMatch(new RegExp(`^# ${Number(name.slice(0, 4))}\\. .+\n`));
    expect(parts.map((part) => part.slice(0, part.indexOf('\n')))).toEqual(['Problem', 'Choice', 'Cost', 'When to reconsider']);
    for (const part of parts) expect(part.slice(part.indexOf('\n')).trim().length).toBeGreaterThan(20);
  });

  it('are all listed, by their titles', () => {
    const listed = [...read('README.md').matchAll(/^- \[(.*)\]\((.*)\)$/gm)].map(([, title, name]) => [name, title]);
    expect(listed).toEqual(pages.map((name) => [name, read(name).slice(2, read(name).indexOf('\n'))]));
  });
});

describe('docs/decisions/0009-dependencies.md', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    'dependencies' | 'optionalDependencies' | 'devDependencies',
    Record<string, string>
  >;
  const [, use = '', optional = '', development = ''] = read('0009-dependencies.md').split(/^\| package /m);
  const named = (table: string): string[] => [...table.matchAll(/^\| `([@\w/-]+)` \|/gm)].map(([, name = '']) => name);

  it('gives a reason for every dependency, and for nothing else', () => {
    expect(named(use)).toEqual(Object.keys(manifest.dependencies).sort());
    expect(named(optional)).toEqual(Object.keys(manifest.optionalDependencies).sort());
    expect(named(development)).toEqual(Object.keys(manifest.devDependencies).sort());
  });

  it('says which of them are not used yet', () => {
    const sources = projectSources().filter(({ path }) => /^(?:src|drivers|hardware-mocks)\//.test(path));
    const imported = new Set(sources.flatMap(({ imports }) => imports.map(({ from }) => from?.split('/')[0])));
    const unused = Object.keys(manifest.dependencies).filter((name) => !imported.has(name));
    const said = [...use.matchAll(/^\| `([@\w/-]+)` \|.*\| not used yet/gm)].map(([, name]) => name);
    expect(said).toEqual(unused);
  });
});
