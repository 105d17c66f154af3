/** A cluster of 10,000 nodes: 2,500 at once are not refused, and what is kept of it all fits into a line of the journal. */
import { describe, expect, it } from 'vitest';
import { BOUNDS, EMPTY, type Event, type State, step } from '../../src/core/index.ts';
import type { Command, Reading, Verdict } from '../../src/vocabulary/index.ts';
import { backOf, crowdOf } from './crowd.ts';

const NODES = 10_000;
/** The store takes lines of 8 MiB; a part of one is for what stands around the state. */
const LINE = 8 * 1024 * 1024 - 4096;
const T = 1_000_000;

const NAMES = Array.from({ length: NODES }, (_, at) => `node-${String(at).padStart(5, '0')}.example`);
const POLICY = crowdOf(NAMES);
const START = step(EMPTY, { kind: 'restored', at: T, policy: POLICY }).state;
const STRICT = step(EMPTY, { kind: 'restored', at: T, policy: { ...POLICY, storm: { targets: 100, within: 600_000 } } }).state;

const OFF: Reading = { power: 'off', source: 'test' };
const SILENT: Reading = { power: 'unknown', source: 'test', why: { code: 'silent', says: 'x'.repeat(300), next: 'y'.repeat(200) } };

const verdictOf = (id: string, targets: readonly string[], epoch = 1): Verdict => {
  const shot = new Set(targets);
  const survivors = NAMES.filter((name) => !shot.has(name));
  return {
    id,
    cluster: POLICY.cluster,
    epoch,
    claim: 'misbehaving',
    targets,
    survivors,
    issuer: 'arb-1',
    issuedAt: T,
    expiresAt: T + 600_000,
    reason: 'x',
  };
};

const byVerdict = (targets: readonly string[]): readonly Event[] => [
  { kind: 'verdict', at: T + 1, verdict: verdictOf('v1', targets), operations: targets.map((name) => `op-of-${name}`) },
];

const byCommands = (targets: readonly string[]): readonly Event[] =>
  targets.map((target) => {
    const command: Command = {
      id: `command-on-${target}`,
      action: 'off',
      target,
      by: 'cluster',
      origin: 'program',
      reason: 'gone',
      override: [],
    };
    return { kind: 'command', at: T + 1, command, operation: `op-of-${target}` };
  });

interface Played {
  readonly state: State;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Of the longest line, looked at now and then. */
  readonly longest: number;
}

function played(from: State, events: readonly Event[], reading: Reading, most = Number.POSITIVE_INFINITY): Played {
  let state = from;
  let longest = 0;
  let at = T;
  const outcomes: Record<string, number> = {};
  const queue = [...events];
  for (let done = 0; done < Math.min(queue.length, most); done += 1) {
    const event = queue[done];
    if (event === undefined) break;
    at = Math.max(at, event.at);
    const after = step(state, { ...event, at });
    state = after.state;
    for (const effect of after.effects) {
      if (effect.kind === 'answer') outcomes[effect.answer.outcome] = (outcomes[effect.answer.outcome] ?? 0) + 1;
      const back = backOf(effect, at, reading);
      if (back !== undefined) queue.push(back);
    }
    if (done % 3000 === 0) longest = Math.max(longest, JSON.stringify(state).length);
  }
  return { state, outcomes, longest: Math.max(longest, JSON.stringify(state).length) };
}

const SHOT = NAMES.slice(0, 2500);

describe('a cluster of 10,000 nodes', () => {
  it('2,500 are fenced at once by commands: every one is proven off', { timeout: 60_000 }, () => {
    const { state, outcomes, longest } = played(START, byCommands(SHOT), OFF);
    expect(outcomes).toEqual({ confirmed: 2500 });
    expect([state.operations.size, state.fenced.size]).toEqual([0, 2500]);
    expect(longest).toBeLessThan(LINE);
  });

  it('and by one verdict, with one answer', { timeout: 60_000 }, () => {
    const { state, outcomes, longest } = played(START, byVerdict(SHOT), OFF);
    expect(outcomes).toEqual({ confirmed: 1 });
    expect([state.operations.size, state.fenced.size]).toEqual([0, 2500]);
    expect(longest).toBeLessThan(LINE);
  });

  it('devices that never answer do not fill the line', { timeout: 60_000 }, () => {
    const { state, longest } = played(START, byVerdict(SHOT), SILENT, 2500 * 20);
    expect(state.operations.size).toBe(2500);
    expect(longest).toBeLessThan(LINE);
  });

  it('as many verdicts as are remembered, each with all survivors, are a small part of the line', { timeout: 60_000 }, () => {
    let state = START;
    for (let at = 0; at < 60; at += 1) {
      const verdict = verdictOf(`v${at}`, [NAMES[at % 3] ?? '']);
      state = step(state, { kind: 'verdict', at: T + at, verdict, operations: [`op${at}`] }).state;
    }
    // The first is admitted, and what contradicts it is remembered with its sides too.
    expect(state.verdicts.size).toBe(60);
    const each = JSON.stringify(state.verdicts).length / 60;
    expect(each * BOUNDS.verdicts).toBeLessThan(LINE / 4);
  });

  it('verdicts of one epoch may name so many targets in all, and the next epoch has room', { timeout: 60_000 }, () => {
    const answered = (from: State, verdict: Verdict): { readonly state: State; readonly code: string | undefined } => {
      const after = step(from, { kind: 'verdict', at: T + 5, verdict, operations: verdict.targets.map((name) => `${verdict.id}-${name}`) });
      const answers = after.effects.flatMap((effect) => (effect.kind === 'answer' ? [effect.answer.problem?.code] : []));
      return { state: after.state, code: answers[0] };
    };
    let state = STRICT;
    let code: string | undefined;
    for (let at = 0; at * SHOT.length < BOUNDS.targets; at += 1) ({ state, code } = answered(state, verdictOf(`v${at}`, SHOT)));
    expect(code).toBe('storm-limit');
    ({ state, code } = answered(state, verdictOf('more', SHOT)));
    expect(code).toBe('too-much-at-once');
    // Of what is refused a few targets are told.
    expect(state.verdicts.get('more')).toMatchObject({ admitted: false, survivors: { digits: '' } });
    expect(state.verdicts.get('more')?.targets).toEqual(SHOT.slice(0, BOUNDS.refusedTargets));
    expect(answered(state, verdictOf('next', SHOT, 2)).code).toBe('storm-limit');
    expect(JSON.stringify(state).length).toBeLessThan(LINE);
  });

  it('a text names a few nodes, and says how many more there are', () => {
    const { state } = played(STRICT, byVerdict(SHOT), OFF);
    expect(state.calls.at(-1)?.problem.says).toContain('node-00019.example and 2480 more) within 10 min; the limit is 100.');
  });
});
