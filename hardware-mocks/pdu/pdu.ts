/** A simulated PDU on UDP: outlets that are relays, an agent that speaks of them, and the fault plan between the two and the wire. */
import { type MockClock, realClock } from '../clock.ts';
import { type ByteSource, strongBytes } from '../random.ts';
import type { FaultPlan } from '../faults.ts';
import { Faulty } from '../faulty.ts';
import { Relay } from '../relay.ts';
import { type Leaving, UdpFace } from '../udp-face.ts';
import { Agent, type PduVersion } from './agent.ts';
import { Engine, type PduUser } from './engine.ts';
import { familyNamed } from './families/index.ts';
import type { Family } from './family.ts';
import { type Metering, type Outlet, Outlets } from './outlets.ts';
import type { Value } from './request.ts';
import { Tree } from './tree.ts';

export interface PduOptions {
  /** Families (by name, or one of your own) whose objects it answers; the first gives the sysObjectID. A later APC model answers three. */
  readonly families: readonly (string | Family)[];
  readonly clock?: MockClock;
  readonly bytes?: ByteSource;
  /** Relays behind the outlets; default: fresh ones, as many as the family has. */
  readonly relays?: readonly Relay[];
  readonly labels?: readonly string[];
  readonly name?: string;
  readonly sysDescr?: string;
  readonly sysObjectId?: string;
  readonly versions?: readonly PduVersion[];
  /** Default: `public` reads, `private` writes. */
  readonly communities?: Readonly<Record<string, 'read' | 'write'>>;
  readonly users?: readonly PduUser[];
  readonly wrongPrivacy?: 'silent' | 'report';
  readonly metering?: Metering;
  /** Of delayed commands; default 2000. */
  readonly delayMs?: number | 'never';
  readonly staleMs?: number;
  readonly volts?: number;
  readonly maxBytes?: number;
  readonly maxSet?: number;
  readonly lenient?: boolean;
  readonly faults?: FaultPlan;
}

export interface PduCount {
  heard: number;
  taken: number;
  sent: number;
  readonly requests: Agent['count'];
  readonly logins: Engine['count'];
}

/** Private enterprise of the simulation's engine ids: RFC 5612, for documentation and examples. */
const ENGINE_PREFIX = Uint8Array.of(0x80, 0x00, 0x7e, 0xd9, 0x04);

export class MockPdu {
  readonly families: readonly Family[];
  readonly outlets: Outlets;
  readonly faults: Faulty;
  readonly engine: Engine;
  readonly count: PduCount;
  readonly #agent: Agent;
  readonly #clock: MockClock;
  readonly #face: UdpFace;
  readonly #tree: Tree;
  #bootedAt: number;

  constructor(options: PduOptions) {
    this.#clock = options.clock ?? realClock();
    this.families = options.families.map((family) => (typeof family === 'string' ? familyNamed(family) : family));
    const [first] = this.families;
    if (first === undefined) throw new RangeError('a PDU needs a family');
    this.faults = new Faulty(this.#clock, options.faults);
    this.#bootedAt = this.#clock.now();
    this.outlets = new Outlets(outletsOf(first, options, this.#clock), {
      clock: this.#clock,
      faults: this.faults,
      metering: options.metering ?? 'true',
      delayMs: options.delayMs ?? 2000,
      staleMs: options.staleMs ?? 0,
      volts: options.volts ?? 230,
    });
    const name = options.name ?? 'pdu';
    const bytes = options.bytes ?? strongBytes;
    const id = Uint8Array.from([...ENGINE_PREFIX, ...new TextEncoder().encode(name.slice(0, 24))]);
    this.engine = new Engine({
      id,
      users: options.users ?? [],
      bytes,
      faults: this.faults,
      wrongPrivacy: options.wrongPrivacy ?? 'silent',
      now: () => this.#clock.now(),
    });
    const system = {
      description: options.sysDescr ?? `simulated PDU (${this.families.map((family) => family.name).join(', ')})`,
      name,
      sysObjectId: options.sysObjectId ?? first.sysObjectId,
      uptimeMs: () => this.#clock.now() - this.#bootedAt,
    };
    this.#tree = new Tree(this.families, this.outlets, system);
    this.#agent = new Agent({
      tree: () => this.#tree,
      engine: this.engine,
      faults: this.faults,
      versions: options.versions ?? ['1', '2c', '3'],
      communities: options.communities ?? { public: 'read', private: 'write' },
      maxBytes: options.maxBytes ?? 1472,
      maxSet: options.maxSet ?? 64,
      lenient: options.lenient ?? false,
      shift: (oid, by) => shiftLast(oid, by, this.#tree),
    });
    this.count = { heard: 0, taken: 0, sent: 0, requests: this.#agent.count, logins: this.engine.count };
    this.faults.onReboot(() => this.#rebooted());
    this.#face = new UdpFace(this.#clock, {
      hear: (datagram) => this.hear(datagram),
      maySpeak: () => true,
      sent: () => {
        this.count.sent += 1;
      },
    });
  }

  /** A PDU that listens: `port` 0 takes a free one. */
  static async start(options: PduOptions & { readonly port?: number; readonly address?: string }): Promise<MockPdu> {
    const pdu = new MockPdu(options);
    await pdu.listen(options.port ?? 0, options.address ?? '127.0.0.1');
    return pdu;
  }

  get port(): number {
    return this.#face.port;
  }

  get address(): string {
    return this.#face.address;
  }

  /** Outlet by its row, from 1. */
  outlet(row: number): Outlet {
    const found = this.outlets.all[row - 1];
    if (found === undefined) throw new RangeError(`the mock has no outlet ${row}`);
    return found;
  }

  /** What it would say of one object, asked past the protocol. */
  peek(oid: string): Value | undefined {
    return this.#tree.find(oid)?.read();
  }

  /** What leaves for one datagram, faults included, each with its delay. */
  hear(datagram: Uint8Array): readonly Leaving[] {
    this.count.heard += 1;
    return this.faults.arriving(datagram).flatMap((bytes) => {
      this.count.taken += 1;
      const answer = this.#agent.answer(bytes);
      return answer === undefined ? [] : [...this.faults.leaving(answer)];
    });
  }

  async listen(port: number, address: string): Promise<void> {
    await this.#face.listen(port, address);
  }

  async stop(): Promise<void> {
    await this.#face.stop();
  }

  #rebooted(): void {
    this.#bootedAt = this.#clock.now();
    this.engine.rebooted();
    this.outlets.rebooted();
  }
}

function outletsOf(family: Family, options: PduOptions, clock: MockClock): readonly Outlet[] {
  const units = family.units ?? 1;
  const relays =
    options.relays ?? Array.from({ length: family.outlets * units }, (_each, at) => new Relay({ clock, name: `outlet ${at + 1}` }));
  const perUnit = Math.ceil(relays.length / units);
  return relays.map((relay, at) => ({
    number: (at % perUnit) + 1,
    unit: Math.floor(at / perUnit) + 1,
    row: at + 1,
    relay,
    label: options.labels?.[at] ?? `Outlet ${at + 1}`,
  }));
}

/** The same object of another outlet: the last arc that leads to one. */
function shiftLast(oid: string, by: number, tree: Tree): string {
  const arcs = oid.split('.').map(Number);
  for (let at = arcs.length - 1; at > arcs.length - 4; at -= 1) {
    const shifted = arcs.map((arc, place) => (place === at ? arc + by : arc)).join('.');
    if (tree.find(shifted) !== undefined && at > 8) return shifted;
  }
  return arcs.map((arc, place) => (place === arcs.length - 1 ? arc + by : arc)).join('.');
}
