/** A set of nodes says who is in it, whatever came into the roster since, and is as short as the roster allows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enrolled, isIn, namesIn, setOf } from '../../src/core/roster.ts';

const names = fc.array(fc.constantFrom('db1', 'db2', 'db3', '__proto__', 'toString', ...Array.from({ length: 40 }, (_, at) => `n${at}`)), {
  maxLength: 60,
});

describe('a set of nodes', () => {
  it('holds who was put in, and nobody else, however often the roster grows', () => {
    fc.assert(
      fc.property(names, names, names, (before, some, later) => {
        const roster = enrolled(enrolled([], before), some);
        const set = setOf(roster, some);
        const grown = enrolled(roster, later);
        for (const name of [...before, ...some, ...later, 'stranger']) expect(isIn(grown, set, name)).toBe(some.includes(name));
        expect(new Set(namesIn(grown, set))).toEqual(new Set(some));
        expect(new Set(grown).size).toBe(grown.length);
      }),
    );
  });

  it('costs a digit for each four nodes', () => {
    const roster = Array.from({ length: 10_000 }, (_, at) => `node-${at}`);
    expect(setOf(roster, roster).digits).toBe('f'.repeat(2500));
  });
});
