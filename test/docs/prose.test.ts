/** Every page of the project: its links lead somewhere, it speaks of the project alone, and it uses the words of the glossary. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFiles, root } from '../tidy/project.ts';
import { checkProse } from '../tidy/prose.ts';
import { printViolation } from '../tidy/source.ts';
import { forbidden } from '../tidy/words.ts';

const pages = projectFiles()
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');

/** GitHub's anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsIn = (path: string): Set<string> =>
  new Set([...readFileSync(join(root, path), 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading)));

/** Where a link of a page leads; undefined where it leads out of the project. */
function brokenLinks(path: string, text: string): string[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : normalize(join(dirname(path), file));
    if (target.startsWith('..') || !existsSync(join(root, target))) return [`${path}: ${link} leads nowhere`];
    if (anchor === undefined || statSync(join(root, target)).isDirectory()) return [];
    return anchorsIn(target).has(anchor) ? [] : [`${path}: ${link}: no such heading`];
  });
}

/** Words that have no other sense in this trade, so that prose must not use them either. */
const NEVER = ['victim', 'victims', 'loser', 'losers', 'winner', 'winners', 'plugin', 'plugins', 'suicide', 'notifier', 'notifiers'];

function wrongWords(path: string, text: string): string[] {
  return [...withoutCode(text).matchAll(/[a-z]+/gi)].flatMap(([word]) =>
    NEVER.includes(word.toLowerCase()) ? [`${path}: ${word}: say ${forbidden[word.toLowerCase()]?.say ?? ''}`] : [],
  );
}

describe('every page', () => {
  it('is found', () => {
    expect(pages.map(({ path }) => path)).toContain('README.md');
    expect(pages.length).toBeGreaterThan(20);
  });

  it('has links that lead somewhere', () => {
    expect(pages.flatMap(({ path, text }) => brokenLinks(path, text))).toEqual([]);
  });

  it('speaks of the project alone', () => {
    expect(pages.flatMap(({ path, text }) => checkProse(path, text)).map(printViolation)).toEqual([]);
  });

  it('uses the words of the glossary', () => {
    expect(NEVER.filter((word) => forbidden[word] === undefined)).toEqual([]);
    expect(pages.filter(({ path }) => path !== 'docs/GLOSSARY.md').flatMap(({ path, text }) => wrongWords(path, text))).toEqual([]);
  });

  it('begins with its title', () => {
    expect(pages.filter(({ text }) => !/^# \S/.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe('what looks at pages', () => {
  it('finds links that lead nowhere, and wrong words', () => {
    expect(
      brokenLinks('docs/ERRORS.md', '[a](GLOSSARY.md) [b](NOWHERE.md) [c](../README.md#drivers) [d](../README.md#nothing)'),
    ).toHaveLength(2);
    expect(brokenLinks('README.md', '`[a](NOWHERE.md)` and [b](https://example.org)')).toEqual([]);
    expect(wrongWords('a.md', 'The victim is `victim`.')).toEqual(['a.md: victim: say target, or losing side']);
  });
});
