/** Snapshots of the version before this one say some things another way: each is read as what it meant. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/coordinator/ports.ts';
import { restoredFrom } from '../../src/coordinator/restore.ts';
import { stateFrom } from '../../src/coordinator/written.ts';
import { CORE_VERSION, EMPTY, namesIn, type State, step } from '../../src/core/index.ts';
import { walk } from '../core/life.ts';
import { policy } from './ports.ts';

const T = 1_000_000;
const CONTENT = '["v1","orders",1,"dead",["db1"],["db2","db3"],null,"arb-1",null,1,2,"quorum"]';
const ANSWER = { outcome: 'unconfirmed', problem: { code: 'not-proven', says: 'It.', next: 'Look.' }, operations: ['op1'] };
const PERSON = { code: 'person-needed', says: 'ben is a person: they were called.', next: 'Attest.' };
const OUTLET = { device: 'bmc', plug: '', number: 1, orders: 1, order: 'accepted', readings: [], unknowns: 0, polls: 0, asked: 0 };
const OPERATION = {
  id: 'op2',
  target: 'db2',
  action: 'off',
  claim: 'dead',
  survivors: ['db3', 'db1'],
  verdicts: ['v2'],
  commands: [],
  decisions: [],
  by: 'arb-1',
  reason: 'quorum',
  origin: 'arbiter',
  override: [],
  startedAt: T,
  deadline: T + 60_000,
  phase: 'confirm',
  round: 1,
  doubts: 0,
  wanted: 'off',
  shares: [T + 60_000],
  level: 0,
  orders: 1,
  switching: 1,
  outlets: [OUTLET, { ...OUTLET, device: 'ben', why: PERSON }],
  levels: [],
};
const PERMIT = {
  operation: 'op2',
  number: 1,
  target: 'db2',
  outlet: { device: 'bmc', plug: '' },
  wanted: 'off',
  lateness: 5000,
  until: T + 9000,
};

/** As version 4 wrote it. */
const FOUR = {
  core: 4,
  policy,
  epoch: 1,
  verdicts: {
    v1: {
      id: 'v1',
      digest: CONTENT,
      epoch: 1,
      admitted: true,
      targets: ['db1'],
      survivors: ['db2', 'db3'],
      operations: ['op1'],
      parts: { op1: ANSWER },
      answer: ANSWER,
    },
    v2: {
      id: 'v2',
      digest: 'x',
      epoch: 1,
      admitted: true,
      targets: ['db2', 'db9'],
      survivors: ['db1', 'db3'],
      operations: ['op2', 'op3'],
      parts: { op3: ANSWER },
    },
  },
  operations: { op2: OPERATION, op4: { ...OPERATION, id: 'op4', target: 'db3', verdicts: [], survivors: [], orders: 0, outlets: [] } },
  ended: [],
  fenced: { db1: { since: 1, operation: 'op1', how: 'confirmed' } },
  dark: {},
  poweredOn: {},
  moment: 7,
  permits: [PERMIT],
  commands: { c1: { id: 'c1', digest: '["c1","off","db1","anna","person","x",[],null]', target: 'db1' } },
  calls: [],
  broken: {},
  shots: [
    { target: 'db1', at: 5 },
    { target: 'db2', at: 6 },
    { target: 'db1', at: 9 },
  ],
  attestations: [],
};

describe('a snapshot of version 4', () => {
  const state = stateFrom(FOUR as unknown as Json);

  it('has its lists as tables, and of each node the last shot', () => {
    expect(state.permits.in('target', 'db2')).toEqual([PERMIT]);
    expect(state.operations.in('target', 'db2').map(({ id }) => id)).toEqual(['op2']);
    expect(state.shots.entries()).toEqual([
      ['db1', { target: 'db1', at: 9 }],
      ['db2', { target: 'db2', at: 6 }],
    ]);
    expect(state).toMatchObject({ core: 4, epoch: 1, moment: 7 });
  });

  it('has survivors as sets, whom an operation finds by its verdict', () => {
    expect(namesIn(state.roster, state.verdicts.get('v1')?.survivors ?? { digits: '' })).toEqual(['db2', 'db3']);
    expect(state.operations.get('op2')).toMatchObject({ openedBy: 'v2' });
    expect(state.operations.get('op2')).not.toHaveProperty('survivors');
    expect(state.operations.get('op4')).not.toHaveProperty('openedBy');
  });

  it('has digests for contents', () => {
    expect(state.verdicts.get('v1')?.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(state.commands.get('c1')?.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('knows of what is answered that something was done, and of what is not the answers so far', () => {
    expect(state.verdicts.get('v1')).toMatchObject({ cameToMore: true });
    expect(state.verdicts.get('v1')).not.toHaveProperty('parts');
    expect(state.verdicts.get('v2')?.parts?.entries()).toEqual([['op3', ANSWER]]);
  });

  it('says by fields who was called, and whether a level is begun', () => {
    expect(state.operations.get('op2')?.outlets?.map(({ called }) => called)).toEqual([undefined, true]);
    expect(state.operations.get('op4')).not.toHaveProperty('outlets');
  });

  it('is gone on with: a start of today ends what was open, and keeps what is off', () => {
    const restored = restoredFrom(FOUR as unknown as Json, []);
    if ('code' in restored) throw new Error(restored.says);
    const after = step(restored, { kind: 'restored', at: T + 1000, policy, core: CORE_VERSION });
    expect(after.state.operations.size).toBe(0);
    expect(after.state.fenced.get('db1')).toMatchObject({ how: 'confirmed' });
    expect(after.effects.filter(({ kind }) => kind === 'order')).toEqual([]);
  });
});

it('a state is read as it was written, for any life', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(40), (seed, turns) => {
      const state = walk({ seed, turns }).events.reduce((sum: State, event) => step(sum, event).state, EMPTY);
      const written = JSON.stringify(state);
      expect(stateFrom(JSON.parse(written) as Json)).toEqual(state);
    }),
    { numRuns: 100 },
  );
});
