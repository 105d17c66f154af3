/** The core under whatever a correct shell can do to it, watched by an oracle that was written from the promises alone. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { live } from './life.ts';

const RUNS = Number(process.env.CORE_RUNS ?? 1500);

const lives = fc.tuple(fc.integer({ min: 0, max: 0xffff_ffff }), fc.array(fc.boolean(), { minLength: 10, maxLength: 60 }));

describe('the core under a correct shell', () => {
  it('keeps S1 to S11, answers everybody, and ends everything it began', () => {
    fc.assert(
      fc.property(lives, ([seed, script]) => {
        const run = live(seed, script);
        expect(run.broken).toEqual([]);
        expect(run.open).toBe(0);
      }),
      { numRuns: RUNS },
    );
  });
});
