/** What status says of a node and of an operation, in words that need no manual; and times for people. */
import { describe, expect, test } from 'vitest';
import { realIo } from '../../src/cli/io.ts';
import { leaseLine, type NodeTold, nodeLines, openLines } from '../../src/cli/status-words.ts';
import { ago, left } from '../../src/service/words.ts';
import { knownFrom } from '../../src/service/status.ts';
import { EMPTY, type FencedMark, type Operation, operationsOf, type Phase } from '../../src/core/index.ts';

const sink = { on: () => undefined, write: () => undefined };
const io = { ...realIo({ stdout: sink, stderr: sink, env: {} }), paint: (_style: string, text: string) => text };
const T = Date.UTC(2030, 0, 1, 3);
const MINUTE = 60_000;
const MARK: FencedMark = { since: T, operation: 'op-1', how: 'confirmed' };

const linesOf = (operation: Operation, now: number): string[] =>
  knownFrom({ ...EMPTY, operations: operationsOf([operation]) }, now).open.flatMap((one) => openLines(io, one, now));

const said = (more: Partial<NodeTold>): string =>
  nodeLines(io, { name: 'db1', levels: 1, contradicted: false, read: 'something', ...more }, T + 5 * MINUTE).join('\n');

describe('a node', () => {
  test.each([
    ['that reads on or off', {}, ''],
    ['whose devices say nothing', { read: 'nothing' }, 'db1: unknown is not off: treat it as running until a device or a person says more'],
    ['that only people can cut', { read: 'nobody' }, 'db1: only a person can cut its power, and nothing can read it: go and look'],
    ['without levels', { levels: 0, read: 'nobody' }, 'db1 has no fence levels: nothing can cut its power'],
    [
      'that was proven off',
      { mark: MARK },
      'db1 is fenced since 2030-01-01T03:00:00Z (5 min ago): its power was read off (bailiff story op-1)\n  bailiff leaves it off until: bailiff unfence db1',
    ],
    [
      'that a person stated to be down, whatever its devices say',
      { mark: { ...MARK, how: 'attested' }, read: 'nothing' },
      'db1 is fenced since 2030-01-01T03:00:00Z (5 min ago): a person said that it is down (bailiff story op-1)\n  bailiff leaves it off until: bailiff unfence db1',
    ],
  ] satisfies [string, Partial<NodeTold>, string][])('%s', (_what, more, words) => {
    expect(said(more)).toBe(words);
  });

  test('that was ordered on and is not back is not said to be left off', () => {
    expect(said({ mark: { ...MARK, lifting: 'op-2' } })).toMatch(/ordered on since, and is not proven to be back \(bailiff story op-2\)/);
    expect(said({ mark: { ...MARK, lifting: 'op-2' } })).not.toContain('leaves it off');
  });

  test('that was fenced and reads on is to be treated as running', () => {
    expect(said({ mark: MARK, contradicted: true })).toMatch(
      /^fenced-but-on: db1 was fenced, and READS ON: treat it as running.*\n {2}next: /,
    );
  });
});

const PHASES: readonly Phase[] = ['verify', 'hold', 'pending', 'recheck', 'shoot', 'confirm', 'rest'];

test.each(PHASES)('an open operation in %s is told as a sentence, and what moves it on', (phase) => {
  const operation = {
    id: 'op-1',
    target: 'db1',
    action: 'off',
    phase,
    by: 'anna',
    reason: 'hangs',
    startedAt: T,
    commands: [],
    outlets: [],
  } as unknown as Operation;
  const lines = linesOf(operation, T + MINUTE);
  expect(lines[0]).toMatch(/^open: db1 is being fenced since 2030-01-01T03:00:00Z \(1 min ago\), for anna \(hangs\): [a-z]+ [a-z ,]+$/);
  expect(lines[1]).toBe(
    phase === 'pending'
      ? '  next: it waits for a person: bailiff pending (operation op-1)'
      : '  next: bailiff resume, if no process works on it any more (operation op-1)',
  );
});

test('what nobody decided in time is not said to wait for a person', () => {
  const operation = {
    id: 'op-1',
    target: 'db1',
    action: 'off',
    phase: 'pending',
    by: 'arb-1',
    reason: 'dead',
    startedAt: T,
    approveUntil: T + MINUTE,
  };
  const waiting = { ...operation, commands: [], outlets: [] } as unknown as Operation;
  const told = (now: number): string => linesOf(waiting, now).join('\n');
  expect(told(T)).toMatch(/a person must approve[\s\S]*next: it waits for a person: bailiff pending/);
  expect(told(T + MINUTE)).toMatch(
    /nobody has decided it, and its time was over at 2030-01-01T03:01:00Z\n {2}next: bailiff resume ends it/,
  );
});

test('a lease is told as what it permits', () => {
  expect(leaseLine(undefined, T)).toMatch(
    /none is in force \(nobody has given us one\), and the policy needs one .* nothing can be ordered now$/,
  );
  expect(leaseLine(T, T)).toContain('(ours ran out at 2030-01-01T03:00:00Z)');
  expect(leaseLine(T + 1, T)).toBe('lease: in force until 2030-01-01T03:00:00Z');
});

test.each([
  [-5, 'just now', '0 s'],
  [2 * MINUTE, '2 min ago', '2 min'],
  [59_999, 'just now', '59 s'],
  [MINUTE, '1 min ago', '60 s'],
  [119 * MINUTE, '1 h ago', '119 min'],
  [47 * 60 * MINUTE, '47 h ago', '47 h'],
  [48 * 60 * MINUTE, '2 days ago', '48 h'],
])('%d ms: %s, and %s are left', (ms, past, still) => {
  expect([ago(ms), left(ms)]).toEqual([past, still]);
});
