/** Whose word counts beside whose: for the same node, within ten minutes, and never by what was heard before we knew that we were blind. */
import { expect, it } from 'vitest';
import { BOUNDS, EMPTY, type Effect, type State, step } from '../../src/core/index.ts';
import { eventFrom } from '../scenarios/words.ts';

const START = 1_000_000;
const TEN_MINUTES = 600_000;

/** Plays lines as the stories write them, each `[ms since the start, words]`; gives what came of it, and the state. */
function played(lines: readonly (readonly [number, string])[]): { readonly effects: readonly Effect[]; readonly state: State } {
  let state: State = EMPTY;
  let drawn = 0;
  const effects: Effect[] = [];
  for (const [ms, words] of lines) {
    const at = START + ms;
    const draw = (): string => {
      drawn += 1;
      return `op${drawn}`;
    };
    const after = step(state, { ...eventFrom(words, at, draw), at });
    state = after.state;
    effects.push(...after.effects);
  }
  return { effects, state };
}

const outcomes = (lines: readonly (readonly [number, string])[]): readonly string[] =>
  played(lines).effects.flatMap((effect) => (effect.kind === 'answer' ? [effect.answer.outcome] : []));

const start = [0, 'start db1=bmc1 db2=bmc2 db3=bmc3'] as const;
/** The nth statement: by whom, of which node; the node is heard, and its device does not answer. */
const states = (ms: number, nth: number, by: string, node = 'db1') =>
  [
    [ms, `command attest ${node} by=${by}`],
    [ms, `assessed op${nth} 1 ${node}/lan=heard`],
    [ms, `read op${nth} 0 ${node.replace('db', 'bmc')} unknown`],
  ] as const;

it('a statement about another node is none about this one', () => {
  expect(outcomes([start, ...states(0, 1, 'anna', 'db2'), ...states(1_000, 2, 'ben', 'db1')])).toEqual(['refused', 'refused']);
});

it('a statement waits for the second person while others are made, also about other nodes', () => {
  expect(outcomes([start, ...states(0, 1, 'anna'), ...states(1_000, 2, 'anna', 'db2'), ...states(2_000, 3, 'ben')])).toEqual([
    'refused',
    'refused',
    'attested',
  ]);
});

it('a statement waits for ten minutes', () => {
  const after = (ms: number) => outcomes([start, ...states(0, 1, 'anna'), ...states(ms, 2, 'ben')]);
  expect(after(TEN_MINUTES - 1)).toEqual(['refused', 'attested']);
  expect(after(TEN_MINUTES)).toEqual(['refused', 'refused']);
});

it('statements that wait are bounded, and the last of them are kept', () => {
  const many = Array.from({ length: BOUNDS.attestations + 10 }, (_, index) => states(index, index + 1, 'anna')).flat();
  const { state } = played([start, ...many]);
  expect(state.attestations).toHaveLength(BOUNDS.attestations);
  expect(state.attestations.at(-1)).toEqual({ target: 'db1', by: 'anna', at: START + many.length / 3 - 1 });
});

it('a BMC that reads on is no matter of opinion: one person is not believed, two are', () => {
  const reads = (ms: number, nth: number, by: string, power: string) =>
    [
      [ms, `command attest db1 by=${by}`],
      [ms, `assessed op${nth} 1 db1/lan=silent`],
      [ms, `read op${nth} 0 bmc1 ${power}`],
    ] as const;
  expect(outcomes([start, ...reads(0, 1, 'anna', 'off')])).toEqual(['attested']);
  const { effects } = played([start, ...reads(0, 1, 'anna', 'on'), ...reads(1_000, 2, 'Anna', 'on'), ...reads(2_000, 3, 'ben', 'on')]);
  const answers = effects.flatMap((effect) => (effect.kind === 'answer' ? [[effect.answer.outcome, effect.answer.problem?.code]] : []));
  expect(answers).toEqual([
    ['refused', 'node-reads-on'],
    ['refused', 'node-reads-on'],
    ['attested', 'attested-over-evidence'],
  ]);
});

it('the outlet of a PDU may be live with its plug pulled: it is not asked', () => {
  const { effects } = played([
    [0, 'start db1=pdu-a:1|@anna|~ssh1 db2=bmc2'],
    [0, 'command attest db1'],
    [0, 'assessed op1 1 db1/lan=silent'],
  ]);
  expect(effects.filter(({ kind }) => kind === 'read')).toEqual([]);
  expect(effects.at(-1)).toMatchObject({ kind: 'answer', answer: { outcome: 'attested' } });
});

it('blind when a statement is weighed: a hearing that began before does not lead to an order; one that is asked for now does', () => {
  const lines = [
    [0, 'start db1=bmc1 db2=bmc2 need=1'],
    [0, 'command off db1'],
    [100, 'command attest db1 by=anna'],
    [200, 'assessed op1 2 192.0.2.1=silent db1/lan=heard'],
    [300, 'assessed op1 1 192.0.2.1=heard'],
  ] as const;
  const before = played(lines).effects;
  expect(before.flatMap((effect) => (effect.kind === 'assess' ? [effect.round] : []))).toEqual([1, 2, 3]);
  expect(before.filter(({ kind }) => kind === 'order')).toEqual([]);
  const after = played([...lines, [400, 'assessed op1 3 192.0.2.1=heard']]).effects;
  expect(after.filter(({ kind }) => kind === 'order')).toHaveLength(1);
});
