/**
 * Random walks of the core. More of them: `CORE_WALKS=2000000 npx vitest run test/core/walks.test.ts`; one again, with its story:
 * `CORE_SEED=<seed> npx vitest run test/core/walks.test.ts`.
 */
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { walk } from './life.ts';

const ONE = process.env.CORE_SEED === undefined ? undefined : Number(process.env.CORE_SEED);
const WALKS = Number(process.env.CORE_WALKS ?? 3000);
const FIRST = Number(process.env.CORE_FIRST ?? 1);
/** Walks between two lines of progress. */
const TELL = 50_000;

const replay = (seed: number): string => `replay: CORE_SEED=${seed} npx vitest run test/core/walks.test.ts`;

describe('random walks', () => {
  it.runIf(ONE === undefined)(`${WALKS} lives break no promise, answer everybody, and end what they began`, { timeout: 14_400_000 }, () => {
    for (let seed = FIRST; seed < FIRST + WALKS; seed += 1) {
      const { broken, open } = walk({ seed });
      expect([...broken, ...(open > 0 ? [`${open} operations never end`] : [])], replay(seed)).toEqual([]);
      if ((seed - FIRST + 1) % TELL === 0) process.stdout.write(`${seed - FIRST + 1} walks\n`);
    }
  });

  it.runIf(ONE === undefined)('most of them order something, and every outcome occurs', () => {
    const outcomes = new Set<string>();
    let withOrders = 0;
    for (let seed = 1; seed <= 400; seed += 1) {
      const run = walk({ seed });
      if (run.orders > 0) withOrders += 1;
      for (const outcome of run.outcomes) outcomes.add(outcome);
    }
    expect(withOrders).toBeGreaterThan(200);
    expect([...outcomes].sort()).toEqual(['attested', 'confirmed', 'failed', 'refused', 'unconfirmed', 'withheld']);
  });

  it.runIf(ONE !== undefined)('one life, told', () => {
    const { broken, story } = walk({ seed: ONE ?? 0, told: true });
    process.stdout.write(`${story.join('\n')}\n`);
    expect(broken).toEqual([]);
  });
});
