/** A rack as data: nodes with their feeds, and the devices that can cut their power. */
import { type Checked, type FaultPlan, readFaultPlan } from '../faults.ts';
import type { RestorePolicy } from '../machine.ts';
import { BadDescription, badRack, Fields, goodName } from './fields.ts';

export interface RackNode {
  readonly name: string;
  /** Outlets that feed it, one per power supply: `pdu-a/4`. Without any it hangs on the wall. */
  readonly feeds: readonly string[];
  readonly on?: boolean;
  readonly busy?: boolean;
  readonly offDelayMs?: number;
  readonly onDelayMs?: number;
  readonly restore?: RestorePolicy;
  readonly diesWithMachine?: boolean;
}

export interface RackDevice {
  readonly name: string;
  /** Which mock: bmc, pdu ... see kinds.ts. */
  readonly kind: string;
  /** UDP or TCP port on loopback; 0 takes a free one. */
  readonly port: number;
  /** Outlets that the device switches, by the names it gives them. */
  readonly outlets: readonly string[];
  readonly faults: FaultPlan | undefined;
  /** What only its kind understands. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface Rack {
  readonly cluster: string;
  readonly nodes: readonly RackNode[];
  readonly devices: readonly RackDevice[];
}

const MAX_NODES = 1000;
const MAX_DEVICES = 2000;
const MAX_OUTLETS = 256;
const MAX_DELAY = 3_600_000;

/** Checks a description: `{ cluster?, nodes: [...], devices: [...] }`, as the interfaces above; `outlets` is a number or a list of names. */
export function readRack(raw: unknown): Checked<Rack> {
  try {
    const fields = new Fields(raw, 'rack');
    const rack: Rack = {
      cluster: goodName(fields.text('cluster') ?? 'lab', 'rack.cluster'),
      nodes: fields.list('nodes', MAX_NODES, readNode) ?? [],
      devices: fields.list('devices', MAX_DEVICES, readDevice) ?? [],
    };
    fields.done();
    verifyReferences(rack);
    return { value: rack };
  } catch (problem) {
    if (problem instanceof BadDescription) return { problem: badRack(problem.message) };
    throw problem;
  }
}

/** Two nodes with a BMC each: the smallest rack worth splitting. */
export const SMALL_RACK = {
  cluster: 'orders',
  nodes: [{ name: 'db1' }, { name: 'db2' }],
  devices: [
    { name: 'db1-bmc', kind: 'bmc', node: 'db1' },
    { name: 'db2-bmc', kind: 'bmc', node: 'db2' },
  ],
};

function defined<Value extends object>(value: { [Name in keyof Value]: Value[Name] | undefined }): Value {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Value;
}

function readNode(raw: unknown, at: string): RackNode {
  const fields = new Fields(raw, at);
  const node = defined<RackNode>({
    name: goodName(fields.needText('name'), `${at}.name`),
    feeds: fields.list('feeds', 4, readFeed) ?? [],
    on: fields.flag('on'),
    busy: fields.flag('busy'),
    offDelayMs: fields.number('offDelayMs', 0, MAX_DELAY),
    onDelayMs: fields.number('onDelayMs', 0, MAX_DELAY),
    restore: fields.oneOf('restore', 'always-off', 'previous', 'always-on'),
    diesWithMachine: fields.flag('diesWithMachine'),
  });
  fields.done();
  return node;
}

function readFeed(raw: unknown, at: string): string {
  if (typeof raw !== 'string' || !/^[^/]{1,64}\/[^/]{1,64}$/.test(raw)) throw new BadDescription(`${at} must be DEVICE/OUTLET`);
  return raw;
}

function readDevice(raw: unknown, at: string): RackDevice {
  const fields = new Fields(raw, at);
  const name = goodName(fields.needText('name'), `${at}.name`);
  const kind = goodName(fields.needText('kind'), `${at}.kind`);
  const port = fields.number('port', 0, 65_535) ?? 0;
  const plan = fields.raw('faults');
  const faults = plan === undefined ? undefined : readFaultPlan(plan);
  if (faults !== undefined && 'problem' in faults) throw new BadDescription(`${at}.faults: ${faults.problem.says}`);
  const outlets = readOutlets(fields.raw('outlets'), `${at}.outlets`);
  return { name, kind, port, outlets, faults: faults?.value, settings: fields.rest() };
}

function readOutlets(raw: unknown, at: string): readonly string[] {
  if (raw === undefined) return [];
  if (typeof raw === 'number' && Number.isInteger(raw) && raw >= 1 && raw <= MAX_OUTLETS) {
    return Array.from({ length: raw }, (_, index) => String(index + 1));
  }
  if (!Array.isArray(raw) || raw.length > MAX_OUTLETS)
    throw new BadDescription(`${at} must be a number from 1 to ${MAX_OUTLETS} or a list of names`);
  return raw.map((each: unknown, index) => goodName(String(each), `${at}[${index}]`));
}

function verifyReferences(rack: Rack): void {
  const names = [...rack.nodes, ...rack.devices].map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new BadDescription(`${twice} is there twice`);
  const outlets = new Set(rack.devices.flatMap((device) => device.outlets.map((outlet) => `${device.name}/${outlet}`)));
  for (const node of rack.nodes) {
    const missing = node.feeds.find((feed) => !outlets.has(feed));
    if (missing !== undefined) throw new BadDescription(`${node.name} is fed by ${missing}, and there is no such outlet`);
    if (new Set(node.feeds).size !== node.feeds.length) throw new BadDescription(`${node.name} is fed twice by one outlet`);
  }
}
