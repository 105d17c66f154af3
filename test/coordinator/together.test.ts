/** Group commit: what waits is made durable in one write, every event before its effects; where that fails each has its own fate. */
import { describe, expect, it } from 'vitest';
import { Inbox } from '../../src/coordinator/inbox.ts';
import type { Store } from '../../src/coordinator/ports.ts';
import { restoredFrom } from '../../src/coordinator/restore.ts';
import { Bench, command, DISK_FULL, settled, verdict } from './ports.ts';

const kindOf = (event: unknown): string => (event as { kind: string }).kind;

/** A store that tells of its writes, and whose writes take a turn of the event loop. */
const told = (store: Store, writes: string[][]): Store => ({
  ...store,
  append: async (at, event) => {
    await settled();
    writes.push([kindOf(event)]);
    return await store.append(at, event);
  },
  appendAll: async (events) => {
    await settled();
    const written = (await store.appendAll?.(events)) ?? DISK_FULL;
    if (typeof written === 'number') writes.push(events.map(({ event }) => kindOf(event)));
    return written;
  },
});

describe('events that wait', () => {
  it('are made durable in one write, in their order, and the journal replays to the state', async () => {
    const bench = new Bench();
    const writes: string[][] = [];
    const loop = await bench.start({}, told(bench.disk.open(), writes));
    for (let index = 1; index <= 5; index += 1) loop.command(command(`c${index}`, `db${index}`));
    await bench.pass(300);
    // The first finds nobody before it; the others come while it is being written.
    expect(writes.slice(1, 3)).toEqual([['command'], ['command', 'command', 'command', 'command', 'assessed']]);
    expect(writes.length).toBeLessThan(bench.events.length);
    expect(writes.flat()).toEqual(bench.events.map(({ kind }) => kind));
    expect(bench.outcomes()).toHaveLength(5);
    const { entries } = await bench.disk.open().load();
    expect(restoredFrom(undefined, entries)).toEqual(loop.state);
  });

  it('have no effect before the write that carries them has come back', async () => {
    const bench = new Bench();
    const store = bench.disk.open();
    let written = 0;
    const counted: Store = {
      ...store,
      appendAll: async (events) => {
        const asked = bench.rack.asked.length;
        const answers = bench.told.length;
        for (let turn = 0; turn < 3; turn += 1) await settled();
        expect([bench.rack.asked.length, bench.told.length]).toEqual([asked, answers]);
        written += 1;
        return (await store.appendAll?.(events)) ?? DISK_FULL;
      },
    };
    const loop = await bench.start({}, counted);
    for (let index = 1; index <= 4; index += 1) loop.verdict(verdict(`v${index}`, `db${index}`, index));
    await bench.pass(300);
    expect(written).toBeGreaterThan(0);
  });

  it('are tried one by one where they could not be written together, and only what cannot be written is not done', async () => {
    const bench = new Bench();
    const store = bench.disk.open();
    const loop = await bench.start({}, { ...store, appendAll: () => Promise.resolve(DISK_FULL) });
    for (let index = 1; index <= 3; index += 1) loop.command(command(`c${index}`, `db${index}`));
    await bench.pass(300);
    const answered = bench.outcomes().map((line) => line.split(' ')[1] ?? '');
    expect(answered.toSorted((a, b) => a.localeCompare(b))).toEqual(['c1', 'c2', 'c3']);
    expect(bench.called).not.toContain('journal-unwritable');
    const { entries } = await bench.disk.open().load();
    expect(restoredFrom(undefined, entries)).toEqual(loop.state);
  });

  it('on a disk that takes nothing are all answered so, and nothing is ordered', async () => {
    const bench = new Bench();
    const loop = await bench.start();
    bench.disk.failure = DISK_FULL;
    for (let index = 1; index <= 4; index += 1) loop.command(command(`c${index}`, `db${index}`));
    await bench.pass(100);
    expect(bench.outcomes()).toEqual([1, 2, 3, 4].map((index) => `command c${index} withheld`));
    expect(bench.rack.asked).toEqual([]);
  });
});

describe('a clock that jumps while events wait', () => {
  it('is told between those before and those after it, and nothing is stamped by what it left behind', async () => {
    const bench = new Bench();
    const store = bench.disk.open();
    let jumps = 0;
    Object.assign(bench.clock, { jumped: () => (jumps-- === 1 ? 3_600_000 : 0) });
    const slow: Store = {
      ...store,
      append: async (at, event) => {
        await settled();
        return await store.append(at, event);
      },
    };
    const loop = await bench.start({}, slow);
    // The first is written while the others wait; the clock jumps as the third of those is stamped.
    for (let index = 1; index <= 4; index += 1) loop.command(command(`c${index}`, `db${index}`));
    jumps = 3;
    await bench.pass(300);
    const kinds = bench.events.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'clock-jumped')).toHaveLength(1);
    expect(kinds.indexOf('clock-jumped')).toBeLessThan(kinds.lastIndexOf('command'));
    const { entries } = await bench.disk.open().load();
    expect(restoredFrom(undefined, entries)).toEqual(loop.state);
  });
});

describe('the inbox', () => {
  it('gives everything in the order in which it came: a denial goes before a timer that rang after it', () => {
    const inbox = new Inbox<string>();
    const came = Array.from({ length: 40 }, (_, index) => (index % 3 === 0 ? `asked ${index}` : `back ${index}`));
    for (const item of came) inbox.put(item);
    expect(came.map(() => inbox.take())).toEqual(came);
    expect([inbox.size, inbox.take()]).toEqual([0, undefined]);
  });

  it('gives first what was put back', () => {
    const inbox = new Inbox<string>();
    inbox.put('one');
    inbox.put('two');
    inbox.putBack(inbox.take() ?? '');
    expect([inbox.size, inbox.take(), inbox.take(), inbox.take()]).toEqual([2, 'one', 'two', undefined]);
  });
});
