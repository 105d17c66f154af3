/** A table says what a plain record says, whatever was done to it, and shares with the version before what has not changed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedIn, Summary, Table } from '../../src/core/table.ts';
import '../../src/core/by-name.ts';

interface Thing {
  readonly kind: string;
  readonly many: number;
}

/** Not among the keys: what an object of JavaScript tells before all others, since it looks like an index. */
const key = fc.oneof(
  fc.constantFrom('a', 'b', 'db1', 'toString', '__proto__', 'constructor', ''),
  fc.string({ minLength: 1, maxLength: 3 }).map((text) => `k${text}`),
);
const thing = fc.record({ kind: fc.constantFrom('x', 'y', '__proto__'), many: fc.nat(9) });
const deed = fc.record({ key, value: fc.option(thing, { nil: undefined }) });
const deeds = fc.array(deed, { maxLength: 120 });

const NONE = Table.grouped<Thing, 'kind'>([], { kind: ({ kind }) => kind });

type Done = readonly { readonly key: string; readonly value: Thing | undefined }[];

function doneTo(table: Table<Thing, 'kind'>, all: Done): Table<Thing, 'kind'> {
  return all.reduce((sum, one) => (one.value === undefined ? sum.without(one.key) : sum.with(one.key, one.value)), table);
}

function plain(all: Done): Map<string, Thing> {
  const map = new Map<string, Thing>();
  for (const one of all)
    if (one.value === undefined) map.delete(one.key);
    else map.set(one.key, one.value);
  return map;
}

describe('a table', () => {
  it('holds what a map holds, in the same order, alone and in groups', () => {
    fc.assert(
      fc.property(deeds, (all) => {
        const [table, map] = [doneTo(NONE, all), plain(all)];
        expect(table.entries()).toEqual([...map]);
        expect(table.size).toBe(map.size);
        for (const one of all) {
          expect(table.get(one.key)).toBe(map.get(one.key));
          expect(table.has(one.key)).toBe(map.has(one.key));
        }
        for (const kind of ['x', 'y', '__proto__', 'z'])
          expect(new Set(table.in('kind', kind))).toEqual(new Set([...map.values()].filter((value) => value.kind === kind)));
      }),
    );
  });

  it('becomes a list of keys with their values, and is made of one', () => {
    fc.assert(
      fc.property(deeds, (all) => {
        const table = doneTo(NONE, all);
        const told = JSON.parse(JSON.stringify(table)) as (readonly [string, Thing])[];
        expect(told).toEqual(table.entries());
        expect(Table.grouped(told, { kind: (value: Thing) => value.kind })).toEqual(table);
      }),
    );
  });

  it('is read by name from outside, where no method has that name', () => {
    const table: object = Table.of([
      ['db1', 1],
      ['size', 2],
      ['toString', 3],
    ]);
    const named = table as Readonly<Record<string, unknown>>;
    expect([named['db1'], named['db2'], named['size'], typeof named['toString']]).toEqual([1, undefined, 3, 'function']);
    expect(JSON.stringify(table)).toBe('[["db1",1],["size",2],["toString",3]]');
  });

  it('is not changed by what is made of it', () => {
    fc.assert(
      fc.property(deeds, deeds, (first, then) => {
        const table = doneTo(NONE, first);
        const before = JSON.stringify(table.entries());
        doneTo(table, then);
        table.map(() => undefined);
        expect(JSON.stringify(table.entries())).toBe(before);
      }),
    );
  });

  it('tells which keys another version of it says something else of', () => {
    fc.assert(
      fc.property(deeds, deeds, (first, then) => {
        const table = doneTo(NONE, first);
        const after = doneTo(table, then);
        const keys = [...new Set([...table.keys(), ...after.keys()])];
        expect([...changedIn(table, after)].sort()).toEqual(keys.filter((one) => table.get(one) !== after.get(one)).sort());
      }),
    );
  });

  it('is summed up part by part, and a part again only when something in it has changed', () => {
    let made = 0;
    const sums = new Summary((things: readonly Thing[]) => {
      made += 1;
      return things.reduce((sum, { many }) => sum + many, 0);
    });
    const sumOf = (table: Table<Thing, 'kind'>): number => sums.of(table).reduce((sum, one) => sum + one, 0);
    let table = NONE;
    for (let at = 0; at < 1000; at += 1) table = table.with(`node-${at}`, { kind: 'x', many: 1 });
    expect(sumOf(table)).toBe(1000);
    made = 0;
    expect(sumOf(table.with('node-7', { kind: 'x', many: 5 }).without('node-8'))).toBe(1003);
    expect(made).toBeLessThanOrEqual(2);
  });

  it('shares with the version before all parts but one', () => {
    let table = NONE;
    for (let at = 0; at < 2500; at += 1) table = table.with(`node-${at}`, { kind: 'x', many: at });
    const after = table.with('node-1234', { kind: 'y', many: 0 });
    expect(after.parts.filter((part, at) => part !== table.parts[at]).length).toBe(1);
    // Neither many parts nor large ones.
    expect(table.parts.length).toBeLessThan(300);
    expect(Math.max(...table.parts.map((part) => part.length))).toBeLessThan(100);
  });
});
