/** The epoch is marked outside of the journal before anything is done in it. */
import { expect, it } from 'vitest';
import type { Store } from '../../src/coordinator/ports.ts';
import type { Problem } from '../../src/vocabulary/index.ts';
import { Bench, verdict } from './ports.ts';

/** What was marked, and what the rack had been asked by then. */
function marking(bench: Bench, problem?: Problem): { readonly store: Store; readonly marks: (readonly [number, number])[] } {
  const marks: (readonly [number, number])[] = [];
  const mark = (epoch: number): Promise<Problem | undefined> => {
    marks.push([epoch, bench.rack.asked.length]);
    return Promise.resolve(problem);
  };
  return { store: { ...bench.disk.open(), mark }, marks };
}

it('is marked at the start, with each new epoch before the first order, and when a person sets it', async () => {
  const bench = new Bench();
  const { store, marks } = marking(bench);
  const loop = await bench.start({}, store);
  expect(marks).toEqual([[0, 0]]);
  loop.verdict(verdict('v1', 'db1', 7));
  await bench.pass(5000);
  expect(marks).toEqual([
    [0, 0],
    [7, 0],
  ]);
  expect(bench.rack.asked).toContain('order bmc-db1 off');
  loop.setEpoch(3, 'anna', 'the arbiter begins anew');
  await bench.pass(100);
  expect(marks.map(([epoch]) => epoch)).toEqual([0, 7, 3]);
  await loop.close();
});

it('that cannot be marked is told to a person, and keeps nobody from being fenced', async () => {
  const bench = new Bench();
  const { store } = marking(bench, { code: 'journal-unwritable', says: 'no', next: 'none' });
  const loop = await bench.start({}, store);
  loop.verdict(verdict('v1', 'db1', 7));
  await bench.pass(5000);
  expect(bench.called).toContain('journal-unwritable');
  expect(bench.outcomes()).toEqual(['verdict v1 confirmed']);
  await loop.close();
});
