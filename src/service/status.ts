/** What stands where, and how it reads: every outlet of the nodes that were asked for, beside what the journal says of them. */
import { DeviceQueues } from '../coordinator/device-queue.ts';
import type { FencedMark, State } from '../core/index.ts';
import type { Evidence, Outlet, Problem, Reading } from '../vocabulary/index.ts';
import { calledJson, openCalls } from './calls.ts';
import { readsOn } from './fenced-but-on.ts';

/** Milliseconds for one reading. */
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
  readonly mark?: FencedMark;
  /** The operation that is open on it. */
  readonly operation?: string;
  /** It is marked fenced, and reads on. */
  readonly contradicted: boolean;
  readonly outlets: readonly OutletSeen[];
}

export interface StatusView {
  readonly nodes: readonly NodeStatus[];
  /** A problem where the journal cannot be read: marks and operations are unknown then, not absent. */
  readonly state: State | Problem;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface Looking {
  /** Never rejects, and comes back by its time. */
  readonly read: (outlet: Outlet, within: number) => Promise<Reading>;
  readonly now: () => number;
  /** Asked when the readings are there. */
  readonly state: () => State | Problem;
}

/** Every outlet of these nodes is read; without names, of all. */
export async function statusOf({ nodes }: Topology, names: readonly string[], { read, now, state }: Looking): Promise<StatusView> {
  // A reading has its time from its turn on: a device with many outlets is asked one after another.
  const queues = new DeviceQueues();
  const wanted = nodes.filter(({ name }) => names.length === 0 || names.includes(name));
  const seen = async (level: number, one: TopologyOutlet): Promise<OutletSeen> => ({
    ...one,
    level,
    reading:
      one.person === undefined
        ? await queues.run(one.outlet.device, async () => await read(one.outlet, READ_WITHIN))
        : { power: 'unknown', source: '' },
    readAt: now(),
  });
  const told = await Promise.all(
    wanted.map(async ({ name, levels }) => ({
      name,
      levels: levels.length,
      outlets: await Promise.all(levels.flatMap((outlets, level) => outlets.map(async (one) => await seen(level, one)))),
    })),
  );
  const known = state();
  return { nodes: told.map((one) => nodeStatus(one, known)), state: known, now: now() };
}

function nodeStatus(node: Pick<NodeStatus, 'name' | 'levels' | 'outlets'>, state: State | Problem): NodeStatus {
  if ('code' in state) return { ...node, contradicted: false };
  const mark = state.fenced[node.name];
  const open = Object.values(state.operations).find((operation) => operation.target === node.name);
  const read = node.outlets.map(({ level, reading, evidence }) => ({ level, power: reading.power, evidence }));
  return {
    ...node,
    ...(mark === undefined ? {} : { mark }),
    ...(open === undefined ? {} : { operation: open.id }),
    contradicted: mark !== undefined && readsOn(read),
  };
}

/** Something that can be read is unknown, contradicts a mark, or the journal cannot be read. */
export const isDoubtful = ({ nodes, state }: StatusView): boolean =>
  'code' in state ||
  nodes.some(
    ({ contradicted, outlets }) =>
      contradicted || outlets.some(({ reading, person }) => reading.power === 'unknown' && person === undefined),
  );

export const statusJson = ({ nodes, state, now }: StatusView): object => ({
  ...('code' in state ? { journal: state } : { lease: leaseOf(state), calls: openCalls(state, now).map(calledJson) }),
  nodes: nodes.map(({ name, mark, operation, contradicted, outlets }) => ({
    node: name,
    fenced: 'code' in state ? 'unknown' : (mark ?? null),
    operation: 'code' in state ? 'unknown' : (operation ?? null),
    ...(contradicted ? { contradiction: 'fenced-but-on' } : {}),
    outlets: outlets.map(outletJson),
  })),
});

/** Undefined where the policy needs none. */
function leaseOf({ policy, leaseUntil }: State): string | undefined {
  if (policy?.lease === undefined) return undefined;
  return leaseUntil === undefined ? 'none' : new Date(leaseUntil).toISOString();
}

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
