/** The ports of a coordinator as a test wants them: virtual time, a memory disk, devices that answer when they are told to. */
import { VirtualClock } from '../../hardware-mocks/clock.ts';
import type { Event, Policy } from '../../src/core/index.ts';
import { Loop, type Options } from '../../src/coordinator/loop.ts';
import type { DevicePool, Store, Deadline } from '../../src/coordinator/ports.ts';
import { MemoryDisk } from '../../src/store/memory.ts';
import type { Answer, Command, Health, OrderResult, Outlet, Reading, Verdict, WantedPower } from '../../src/vocabulary/index.ts';

export const policy: Policy = {
  cluster: 'orders',
  self: { id: 'witness-1' },
  nodes: Object.fromEntries(
    ['db1', 'db2', 'db3', 'db4', 'db5'].map((name) => [
      name,
      { votes: 1, levels: [[{ device: `bmc-${name}`, plug: '', evidence: 'device' as const, readings: 2, gap: 25 }]] },
    ]),
  ),
  arbiters: { 'arb-1': {} },
  verify: { need: 1, within: 1000, listenAgain: 0, validFor: 15_000 },
  mode: 'automatic',
  delay: 0,
  timeout: 30_000,
  answerWithin: 3000,
  poll: 1000,
  approvalWindow: 60_000,
  storm: { targets: 9, within: 60_000 },
  allowBiasedArbiter: false,
  tieBreaker: 'reference-ips',
  offTime: 1000,
  onTimeout: 10_000,
  graceAfterCrash: 5000,
};

export const verdict = (id: string, target = 'db1', epoch = 1): Verdict => ({
  id,
  cluster: 'orders',
  epoch,
  claim: 'misbehaving',
  targets: [target],
  survivors: ['db1', 'db2', 'db3', 'db4', 'db5'].filter((name) => name !== target),
  issuer: 'arb-1',
  issuedAt: 0,
  expiresAt: 9e12,
  reason: 'quorum',
});

export const command = (id: string, target = 'db1', action: Command['action'] = 'off'): Command => ({
  id,
  action,
  target,
  by: 'anna',
  origin: 'person',
  reason: 'tested',
  override: [],
});

export const DISK_FULL = { code: 'journal-unwritable', says: 'no space left on device', next: 'Free the disk.' };

/** A device of which nobody asks how it is: it is well, and lists nothing. */
export const UNASKED: Pick<DevicePool, 'health' | 'list'> = {
  health: async () => await Promise.resolve({ ok: true, found: [] }),
  list: async (device) => await Promise.resolve({ code: 'outlets-not-listed', says: `${device} does not list its outlets.`, next: '' }),
};

/** A rack whose plugs do as they are told, at once, and which writes down what it was asked. */
export class ObedientRack implements DevicePool {
  readonly asked: string[] = [];
  readonly power = new Map<string, WantedPower>();
  /** Where set, it answers instead of the rack. */
  onOrder: ((outlet: Outlet, within: Deadline) => Promise<OrderResult>) | undefined;
  onRead: ((outlet: Outlet, within: Deadline) => Promise<Reading>) | undefined;

  async order(outlet: Outlet, wanted: WantedPower, within: Deadline): Promise<OrderResult> {
    this.asked.push(`order ${outlet.device} ${wanted}`);
    if (this.onOrder !== undefined) return await this.onOrder(outlet, within);
    this.power.set(outlet.device, wanted);
    return { result: 'accepted' };
  }

  async read(outlet: Outlet, within: Deadline): Promise<Reading> {
    this.asked.push(`read ${outlet.device}`);
    if (this.onRead !== undefined) return await this.onRead(outlet, within);
    return { power: this.power.get(outlet.device) ?? 'on', source: 'rack' };
  }

  async health(device: string): Promise<Health> {
    this.asked.push(`health ${device}`);
    return await Promise.resolve({ ok: true, found: [] });
  }

  list: DevicePool['list'] = UNASKED.list;

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A coordinator on a disk that outlives it. */
export class Bench {
  readonly clock = new VirtualClock(1_000_000);
  readonly disk = new MemoryDisk();
  policy = policy;
  readonly rack = new ObedientRack();
  readonly told: { readonly to: string; readonly answer: Answer }[] = [];
  readonly called: string[] = [];
  readonly events: Event[] = [];
  #drawn = 0;

  #draw(): string {
    this.#drawn += 1;
    return `op${this.#drawn}`;
  }

  async start(options: Options = {}, store: Store = this.disk.open()): Promise<Loop> {
    const { clock } = this;
    const { loop } = await Loop.start(
      {
        clock,
        store,
        pool: this.rack,
        random: { id: () => this.#draw(), fraction: () => 0.5, bytes: (length) => new Uint8Array(length) },
        probes: {
          assess: () => {
            const now = clock.now();
            const seen = { probe: 'reference-ip', by: 'self', address: '192.0.2.1', answer: 'heard', tookMs: 1 } as const;
            return Promise.resolve({ startedAt: now, endedAt: now, observations: [seen] });
          },
        },
        replies: { answer: (to, answer) => void this.told.push({ to: `${to.kind} ${to.id}`, answer }) },
        notify: { callHuman: (problem) => void this.called.push(problem.code) },
      },
      this.policy,
      {
        ...options,
        watch: (event, after) => {
          this.events.push(event);
          options.watch?.(event, after);
        },
      },
    );
    return loop;
  }

  /** Lets time pass in small steps, so that everything that is set off happens at its time. */
  async pass(ms: number, step = 5): Promise<void> {
    await settled();
    for (let passed = 0; passed < ms; passed += step) {
      this.clock.advance(Math.min(step, ms - passed));
      await settled();
    }
  }

  outcomes(): string[] {
    return this.told.map(({ to, answer }) => `${to} ${answer.outcome}`);
  }
}

/** All that was set off has happened. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
