/** Journals of an earlier core whose decisions were others: what they show is taken at its worst, and no start is refused for them. */
import { describe, expect, it } from 'vitest';
import { Replay, jsonOf, restoredFrom } from '../../src/coordinator/restore.ts';
import type { Entry } from '../../src/coordinator/ports.ts';
import { CORE_VERSION, type Event, type State, step } from '../../src/core/index.ts';
import { eventFrom } from '../scenarios/words.ts';

const START = 1_000_000;
const NODES = 'db1=bmc1 db2=bmc2 db3=bmc3 db4=bmc4 db5=bmc5 storm=9';

/** Lines as the stories write them, each `[ms since the start, words]`; `core`: the version of the processes that start in them. */
function events(lines: readonly (readonly [number, string])[], core = 1): Event[] {
  let drawn = 0;
  const draw = (): string => {
    drawn += 1;
    return `op${drawn}`;
  };
  return lines.map(([ms, words]) => {
    const event = { ...eventFrom(words, START + ms, draw), at: START + ms } as Event;
    return event.kind === 'restored' ? { ...event, core } : event;
  });
}

const entriesOf = (all: readonly Event[]): Entry[] => all.map((event, index) => ({ n: index + 1, at: event.at, event: jsonOf(event) }));

function stateOf(all: readonly Event[]): State {
  const state = restoredFrom(undefined, entriesOf(all));
  if ('code' in state) throw new Error(state.says);
  return state;
}

/** A stated vote of one in three was taken by version 1: our rules refuse the verdict, and the journal goes on with what it did. */
const ADMITTED_THEN = [
  [0, `start ${NODES}`],
  [10, 'verdict v1 misbehaving db1 epoch=7 survivors=db2,db3,db4,db5 votes=1/3'],
  [20, 'assessed op1 1 192.0.2.1=heard'],
  [30, 'ordered op1 1 bmc1 accepted'],
] as const;

describe('what an earlier core decided otherwise', () => {
  it('raises the epoch, darkens the node, and counts as a shot', () => {
    const state = stateOf(events(ADMITTED_THEN));
    expect(state).toMatchObject({ core: 1, epoch: 7 });
    expect(state.dark.get('db1')).toMatchObject({ operation: 'op1' });
    expect(state.shots.keys()).toEqual(['db1']);
    expect(state.calls.at(-1)).toMatchObject({ problem: { code: 'journal-taken-over' } });
    expect(state.calls.at(-1)?.problem.says).toContain('count as off: db1.');
  });

  it('is not done again: the same verdict is answered, and nothing is ordered', () => {
    const before = stateOf(events(ADMITTED_THEN));
    const [start, again] = events([
      [100, `start ${NODES}`],
      [10, 'verdict v1 misbehaving db1 epoch=7 survivors=db2,db3,db4,db5 votes=1/3'],
    ]);
    if (start === undefined || again === undefined) throw new Error('no events');
    const started = step(before, { ...start, core: CORE_VERSION } as Event);
    const { effects } = step(started.state, { ...again, at: START + 200 });
    expect(effects).toEqual([
      { kind: 'answer', to: expect.objectContaining({ id: 'v1' }), answer: expect.objectContaining({ outcome: 'unconfirmed' }) },
    ]);
  });

  it('what came after is in doubt too: power on and a statement leave a node dark, marked as not proven, and what may act may act', () => {
    const state = stateOf(
      events([
        ...ADMITTED_THEN,
        [40, 'read op1 1 bmc1 off'],
        [5000, 'command on db1 by=ben'],
        [5010, 'assessed op2 1 192.0.2.1=heard'],
        [5020, 'ordered op2 1 bmc1 accepted'],
        [5090, 'read op2 1 bmc1 on'],
        [6000, 'command attest db2'],
        [6010, 'assessed op3 1 192.0.2.1=heard db2/lan=silent'],
      ]),
    );
    expect(state.dark.keys()).toEqual(['db1', 'db2']);
    expect(Object.fromEntries(state.fenced)).toMatchObject({ db1: { lifting: 'op1' }, db2: { lifting: 'op3' } });
    expect(Object.fromEntries(state.poweredOn)).toMatchObject({ db1: { operation: 'op2', by: 'ben' } });
    expect(state.permits.values().map(({ target, wanted }) => `${target} ${wanted}`)).toEqual(['db1 off', 'db1 on']);
  });

  it('what was open when they parted is ended as in doubt, and its node is dark', () => {
    const state = stateOf(
      events([
        [0, `start ${NODES}`],
        [5, 'command off db2 id=k1 override=survivor'],
        [10, 'verdict v1 misbehaving db1 epoch=7 survivors=db2,db3,db4,db5 votes=1/3'],
        [20, 'assessed op2 1 192.0.2.1=heard'],
      ]),
    );
    expect(state.operations.size).toBe(0);
    expect(state.dark.keys().toSorted()).toEqual(['db1', 'db2']);
    expect(state.commands.get('k1')).toMatchObject({ answer: { outcome: 'unconfirmed', problem: { code: 'answer-lost' } } });
  });

  it('what was heard right before the end for what is over by our rules may have been shot: in doubt, unless time has shown', () => {
    // By our rules it was denied while it was heard for; version 1 had no answers to decisions.
    const lines: readonly (readonly [number, string])[] = [
      [0, `start ${NODES}`],
      [10, 'verdict v1 misbehaving db1 survivors=db2,db3,db4,db5'],
      [20, 'deny op1'],
      [30, 'assessed op1 1 192.0.2.1=heard'],
    ];
    expect(stateOf(events(lines)).dark.keys()).toEqual(['db1']);
    expect(stateOf(events([...lines, [90_000, 'verdict v2 misbehaving db2 survivors=db1']])).dark.keys()).toEqual([]);
  });

  it('a statement that is still weighed by our rules may have been believed', () => {
    const state = stateOf(
      events(
        [
          [0, `start ${NODES}`],
          [10, 'command attest db1'],
          [20, 'assessed op1 1 192.0.2.1=heard db1/lan=silent'],
        ],
        3,
      ),
    );
    expect(Object.fromEntries(state.fenced)).toMatchObject({ db1: { lifting: 'op1' } });
  });

  it('the last words of a process of then are told where they stand in the journal', () => {
    const older = events(ADMITTED_THEN);
    const words = {
      kind: 'journal-failed',
      at: START + 50,
      problem: { code: 'journal-unwritable', says: 'full', next: 'Free it.' },
    } as const;
    expect(restoredFrom(undefined, entriesOf(older), words)).toEqual(stateOf([...older, words]));
  });

  it('a topology that changed after they parted stops no start', () => {
    const older = events([
      [0, `start ${NODES}`],
      [5, 'command off db2 id=k1 override=survivor'],
      [7, 'assessed op1 1 192.0.2.1=heard'],
      [10, 'verdict v1 misbehaving db1 epoch=7 survivors=db2,db3,db4,db5 votes=1/3'],
      [20, 'assessed op2 1 192.0.2.1=heard'],
      [30, 'start db1=bmc1 db3=bmc3 db4=bmc4 db5=bmc5'],
    ]);
    const [start] = events([[100, 'start db1=bmc1 db3=bmc3 db4=bmc4 db5=bmc5']], CORE_VERSION);
    if (start === undefined) throw new Error('no start');
    expect(
      stateOf([...older, start])
        .dark.keys()
        .toSorted(),
    ).toEqual(['db1', 'db2']);
  });

  it('an epoch that a verdict has used is in force, also where nothing came of it, and a person may set it lower', () => {
    const used: readonly (readonly [number, string])[] = [
      [0, `start ${NODES}`],
      [10, 'verdict v1 misbehaving db1 epoch=9 survivors=db2,db3,db4,db5 votes=1/3'],
    ];
    expect(stateOf(events(used)).epoch).toBe(9);
    expect(stateOf(events([...used, [20, 'epoch 3']])).epoch).toBe(3);
    // Of others nobody says what is over.
    expect(
      stateOf(
        events([
          [0, `start ${NODES}`],
          [10, 'verdict v1 misbehaving db1 epoch=9 survivors=db2,db3,db4,db5 issuer=stranger'],
        ]),
      ).epoch,
    ).toBe(0);
  });

  it('an order that our rules would have withheld is seen: they had ended its operation', () => {
    // Version 1 shot by a verdict that had expired meanwhile.
    const state = stateOf(
      events([
        [0, `start ${NODES}`],
        [10, 'verdict v1 misbehaving db1 survivors=db2,db3,db4,db5 valid=1000'],
        [3010, 'assessed op1 1 192.0.2.1=heard'],
        [3020, 'ordered op1 1 bmc1 accepted'],
      ]),
    );
    expect(state.dark.keys()).toEqual(['db1']);
  });

  it('goes on by our rules from the first process of today, however often it is replayed', () => {
    const older = events(ADMITTED_THEN);
    const ours = events(
      [
        [100, `start ${NODES}`],
        [110, 'command off db2 override=survivor'],
        [120, 'assessed op1 1 192.0.2.1=heard'],
      ],
      CORE_VERSION,
    ).map((event) => ('operation' in event ? { ...event, operation: 'op9' } : event)) as Event[];
    const replay = new Replay();
    const effects = [...older, ...ours].flatMap((event) => {
      const after = replay.take(event);
      return after === undefined || 'code' in after ? [] : after.effects;
    });
    expect(effects.filter(({ kind }) => kind === 'order')).toMatchObject([{ operation: 'op9', outlet: { device: 'bmc2' } }]);
    expect(replay.state).toEqual(stateOf([...older, ...ours]));
    expect(replay.state.dark.keys()).toEqual(['db1', 'db2']);
  });

  it('by a process of today the same is refused: it is no difference of rules', () => {
    expect(restoredFrom(undefined, entriesOf(events(ADMITTED_THEN, CORE_VERSION)))).toMatchObject({ code: 'journal-not-replayable' });
  });
});
