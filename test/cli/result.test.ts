/** What is said of an answer: for the one node, for several, for one that is true no more; and of what waits for a person. */
import { describe, expect, test } from 'vitest';
import { tellCarried } from '../../src/cli/carried.ts';
import { tellLate } from '../../src/cli/cut-short.ts';
import { type Io, realIo, type Sink } from '../../src/cli/io.ts';
import { report } from '../../src/cli/result.ts';
import { EMPTY, type Ended, type Operation, operationsOf, type OutletRun, type Policy, type State } from '../../src/core/index.ts';
import { awaiting } from '../../src/service/awaiting.ts';
import { answerView, carriedView, openTold } from '../../src/service/views.ts';
import type { Outcome, Problem } from '../../src/vocabulary/index.ts';

interface Heard {
  readonly io: Io;
  readonly text: () => string;
}

function hears(): Heard {
  let text = '';
  const sink: Sink = {
    on: () => undefined,
    write: (more) => {
      text += more;
    },
  };
  return { io: realIo({ stdout: sink, stderr: sink, env: {} }), text: () => text };
}

const PROBLEM: Problem = { code: 'no-longer-off', says: 'db1 was proven off, and is not.', next: 'Treat it as running.' };

const ended = (id: string, target: string, outcome: Outcome = 'confirmed', problem?: Problem): Ended => ({
  id,
  target,
  action: 'off',
  startedAt: 0,
  endedAt: 1000,
  answer: { outcome, operations: [id], ...(problem === undefined ? {} : { problem }) },
  levels: [],
});

const ON = { target: 'db1', operation: 'op-9', by: 'bert', at: Date.UTC(2026, 0, 2) };

describe('an answer', () => {
  test('that holds exits by its outcome', () => {
    const { io, text } = hears();
    report(io, answerView({ ...EMPTY, ended: [ended('a', 'db1')] }, { outcome: 'confirmed', operations: ['a'] }), {
      json: false,
      current: true,
    });
    expect(io.ended).toBe(0);
    expect(text()).toBe('db1 is OFF: confirmed in 1.00 s\n  story: bailiff story a\n');
  });

  test('to a reboot says that the node is on again, or that it is not', () => {
    const heard = (problem?: Problem): string => {
      const { io, text } = hears();
      const reboot: Ended = { ...ended('a', 'db1', 'confirmed', problem), action: 'reboot' };
      report(io, answerView({ ...EMPTY, ended: [reboot] }, reboot.answer), { json: false });
      return text();
    };
    expect(heard()).toMatch(/^db1 was off, and is ON again: confirmed/);
    expect(heard({ ...PROBLEM, code: 'on-failed' })).toMatch(/^db1 was off: confirmed/);
  });

  test.each([
    [false, 0],
    [true, 6],
  ])('of the past (--current: %j) exits %i', (current, code) => {
    const { io, text } = hears();
    const state: State = { ...EMPTY, ended: [ended('a', 'db1')] };
    report(io, answerView(state, { outcome: 'confirmed', operations: ['a'], supersededBy: [ON] }), { json: false, current });
    expect(io.ended).toBe(code);
    expect(text()).not.toContain('is OFF');
    expect(text()).toContain('db1 was OFF at 1970-01-01T00:00:01.000Z, and has been ordered on since: confirmed');
    expect(text()).toContain('superseded: bert ordered db1 on at 2026-01-02T00:00:00.000Z (bailiff story op-9)');
  });

  test('of the past, for a program', () => {
    const { io, text } = hears();
    const state: State = { ...EMPTY, ended: [ended('a', 'db1')] };
    report(io, answerView(state, { outcome: 'confirmed', operations: ['a'], supersededBy: [ON] }), { json: true });
    expect(JSON.parse(text())).toMatchObject({ outcome: 'confirmed', supersededBy: [{ ...ON, at: '2026-01-02T00:00:00.000Z' }] });
  });

  test('to several parts is told also where it is another one than that of each', () => {
    const { io, text } = hears();
    const state: State = { ...EMPTY, ended: [ended('a', 'db1'), ended('b', 'db2')] };
    report(io, answerView(state, { outcome: 'unconfirmed', problem: PROBLEM, operations: ['a', 'b'] }), { json: false });
    expect(io.ended).toBe(5);
    expect(text()).toContain(`all in all: unconfirmed\n  no-longer-off: ${PROBLEM.says}\n  next: ${PROBLEM.next}\n`);
  });

  test('to several parts is not said twice', () => {
    const { io, text } = hears();
    const state: State = { ...EMPTY, ended: [ended('a', 'db1', 'unconfirmed', PROBLEM), ended('b', 'db2')] };
    report(io, answerView(state, { outcome: 'unconfirmed', problem: PROBLEM, operations: ['a', 'b'] }), { json: false });
    expect(text().match(/no-longer-off/g)).toHaveLength(1);
  });
});

const run = (over: Partial<OutletRun>): OutletRun => ({
  device: 'db1-bmc',
  plug: '',
  number: 1,
  orders: 1,
  order: 'accepted',
  readings: [],
  unknowns: 0,
  polls: 0,
  asked: 0,
  ...over,
});

const LEVELS = [
  [{ device: 'db1-bmc', plug: '', evidence: 'device', readings: 2, gap: 0 }],
  [{ device: 'hands', plug: '', evidence: 'device', readings: 2, gap: 0, manual: true }],
];

/** Waits for the word of a person at its second level. */
function waiting(switching: number): State {
  const operation: Partial<Operation> = {
    id: 'op-1',
    target: 'db1',
    action: 'off',
    phase: 'confirm',
    wanted: 'off',
    level: 1,
    orders: switching + 1,
    switching,
    outlets: [run({ device: 'hands', number: 2 })],
    levels: switching === 0 ? [] : [{ level: 0, wanted: 'off', result: 'unproven', outlets: [run({})] }],
  };
  const policy = { nodes: { db1: { levels: LEVELS, votes: 1 } } };
  return { ...EMPTY, policy: policy as unknown as Policy, operations: operationsOf([{ ...(operation as Operation), id: 'op-1' }]) };
}

describe('what waits for a person', () => {
  test.each([
    [0, 'withheld', 4, 'withheld: waiting for a person'],
    [1, 'unconfirmed', 5, 'unconfirmed so far: waiting for a person'],
  ])('after %i orders to devices is %s', (switching, outcome, code, headline) => {
    const state = waiting(switching);
    const { io, text } = hears();
    const carried = awaiting(state, ['op-1']);
    expect(carried).toMatchObject({ outcome, problem: { code: 'person-needed' } });
    tellCarried(io, carriedView(state, carried, 0), { json: false });
    expect(io.ended).toBe(code);
    expect(text().split('\n')[0]).toBe(headline);
    expect(text().includes('Ordered before: db1-bmc off (accepted, reads unknown)')).toBe(switching > 0);
    // People are called; that is no order that may have switched anything.
    expect(text()).not.toContain('hands off');
  });

  test('is one document for a program, with what was ordered', () => {
    const state = waiting(1);
    const { io, text } = hears();
    tellCarried(io, carriedView(state, awaiting(state, ['op-1']), 0), { json: true });
    expect(JSON.parse(text())).toMatchObject({
      outcome: 'unconfirmed',
      code: 'person-needed',
      operations: [
        { operation: 'op-1', waitsFor: 'attestation', levels: [{ level: 1, outlets: [{ device: 'db1-bmc', order: 'accepted' }] }, {}] },
      ],
    });
  });
});

describe('a command whose time is over before it has an answer', () => {
  test('is withheld only where nothing had begun', () => {
    const { io, text } = hears();
    tellLate(io, undefined, () => true, false);
    expect([io.ended, text().split('\n')[0]]).toEqual([4, 'withheld']);
    expect(text()).toContain('Nothing was switched.');
  });

  test('is unconfirmed else, and tells what was ordered', () => {
    const { io, text } = hears();
    const state = waiting(1);
    const open = state.operations.values().map((one) => openTold(state, one, 0));
    tellLate(io, { open, ended: [] }, ({ target }) => target === 'db1', true);
    expect(io.ended).toBe(5);
    expect(JSON.parse(text())).toMatchObject({ outcome: 'unconfirmed', code: 'no-answer-in-time', operations: [{ operation: 'op-1' }] });
    expect(text()).toContain('db1-bmc off (accepted, reads unknown)');
  });
});
