/** docs/GLOSSARY.md and the words that the tidy test forbids are held to each other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/vocabulary/index.ts';
import { root } from '../tidy/project.ts';
import { forbidden } from '../tidy/words.ts';

const page = readFileSync(join(root, 'docs/GLOSSARY.md'), 'utf8');
const rows = [...page.matchAll(/^\| (?!---|word)(.*?) \| (.*?) \| ?(.*?) ?\|$/gm)].map(([, word = '', meaning = '', not = '']) => ({
  word,
  meaning,
  not,
}));

/** `loser (a losing side is a set of nodes)` forbids `loser`. */
const notSaid = rows
  .flatMap(({ not }) => not.replace(/\([^)]*\)/g, '').split(','))
  .map((word) => word.trim())
  .filter((word) => word !== '');

/** Right words in one sense, wrong ones in another, or no words for names at all: no test of names can tell. */
const ofProse = ['confirm', 'verify', 'majority', 'decision', 'reason', 'term', 'skip', 'fallback', 'iLO', 'APC as words for the kind'];

describe('docs/GLOSSARY.md', () => {
  it('gives every word a meaning, once', () => {
    expect(rows.length).toBeGreaterThan(35);
    expect(rows.filter(({ meaning }) => meaning.length < 15)).toEqual([]);
    expect(new Set(rows.map(({ word }) => word)).size).toBe(rows.length);
  });

  it('names every word that the tidy test forbids', () => {
    // Verbs and plurals are one word with several forms: killing, hosts, statuses.
    const named = [...notSaid, ...rows.map(({ word }) => word)].map((word) => word.toLowerCase());
    expect(Object.keys(forbidden).filter((word) => !named.some((base) => word.startsWith(base)))).toEqual([]);
  });

  it('forbids no word of names that the tidy test lets pass', () => {
    const known = new Set(Object.keys(forbidden));
    expect(notSaid.filter((word) => !known.has(word) && !ofProse.includes(word))).toEqual([]);
    expect(ofProse.filter((word) => !notSaid.includes(word))).toEqual([]);
  });

  it('forbids nothing that it explains itself, but in another sense', () => {
    const explained = new Set(rows.flatMap(({ word }) => word.split(/, | \/ /)));
    expect(notSaid.filter((word) => explained.has(word)).sort()).toEqual(['confirm', 'confirm', 'verify']);
  });

  it('names every outcome', () => {
    const outcomes = Object.keys(EXIT).filter((outcome) => outcome !== 'usage');
    expect(outcomes.filter((outcome) => !page.includes(`\`${outcome}\``))).toEqual([]);
  });
});
