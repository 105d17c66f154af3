/** The journal is the state: replayed from its beginning, or from a snapshot on, it gives what was alive. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry, Json } from '../../src/coordinator/ports.ts';
import { eventOf, jsonOf, restoredFrom } from '../../src/coordinator/restore.ts';
import type { Event, State } from '../../src/core/index.ts';
import { walk } from '../core/life.ts';
import { Bench, command, verdict } from './ports.ts';

const entriesOf = (events: readonly Event[]): Entry[] =>
  events.map((event, index) => ({ n: index + 1, at: event.at, event: JSON.parse(JSON.stringify(jsonOf(event))) as Json }));

describe('replay', () => {
  it('of the journal equals the living state', async () => {
    const bench = new Bench();
    const loop = await bench.start();
    loop.verdict(verdict('v1'));
    loop.command(command('c1', 'db2', 'reboot'));
    await bench.pass(3000, 20);
    loop.verdict(verdict('v2', 'db3', 2));
    await bench.pass(15);
    const { snapshot, entries } = await bench.disk.open().load();
    expect(snapshot).toBeUndefined();
    expect(restoredFrom(undefined, entries)).toEqual(loop.state);
  });

  it('of a snapshot and its tail equals the replay of everything', async () => {
    const bench = new Bench();
    const loop = await bench.start({ snapshotEvery: 4 });
    for (let index = 1; index <= 3; index += 1) {
      loop.verdict(verdict(`v${index}`, `db${index}`, index));
      await bench.pass(100);
    }
    const { snapshot, entries } = await bench.disk.open().load();
    expect(snapshot).toBeDefined();
    expect(entries.length).toBeLessThan(4);
    const all: Entry[] = [];
    for await (const entry of bench.disk.open().history()) all.push(entry);
    expect(restoredFrom(snapshot, entries)).toEqual(restoredFrom(undefined, all));
    expect(restoredFrom(snapshot, entries)).toEqual(loop.state);
  });

  it('gives the same wherever the snapshot was taken, for any life', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(30), fc.nat(), (seed, turns, cut) => {
        const entries = entriesOf(walk({ seed, turns }).events);
        const at = cut % (entries.length + 1);
        const snapshot = JSON.parse(JSON.stringify(restoredFrom(undefined, entries.slice(0, at)))) as State;
        expect(restoredFrom(snapshot as unknown as Json, entries.slice(at))).toEqual(restoredFrom(undefined, entries));
      }),
      { numRuns: 100 },
    );
  });

  it('keeps every event as it was', () => {
    const { events } = walk({ seed: 7, turns: 8 });
    expect(entriesOf(events).map(eventOf)).toEqual(JSON.parse(JSON.stringify(events)));
  });
});
