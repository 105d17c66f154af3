/** What every store promises, on memory and on disk alike. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, Store } from '../../src/coordinator/ports.ts';
import { Secret } from '../../src/vocabulary/index.ts';
import { all, eventsOf } from './folder.ts';

/** One medium that outlives its stores. */
export interface Medium {
  open(): Promise<Store>;
  /** From now on no write succeeds, until `mend`. */
  fail(): void;
  mend(): void;
  /** As `fail`, and the room for last words takes nothing either. */
  failAltogether(): void;
}

type Move =
  | { readonly kind: 'append'; readonly event: Json }
  | { readonly kind: 'together'; readonly events: readonly Json[] }
  | { readonly kind: 'snapshot' | 'mark' | 'reopen' | 'fail' | 'mend' };

const jsonValue = fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }).map((value) => JSON.parse(JSON.stringify(value)) as Json);

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 2, arbitrary: fc.array(jsonValue, { minLength: 1, maxLength: 5 }).map((events): Move => ({ kind: 'together', events })) },
  { weight: 6, arbitrary: jsonValue.map((event): Move => ({ kind: 'append', event })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Move>({ kind: 'snapshot' }, { kind: 'mark' }, { kind: 'reopen' }, { kind: 'fail' }, { kind: 'mend' }),
  },
);

/** What an ideal store would hold; the snapshot's state is simply the list of all events so far. */
class Ideal {
  events: Json[] = [];
  snapshotN = 0;
  failing = false;
}

const agree = async (store: Store, ideal: Ideal): Promise<void> => {
  const loaded = await store.load();
  expect(loaded.snapshot).toEqual(ideal.snapshotN === 0 ? undefined : ideal.events.slice(0, ideal.snapshotN));
  expect(eventsOf(loaded.entries)).toEqual(ideal.events.slice(ideal.snapshotN));
  expect(loaded.entries.map((entry) => entry.n)).toEqual(loaded.entries.map((_, i) => ideal.snapshotN + i + 1));
  expect(store.sinceSnapshot()).toBe(ideal.events.length - ideal.snapshotN);
  expect(store.position()).toBe(ideal.events.length);
  expect(eventsOf(await all(store.history()))).toEqual(ideal.events);
};

const play = async (medium: Medium, moves: readonly Move[]): Promise<void> => {
  const ideal = new Ideal();
  let store = await medium.open();
  for (const [at, step] of moves.entries()) {
    if (step.kind === 'append') {
      const appended = await store.append(at, step.event);
      expect(typeof appended === 'number').toBe(!ideal.failing);
      if (typeof appended === 'number') expect(appended).toBe(ideal.events.push(step.event));
    } else if (step.kind === 'together') {
      const appended = await store.appendAll?.(step.events.map((event) => ({ at, event })));
      expect(typeof appended === 'number').toBe(!ideal.failing);
      if (typeof appended === 'number') {
        ideal.events.push(...step.events);
        expect(appended).toBe(ideal.events.length);
      }
    } else if (step.kind === 'snapshot') {
      if (ideal.events.length === 0) continue;
      const problem = await store.snapshot(at, ideal.events);
      expect(problem === undefined).toBe(!ideal.failing);
      if (problem === undefined) ideal.snapshotN = ideal.events.length;
    } else if (step.kind === 'mark') {
      await store.mark?.(at);
    } else if (step.kind === 'reopen') {
      medium.mend();
      ideal.failing = false;
      await store.close();
      store = await medium.open();
    } else {
      ideal.failing = step.kind === 'fail';
      if (ideal.failing) medium.fail();
      else medium.mend();
    }
  }
  await agree(store, ideal);
  medium.mend();
  await store.close();
  store = await medium.open();
  await agree(store, ideal);
  await store.close();
};

const reading = (make: () => Promise<Medium>): void => {
  it('begins empty', async () => {
    const store = await (await make()).open();
    expect(await store.load()).toEqual({ entries: [], warnings: [] });
    expect(store.sinceSnapshot()).toBe(0);
    expect(await all(store.history())).toEqual([]);
    await store.close();
  });

  it('gives back every event with its number and time, in order, after a reopening', async () => {
    const medium = await make();
    const first = await medium.open();
    for (let n = 1; n <= 5; n += 1)
      expect(await first.append(1_000 + n, { step: n, text: 'žluťoučký\n"kůň"\u0000' })).toEqual(expect.any(Number));
    await first.close();
    const second = await medium.open();
    const { entries, warnings } = await second.load();
    expect(entries).toEqual([1, 2, 3, 4, 5].map((n) => ({ n, at: 1_000 + n, event: { step: n, text: 'žluťoučký\n"kůň"\u0000' } })));
    expect(warnings).toEqual([]);
    await second.close();
  });

  it('loads a snapshot and only what follows it, and keeps the rest as history', async () => {
    const medium = await make();
    const first = await medium.open();
    await first.append(1, 'a');
    await first.append(2, 'b');
    expect(await first.snapshot(3, { seen: ['a', 'b'] })).toBeUndefined();
    expect(first.sinceSnapshot()).toBe(0);
    await first.append(4, 'c');
    expect(first.sinceSnapshot()).toBe(1);
    await first.close();
    const second = await medium.open();
    const loaded = await second.load();
    expect(loaded.snapshot).toEqual({ seen: ['a', 'b'] });
    expect(loaded.entries).toEqual([{ n: 3, at: 4, event: 'c' }]);
    expect(eventsOf(await all(second.history()))).toEqual(['a', 'b', 'c']);
    expect(second.sinceSnapshot()).toBe(1);
    await second.close();
  });

  it('keeps a null snapshot apart from none', async () => {
    const medium = await make();
    const first = await medium.open();
    await first.append(1, 'a');
    await first.snapshot(2, null);
    await first.close();
    const second = await medium.open();
    expect(await second.load()).toEqual({ snapshot: null, entries: [], warnings: [] });
    await second.close();
  });
};

const refusing = (make: () => Promise<Medium>): void => {
  it('says so when it cannot write, keeps nothing of it, and goes on when it can again', async () => {
    const medium = await make();
    const store = await medium.open();
    await store.append(1, 'kept');
    medium.fail();
    expect(await store.append(2, 'lost')).toMatchObject({ code: 'journal-unwritable' });
    expect(await store.snapshot(2, 'lost too')).toMatchObject({ code: 'journal-unwritable' });
    expect(store.sinceSnapshot()).toBe(1);
    medium.mend();
    expect(await store.append(3, 'kept too')).toEqual(expect.any(Number));
    await store.close();
    const again = await medium.open();
    expect((await again.load()).entries).toEqual([
      { n: 1, at: 1, event: 'kept' },
      { n: 2, at: 3, event: 'kept too' },
    ]);
    await again.close();
  });

  it('writes nothing once closed', async () => {
    const medium = await make();
    const store = await medium.open();
    await store.close();
    await store.close();
    expect(await store.append(1, 'late')).toMatchObject({ code: 'journal-broken' });
    expect(await store.snapshot(1, 'late')).toMatchObject({ code: 'journal-broken' });
  });

  it('takes a value without a JSON form or a time that is none for a programming error', async () => {
    const store = await (await make()).open();
    await expect(store.append(1, undefined as unknown as Json)).rejects.toThrow(TypeError);
    await expect(store.append(Number.NaN, 'x')).rejects.toThrow(TypeError);
    expect(await store.append(1, 'x')).toEqual(expect.any(Number));
    expect((await store.load()).entries).toEqual([{ n: 1, at: 1, event: 'x' }]);
    await store.close();
  });

  it('stores what was given, not what the caller makes of it later', async () => {
    const store = await (await make()).open();
    const event = { list: [1] };
    await store.append(1, event);
    event.list.push(2);
    expect(eventsOf((await store.load()).entries)).toEqual([{ list: [1] }]);
    await store.close();
  });

  it('shows a secret as (secret)', async () => {
    const store = await (await make()).open();
    await store.append(1, { password: Secret.fixed('hunter2') } as unknown as Json);
    expect(eventsOf((await store.load()).entries)).toEqual([{ password: '(secret)' }]);
    await store.close();
  });

  it('keeps the order of writes that were not waited for', async () => {
    const store = await (await make()).open();
    const positions = await Promise.all(Array.from({ length: 50 }, (_, i) => store.append(i, i)));
    expect(positions).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(eventsOf((await store.load()).entries)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    await store.close();
  });
};

const LAST_WORDS = { kind: 'journal-failed', problem: { code: 'journal-unwritable', says: 'žádné místo', next: 'none' } };

const reserving = (make: () => Promise<Medium>): void => {
  it('keeps last words while it cannot write, and gives them to every later life until something is appended', async () => {
    const medium = await make();
    const store = await medium.open();
    await store.append(1, 'kept');
    medium.fail();
    expect(await store.append(2, 'lost')).toMatchObject({ code: 'journal-unwritable' });
    expect(await store.reserve?.(3, LAST_WORDS)).toBeUndefined();
    await store.close();
    medium.mend();
    for (let life = 0; life < 2; life += 1) {
      const later = await medium.open();
      expect(await later.load()).toEqual({
        entries: [{ n: 1, at: 1, event: 'kept' }],
        warnings: [],
        reserved: { at: 3, event: LAST_WORDS },
      });
      await later.close();
    }
    const teller = await medium.open();
    expect(await teller.append(3, LAST_WORDS)).toEqual(expect.any(Number));
    expect((await teller.load()).reserved).toBeUndefined();
    await teller.close();
    const last = await medium.open();
    expect(await last.load()).toEqual({
      entries: [
        { n: 1, at: 1, event: 'kept' },
        { n: 2, at: 3, event: LAST_WORDS },
      ],
      warnings: [],
    });
    await last.close();
  });

  it('forgets them where the same life could still tell the journal', async () => {
    const medium = await make();
    const store = await medium.open();
    medium.fail();
    expect(await store.reserve?.(3, LAST_WORDS)).toBeUndefined();
    expect((await store.load()).reserved).toEqual({ at: 3, event: LAST_WORDS });
    medium.mend();
    expect(await store.append(3, LAST_WORDS)).toEqual(expect.any(Number));
    await store.close();
    const again = await medium.open();
    expect((await again.load()).reserved).toBeUndefined();
    await again.close();
  });

  it('keeps the newest of several', async () => {
    const medium = await make();
    const store = await medium.open();
    medium.fail();
    expect(await store.reserve?.(3, { much: 'x'.repeat(200) })).toBeUndefined();
    expect(await store.reserve?.(4, 'less')).toBeUndefined();
    await store.close();
    medium.mend();
    const again = await medium.open();
    expect((await again.load()).reserved).toEqual({ at: 4, event: 'less' });
    await again.close();
  });

  it('says so where even that room cannot be written, and once it is closed', async () => {
    const medium = await make();
    const store = await medium.open();
    medium.failAltogether();
    expect(await store.reserve?.(3, LAST_WORDS)).toMatchObject({ code: 'journal-unwritable' });
    medium.mend();
    await store.close();
    expect(await store.reserve?.(3, LAST_WORDS)).toMatchObject({ code: 'journal-broken' });
    const again = await medium.open();
    expect((await again.load()).reserved).toBeUndefined();
    await again.close();
  });
};

const following = (make: () => Promise<Medium>): void => {
  it('is followed from any position, across snapshots, and ends with the store', async () => {
    const medium = await make();
    const first = await medium.open();
    for (let n = 1; n <= 4; n += 1) await first.append(n, n);
    await first.close();
    const store = await medium.open();
    expect(store.position()).toBe(4);
    const readers = [0, 3, 4].map(async (after) => eventsOf(await all(store.tail(after))));
    for (let n = 5; n <= 9; n += 1) {
      await store.append(n, n);
      if (n === 6) await store.snapshot(n, 'six');
    }
    await store.close();
    expect(await Promise.all(readers)).toEqual([
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
      [4, 5, 6, 7, 8, 9],
      [5, 6, 7, 8, 9],
    ]);
  });

  it('shows nothing to those who follow that could not be written', async () => {
    const medium = await make();
    const store = await medium.open();
    const reader = all(store.tail(0));
    medium.fail();
    expect(await store.append(1, 'lost')).toMatchObject({ code: 'journal-unwritable' });
    expect(store.position()).toBe(0);
    medium.mend();
    await store.append(2, 'kept');
    await store.close();
    expect(await reader).toEqual([{ n: 1, at: 2, event: 'kept' }]);
  });

  it('misses nothing for those who fall behind, and keeps nothing for those who have left', async () => {
    const store = await (await make()).open();
    const slow = store.tail(0)[Symbol.asyncIterator]();
    await store.append(1, 1);
    expect((await slow.next()).value).toMatchObject({ n: 1 });
    // More than what stands ready.
    for (let n = 2; n <= 2_200; n += 1) await store.append(n, n);
    const seen: number[] = [];
    for (let n = 2; n <= 2_200; n += 1) {
      const next = await slow.next();
      if (next.done !== true) seen.push(next.value.n);
    }
    expect(seen).toEqual(Array.from({ length: 2_199 }, (_, i) => i + 2));
    const left = new AbortController();
    const reader = all(store.tail(2_200, left.signal));
    left.abort();
    expect(await reader).toEqual([]);
    await slow.return?.();
    await store.close();
  });
};

export const storeConformance = (name: string, make: () => Promise<Medium>, numRuns: number): void => {
  describe(`store on ${name}`, () => {
    reading(make);
    refusing(make);
    reserving(make);
    following(make);

    it('agrees with an ideal store over any sequence of writes, snapshots, failures and reopenings', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(move, { maxLength: 40 }), async (moves) => play(await make(), moves)),
        { numRuns },
      );
    });
  });
};
