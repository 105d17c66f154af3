/** The orderly end of a process: a snapshot where many events have come since the last one, and nothing that a crash in the middle could harm. */
import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/coordinator/ports.ts';
import { Bench, command, DISK_FULL, verdict } from './ports.ts';

/** Snapshots that are begun, and how each ends. */
const noting = (store: Store, snapshot: Store['snapshot']): { readonly store: Store; readonly taken: number[] } => {
  const taken: number[] = [];
  return {
    taken,
    store: {
      ...store,
      snapshot: async (at, state) => {
        taken.push(store.position());
        return await snapshot(at, state);
      },
    },
  };
};

/** One node proven off, another one half-way: its device has not answered. */
async function halfWay(bench: Bench, store: Store) {
  const loop = await bench.start({ snapshotAtEnd: 5 }, store);
  loop.verdict(verdict('v1'));
  await bench.pass(100);
  bench.rack.onOrder = () => new Promise(() => undefined);
  loop.command({ ...command('c1', 'db2'), override: ['quorum-floor', 'survivor'] });
  await bench.pass(20);
  return loop;
}

/** The next process, which finds what was open. */
async function nextLife(bench: Bench) {
  bench.rack.onOrder = undefined;
  const next = await bench.start();
  await bench.pass(8000, 50);
  return next;
}

describe('an orderly end', () => {
  it('takes a snapshot of all that was recorded, and the next start has nothing to replay', async () => {
    const bench = new Bench();
    const disk = bench.disk.open();
    const { store, taken } = noting(disk, async (at, state) => await disk.snapshot(at, state));
    const loop = await halfWay(bench, store);
    const living = loop.state;
    await loop.close();
    expect(taken).toEqual([disk.position()]);
    const { snapshot, entries } = await bench.disk.open().load();
    expect(entries).toEqual([]);
    expect(snapshot).toEqual(JSON.parse(JSON.stringify(living)));
    await nextLife(bench);
    expect(bench.outcomes()).toEqual(['verdict v1 confirmed', 'command c1 confirmed']);
  });

  it('of a short life takes none', async () => {
    const bench = new Bench();
    const disk = bench.disk.open();
    const { store, taken } = noting(disk, async (at, state) => await disk.snapshot(at, state));
    const loop = await bench.start({ snapshotAtEnd: 5 }, store);
    loop.command(command('c1', 'nobody'));
    await bench.pass(20);
    await loop.close();
    expect(taken).toEqual([]);
  });

  it.each<[string, Store['snapshot'] | undefined]>([
    ['cannot be written', async () => await Promise.resolve(DISK_FULL)],
    ['is torn off by a crash', undefined],
  ])('whose snapshot %s loses nothing', async (_what, snapshot) => {
    const bench = new Bench();
    const { store, taken } = noting(bench.disk.open(), snapshot ?? (() => new Promise(() => undefined)));
    const loop = await halfWay(bench, store);
    const living = loop.state;
    const closed = loop.close();
    if (snapshot !== undefined) await closed;
    else await bench.pass(5);
    expect(taken).toHaveLength(1);
    expect(bench.called).toEqual([]);
    const next = await nextLife(bench);
    expect(next.state.fenced.get('db1')).toEqual(living.fenced.get('db1'));
    expect(bench.outcomes()).toEqual(['verdict v1 confirmed', 'command c1 confirmed']);
  });

  it.each([
    ['a promise broke', 'broken'],
    ['the journal cannot be written', 'full'],
  ] as const)('where %s is none: no snapshot is taken', async (_what, how) => {
    const bench = new Bench();
    const disk = bench.disk.open();
    const { store, taken } = noting(disk, async (at, state) => await disk.snapshot(at, state));
    const loop = await halfWay(bench, store);
    if (how === 'full') bench.disk.failure = DISK_FULL;
    else bench.rack.onOrder = async () => await Promise.reject(new TypeError('a defect'));
    const broken = loop.broken.catch(() => undefined);
    loop.command({ ...command('c2', 'db3'), override: ['quorum-floor', 'survivor'] });
    await bench.pass(50);
    if (how === 'broken') await broken;
    await loop.close();
    expect(taken).toEqual([]);
  });

  it('while which something breaks is none either: no snapshot is taken', async () => {
    const bench = new Bench();
    const disk = bench.disk.open();
    const { store, taken } = noting(disk, async (at, state) => await disk.snapshot(at, state));
    let breaks: (() => void) | undefined;
    let lives = false;
    const append: Store['append'] = async (at, event) => {
      if (!lives) return await store.append(at, event);
      return await new Promise((_resolve, reject) => (breaks = () => reject(new TypeError('a defect'))));
    };
    const loop = await bench.start({ snapshotAtEnd: 1 }, { ...store, append });
    lives = true;
    const broken = loop.broken.catch((error: unknown) => String(error));
    loop.command(command('c1', 'nobody'));
    await bench.pass(5);
    const closed = loop.close();
    breaks?.();
    await closed;
    expect(await broken).toBe('TypeError: a defect');
    expect(taken).toEqual([]);
  });
});
