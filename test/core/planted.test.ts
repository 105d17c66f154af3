/** Is the oracle awake? Each defect is planted in the core's output; the oracle must name the promise it breaks. */
import { describe, expect, it } from 'vitest';
import { type Effect, type Event, type State, step } from '../../src/core/index.ts';
import { type Answer, BrokenPromise } from '../../src/vocabulary/index.ts';
import { live } from './life.ts';
import type { Stepping } from './shell.ts';

type Bend = (effects: readonly Effect[], event: Event, state: State) => readonly Effect[];

/** The true core, with its output bent. */
const bent =
  (bend: Bend): Stepping =>
  (state, event) => {
    const after = step(state, event);
    return { state: after.state, effects: bend(after.effects, event, after.state) };
  };

/** The true core, with its eyes bent: it sees another event, or another state, than the oracle does. */
const deceived =
  (see: (event: Event, state: State) => Event, before: (state: State, event: Event) => State = (state) => state): Stepping =>
  (state, event) =>
    step(before(state, event), see(event, state));

const isOrder = (effect: Effect): boolean => effect.kind === 'order';
const retell = (answer: Answer): Answer =>
  answer.outcome === 'unconfirmed' || answer.outcome === 'failed' ? { ...answer, outcome: 'confirmed' } : answer;

/** A policy of the core that is laxer than the one in force. */
const laxer = (change: (policy: NonNullable<State['policy']>) => Partial<NonNullable<State['policy']>>): Stepping =>
  deceived((event) => (event.kind === 'restored' ? { ...event, policy: { ...event.policy, ...change(event.policy) } } : event));

const withOutlets = (change: object): Stepping =>
  laxer(({ nodes }) => ({
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([name, node]) => [
        name,
        { ...node, levels: node.levels.map((level) => level.map((o) => ({ ...o, ...change }))) },
      ]),
    ),
  }));

const defects: readonly (readonly [string, string, Stepping])[] = [
  ['orders without persist', 'S6', bent((effects) => effects.filter((effect) => effect.kind !== 'persist'))],
  ['orders before persist', 'S6', bent((effects) => [...effects].sort((a, b) => Number(isOrder(b)) - Number(isOrder(a))))],
  ['an order nobody asked for', 'S1', bent((effects) => effects.map((e) => (e.kind === 'order' ? { ...e, operation: 'mine' } : e)))],
  [
    "an order to another node's outlet",
    'S1',
    bent((effects) => effects.map((e) => (e.kind === 'order' ? { ...e, outlet: { device: 'bmc-x', plug: '' } } : e))),
  ],
  [
    'epochs are not looked at',
    'S1',
    deceived(
      (event) => event,
      (state, event) => ({
        ...state,
        epoch: event.kind === 'verdict' ? 0 : 'operation' in event ? (state.operations[event.operation]?.epoch ?? 0) : state.epoch,
      }),
    ),
  ],
  [
    'two operations on one target',
    'S4',
    (state, event) => {
      if (event.kind !== 'verdict' && event.kind !== 'command') return step(state, event);
      const after = step({ ...state, operations: {} }, event);
      return { effects: after.effects, state: { ...after.state, operations: { ...state.operations, ...after.state.operations } } };
    },
  ],
  ['blindness is not looked at', 'S2', laxer(({ verify }) => ({ verify: { ...verify, need: 0 } }))],
  ['old news is good news', 'S2', laxer(({ verify }) => ({ verify: { ...verify, validFor: 1e9 } }))],
  [
    'the lease is forgotten',
    'S2',
    deceived(
      (event) => event,
      ({ leaseUntil: _lost, ...state }) => state,
    ),
  ],
  ['one off reading is enough', 'S3', withOutlets({ readings: 1 })],
  ['what runs on the target is believed', 'S3', withOutlets({ evidence: 'device' })],
  [
    'one outlet speaks for its level',
    'S3',
    laxer(({ nodes }) => ({
      nodes: Object.fromEntries(
        Object.entries(nodes).map(([name, node]) => [name, { ...node, levels: node.levels.map((level) => level.slice(0, 1)) }]),
      ),
    })),
  ],
  [
    'a reading from before the order counts',
    'S3',
    deceived((event, state) => {
      const orderedAt = event.kind === 'read' ? state.operations[event.operation]?.orderedAt : undefined;
      return event.kind === 'read' && orderedAt !== undefined
        ? { ...event, reading: { ...event.reading, startedAt: Math.max(orderedAt, event.reading.startedAt), power: 'off' } }
        : event;
    }),
  ],
  [
    'unknown is off',
    'S3',
    deceived((e) => (e.kind === 'read' && e.reading.power === 'unknown' ? { ...e, reading: { ...e.reading, power: 'off' } } : e)),
  ],
  [
    'what was not proven is told as confirmed',
    'S3',
    bent((effects) => effects.map((e) => (e.kind === 'answer' ? { ...e, answer: retell(e.answer) } : e))),
  ],
  ['an answer is forgotten', 'S5', bent((effects, event) => effects.filter((e) => e.kind !== 'answer' || event.kind === 'verdict'))],
  ['an answer is given twice', 'S5', bent((effects) => effects.flatMap((e): Effect[] => (e.kind === 'answer' ? [e, e] : [e])))],
  [
    'the same verdict gets another answer',
    'S5',
    bent((effects, event) =>
      effects.map((e) =>
        e.kind === 'answer' && event.kind === 'verdict' && e.answer.outcome !== 'refused'
          ? { ...e, answer: { ...e.answer, operations: [...e.answer.operations, 'x'] } }
          : e,
      ),
    ),
  ],
  [
    'after a crash it forgets to read',
    'S7',
    bent((effects, event) => (event.kind === 'restored' ? effects.filter((e) => e.kind !== 'read') : effects)),
  ],
  ['the storm limit is not looked at', 'S8', laxer(({ storm }) => ({ storm: { ...storm, targets: 99 } }))],
  [
    'the quorum is not looked at',
    'S8',
    deceived((e) => (e.kind === 'command' ? { ...e, command: { ...e.command, origin: 'person', override: ['quorum-floor'] } } : e)),
  ],
  ['what is fenced is powered on', 'S9', bent((effects) => effects.map((e) => (e.kind === 'order' ? { ...e, wanted: 'on' } : e)))],
  [
    'both sides are shot',
    'S11',
    deceived(
      (e) => (e.kind === 'verdict' ? { ...e, verdict: { ...e.verdict, survivors: e.verdict.survivors.slice() } } : e),
      (state) => ({ ...state, verdicts: {} }),
    ),
  ],
];

/** The promises that break when this core lives many lives; those that stop the process by themselves count as broken too. */
function brokenBy(stepping: Stepping): Set<string> {
  const broken = new Set<string>();
  for (let seed = 1; seed <= 300; seed += 1) {
    try {
      const script = Array.from({ length: 50 }, (_, index) => (index * 7 + seed) % 5 < 2);
      for (const line of live(seed, script, stepping).broken) broken.add(line.split(':')[0] ?? line);
    } catch (error) {
      if (!(error instanceof BrokenPromise)) throw error;
      broken.add(error.promise);
    }
  }
  return broken;
}

describe('planted defects', () => {
  it('the true core breaks nothing in these lives', () => expect([...brokenBy(step)]).toEqual([]));
  it.each(defects)('%s: the oracle says %s', (_what, promise, stepping) => expect([...brokenBy(stepping)]).toContain(promise));
});
