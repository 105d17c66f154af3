/**
 * Is the oracle awake? Each defect is planted in the true core; random walks must find it without knowing it. docs/SAFETY.md says how many
 * walks that takes, counted from seed 1. After a change of the walks: `CORE_PLANTED=1 npx vitest run test/core/planted.test.ts` counts anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { step } from '../../src/core/index.ts';
import { DEFECTS, type Defect } from './defects.ts';
import { walk } from './life.ts';

const PAGE = 'docs/SAFETY.md';
const BEGINS = '| planted defect | breaks | walks until it is found |\n| --- | --- | --- |\n';
const COUNTS = process.env.CORE_PLANTED === '1';
/** More walks than any defect may take. */
const MOST = 200_000;

/** The promises that break in this walk. */
const brokenIn = (seed: number, { stepping }: Pick<Defect, 'stepping'>): readonly string[] =>
  walk({ seed, stepping }).broken.map((line) => line.split(':')[0] ?? line);

function firstFound(defect: Defect): number {
  for (let seed = 1; seed <= MOST; seed += 1) if (brokenIn(seed, defect).includes(defect.promise)) return seed;
  throw new Error(`${defect.what}: not found in ${MOST} walks`);
}

const page = readFileSync(PAGE, 'utf8');
const table =
  page
    .slice(page.indexOf(BEGINS) + BEGINS.length)
    .split('\n\n')[0]
    ?.trimEnd() ?? '';
const rows = new Map(
  table.split('\n').map((row) => {
    const [, what = '', promise = '', walks = ''] = row.split('|').map((cell) => cell.trim());
    return [what, { promise, seed: Number(walks.replaceAll(',', '')) }] as const;
  }),
);

describe.runIf(COUNTS)('planted defects, counted', () => {
  it('how many walks each takes', { timeout: 14_400_000 }, () => {
    const counted = DEFECTS.map((defect) => `| ${defect.what} | ${defect.promise} | ${firstFound(defect).toLocaleString('en')} |`);
    writeFileSync(PAGE, page.replace(BEGINS + table, BEGINS + counted.join('\n')));
  });
});

describe.runIf(!COUNTS)('planted defects', () => {
  it('each is in the table, with the promise that it breaks', () => {
    expect([...rows].map(([what, { promise }]) => [what, promise])).toEqual(DEFECTS.map(({ what, promise }) => [what, promise]));
  });

  it('the true core breaks nothing in the same walks', () => {
    for (const { seed } of rows.values()) expect(brokenIn(seed, { stepping: step })).toEqual([]);
  });

  it.each(DEFECTS)('$what: the walk of the table finds that $promise breaks', (defect) => {
    expect(brokenIn(rows.get(defect.what)?.seed ?? 1, defect)).toContain(defect.promise);
  });
});
