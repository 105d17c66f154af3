/** A rack from one description, up and running on loopback: who listens where, what is true, and hands on every switch. */
import type { Problem } from '../src/vocabulary/index.ts';
import { type MockClock, realClock } from './clock.ts';
import { type Checked, type FaultPlan, NO_FAULTS } from './faults.ts';
import type { DeviceWorld, LabDevice, LabKind } from './lab/device.ts';
import { BadDescription, badRack } from './lab/fields.ts';
import { LAB_KINDS } from './lab/kinds.ts';
import { type Rack, type RackDevice, readRack } from './lab/rack.ts';
import { type LampMoment, Machine } from './machine.ts';
import { Relay, type Wanted } from './relay.ts';

export interface LabOptions {
  readonly clock?: MockClock;
  readonly address?: string;
  /** Kinds beside (or instead of) those of the tree. */
  readonly kinds?: Readonly<Record<string, LabKind>>;
}

export interface Endpoint {
  readonly device: string;
  readonly kind: string;
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
}

/** What is true now, whatever any device says. */
export interface Truth {
  readonly at: number;
  readonly nodes: readonly {
    readonly node: string;
    readonly lamp: boolean;
    readonly watts: number;
    readonly feeds: readonly { readonly outlet: string; readonly closed: boolean }[];
    /** The last changes of the lamp, oldest first. */
    readonly lampLog: readonly LampMoment[];
  }[];
  readonly devices: readonly (Endpoint & { readonly faults: FaultPlan; readonly count: unknown })[];
}

/** How much of a lamp's history `truth` shows. */
const SHOWN_MOMENTS = 50;

export class Lab {
  readonly rack: Rack;
  readonly clock: MockClock;
  readonly machines: ReadonlyMap<string, Machine>;
  readonly #relays: ReadonlyMap<string, Relay>;
  readonly #devices = new Map<string, { readonly kind: string; readonly device: LabDevice }>();

  constructor(rack: Rack, clock: MockClock) {
    this.rack = rack;
    this.clock = clock;
    this.#relays = new Map(
      rack.devices.flatMap((device) =>
        device.outlets.map((outlet) => [`${device.name}/${outlet}`, new Relay({ clock, name: `${device.name}/${outlet}` })]),
      ),
    );
    this.machines = new Map(rack.nodes.map((node) => [node.name, this.#build(node)]));
  }

  /** Every device that listens. */
  get endpoints(): readonly Endpoint[] {
    return [...this.#devices].map(([name, { kind, device }]) => ({ device: name, kind, ...device.endpoint }));
  }

  get devices(): ReadonlyMap<string, LabDevice> {
    return new Map([...this.#devices].map(([name, { device }]) => [name, device]));
  }

  /** The relay behind `pdu-a/4`. */
  relay(outlet: string): Relay | undefined {
    return this.#relays.get(outlet);
  }

  lamp(node: string): boolean | undefined {
    return this.machines.get(node)?.lamp;
  }

  get truth(): Truth {
    return {
      at: this.clock.now(),
      nodes: [...this.machines].map(([node, machine]) => ({
        node,
        lamp: machine.lamp,
        watts: machine.watts,
        feeds: machine.feeds.map((feed) => ({ outlet: feed.name, closed: feed.closed })),
        lampLog: machine.lampLog.slice(-SHOWN_MOMENTS),
      })),
      devices: this.endpoints.map((endpoint) => {
        const device = this.#devices.get(endpoint.device)?.device;
        return { ...endpoint, faults: device?.faults.plan ?? NO_FAULTS, count: device?.count() };
      }),
    };
  }

  /** A hand on the front button of a node, or on an outlet (`pdu-a/4`): no device is asked. */
  power(what: string, wanted: Wanted): Problem | undefined {
    const relay = this.#relays.get(what);
    const machine = this.machines.get(what);
    if (relay !== undefined) relay.order(wanted, { delayMs: 0 });
    else if (machine !== undefined) machine.press(wanted);
    else return unknownName(what, [...this.machines.keys(), ...this.#relays.keys()]);
    return undefined;
  }

  /** Gives a device a fault plan in place of the one before; NO_FAULTS heals it. */
  fault(device: string, plan: FaultPlan): Problem | undefined {
    const found = this.#devices.get(device);
    if (found === undefined) return unknownName(device, [...this.#devices.keys()]);
    found.device.faults.apply(plan);
    return undefined;
  }

  async start(device: RackDevice, kind: LabKind, address: string): Promise<void> {
    this.#devices.set(device.name, { kind: device.kind, device: await kind(this.#worldOf(device, address), device) });
  }

  async stop(): Promise<void> {
    const devices = [...this.#devices.values()];
    this.#devices.clear();
    await Promise.all(devices.map(({ device }) => device.stop()));
  }

  #build(node: Rack['nodes'][number]): Machine {
    const { feeds: outlets, busy, ...options } = node;
    const feeds = outlets.flatMap((outlet) => this.#relays.get(outlet) ?? []);
    const machine = new Machine({ ...options, clock: this.clock, ...(feeds.length === 0 ? {} : { feeds }) });
    machine.busy = busy ?? false;
    return machine;
  }

  #worldOf(device: RackDevice, address: string): DeviceWorld {
    const outlets = new Map<string, Relay>();
    for (const outlet of device.outlets) {
      const relay = this.#relays.get(`${device.name}/${outlet}`);
      if (relay !== undefined) outlets.set(outlet, relay);
    }
    const machine = (node: string): Machine => {
      const found = this.machines.get(node);
      if (found === undefined) throw new BadDescription(`${device.name}.node ${node} is no node of the rack`);
      return found;
    };
    return { name: device.name, clock: this.clock, machine, outlets, address, port: device.port };
  }
}

/** Builds and starts everything; on a problem nothing is left running. `description` as readRack takes it. */
export async function startLab(description: unknown, options: LabOptions = {}): Promise<Checked<Lab>> {
  const rack = readRack(description);
  if ('problem' in rack) return rack;
  const kinds: Readonly<Record<string, LabKind>> = { ...LAB_KINDS, ...options.kinds };
  const lab = new Lab(rack.value, options.clock ?? realClock());
  try {
    for (const device of rack.value.devices) {
      const kind = Object.hasOwn(kinds, device.kind) ? kinds[device.kind] : undefined;
      if (kind === undefined)
        throw new BadDescription(`${device.name}.kind ${device.kind} is not known; known are ${Object.keys(kinds).join(', ')}`);
      await lab.start(device, kind, options.address ?? '127.0.0.1');
    }
    return { value: lab };
  } catch (problem) {
    await lab.stop();
    return { problem: startProblem(problem) };
  }
}

/** What a description or the machine it runs on can be blamed for becomes a problem; anything else is our own mistake. */
function startProblem(problem: unknown): Problem {
  if (problem instanceof BadDescription || problem instanceof RangeError) return badRack(problem.message);
  if (problem instanceof Error && 'code' in problem) {
    return {
      code: 'lab-not-started',
      says: `the lab could not start: ${problem.message}`,
      next: 'Free that port, or leave it out.',
      lasting: true,
    };
  }
  throw problem;
}

function unknownName(name: string, known: readonly string[]): Problem {
  return {
    code: 'not-in-rack',
    says: `the rack has no ${name.slice(0, 80)}`,
    next: `It has ${known.slice(0, 40).join(', ')}${known.length > 40 ? ' …' : ''}.`,
    lasting: true,
  };
}
