/** Verdicts of one epoch that contradict each other: whatever came in which order, and whatever they are called. */
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/coordinator/ports.ts';
import { stateFrom } from '../../src/coordinator/written.ts';
import { EMPTY, type State, step } from '../../src/core/index.ts';
import { policy, verdict } from '../coordinator/ports.ts';

const START = step(EMPTY, { kind: 'restored', at: 1000, policy }).state;
/** None of these contradicts another: each lets live the other three. */
const sparing = (id: string, target: string) => ({ ...verdict(id, target), survivors: ['db3', 'db4', 'db5'] });
const SHOOTS_A_SURVIVOR = { ...verdict('z', 'db3'), survivors: ['db1', 'db4', 'db5'] };

const taken = (state: State, one: ReturnType<typeof verdict>) =>
  step(state, { kind: 'verdict', at: 2000, verdict: one, operations: [`op-${one.id}`] });

const answersOf = (effects: ReturnType<typeof step>['effects']): readonly string[] =>
  effects.flatMap((effect) =>
    effect.kind === 'answer' ? [`${effect.to.id} ${effect.answer.problem?.code ?? effect.answer.outcome}`] : [],
  );

describe('a verdict that contradicts several', () => {
  const two = ['b', '7'].reduce((state, id, at) => taken(state, sparing(id, at === 0 ? 'db1' : 'db2')).state, START);

  it('withholds all of them, and itself', () => {
    const { state, effects } = taken(two, SHOOTS_A_SURVIVOR);
    expect(answersOf(effects)).toEqual(['b contradictory-verdicts', '7 contradictory-verdicts', 'z contradictory-verdicts']);
    expect(state.operations.size).toBe(0);
  });

  it('is refused where one of them was acted on, and the other is withheld', () => {
    const seen = { probe: 'reference-ip', by: 'self', address: '192.0.2.1', answer: 'heard', tookMs: 1 } as const;
    const assessment = { startedAt: 2000, endedAt: 2001, observations: [seen] };
    const shot = step(two, { kind: 'assessed', at: 2001, operation: 'op-7', round: 1, assessment });
    expect(shot.effects.some(({ kind }) => kind === 'order')).toBe(true);
    const { state, effects } = taken(shot.state, SHOOTS_A_SURVIVOR);
    expect(answersOf(effects)).toEqual(['b contradictory-verdicts', 'z contradicts-verdict']);
    expect(state.operations.keys()).toEqual(['op-7']);
  });

  it('finds them in the order in which they came in, also after a snapshot', () => {
    const again = stateFrom(JSON.parse(JSON.stringify(two)) as Json);
    expect(again.verdicts.keys()).toEqual(['b', '7']);
    expect(answersOf(taken(again, SHOOTS_A_SURVIVOR).effects)).toEqual(answersOf(taken(two, SHOOTS_A_SURVIVOR).effects));
  });
});
