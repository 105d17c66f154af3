/** Calls for a person end when what they were about is over, as far as the state can show it; and pending knows until when. */
import { describe, expect, test } from 'vitest';
import { type Called, EMPTY, type Ended, type Operation, operationsOf, type State, Table } from '../../src/core/index.ts';
import { openCalls } from '../../src/service/calls.ts';
import { waitingIn } from '../../src/service/waiting.ts';
import type { Answer, Outcome } from '../../src/vocabulary/index.ts';

const T = Date.UTC(2030, 0, 1);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const problem = (code: string) => ({ code, says: `It says ${code}.`, next: 'Do something.' });
const call = (code: string, more: Partial<Called> = {}): Called => ({ at: T, problem: problem(code), ...more });
const OF_OP = { operation: 'op', target: 'db1' } as const;

const answered = (outcome: Outcome, code?: string): Answer => ({
  outcome,
  operations: [],
  ...(code === undefined ? {} : { problem: problem(code) }),
});

const ended = (id: string, endedAt: number, answer: Answer, more: Partial<Ended> = {}): Ended => ({
  id,
  target: 'db1',
  action: 'off',
  startedAt: endedAt - 1000,
  endedAt,
  answer,
  levels: [],
  ...more,
});

const open = (more: Partial<Operation>): Operation => ({
  id: 'op',
  target: 'db1',
  action: 'off',
  claim: 'dead',
  epoch: 1,
  verdicts: ['v1'],
  commands: [],
  decisions: [],
  by: 'arb-1',
  reason: 'tested',
  origin: 'arbiter',
  override: [],
  startedAt: T,
  deadline: T + MINUTE,
  phase: 'pending',
  round: 0,
  doubts: 0,
  wanted: 'off',
  shares: [],
  level: -1,
  orders: 0,
  switching: 0,
  outlets: [],
  levels: [],
  ...more,
});

const state = (more: Partial<State>): State => ({ ...EMPTY, epoch: 1, roster: ['db1', 'db2', 'db3'], ...more });
const codes = (given: State, now = T + MINUTE): readonly string[] => openCalls(given, now).map((one) => one.call.problem.code);

describe('a call about the end of an operation', () => {
  const failed = ended('op', T, answered('failed', 'still-on'));
  const calls = [call('still-on', OF_OP)];
  const later = (answer: Answer, more: Partial<Ended> = {}): State =>
    state({ calls, ended: [failed, ended('op2', T + 1000, answer, { ...more })] });

  test.each([
    ['nothing has come since', state({ calls, ended: [failed] }), true],
    ['it was fenced and proven off', later(answered('confirmed')), false],
    ['it is proven on again', later(answered('confirmed'), { action: 'on' }), false],
    ['a person has stated that it is down', later(answered('attested'), { action: 'attest' }), false],
    ['another try was withheld', later(answered('withheld', 'blind')), true],
    ['another node was proven off', later(answered('confirmed'), { target: 'db2' }), true],
    ['it was proven off before', state({ calls, ended: [ended('op0', T - 1, answered('confirmed')), failed] }), true],
    [
      'its mark is newer',
      state({ calls, ended: [failed], fenced: Table.of([['db1', { since: T + 1, operation: 'x', how: 'attested' }]]) }),
      false,
    ],
  ] satisfies [string, State, boolean][])('%s', (_what, given, shown) => {
    expect(codes(given)).toEqual(shown ? ['still-on'] : []);
  });

  test('a word against what devices say is not settled by itself, nor by another word', () => {
    const over = ended('op', T, answered('attested', 'attested-over-evidence'), { action: 'attest' });
    const fenced = Table.of([['db1', { since: T, operation: 'op', how: 'attested' as const }]]);
    const word = [call('attested-over-evidence', OF_OP)];
    expect(codes(state({ calls: word, ended: [over], fenced }))).toEqual(['attested-over-evidence']);
    const again = ended('op2', T + 1, answered('attested'), { action: 'attest' });
    expect(codes(state({ calls: word, ended: [over, again] }))).toEqual(['attested-over-evidence']);
    expect(codes(state({ calls: word, ended: [over, ended('op2', T + 1, answered('confirmed'), { action: 'on' })] }))).toEqual([]);
  });

  test('a person who denied it has dealt with it', () => {
    expect(codes(state({ calls: [call('denied', OF_OP)], ended: [ended('op', T, answered('withheld', 'denied'))] }))).toEqual([]);
  });

  test('what was only withheld is over with a newer epoch, what has ordered is not', () => {
    const withheld = ended('op', T, answered('withheld', 'blind'), { epoch: 1 });
    expect(codes(state({ calls: [call('blind', OF_OP)], ended: [withheld] }))).toEqual(['blind']);
    expect(codes(state({ calls: [call('blind', OF_OP)], ended: [withheld], epoch: 2 }))).toEqual([]);
    expect(codes(state({ calls, ended: [{ ...failed, epoch: 1 }], epoch: 2 }))).toEqual(['still-on']);
  });

  test('the same again stands once, and nothing is shown for longer than a day', () => {
    const twice = state({
      calls: [...calls, call('still-on', { operation: 'op2', target: 'db1', at: T + 1000 })],
      ended: [failed, ended('op2', T + 1000, answered('failed', 'still-on'))],
    });
    expect(openCalls(twice, T + MINUTE)).toMatchObject([{ call: { operation: 'op2' }, until: T + 1000 + DAY }]);
    expect(codes(twice, T + 2 * DAY)).toEqual([]);
  });

  test('it says what ends it', () => {
    expect(openCalls(state({ calls, ended: [failed] }), T + MINUTE)[0]?.ends).toMatch(/bailiff fence db1.*bailiff unfence db1/);
  });
});

describe('a call in the middle of an operation', () => {
  const calls = [call('awaiting-approval', OF_OP)];
  test.each([
    ['it waits', open({ approveUntil: T + 10 * MINUTE }), true],
    ['its window is over', open({ approveUntil: T + MINUTE }), false],
    ['its verdict has expired', open({ approveUntil: T + 10 * MINUTE, expiresAt: T + MINUTE }), false],
    ['it was approved', open({ phase: 'recheck', approvedBy: 'anna' }), false],
    ['a newer epoch counts', open({ approveUntil: T + 10 * MINUTE, epoch: 0 }), false],
  ] satisfies [string, Operation, boolean][])('%s', (_what, op, shown) => {
    const given = state({ calls, operations: operationsOf([op]) });
    expect(codes(given)).toEqual(shown ? ['awaiting-approval'] : []);
    const [waiting] = waitingIn(given, T + MINUTE);
    expect(waiting !== undefined && waiting.over === undefined).toBe(shown);
  });

  test('it is over with the operation, whatever came of that', () => {
    expect(codes(state({ calls, ended: [ended('op', T + 1, answered('unconfirmed', 'not-proven'))] }))).toEqual([]);
  });

  test('a command beside the verdict keeps it open beyond the expiry', () => {
    const op = open({ approveUntil: T + 10 * MINUTE, expiresAt: T + MINUTE, commands: ['c1'] });
    expect(waitingIn(state({ operations: operationsOf([op]) }), T + MINUTE)).toMatchObject([{ what: 'approval', until: T + 10 * MINUTE }]);
  });
});

describe('a call that belongs to no operation', () => {
  const verdict = {
    id: 'v2',
    digest: '',
    epoch: 1,
    admitted: true,
    targets: ['db1', 'db2'],
    survivors: { digits: '4' },
    operations: [],
    answeredAt: T,
  } as const;
  const limit = { calls: [call('storm-limit')], verdicts: Table.of([['v2', { ...verdict, answer: answered('withheld', 'storm-limit') }]]) };
  const clash = {
    calls: [call('contradictory-verdicts')],
    verdicts: Table.of([['v2', { ...verdict, contradicts: true as const, answer: answered('withheld', 'contradictory-verdicts') }]]),
  };
  const off = (target: string): Ended => ended(`off-${target}`, T + 1, answered('confirmed'), { target });
  const policy = { lease: { margin: 1 } } as unknown as NonNullable<State['policy']>;

  test.each([
    ['a verdict beyond a limit', limit, true],
    ['a person has fenced one of its two', { ...limit, ended: [off('db1')] }, true],
    ['a person has fenced both', { ...limit, ended: [off('db1'), off('db2')] }, false],
    ['a newer verdict counts', { ...limit, epoch: 2 }, false],
    ['two that contradict each other', clash, true],
    ['a person has decided for one side', { ...clash, ended: [off('db3')] }, false],
    ['no lease is in force', { calls: [call('lease-lost')], policy, leaseUntil: T }, true],
    ['a lease is in force again', { calls: [call('lease-lost')], policy, leaseUntil: T + 2 * MINUTE }, false],
    ['no lease is needed any more', { calls: [call('lease-lost')] }, false],
    ['the journal could not be written', { calls: [call('journal-unwritable')], ended: [ended('op', T, answered('withheld'))] }, true],
    ['it was written since', { calls: [call('journal-unwritable')], ended: [ended('op', T + 2000, answered('withheld', 'blind'))] }, false],
    ['a verdict that was altered', { calls: [call('verdict-altered')] }, true],
  ] satisfies [string, Partial<State>, boolean][])('%s', (_what, more, shown) => {
    expect(openCalls(state(more), T + MINUTE).length).toBe(shown ? 1 : 0);
  });
});
