/** A journal of version 1, in which nobody asked devices for a statement, orders had no end of their own, and commands were not remembered. */
import { describe, expect, it } from 'vitest';
import { eventOf, jsonOf, restoredFrom } from '../../src/coordinator/restore.ts';
import type { Entry, Json } from '../../src/coordinator/ports.ts';
import { CORE_VERSION, step } from '../../src/core/index.ts';
import { eventFrom } from '../scenarios/words.ts';

const START = 1_000_000;

/** Lines as the stories write them, each `[ms since the start, words]`, as a journal of version 1. */
function journal(lines: readonly (readonly [number, string])[]): Entry[] {
  let drawn = 0;
  const draw = (): string => {
    drawn += 1;
    return `op${drawn}`;
  };
  return lines.map(([ms, words], index) => {
    const { core: _later, ...event } = { core: 1, ...eventFrom(words, START + ms, draw), at: START + ms };
    return { n: index + 1, at: START + ms, event: jsonOf(event) };
  });
}

function stateOf(lines: readonly (readonly [number, string])[]) {
  const state = restoredFrom(undefined, journal(lines));
  if ('code' in state) throw new Error(state.says);
  return state;
}

const policy = 'start db1=bmc1 db2=bmc2 db3=bmc3';

describe('a journal of version 1', () => {
  it('keeps a statement that was taken: the node stays marked', () => {
    const { fenced, core } = stateOf([
      [0, policy],
      [10, 'command attest db1'],
      [20, 'assessed op1 1 db1/lan=silent'],
    ]);
    expect(core).toBe(1);
    expect(fenced.get('db1')).toMatchObject({ how: 'attested' });
  });

  it('keeps epoch and marks, and ends what was open when a process of today starts', () => {
    const state = stateOf([
      [0, policy],
      [10, 'verdict v1 misbehaving db1 epoch=7 survivors=db2,db3'],
      [20, 'assessed op1 1 192.0.2.1=heard'],
      [30, 'ordered op1 1 bmc1 accepted'],
      [40, 'read op1 1 bmc1 off'],
      [80, 'read op1 1 bmc1 off'],
      [100, 'command off db2 override=quorum-floor,storm-limit,survivor'],
      [110, 'assessed op2 1 192.0.2.1=heard'],
    ]);
    expect(state.epoch).toBe(7);
    const [start] = journal([[200, policy]]).map(eventOf);
    if (start?.kind !== 'restored') throw new Error('no start');
    const after = step(state, { ...start, core: CORE_VERSION });
    expect(after.effects.filter(({ kind }) => kind === 'order' || kind === 'read')).toEqual([]);
    expect(after.state.operations.size).toBe(0);
    expect(after.state.ended.at(-1)).toMatchObject({ id: 'op2', answer: { outcome: 'unconfirmed', problem: { code: 'stopped-midway' } } });
    // Whether db2 was proven off by the rules of then, nobody can tell: it is marked, and as not proven.
    expect(after.state.fenced.get('db1')).not.toHaveProperty('lifting');
    expect(after.state.fenced.get('db2')).toMatchObject({ lifting: 'op2' });
    expect(after.state.dark.keys()).toEqual(['db1', 'db2']);
  });

  it('a snapshot of version 1 lacks what came later: what it marks counts as dark', () => {
    const snapshot = {
      epoch: 4,
      verdicts: {},
      operations: {},
      ended: [],
      fenced: { db1: { since: 5, operation: 'op9', how: 'confirmed' } },
      shots: [],
      attestations: [],
    } as unknown as Json;
    const state = restoredFrom(snapshot, []);
    expect(JSON.parse(JSON.stringify(state))).toMatchObject({
      core: 1,
      epoch: 4,
      dark: [['db1', { operation: 'op9' }]],
      permits: [],
      commands: [],
    });
  });

  it('is refused where its replay breaks a promise, and nothing is guessed at', () => {
    const headless = journal([[10, 'verdict v1 misbehaving db1 epoch=7 survivors=db2,db3']]);
    expect(restoredFrom(undefined, headless)).toMatchObject({ code: 'journal-not-replayable' });
  });

  it('is taken where what ended before the snapshot is heard of late', () => {
    const snapshot = JSON.parse(JSON.stringify(restoredFrom(undefined, journal([[0, policy]])))) as Json;
    const late = restoredFrom(snapshot, journal([[30, 'ordered op1 1 bmc1 accepted']]));
    expect(late).not.toHaveProperty('says');
    expect('operations' in late ? late.operations.size : -1).toBe(0);
  });
});
