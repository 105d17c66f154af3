/** The line of requests to devices over any interleaving: one in flight each, ranks kept, nobody waits for ever, and no timer is left. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../hardware-mocks/clock.ts';
import { DeviceLine, LOOKS_WAIT } from '../../src/coordinator/device-line/line.ts';
import type { Deadline, DevicePool } from '../../src/coordinator/ports.ts';
import { settled, UNASKED } from './ports.ts';

const KINDS = ['order', 'confirm', 'status', 'health'] as const;
type Kind = (typeof KINDS)[number];
const rankOf = (kind: Kind): number => KINDS.indexOf(kind);

interface Asked {
  readonly kind: Kind;
  readonly device: string;
  readonly plug: string;
  readonly operation: string;
  /** It has to be answered by then, if its driver keeps to its deadline; a driver that does not has one second more. */
  readonly by: number;
  readonly notAfter: number;
  state: 'waits' | 'begun' | 'told';
  told?: unknown;
}

/** How a device behaves in one call: it answers after so long, only when it is called off, or never. */
type Manner = number | 'when called off' | 'never';

class Walk {
  readonly clock = new VirtualClock(1000);
  readonly asked: Asked[] = [];
  readonly #flying = new Map<string, number>();
  readonly #manners: Manner[];
  readonly #together: boolean;
  readonly #ends = new AbortController();
  readonly line: DeviceLine;
  readonly #late: string[] = [];
  #drawn = 0;

  constructor(manners: readonly Manner[], together: boolean) {
    this.#manners = [...manners];
    this.#together = together;
    this.line = new DeviceLine(this.#pool(), this.clock, this.#ends.signal);
  }

  ask(kind: Kind, device: string, within: number, lasts: number): void {
    const now = this.clock.now();
    this.#drawn += 1;
    const number = this.#drawn;
    const isUrgent = kind === 'order' || kind === 'confirm';
    const one: Asked = {
      kind,
      device,
      plug: String(number),
      operation: `op${number % 3}`,
      by: now + within + (isUrgent ? 0 : LOOKS_WAIT),
      notAfter: now + lasts,
      state: 'waits',
    };
    this.asked.push(one);
    const outlet = { device, plug: one.plug };
    const answer =
      kind === 'order'
        ? this.line.order(outlet, 'off', within, { operation: one.operation, notAfter: one.notAfter })
        : kind === 'confirm'
          ? this.line.confirm(outlet, within)
          : kind === 'status'
            ? this.line.status(outlet, within)
            : this.line.health(device, within);
    void answer.then((told) => {
      one.state = 'told';
      one.told = told;
      if (this.clock.now() > one.by + 1000) this.#late.push(`${kind} of ${device} at ${this.clock.now()}, not by ${one.by}`);
    });
  }

  cancel(operation: string): void {
    const waiting = this.asked.filter((one) => one.state === 'waits' && one.kind === 'order' && one.operation === operation);
    this.line.cancel(operation);
    for (const one of waiting) one.state = 'told';
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 50) {
      await settled();
      this.clock.advance(50);
    }
    await settled();
  }

  /** Everything asked was told, and the clock has nothing left to do. */
  async end(): Promise<void> {
    for (let turn = 0; turn < 1000 && this.asked.some(({ told }) => told === undefined); turn += 1) await this.pass(200);
    // A driver that was let go has its time to let go of its device.
    await this.pass(6000);
    expect(this.asked.filter(({ told }) => told === undefined)).toEqual([]);
    expect(this.#late).toEqual([]);
    expect(this.clock.waiting).toBe(0);
  }

  /** What waits for this device is held against what its turn has come. */
  #begin(device: string, kinds: readonly Kind[], plugs: readonly string[]): void {
    expect(this.#flying.get(device) ?? 0).toBe(0);
    const waiting = this.asked.filter((one) => one.device === device && one.state === 'waits');
    const begun =
      plugs.length > 0
        ? waiting.filter(({ plug }) => plugs.includes(plug))
        : waiting.filter(({ kind }) => kinds.includes(kind)).slice(0, 1);
    expect(begun.length).toBe(Math.max(1, plugs.length));
    const rank = Math.min(...begun.map(({ kind }) => rankOf(kind)));
    expect(Math.min(...waiting.map(({ kind }) => rankOf(kind)))).toBe(rank);
    expect(begun).toContain(waiting.find(({ kind }) => rankOf(kind) === rank));
    for (const one of begun) {
      if (one.kind === 'order') expect(this.clock.now()).toBeLessThan(one.notAfter);
      one.state = 'begun';
    }
  }

  async #call<T>(device: string, answer: T, { signal }: Deadline): Promise<T> {
    const manner = this.#manners.shift() ?? 10;
    this.#flying.set(device, (this.#flying.get(device) ?? 0) + 1);
    await new Promise<void>((resolve) => {
      if (typeof manner === 'number') this.clock.after(manner, resolve);
      if (manner !== 'never') signal?.addEventListener('abort', () => resolve());
    });
    this.#flying.set(device, 0);
    return answer;
  }

  #pool(): DevicePool {
    const reading = { power: 'off', source: 'test' } as const;
    return {
      ...UNASKED,
      together: () => this.#together,
      order: async ({ device, plug }, _wanted, within) => {
        this.#begin(device, ['order'], [plug]);
        return await this.#call(device, { result: 'accepted' }, within);
      },
      orderAll: async (device, plugs, _wanted, within) => {
        this.#begin(device, ['order'], plugs);
        return await this.#call(
          device,
          plugs.map(() => ({ result: 'accepted' })),
          within,
        );
      },
      read: async ({ device, plug }, within) => {
        this.#begin(device, ['confirm', 'status'], [plug]);
        return await this.#call(device, reading, within);
      },
      readAll: async (device, plugs, within) => {
        this.#begin(device, ['confirm', 'status'], plugs);
        return await this.#call(
          device,
          plugs.map(() => reading),
          within,
        );
      },
      health: async (device, within) => {
        this.#begin(device, ['health'], []);
        return await this.#call(device, { ok: true, found: [] }, within);
      },
      // Whoever let go of a device counts it as free five seconds later.
      reopen: (device) => void this.clock.after(5000, () => this.#flying.set(device, 0)),
      close: async () => await Promise.resolve(),
    };
  }
}

const move = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      kind: fc.constantFrom(...KINDS),
      device: fc.constantFrom('a', 'b'),
      within: fc.constantFrom(100, 1000, 4000),
      lasts: fc.constantFrom(80, 500, 9_000_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), operation: fc.constantFrom('op0', 'op1', 'op2') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0, 50, 300, 2000) }) },
);

const manner = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<Manner>(0, 10, 150, 900, 3000) },
  { weight: 1, arbitrary: fc.constant<Manner>('when called off') },
  { weight: 1, arbitrary: fc.constant<Manner>('never') },
);

describe('the device line', () => {
  it('keeps one in flight per device, the ranks, and the time of everybody, whatever comes in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(move, { maxLength: 40 }),
        fc.array(manner, { maxLength: 40 }),
        fc.boolean(),
        async (moves, manners, together) => {
          const walk = new Walk(manners, together);
          for (const one of moves) {
            if (one.do === 'ask') walk.ask(one.kind, one.device, one.within, one.lasts);
            else if (one.do === 'cancel') walk.cancel(one.operation);
            else await walk.pass(one.ms);
          }
          await walk.end();
        },
      ),
      { numRuns: 400 },
    );
  });

  it('a fencing that never ends starves nobody: who waits too long is told that the device is busy', async () => {
    const walk = new Walk(
      Array.from({ length: 300 }, () => 900),
      false,
    );
    walk.ask('confirm', 'a', 5000, 0);
    walk.ask('status', 'a', 1000, 0);
    walk.ask('health', 'a', 1000, 0);
    for (let passed = 0; passed < LOOKS_WAIT; passed += 450) {
      walk.ask('confirm', 'a', 5000, 0);
      walk.clock.advance(450);
      await settled();
    }
    expect(walk.asked[1]?.told).toMatchObject({ power: 'unknown', why: { code: 'device-busy' } });
    expect(walk.asked[2]?.told).toMatchObject({ ok: false, problem: { code: 'device-busy' } });
  });

  it('a device that is slow does not hold up another', async () => {
    const walk = new Walk(['never'], false);
    walk.ask('order', 'a', 1000, 9_000_000);
    walk.ask('order', 'a', 1000, 9_000_000);
    walk.ask('order', 'b', 1000, 9_000_000);
    await walk.pass(50);
    expect(walk.asked.map(({ state }) => state)).toEqual(['begun', 'waits', 'told']);
    await walk.end();
  });
});
