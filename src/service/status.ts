/** What stands where, and how it reads: every outlet of the nodes that were asked for, beside what the journal says of them. */
import type { FencedMark, Operation, Phase, State } from '../core/index.ts';
import type { Action, Evidence, Outlet, Problem, Reading } from '../vocabulary/index.ts';
import { calledJson, type OpenCall, openCalls } from './calls.ts';
import { readsOn } from './fenced-but-on.ts';
import { type PersonAwaited, waitingIn } from './waiting.ts';

export type Mark = FencedMark;
export type { Phase } from '../core/index.ts';

/** Milliseconds for one reading, from its turn on. */
export const READ_WITHIN = 5000;

export interface TopologyOutlet {
  readonly outlet: Outlet;
  readonly evidence: Evidence;
  /** Who it is, where it is a person: they have no state that could be read, and nobody is asked. */
  readonly person?: string;
}

/** Nodes in the order of the configuration, each with its fence levels. */
export interface Topology {
  readonly cluster: string;
  readonly nodes: readonly { readonly name: string; readonly levels: readonly (readonly TopologyOutlet[])[] }[];
  /** By device: why its driver cannot be had. */
  readonly unusable: ReadonlyMap<string, Problem>;
}

export interface OutletSeen extends TopologyOutlet {
  /** Counts from 0. */
  readonly level: number;
  readonly reading: Reading;
  /** Milliseconds since 1970. */
  readonly readAt: number;
}

export interface NodeStatus {
  readonly name: string;
  readonly levels: number;
  /** Undefined: it is not marked, or the journal cannot be read. */
  readonly mark?: Mark;
  /** The operation that is open on it. */
  readonly operation?: string;
  /** It is marked fenced, and reads on. */
  readonly contradicted: boolean;
  readonly outlets: readonly OutletSeen[];
}

/** An operation that has not ended: what it is about, who wanted it, and how far it is. */
export interface UnderWay {
  readonly operation: string;
  readonly target: string;
  readonly action: Action;
  readonly phase: Phase;
  readonly by: string;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Why nothing more will be ordered for it. */
  readonly over?: string;
  /** A person is waited for; its own `over`: why it is too late for them. */
  readonly waiting?: Pick<PersonAwaited, 'what' | 'over'>;
}

/** What the journal says beside the marks. */
export interface Known {
  /** Present where the policy needs a lease. `until`: milliseconds since 1970, absent where nobody has given one. */
  readonly lease?: { readonly until?: number };
  readonly open: readonly UnderWay[];
  readonly calls: readonly OpenCall[];
}

export interface StatusView {
  readonly nodes: readonly NodeStatus[];
  /** A problem where the journal cannot be read: marks and operations are unknown then, not absent. */
  readonly known: Known | Problem;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface Looking {
  /** Never rejects. Milliseconds from its turn on: a device with many outlets may be asked one after another. */
  readonly read: (outlet: Outlet, within: number) => Promise<Reading>;
  readonly now: () => number;
  /** Asked when the readings are there. */
  readonly state: () => State | Problem;
}

/** Every outlet of these nodes is read; without names, of all. */
export async function statusOf({ nodes }: Topology, names: readonly string[], { read, now, state }: Looking): Promise<StatusView> {
  const wanted = nodes.filter(({ name }) => names.length === 0 || names.includes(name));
  const seen = async (level: number, one: TopologyOutlet): Promise<OutletSeen> => ({
    ...one,
    level,
    reading: one.person === undefined ? await read(one.outlet, READ_WITHIN) : { power: 'unknown', source: '' },
    readAt: now(),
  });
  const told = await Promise.all(
    wanted.map(async ({ name, levels }) => ({
      name,
      levels: levels.length,
      outlets: await Promise.all(levels.flatMap((outlets, level) => outlets.map(async (one) => await seen(level, one)))),
    })),
  );
  const journalled = state();
  const at = now();
  return { nodes: nodesAt(told, journalled), known: 'code' in journalled ? journalled : knownFrom(journalled, at), now: at };
}

function nodesAt(nodes: readonly Pick<NodeStatus, 'name' | 'levels' | 'outlets'>[], state: State | Problem): readonly NodeStatus[] {
  if ('code' in state) return nodes.map((node) => ({ ...node, contradicted: false }));
  const openOn = new Map(state.operations.values().map(({ target, id }) => [target, id]));
  return nodes.map((node) => {
    const mark = state.fenced.get(node.name);
    const operation = openOn.get(node.name);
    const read = node.outlets.map(({ level, reading, evidence }) => ({ level, power: reading.power, evidence }));
    return {
      ...node,
      ...(mark === undefined ? {} : { mark }),
      ...(operation === undefined ? {} : { operation }),
      contradicted: mark !== undefined && readsOn(read),
    };
  });
}

export function knownFrom(state: State, now: number): Known {
  const waiting = new Map(waitingIn(state, now).map((one) => [one.operation.id, one]));
  const { policy, leaseUntil } = state;
  return {
    ...(policy?.lease === undefined ? {} : { lease: leaseUntil === undefined ? {} : { until: leaseUntil } }),
    open: state.operations.values().map((one) => underWay(one, waiting.get(one.id))),
    calls: openCalls(state, now),
  };
}

function underWay({ id, target, action, phase, by, reason, startedAt, over }: Operation, waiting: PersonAwaited | undefined): UnderWay {
  const waits =
    waiting === undefined ? {} : { waiting: { what: waiting.what, ...(waiting.over === undefined ? {} : { over: waiting.over }) } };
  return { operation: id, target, action, phase, by, reason, startedAt, ...(over === undefined ? {} : { over: over.says }), ...waits };
}

/** Something that can be read is unknown, contradicts a mark, or the journal cannot be read. */
export const isDoubtful = ({ nodes, known }: StatusView): boolean =>
  'code' in known ||
  nodes.some(
    ({ contradicted, outlets }) =>
      contradicted || outlets.some(({ reading, person }) => reading.power === 'unknown' && person === undefined),
  );

export const statusJson = ({ nodes, known }: StatusView): object => ({
  ...('code' in known ? { journal: known } : { ...leaseJson(known), calls: known.calls.map(calledJson) }),
  nodes: nodes.map(({ name, mark, operation, contradicted, outlets }) => ({
    node: name,
    fenced: 'code' in known ? 'unknown' : (mark ?? null),
    operation: 'code' in known ? 'unknown' : (operation ?? null),
    ...(contradicted ? { contradiction: 'fenced-but-on' } : {}),
    outlets: outlets.map(outletJson),
  })),
});

const leaseJson = ({ lease }: Known): object =>
  lease === undefined ? {} : { lease: lease.until === undefined ? 'none' : new Date(lease.until).toISOString() };

const outletJson = ({ outlet, reading, readAt, level, person }: OutletSeen): object => ({
  device: outlet.device,
  outlet: outlet.plug,
  level: level + 1,
  power: reading.power,
  ...(reading.why === undefined ? {} : { why: reading.why }),
  ...(person === undefined ? { readAt: new Date(readAt).toISOString() } : { person }),
  ...(reading.watts === undefined ? {} : { watts: reading.watts }),
  ...(reading.amps === undefined ? {} : { amps: reading.amps }),
});
