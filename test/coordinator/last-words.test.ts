/** What a life could not write, what a clock did behind its back, and what it broke: the next life knows. */
import { describe, expect, it } from 'vitest';
import { eventOf, jsonOf } from '../../src/coordinator/restore.ts';
import type { Store } from '../../src/coordinator/ports.ts';
import { CORE_VERSION, type Event } from '../../src/core/index.ts';
import { BrokenPromise } from '../../src/vocabulary/index.ts';
import { Bench, command, DISK_FULL, settled, verdict } from './ports.ts';

async function journalled(bench: Bench): Promise<Event[]> {
  const events: Event[] = [];
  for await (const entry of bench.disk.open().history()) events.push(eventOf(entry));
  return events;
}

/** A store whose nth write from now on fails, and all after it until it is mended. */
function failing(store: Store, from: number): Store & { mended: boolean } {
  let writes = 0;
  const bent = {
    ...store,
    mended: false,
    append: async (at: number, event: Parameters<Store['append']>[1]) => {
      writes += 1;
      return writes >= from && !bent.mended ? DISK_FULL : await store.append(at, event);
    },
  };
  return bent;
}

describe('a journal that fails before the order', () => {
  it('what was answered is over: the next life writes that first, and orders nothing', async () => {
    const bench = new Bench();
    const store = failing(bench.disk.open(), 3);
    const loop = await bench.start({}, store);
    loop.command(command('c1'));
    await bench.pass(100);
    expect(bench.outcomes()).toEqual(['command c1 withheld']);
    await loop.close();
    await bench.start();
    await bench.pass(5000);
    expect(bench.rack.asked).toEqual([]);
    const kinds = (await journalled(bench)).map(({ kind }) => kind);
    expect(kinds).toEqual(['restored', 'command', 'journal-failed', 'restored']);
  });

  it('a process that ends tries once more, and then there is nothing left to say', async () => {
    const bench = new Bench();
    const store = failing(bench.disk.open(), 3);
    const loop = await bench.start({}, store);
    loop.command(command('c1'));
    await bench.pass(100);
    store.mended = true;
    await loop.close();
    expect((await journalled(bench)).map(({ kind }) => kind)).toEqual(['restored', 'command', 'journal-failed']);
  });

  it('where even the last words fail, nobody is told that it is over', async () => {
    const bench = new Bench();
    const store = failing(bench.disk.open(), 3);
    const loop = await bench.start({}, { ...store, reserve: () => Promise.resolve(DISK_FULL) });
    loop.command(command('c1'));
    await bench.pass(100);
    expect(bench.told.map(({ answer }) => [answer.outcome, answer.problem?.code])).toEqual([['unconfirmed', 'journal-unwritable']]);
    expect(bench.told[0]?.answer.problem?.says).toContain('Nothing was ordered so far');
    await loop.close();
  });
});

describe('a clock that jumped', () => {
  it('is journalled before whatever is decided next, and what was open orders nothing more', async () => {
    const bench = new Bench();
    let jump = 0;
    const jumped = (): number => {
      const by = jump;
      jump = 0;
      return by;
    };
    Object.assign(bench.clock, { jumped });
    const loop = await bench.start();
    bench.rack.onOrder = () => new Promise(() => undefined);
    loop.verdict(verdict('v1'));
    await settled();
    expect(bench.rack.asked).toEqual(['order bmc-db1 off']);
    jump = 3_600_000;
    loop.command(command('c2', 'db2'));
    await bench.pass(60_000, 50);
    expect(bench.events.map(({ kind }) => kind).indexOf('clock-jumped')).toBeLessThan(
      bench.events.findIndex((event) => event.kind === 'command'),
    );
    expect(bench.rack.asked.filter((line) => line === 'order bmc-db1 off')).toHaveLength(1);
    expect(bench.told.find(({ to }) => to === 'verdict v1')?.answer).toMatchObject({ outcome: 'unconfirmed' });
    await loop.close();
  });
});

describe('a clock that jumps again and again', () => {
  /** Jumps as they are noticed, each once. */
  function jumpy(bench: Bench, jumps: number[]): void {
    Object.assign(bench.clock, { jumped: () => jumps.shift() ?? 0 });
  }

  it('each jump is told before the next event, also one that comes while another is being written', async () => {
    const bench = new Bench();
    const jumps: number[] = [];
    jumpy(bench, jumps);
    const loop = await bench.start();
    jumps.push(2000, -2000);
    loop.command(command('c1'));
    await settled();
    const told = (await journalled(bench)).slice(1).map((event) => (event.kind === 'clock-jumped' ? event.by : event.kind));
    expect(told.slice(0, 3)).toEqual([2000, -2000, 'command']);
    await loop.close();
  });

  it('what came in is taken, however often the clock jumps meanwhile', async () => {
    const bench = new Bench();
    const jumps: number[] = [];
    jumpy(bench, jumps);
    const loop = await bench.start();
    jumps.push(...Array.from({ length: 25 }, () => 5000));
    loop.verdict(verdict('v1'));
    await settled();
    expect(loop.state.verdicts.keys()).toEqual(['v1']);
    await loop.close();
  });

  it('nothing is decided by a clock whose jump could not be written down; the jump is told when it can', async () => {
    const bench = new Bench();
    const jumps: number[] = [];
    jumpy(bench, jumps);
    const store = failing(bench.disk.open(), 2);
    const loop = await bench.start({}, store);
    jumps.push(3_600_000);
    loop.verdict(verdict('v1'));
    await settled();
    expect(bench.told.at(-1)).toMatchObject({ to: 'verdict v1', answer: { outcome: 'withheld' } });
    expect(loop.state.verdicts.keys()).toEqual([]);
    store.mended = true;
    loop.verdict(verdict('v2'));
    await settled();
    const kinds = (await journalled(bench)).map(({ kind }) => kind);
    expect(kinds.slice(kinds.indexOf('clock-jumped'), kinds.indexOf('clock-jumped') + 2)).toEqual(['clock-jumped', 'verdict']);
    await loop.close();
  });
});

describe('a broken promise', () => {
  it('is journalled with the operation that it broke over', async () => {
    const bench = new Bench();
    const loop = await bench.start();
    loop.command(command('c1'));
    await settled();
    const [id] = loop.state.operations.keys();
    // A driver's answer cannot do this; a defect of ours could.
    const operation = loop.state.operations.get(id ?? '');
    if (operation === undefined) throw new Error('nothing is open');
    Object.assign(operation, { level: 7 });
    await expect(Promise.race([loop.broken, bench.pass(10_000, 50)])).rejects.toBeInstanceOf(BrokenPromise);
    await settled();
    const events = await journalled(bench);
    expect(events.at(-1)).toMatchObject({ kind: 'broke', operation: id });
  });

  it('is journalled with the operation also where it breaks at the ports', async () => {
    const bench = new Bench();
    const loop = await bench.start();
    bench.rack.onOrder = () => Promise.reject(new BrokenPromise('S2', 'an order would leave that may not'));
    loop.command(command('c1'));
    await expect(Promise.race([loop.broken, bench.pass(1000, 20)])).rejects.toBeInstanceOf(BrokenPromise);
    await settled();
    const broke = (await journalled(bench)).filter(({ kind }) => kind === 'broke');
    expect(broke).toMatchObject([{ promise: 'S2', operation: loop.state.operations.keys()[0] }]);
  });

  it('a newer journal is refused, and nothing is attempted', async () => {
    const bench = new Bench();
    const loop = await bench.start();
    await loop.close();
    const store = bench.disk.open();
    const [start] = await journalled(bench);
    if (start?.kind !== 'restored') throw new Error('the journal has no start');
    expect(start.core).toBe(CORE_VERSION);
    await bench.disk.open().append(bench.clock.now(), jsonOf({ ...start, core: CORE_VERSION + 1 }));
    await store.close();
    const later = await bench.start();
    expect(later.command(command('c1'))?.code).toBe('closing');
  });
});
