/**
 * The wire, and what hangs on it: devices that are slow, silent or refuse, orders that are repeated by the driver and carried out late,
 * and the lamps of the machines. Devices never lie here; how true a reading is depends on `honest` alone.
 */
import type { Effect, Policy, PolicyOutlet } from '../../src/core/index.ts';
import { LATENESS } from '../../src/core/policy.ts';
import { type OrderResult, outletName, type Outlet, type PowerState, type Reading, type WantedPower } from '../../src/vocabulary/index.ts';
import { Machines } from './machines.ts';
import type { Rolls } from './rolls.ts';
import type { Timeline } from './timeline.ts';

export type Order = Extract<Effect, { kind: 'order' }>;
export type Read = Extract<Effect, { kind: 'read' }>;

/** One datagram of an order, at the moment when it leaves us. */
export interface Sent {
  readonly order: Order;
  readonly at: number;
}

interface Manners {
  /** Chance that a datagram or its answer is lost. */
  readonly loss: number;
  /** Chance that one is carried out late. */
  readonly late: number;
  /** Chance that it refuses an order. */
  readonly refuses: number;
  /** It takes orders and does nothing. */
  readonly stuck: boolean;
  muteUntil: number;
}

/** A request that has not come back. */
interface Asked {
  readonly effect: Order | Read;
  deadline: number;
  over: boolean;
  started: boolean;
  /** Its device has answered: it takes what was repeated meanwhile for the same. */
  answered: boolean;
  readonly finish: (result: Result) => void;
}

export type Result = OrderResult | (Reading & { readonly startedAt: number });

const PROBLEM = { code: 'no-answer', says: 'It did not answer.', next: 'Look at it.' };
const CANCELLED = { code: 'cancelled', says: 'It was called back.', next: 'Nothing.' };
const TOO_LATE = { code: 'too-late', says: 'Its time was over before it could be sent.', next: 'Nothing.' };

export class Wire {
  readonly machines: Machines;
  readonly #honest: boolean;
  readonly #rolls: Rolls;
  readonly #timeline: Timeline;
  readonly #sent: (sent: Sent) => void;
  readonly #manners = new Map<string, Manners>();
  readonly #waiting = new Map<string, Asked[]>();
  readonly #busy = new Set<string>();
  #calm = false;

  constructor(options: {
    readonly rolls: Rolls;
    readonly timeline: Timeline;
    readonly policy: Policy;
    readonly honest: boolean;
    readonly sent: (sent: Sent) => void;
    readonly lamp: (node: string, lit: boolean) => void;
  }) {
    const { rolls } = options;
    this.#rolls = rolls;
    this.#timeline = options.timeline;
    this.#honest = options.honest;
    this.#sent = options.sent;
    this.machines = new Machines(rolls, Object.keys(options.policy.nodes), options.lamp);
    const rough = rolls.chance(0.7);
    for (const name of ['pdu-a', 'pdu-b', ...Object.keys(options.policy.nodes).map((node) => `bmc-${node}`)])
      this.#manners.set(name, {
        loss: rough && rolls.chance(0.4) ? 0.3 : 0,
        late: rough && rolls.chance(0.4) ? 0.4 : 0.02,
        refuses: rough && rolls.chance(0.3) ? 0.4 : 0,
        stuck: rough && rolls.chance(0.08),
        muteUntil: 0,
      });
  }

  /** From now on everything works. */
  heal(): void {
    this.#calm = true;
  }

  /** A device falls silent for a while. */
  mute(rolls: Rolls): void {
    const all = [...this.#manners.values()];
    const one = all[rolls.below(all.length)];
    if (one !== undefined) one.muteUntil = this.#timeline.now + rolls.below(20_000);
  }

  ask(owner: object, effect: Order | Read, settle: (result: Result) => void): void {
    const { now } = this.#timeline;
    const { device } = effect.outlet;
    const queue = this.#waiting.get(device) ?? [];
    this.#waiting.set(device, queue);
    const asked: Asked = {
      effect,
      deadline: now + effect.within,
      over: false,
      started: false,
      answered: false,
      finish: (result) => {
        if (asked.over) return;
        asked.over = true;
        queue.splice(queue.indexOf(asked), 1);
        if (asked.started) this.#busy.delete(device);
        this.#timeline.at(this.#timeline.now, owner, () => settle(result));
        this.#timeline.at(this.#timeline.now, owner, () => this.#pump(device, owner));
      },
    };
    queue.push(asked);
    this.#timeline.at(now, owner, () => this.#pump(device, owner));
  }

  /** The clock jumped: requests and devices take as long as they would have. */
  jump(by: number): void {
    for (const queue of this.#waiting.values()) for (const asked of queue) asked.deadline += by;
    for (const manners of this.#manners.values()) manners.muteUntil += by;
  }

  /** Orders of this operation are called back: what waits is not sent, what is under way is not repeated. */
  cancel(operation: string): void {
    for (const queue of this.#waiting.values())
      for (const asked of [...queue])
        if (asked.effect.kind === 'order' && asked.effect.operation === operation)
          asked.finish(asked.started ? { result: 'unknown', why: CANCELLED } : { result: 'rejected', why: CANCELLED });
  }

  /** The process is dead: nothing more of it leaves, and what is on its way arrives. */
  abandon(): void {
    for (const queue of this.#waiting.values()) for (const asked of queue) asked.over = true;
    this.#waiting.clear();
    this.#busy.clear();
  }

  /** First come first served, orders before readings, one at a time. */
  #pump(device: string, owner: object): void {
    const queue = this.#waiting.get(device) ?? [];
    const asked = queue.find((one) => one.effect.kind === 'order' && !one.over) ?? queue.find((one) => !one.over);
    if (asked === undefined || this.#busy.has(device)) return;
    this.#busy.add(device);
    asked.started = true;
    if (asked.effect.kind === 'order') this.#order(owner, asked, asked.effect);
    else this.#read(owner, asked, asked.effect);
  }

  #order(owner: object, asked: Asked, order: Order): void {
    const timeline = this.#timeline;
    if (asked.deadline <= timeline.now) return timeline.at(timeline.now, owner, () => asked.finish({ result: 'unknown', why: PROBLEM }));
    if (order.notAfter <= timeline.now) return timeline.at(timeline.now, owner, () => asked.finish({ result: 'rejected', why: TOO_LATE }));
    if (order.outlet.device.startsWith('person')) return timeline.at(timeline.now, owner, () => asked.finish({ result: 'accepted' }));
    timeline.at(asked.deadline, owner, () => asked.finish({ result: 'unknown', why: PROBLEM }));
    const manners = this.#manners.get(order.outlet.device);
    const refuses = !this.#calm && this.#rolls.chance(manners?.refuses ?? 0);
    const lasting = this.#rolls.chance(0.3);
    const slow = this.#rolls.chance(0.3) ? 3000 : 50;
    const reply: OrderResult = refuses
      ? { result: 'rejected', why: { ...PROBLEM, code: lasting ? 'bad-login' : 'busy', ...(lasting ? { lasting } : {}) } }
      : { result: 'accepted' };
    this.#repeat(owner, asked, order, { reply, slow, left: 4 });
  }

  /** One datagram, and the next one when nothing came back. */
  #repeat(
    owner: object,
    asked: Asked,
    order: Order,
    how: { readonly reply: OrderResult; readonly slow: number; readonly left: number },
  ): void {
    const timeline = this.#timeline;
    const { now } = timeline;
    if (asked.over || now >= order.notAfter || how.left === 0) return;
    this.#sent({ order, at: now });
    const manners = this.#manners.get(order.outlet.device);
    const lateness = this.#lateness(order.outlet);
    const loss = this.#calm ? 0 : (manners?.loss ?? 0);
    const late = !this.#calm && this.#rolls.chance(manners?.late ?? 0);
    const arrives = late ? this.#rolls.below(lateness) : Math.min(this.#rolls.below(how.slow), lateness);
    if (!this.#rolls.chance(loss))
      timeline.at(now + arrives, undefined, () => {
        if (asked.answered || (manners !== undefined && manners.muteUntil > timeline.now)) return;
        if (how.reply.result === 'accepted' && (this.#calm || manners?.stuck !== true)) this.#act(order.outlet, order.wanted);
        if (!this.#rolls.chance(loss))
          timeline.at(timeline.now + this.#rolls.below(20), owner, () => {
            asked.answered ||= !asked.over;
            asked.finish(how.reply);
          });
      });
    timeline.at(now + 300 + this.#rolls.below(1200), owner, () => this.#repeat(owner, asked, order, { ...how, left: how.left - 1 }));
  }

  #act(outlet: Outlet, wanted: WantedPower): void {
    this.machines.act(outlet, wanted);
  }

  #lateness(outlet: Outlet): number {
    return this.lateness.get(outletName(outlet)) ?? LATENESS;
  }

  /** How late each outlet may act, where the policy says so. */
  readonly lateness = new Map<string, number>();

  learn(policy: Policy): void {
    for (const node of Object.values(policy.nodes))
      for (const outlet of node.levels.flat()) this.lateness.set(outletName(outlet), latenessOf(outlet));
  }

  #read(owner: object, asked: Asked, read: Read): void {
    const timeline = this.#timeline;
    const startedAt = timeline.now;
    const finish = (power: PowerState): void =>
      asked.finish({ power, source: 'wire', startedAt, ...(power === 'unknown' ? { why: PROBLEM } : {}) });
    if (asked.deadline <= startedAt) return timeline.at(startedAt, owner, () => finish('unknown'));
    const left = asked.deadline - startedAt;
    const manners = this.#manners.get(read.outlet.device);
    const silent = !this.#calm && ((manners?.muteUntil ?? 0) > startedAt || this.#rolls.chance(manners?.loss ?? 0));
    if (silent) return timeline.at(asked.deadline, owner, () => finish('unknown'));
    const took = this.#calm ? Math.min(5, left) : this.#rolls.below(Math.min(this.#rolls.chance(0.1) ? left : 60, left) + 1);
    const looks = this.#rolls.below(took + 1);
    timeline.at(startedAt + looks, owner, () => {
      const power = this.#honest || this.#calm ? this.machines.look(read.outlet) : undefined;
      timeline.at(startedAt + took, owner, () => finish(power ?? this.#dreamt(read)));
    });
  }

  /** Devices of a walk that is not honest say whatever the dice say; mostly what is hoped for. */
  #dreamt(read: Read): PowerState {
    const hoped = this.hopes(read.operation);
    const powers: readonly PowerState[] = [hoped, hoped, hoped, 'on', 'off', 'unknown'];
    return powers[this.#rolls.below(powers.length)] ?? 'unknown';
  }

  /** What an operation wants its node to be. */
  hopes: (operation: string) => WantedPower = () => 'off';
}

export const latenessOf = (outlet: PolicyOutlet): number => outlet.lateness ?? LATENESS;
