/** Defects, each planted by bending what goes into the true core or what comes out of it. What they do is told; who finds them is not. */
import {
  type Effect,
  EMPTY,
  type Event,
  type KnownVerdict,
  type Operation,
  type Operations,
  operationsOf,
  type State,
  step,
  Table,
} from '../../src/core/index.ts';
import type { Answer } from '../../src/vocabulary/index.ts';
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

const all = (some: Operations, more: Operations): Operations => more.entries().reduce((sum, [id, one]) => sum.with(id, one), some);

export interface Defect {
  readonly what: string;
  /** The promise that it breaks. */
  readonly promise: string;
  readonly stepping: Stepping;
}

/** What was never right. */
const OLD: readonly (readonly [string, string, Stepping])[] = [
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
        epoch: event.kind === 'verdict' ? 0 : 'operation' in event ? (state.operations.get(event.operation)?.epoch ?? 0) : state.epoch,
      }),
    ),
  ],
  [
    'two operations on one target',
    'S4',
    (state, event) => {
      if (event.kind !== 'verdict' && event.kind !== 'command') return step(state, event);
      const after = step({ ...state, operations: operationsOf([]) }, event);
      return { effects: after.effects, state: { ...after.state, operations: all(state.operations, after.state.operations) } };
    },
  ],
  ['blindness is not looked at', 'S2', laxer(({ verify }) => ({ verify: { ...verify, need: 0 } }))],
  ['old news is good news', 'S2', laxer(({ verify }) => ({ verify: { ...verify, validFor: 1e9 } }))],
  [
    'the lease is forgotten',
    'S2',
    deceived(
      (event) => event,
      (state) => ({ ...state, leaseUntil: Number.MAX_SAFE_INTEGER }),
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
      const orderedAt = event.kind === 'read' ? state.operations.get(event.operation)?.orderedAt : undefined;
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
      (state) => ({ ...state, verdicts: Table.of([]) }),
    ),
  ],
];

const HOUR = 3_600_000;

type Open = Operation;

const eachOperation = (state: State, change: (operation: Open) => Open): State => ({
  ...state,
  operations: state.operations.map(change),
});

/** The true core, with the state bent that it leaves behind. */
const left =
  (bend: (after: State, event: Event, effects: readonly Effect[], before: State) => State): Stepping =>
  (state, event) => {
    const after = step(state, event);
    return { effects: after.effects, state: bend(after.state, event, after.effects, state) };
  };

const remembers = (bend: (state: State, event: Event) => State): Stepping => deceived((event) => event, bend);

/** Whatever has ordered, it is told as if it had not. */
const asIfNothing = (answer: Answer): Answer =>
  answer.problem?.code === 'stopped-midway'
    ? { ...answer, outcome: 'withheld', problem: { ...answer.problem, next: 'Nothing was switched.' } }
    : answer;

const answeredAt = (state: State, to: { readonly kind: 'verdict' | 'command'; readonly id: string }): number =>
  (to.kind === 'verdict' ? state.verdicts.get(to.id) : state.commands.get(to.id))?.answeredAt ?? 0;

/** Powered on before it was answered, by a clock that was set back in between. */
function laterByTheClock({ supersededBy = [], ...answer }: Answer, answeredAt: number): Answer {
  const later = supersededBy.filter(({ at }) => at >= answeredAt);
  return later.length === 0 ? answer : { ...answer, supersededBy: later };
}

/** Marks and darkness end when the order on leaves, whether or not the node comes back. */
const litByOrder = left((after, _event, effects) => {
  const lit = new Set(effects.flatMap((e) => (e.kind === 'order' && e.wanted === 'on' ? [after.operations.get(e.operation)?.target] : [])));
  const dropped = <T>(table: Table<T>): Table<T> => table.map((one, target) => (lit.has(target) ? undefined : one));
  return { ...after, fenced: dropped(after.fenced), dark: dropped(after.dark) };
});

/** The parts of a verdict count as they ended, whatever became of their nodes since. */
const partsAsTheyEnded = remembers((state) => {
  let { fenced } = state;
  for (const verdict of state.verdicts.values())
    for (const [index, id] of verdict.operations.entries()) {
      const target = verdict.targets[index] ?? '';
      if (verdict.answer === undefined && verdict.parts?.get(id)?.outcome === 'confirmed')
        fenced = fenced.with(target, { since: 0, operation: id, how: 'confirmed' });
    }
  return { ...state, fenced };
});

/** Each part of a verdict for itself: what the others need, and what was dark when it came, is not looked at. */
const inPart: Stepping = (state, event) => {
  if (event.kind === 'verdict') {
    const after = step({ ...state, shots: EMPTY.shots, dark: EMPTY.dark, fenced: EMPTY.fenced, permits: EMPTY.permits }, event);
    const { shots, dark, fenced, permits } = state;
    return { effects: after.effects, state: { ...after.state, shots, dark, fenced, permits } };
  }
  if (event.kind !== 'assessed') return step(state, event);
  const alone = (verdict: KnownVerdict): KnownVerdict => ({
    ...verdict,
    operations: verdict.operations.filter((id) => id === event.operation || state.operations.get(id) === undefined),
  });
  const after = step({ ...state, verdicts: state.verdicts.map(alone) }, event);
  const whole = after.state.verdicts.map((one, id) => ({ ...one, operations: state.verdicts.get(id)?.operations ?? [] }));
  return { effects: after.effects, state: { ...after.state, verdicts: whole } };
};

/** A bound that counts every epoch, and refuses the newest. */
const crowded: Stepping = (state, event) => {
  const full = event.kind === 'verdict' && state.verdicts.size >= 400 && state.verdicts.get(event.verdict.id) === undefined;
  if (!full) return step(state, event);
  const problem = { code: 'too-much-at-once', says: 'Too many verdicts.', next: 'Wait.' };
  const to = { kind: 'verdict', id: event.verdict.id } as const;
  return { state, effects: [{ kind: 'persist' }, { kind: 'answer', to, answer: { outcome: 'refused', problem, operations: [] } }] };
};

/** What attacks on this product found, planted again. */
const FOUND: readonly (readonly [string, string, Stepping])[] = [
  [
    'after a crash what has expired may order again',
    'S1',
    remembers((state, event) =>
      event.kind === 'restored'
        ? eachOperation(state, (one) => ({ ...one, deadline: event.at + HOUR, expiresAt: event.at + HOUR }))
        : state,
    ),
  ],
  [
    'an expiry is looked at only before the first order',
    'S1',
    remembers((state) => eachOperation(state, (one) => (one.orders > 0 ? { ...one, expiresAt: Number.MAX_SAFE_INTEGER } : one))),
  ],
  ['what was overtaken is not called back', 'S5', bent((effects) => effects.filter((e) => e.kind !== 'cancel'))],
  ['an order on that may still act is forgotten', 'S3', remembers((state) => ({ ...state, permits: EMPTY.permits }))],
  [
    'told withheld, and taken up again',
    'S5',
    (state, event) => {
      const after = step(state, event);
      return event.kind === 'journal-failed' ? { state, effects: after.effects } : after;
    },
  ],
  [
    'orders leave whenever their device has time',
    'S2',
    bent((effects) => effects.map((e) => (e.kind === 'order' ? { ...e, notAfter: Number.MAX_SAFE_INTEGER } : e))),
  ],
  ['no lease is needed', 'S2', laxer(({ lease: _needed, ...policy }) => ({ ...policy, lease: { margin: Number.NEGATIVE_INFINITY } }))],
  [
    'a lease outlives the process',
    'S2',
    left((after, event, _effects, before) =>
      event.kind === 'restored' && before.leaseUntil !== undefined ? { ...after, leaseUntil: before.leaseUntil } : after,
    ),
  ],
  ['the mark goes with the order on', 'S8', litByOrder],
  ['the parts of a verdict count as they ended', 'S3', partsAsTheyEnded],
  [
    'the same answer again hides that the node was powered on',
    'S5',
    bent((effects) =>
      effects.map((e) => {
        if (e.kind !== 'answer') return e;
        const { supersededBy: _since, ...answer } = e.answer;
        return { ...e, answer };
      }),
    ),
  ],
  [
    'what has ordered ends withheld',
    'S5',
    bent((effects) => effects.map((e) => (e.kind === 'answer' ? { ...e, answer: asIfNothing(e.answer) } : e))),
  ],
  [
    'a stated vote is not looked at',
    'S1',
    deceived((e) => {
      if (e.kind !== 'verdict') return e;
      const { votes: _stated, ...verdict } = e.verdict;
      return { ...e, verdict };
    }),
  ],
  ['each part of a verdict is weighed alone', 'S8', inPart],
  ['a crowd of one epoch locks out the next', 'S13', crowded],
  [
    'a reboot brings back only what it has cut itself',
    'S9',
    remembers((state) => eachOperation(state, ({ wasDark: _dark, ...one }) => one)),
  ],
  [
    'the window of a person begins anew with each process',
    'S5',
    remembers((state, event) =>
      event.kind === 'restored' ? eachOperation(state, ({ approveUntil: _at, personUntil: _until, ...one }) => one) : state,
    ),
  ],
  [
    'the ids of commands are forgotten',
    'S5',
    remembers((state, event) => (event.kind === 'command' ? { ...state, commands: EMPTY.commands } : state)),
  ],
  [
    'decisions are not answered',
    'S5',
    bent((effects, event) => (event.kind === 'approved' || event.kind === 'denied' ? effects.filter((e) => e.kind !== 'answer') : effects)),
  ],
  [
    'whoever decides what is over calls a person',
    'S5',
    bent((effects) =>
      effects.flatMap((e): Effect[] =>
        e.kind === 'answer' && e.answer.problem?.code === 'not-pending' ? [e, { kind: 'call-human', problem: e.answer.problem }] : [e],
      ),
    ),
  ],
  [
    'a clock that jumped changes nothing',
    'S2',
    (state, event) => (event.kind === 'clock-jumped' ? { state, effects: [{ kind: 'persist' }] } : step(state, event)),
  ],
  [
    'a jump ahead forgets the orders that are under way',
    'S3',
    remembers((state, event) =>
      event.kind === 'clock-jumped' ? { ...state, permits: state.permits.map((one) => (one.until > event.at ? one : undefined)) } : state,
    ),
  ],
  [
    'a lease that is made shorter calls nothing back',
    'S2',
    bent((effects, event) => (event.kind === 'lease-held' ? effects.filter((e) => e.kind !== 'cancel') : effects)),
  ],
  [
    'what was powered on since is told by the clock',
    'S5',
    bent((effects, _event, state) =>
      effects.map((e) => (e.kind === 'answer' ? { ...e, answer: laterByTheClock(e.answer, answeredAt(state, e.to)) } : e)),
    ),
  ],
  [
    'the storm limit forgets when the clock jumps ahead',
    'S8',
    left((after, event, _effects, before) => (event.kind === 'clock-jumped' ? { ...after, shots: before.shots } : after)),
  ],
  [
    'what breaks a promise is taken up in every life',
    'S1',
    (state, event) => (event.kind === 'broke' ? { state, effects: [{ kind: 'persist' }] } : step(state, event)),
  ],
  [
    "a program's reboot powers on what is fenced",
    'S9',
    deceived((e) => (e.kind === 'command' && e.command.action === 'reboot' ? { ...e, command: { ...e.command, origin: 'person' } } : e)),
  ],
];

export const DEFECTS: readonly Defect[] = [...OLD, ...FOUND].map(([what, promise, stepping]) => ({ what, promise, stepping }));
