/** The guides are run as a reader would run them. BAILIFF_REWRITE=1 writes what was really printed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/vocabulary/index.ts';
import { CLAIMS } from '../../src/vocabulary/verdict.ts';
import { verdictJsonSchema } from '../../src/intake/verdict-schema.ts';
import { root } from '../tidy/project.ts';
import { fits, runPage } from './session.ts';

const LIMIT_MS = 120_000;
const guide = (name: string): string => readFileSync(join(root, 'docs/guides', name), 'utf8');

async function shows(path: string): Promise<void> {
  const ran = await runPage(path);
  expect(ran.length).toBeGreaterThan(3);
  for (const { line, command, shown, printed } of ran) {
    const told = `${path}, block at line ${line}: ${command}\n${printed.join('\n')}`;
    expect(fits(shown, printed), told).toBe(true);
  }
}

describe('docs/guides/arbiter.md', () => {
  it('shows what its commands really print', { timeout: LIMIT_MS }, async () => await shows('docs/guides/arbiter.md'));

  it('lists every field of a verdict, and no other', () => {
    const { properties } = verdictJsonSchema() as { properties: object };
    const table = guide('arbiter.md').split('\n## ').find((part) => part.startsWith('A verdict')) ?? '';
    const named = [...table.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(([, cell = '']) => cell.replaceAll('`', '').split(', '));
    expect(named.sort()).toEqual(Object.keys(properties).sort());
  });

  it('lists every claim and every outcome with its exit code', () => {
    const page = guide('arbiter.md');
    for (const claim of CLAIMS) expect(page).toMatch(new RegExp(`^\\| \`${claim}\` \\|`, 'm'));
    const outcomes = [...page.matchAll(/^\| `(\w+)` \| (\d) \|/gm)].map(([, outcome = '', exit]) => [outcome, Number(exit)]);
    const { usage: _usage, ...exits } = EXIT;
    expect(Object.fromEntries(outcomes)).toEqual(exits);
  });
});

describe('docs/guides/by-hand.md', () => {
  it('shows what its commands really print', { timeout: LIMIT_MS }, async () => await shows('docs/guides/by-hand.md'));
});
