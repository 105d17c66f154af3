/** The core is a function: it changes nothing it is given, the same gives the same, and absurd events do not throw it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/coordinator/ports.ts';
import { stateFrom } from '../../src/coordinator/written.ts';
import { EMPTY, type Event, type State, step, Table } from '../../src/core/index.ts';
import { BrokenPromise } from '../../src/vocabulary/index.ts';
import { walk } from './life.ts';

const lives = fc.record({ seed: fc.integer({ min: 0, max: 0xffff_ffff }), turns: fc.integer({ min: 10, max: 60 }) });

/** Nobody may change it: a core that tries to throws a TypeError. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of value instanceof Table ? value.values() : Object.values(value)) frozen(part);
  }
  return value;
}

/** What no correct shell does: events late, twice, out of order, about nobody, with the clock standing still or running back. */
const absurd = fc.tuple(lives, fc.array(fc.nat(), { minLength: 1, maxLength: 60 })).map(([life, picks]) => {
  const { events } = walk(life);
  const [first, ...rest] = events;
  const drawn = picks.map((pick) => rest[pick % Math.max(1, rest.length)]).filter((event): event is Event => event !== undefined);
  const nobody = drawn.map((event, index) => (index % 7 === 3 && 'operation' in event ? { ...event, operation: 'nobody' } : event));
  const stopped = nobody.map((event, index) => (index % 5 === 2 ? { ...event, at: first?.at ?? 0 } : event));
  return first === undefined ? stopped : [first, ...stopped];
});

/** Plays the events up to the first broken promise (then the process would stop); gives every state on the way. */
function play(events: readonly Event[]): State[] {
  const states: State[] = [frozen(EMPTY)];
  for (const event of events) {
    try {
      states.push(frozen(step(states.at(-1) ?? EMPTY, frozen(event)).state));
    } catch (error) {
      if (error instanceof BrokenPromise) break;
      throw error;
    }
  }
  return states;
}

describe('the core is a function', () => {
  it('never changes the state or the event it is given, and gives the same result again', () => {
    fc.assert(
      fc.property(lives, (life) => {
        let state: State = EMPTY;
        for (const event of walk(life).events) {
          const once = step(frozen(state), frozen(event));
          expect(step(stateFrom(JSON.parse(JSON.stringify(state)) as Json), JSON.parse(JSON.stringify(event)) as Event)).toEqual(once);
          state = once.state;
        }
      }),
      { numRuns: 150 },
    );
  });

  it('survives absurd events: it changes nothing it is given, throws nothing but a broken promise, and stays bounded', () => {
    fc.assert(
      fc.property(absurd, (events) => {
        for (const state of play(events)) {
          const open = state.operations.values().map(({ target }) => target);
          expect(new Set(open).size).toBe(open.length);
          for (const operation of state.operations.values())
            for (const outlet of operation.outlets ?? []) expect(outlet.readings.length).toBeLessThanOrEqual(16);
        }
      }),
      { numRuns: 300 },
    );
  });
});
