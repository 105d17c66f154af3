/** Nothing grows for ever, and what a bound forgets is never what a promise needs. */
import { describe, expect, it } from 'vitest';
import { BOUNDS, EMPTY, type State, step } from '../../src/core/index.ts';
import { policy, verdict } from '../coordinator/ports.ts';

const START = step(EMPTY, { kind: 'restored', at: 1000, policy }).state;

/** The state after these verdicts, and the last answer's code. */
function played(
  from: State,
  verdicts: readonly ReturnType<typeof verdict>[],
): { readonly state: State; readonly last: string | undefined } {
  let state = from;
  let last: string | undefined;
  for (const [index, one] of verdicts.entries()) {
    const operations = one.targets.map((_target, part) => `op-${one.id}-${index}-${part}`);
    const next = step(state, { kind: 'verdict', at: 2000 + index, verdict: one, operations });
    state = next.state;
    for (const effect of next.effects) if (effect.kind === 'answer') last = effect.answer.problem?.code;
  }
  return { state, last };
}

describe('bounds', () => {
  it('an arbiter that never stops within one epoch is refused, and what was admitted stays known', () => {
    const many = Array.from({ length: BOUNDS.verdicts + 50 }, (_, index) => verdict(`v${index}`));
    const { state, last } = played(START, many);
    expect(state.verdicts.size).toBeLessThanOrEqual(BOUNDS.verdicts + 1);
    expect(last).toBe('too-much-at-once');
    expect(state.verdicts.get('v0')?.admitted).toBe(true);
  });

  it('refused verdicts, also of a far epoch, push nothing out that is in force: the other side is still not shot', () => {
    const one = played(START, [verdict('v0')]).state;
    const stopped = step(one, { kind: 'denied', at: 1500, operation: 'op-v0-0-0', by: 'anna', reason: 'no' }).state;
    const noise = Array.from({ length: BOUNDS.verdicts + 50 }, (_, index) => ({ ...verdict(`n${index}`, 'db1', 999), cluster: 'others' }));
    const { state } = played(stopped, noise);
    expect(state.verdicts.get('v0')?.admitted).toBe(true);
    expect(state.verdicts.size).toBeLessThanOrEqual(BOUNDS.verdicts + 1);
    expect(played(state, [verdict('v1', 'db2')]).last).toBe('contradictory-verdicts');
  });

  it('of operations that ended long ago only the last readings are kept, so that the state fits into a line of the journal', () => {
    let state = START;
    const unknown = { power: 'unknown', source: 'test', why: { code: 'mute', says: 'x'.repeat(300), next: 'x'.repeat(200) } } as const;
    for (let index = 0; index < 15; index += 1) {
      const at = 10_000_000 * (index + 1);
      const operation = `op${index}`;
      const heard = { probe: 'reference-ip', by: 'self', address: '192.0.2.1', answer: 'heard', tookMs: 1 } as const;
      const outlet = { device: 'bmc-db1', plug: '' };
      const command = { id: operation, action: 'off', target: 'db1', by: 'anna', origin: 'person', reason: 'x', override: [] } as const;
      const reads = Array.from({ length: 20 }, (_, n) => {
        const startedAt = at + n;
        return {
          kind: 'read',
          at: startedAt,
          operation,
          number: 1,
          outlet,
          // Of a run that says the same only two are kept.
          reading: { ...unknown, why: { ...unknown.why, code: `mute-${n % 2}` }, startedAt, endedAt: startedAt },
        } as const;
      });
      const assessment = { startedAt: at, endedAt: at, observations: [heard] };
      for (const event of [
        { kind: 'command', at, command, operation } as const,
        { kind: 'assessed', at, operation, round: 1, assessment } as const,
        { kind: 'ordered', at, operation, number: 1, outlet, order: { result: 'accepted' } } as const,
        ...reads,
        { kind: 'due', at: at + 60_000, operation, timer: { kind: 'level', level: 0, wanted: 'off' } } as const,
      ])
        state = step(state, event).state;
    }
    const kept = state.ended.map(({ levels }) => levels.flatMap(({ outlets }) => outlets.map(({ readings }) => readings.length)));
    expect(kept).toEqual([...Array.from({ length: 5 }, () => [2]), ...Array.from({ length: 10 }, () => [BOUNDS.readings])]);
  });

  it('commands that share one operation are bounded', () => {
    let state = START;
    let refused = 0;
    for (let index = 0; index < BOUNDS.waiting + 20; index += 1) {
      const command = {
        id: `c${index}`,
        action: 'off',
        target: 'db1',
        by: 'anna',
        origin: 'person',
        reason: 'again',
        override: [],
      } as const;
      const next = step(state, { kind: 'command', at: 2000, command, operation: `op${index}` });
      state = next.state;
      refused += next.effects.filter((effect) => effect.kind === 'answer' && effect.answer.problem?.code === 'too-much-at-once').length;
    }
    expect(refused).toBe(20);
  });

  it('readings that say off are all kept, whatever a driver says beside them', () => {
    const twice = { power: 'off', source: 'test', why: { code: 'driver-malformed', says: 'It.', next: 'Mend it.' } } as const;
    const silent = { ...twice, power: 'unknown' } as const;
    const command = { id: 'c', action: 'off', target: 'db1', by: 'anna', origin: 'person', reason: 'x', override: [] } as const;
    const seen = { probe: 'reference-ip', by: 'self', address: '192.0.2.1', answer: 'heard', tookMs: 1 } as const;
    const outlet = { device: 'bmc-db1', plug: '' };
    const read = (reading: typeof twice | typeof silent, at: number) =>
      ({ kind: 'read', at, operation: 'op', number: 1, outlet, reading: { ...reading, startedAt: at, endedAt: at } }) as const;
    const state = [
      { kind: 'command', at: 2000, command, operation: 'op' } as const,
      {
        kind: 'assessed',
        at: 2000,
        operation: 'op',
        round: 1,
        assessment: { startedAt: 2000, endedAt: 2000, observations: [seen] },
      } as const,
      { kind: 'ordered', at: 2010, operation: 'op', number: 1, outlet, order: { result: 'accepted' } } as const,
      read(silent, 2020),
      read(silent, 2050),
      read(twice, 2080),
      read(twice, 2110),
    ].reduce((sum: State, event) => step(sum, event).state, START);
    expect(state.fenced.get('db1')?.how).toBe('confirmed');
  });

  it('a device that must say off ten times can still confirm', () => {
    const patient = {
      ...policy,
      nodes: { ...policy.nodes, db1: { votes: 1, levels: [[{ device: 'bmc', plug: '', evidence: 'device', readings: 10, gap: 0 }]] } },
    } as const;
    let state = step(EMPTY, { kind: 'restored', at: 1000, policy: patient }).state;
    state = step(state, { kind: 'verdict', at: 1000, verdict: verdict('v1'), operations: ['op1'] }).state;
    const seen = { probe: 'reference-ip', by: 'self', address: '192.0.2.1', answer: 'heard', tookMs: 1 } as const;
    state = step(state, {
      kind: 'assessed',
      at: 1001,
      operation: 'op1',
      round: 1,
      assessment: { startedAt: 1001, endedAt: 1001, observations: [seen] },
    }).state;
    const outlet = { device: 'bmc', plug: '' };
    state = step(state, { kind: 'ordered', at: 1002, operation: 'op1', number: 1, outlet, order: { result: 'accepted' } }).state;
    for (let look = 0; look < 10; look += 1) {
      expect(state.fenced.get('db1')).toBeUndefined();
      const at = 1010 + look * 10;
      state = step(state, {
        kind: 'read',
        at,
        operation: 'op1',
        number: 1,
        outlet,
        reading: { power: 'off', source: 'test', startedAt: at - 5, endedAt: at },
      }).state;
    }
    expect(state.fenced.get('db1')?.how).toBe('confirmed');
  });
});
