/** `bailiff status`: the power of every outlet, read now. Takes no state folder: it works beside a running coordinator. */
import type { State } from '../core/index.ts';
import { openArmory } from '../engine/armory.ts';
import { realClock, realDice } from '../engine/clock.ts';
import { DeviceQueues } from '../coordinator/device-queue.ts';
import { Requests } from '../coordinator/requests.ts';
import type { Configuration, NodeConfiguration, OutletConfiguration } from '../config/index.ts';
import { EXIT, outletName, type Problem, type Reading } from '../vocabulary/index.ts';
import { known } from './fence.ts';
import { readsOn } from './fenced-but-on.ts';
import { calledJson, openCalls } from './called.ts';
import { timer } from './in-time.ts';
import { counted, type Io, printJson, printProblem } from './io.ts';
import { stateOf } from './journalled.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { load } from './open.ts';
import { leaseLine, nodeLines, openLines } from './status-words.ts';
import { fittingTable } from './table.ts';

const READ_WITHIN = 5000;

/** The power is told all the same. */
const notRead: Problem = {
  code: 'no-answer-in-time',
  says: 'The journal could not be read in time. A disk that hangs does this.',
  next: 'Look at the file system of the state folder (stateDir). Marks and open operations are not known until then.',
};

interface Seen {
  readonly node: NodeConfiguration;
  readonly level: number;
  readonly outlet: OutletConfiguration;
  readonly reading: Reading;
  readonly readAt: number;
  /** Who it is, where it is a person: they have no state that could be read, and nobody is asked. */
  readonly person?: string;
}

export const status: CommandModule = {
  define(command, io) {
    common(command.argument('[node...]', 'only these nodes'))
      .addHelpText(
        'after',
        `
Examples:
  bailiff status
  bailiff status db1 db2 --json

A level that is a person's (driver manual) cannot be read and is not asked.

Exit codes: 0 all that can be read is known, 5 some power is unknown, a node is marked fenced and reads on, or the journal cannot be read.`,
      )
      .action(async (names: readonly string[], options: CommonOptions) => {
        const loaded = await load(io, options);
        if (loaded === undefined) return;
        const { configuration } = loaded;
        const json = options.json === true;
        if (!names.every((name) => known(io, configuration, name, json))) return;
        // A damaged journal is told, and the power is read all the same: that is what was asked.
        const state = await Promise.race([stateOf(configuration.stateDir), timer(READ_WITHIN, notRead).passed]);
        if ('code' in state && !json) printProblem(io, state);
        const nodes = [...configuration.nodes.values()].filter((node) => names.length === 0 || names.includes(node.name));
        const seen = await readAll(configuration, nodes);
        const contradicted = nodes.filter((node) => isContradicted(configuration, state, node, seen));
        const unread = seen.some(({ reading, person }) => reading.power === 'unknown' && person === undefined);
        const doubt = 'code' in state || contradicted.length > 0 || unread;
        io.ends(doubt ? EXIT.unconfirmed : 0);
        if (json) printJson(io, statusJson({ nodes, seen, state, contradicted }));
        else print(io, { nodes, seen, state, contradicted });
      });
  },
};

interface Told {
  readonly nodes: readonly NodeConfiguration[];
  readonly seen: readonly Seen[];
  /** A problem where the journal cannot be read: marks and operations are unknown then, not absent. */
  readonly state: State | Problem;
  readonly contradicted: readonly NodeConfiguration[];
}

function isContradicted(configuration: Configuration, state: State | Problem, node: NodeConfiguration, seen: readonly Seen[]): boolean {
  if ('code' in state || state.fenced[node.name] === undefined) return false;
  const outlets = seen.filter((one) => one.node === node);
  return readsOn(
    outlets.map(({ level, outlet, reading }) => ({
      level,
      power: reading.power,
      evidence: configuration.devices.get(outlet.device)?.evidence ?? 'target',
    })),
  );
}

const operationOf = (state: State, node: NodeConfiguration): string | null =>
  Object.values(state.operations).find((operation) => operation.target === node.name)?.id ?? null;

const statusJson = ({ nodes, seen, state, contradicted }: Told): object => ({
  ...('code' in state ? { journal: state } : {}),
  ...('code' in state ? {} : { lease: leaseOf(state), calls: openCalls(state, Date.now()).map(calledJson) }),
  nodes: nodes.map((node) => ({
    node: node.name,
    fenced: 'code' in state ? 'unknown' : (state.fenced[node.name] ?? null),
    operation: 'code' in state ? 'unknown' : operationOf(state, node),
    ...(contradicted.includes(node) ? { contradiction: 'fenced-but-on' } : {}),
    outlets: seen.filter((one) => one.node === node).map(outletJson),
  })),
});

function print(io: Io, { nodes, seen, state, contradicted }: Told): void {
  const head = ['node', 'level', 'outlet', 'power', 'load', 'read by', 'remark'];
  const rows = seen.map((one) => row(io, one, contradicted.includes(one.node)));
  for (const line of fittingTable(io.columns, head, rows, 'read by')) io.out(line);
  const now = Date.now();
  for (const node of nodes) {
    const mark = 'code' in state ? undefined : state.fenced[node.name];
    const told = { name: node.name, levels: node.fence.length, mark, contradicted: contradicted.includes(node), read: readOf(node, seen) };
    for (const line of nodeLines(io, told, now)) io.out(line);
  }
  if ('code' in state) {
    io.out(io.paint('bad', 'the journal cannot be read: which nodes are fenced, and what is under way, is unknown'));
    return;
  }
  printState(io, state, now);
}

function readOf(node: NodeConfiguration, seen: readonly Seen[]): 'something' | 'nothing' | 'nobody' {
  const devices = seen.filter((one) => one.node === node && one.person === undefined);
  if (devices.length === 0) return 'nobody';
  return devices.some(({ reading }) => reading.power !== 'unknown') ? 'something' : 'nothing';
}

function printState(io: Io, state: State, now: number): void {
  if (state.policy?.lease !== undefined) io.out(leaseLine(state.leaseUntil, now));
  for (const operation of Object.values(state.operations)) for (const line of openLines(io, state, operation, now)) io.out(line);
  const calls = openCalls(state, now).length;
  if (calls > 0) io.out(io.paint('doubt', `${counted(calls, 'call')} for a person: bailiff pending`));
}

/** Undefined where the policy needs none. */
function leaseOf({ policy, leaseUntil }: State): string | undefined {
  if (policy?.lease === undefined) return undefined;
  return leaseUntil === undefined ? 'none' : new Date(leaseUntil).toISOString();
}

async function readAll(configuration: Configuration, nodes: readonly NodeConfiguration[]): Promise<readonly Seen[]> {
  const clock = realClock();
  const armory = openArmory(configuration, { clock, dice: realDice(clock), debug: () => undefined });
  const queues = new DeviceQueues();
  // One after another; a driver that does not come back in time is given up, and its device is told as unknown.
  const requests = new Requests(armory, clock, new AbortController().signal);
  const wanted = nodes.flatMap((node) => node.fence.flatMap((outlets, level) => outlets.map((outlet) => ({ node, level, outlet }))));
  try {
    return await Promise.all(
      wanted.map(async (one): Promise<Seen> => {
        const person = personOf(configuration, one.outlet);
        if (person !== undefined) return { ...one, person, reading: { power: 'unknown', source: '' }, readAt: clock.now() };
        const reading = await queues.run(
          one.outlet.device,
          async () => await requests.read({ device: one.outlet.device, plug: one.outlet.outlet }, READ_WITHIN),
        );
        return { ...one, reading, readAt: clock.now() };
      }),
    );
  } finally {
    await armory.close();
  }
}

/** Undefined where it is a device. */
function personOf({ devices }: Configuration, { device }: OutletConfiguration): string | undefined {
  const configured = devices.get(device);
  if (configured?.driver !== 'manual') return undefined;
  const { who, contact } = configured.settings;
  return [who, contact].filter((text) => typeof text === 'string').join(', ');
}

const outletJson = ({ outlet, reading, readAt, level, person }: Seen): object => ({
  device: outlet.device,
  outlet: outlet.outlet,
  level: level + 1,
  power: reading.power,
  ...(reading.why === undefined ? {} : { why: reading.why }),
  ...(person === undefined ? { readAt: new Date(readAt).toISOString() } : { person }),
  ...(reading.watts === undefined ? {} : { watts: reading.watts }),
  ...(reading.amps === undefined ? {} : { amps: reading.amps }),
});

function row(io: Io, { node, level, outlet, reading, person }: Seen, contradicted: boolean): string[] {
  if (person !== undefined) {
    const remark = `by hand: ${person}; a person cannot be read`;
    return [node.name, String(level + 1), outletName({ device: outlet.device, plug: outlet.outlet }), '-', '', '', remark];
  }
  const against = contradicted && reading.power === 'on';
  const style = against ? 'bad' : reading.power === 'on' ? 'good' : reading.power === 'off' ? 'strong' : 'doubt';
  const load = reading.watts !== undefined ? `${reading.watts} W` : reading.amps !== undefined ? `${reading.amps} A` : '';
  const name = outletName({ device: outlet.device, plug: outlet.outlet });
  return [
    node.name,
    String(level + 1),
    name,
    io.paint(style, reading.power),
    load,
    reading.source,
    against ? io.paint('bad', 'marked fenced') : reading.why === undefined ? '' : `${reading.why.code}: ${reading.why.says}`,
  ];
}
