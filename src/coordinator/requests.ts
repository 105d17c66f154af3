/**
 * What is asked of devices: one request in flight per device (S4), orders before readings, and, where a device can take several plugs in
 * one request, everything alike that waits for it goes together. So a PDU whose 48 outlets are fenced at once is asked a few times, not 48.
 */
import {
  keep,
  type OrderResult,
  type Outlet,
  type Problem,
  type Reading,
  type TimedReading,
  type WantedPower,
} from '../vocabulary/index.ts';
import { DeviceQueues } from './device-queue.ts';
import type { Armory, Clock } from './ports.ts';

interface Waiting {
  readonly outlet: Outlet;
  /** Absent: a reading. */
  readonly wanted?: WantedPower;
  /** Milliseconds since 1970. */
  readonly deadline: number;
  settle(result: OrderResult | TimedReading): void;
  fail(error: unknown): void;
}

/** Plugs in one request; a driver splits further where its device wants less. */
const MOST_TOGETHER = 64;

export class Requests {
  readonly #armory: Armory;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #queues = new DeviceQueues();
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(armory: Armory, clock: Clock, signal: AbortSignal) {
    this.#armory = armory;
    this.#clock = clock;
    this.#signal = signal;
  }

  async order(outlet: Outlet, wanted: WantedPower, within: number): Promise<OrderResult> {
    const result = await this.#wait({ outlet, wanted, deadline: this.#clock.now() + within });
    keep('S4', 'result' in result, `a reading came back for an order to ${outlet.device}`);
    return result;
  }

  /** The time span of the reading is that of the request itself, not of the wait for it. */
  async read(outlet: Outlet, within: number): Promise<TimedReading> {
    const result = await this.#wait({ outlet, deadline: this.#clock.now() + within });
    keep('S4', 'power' in result, `an order's answer came back for a reading of ${outlet.device}`);
    return result;
  }

  async #wait(request: Omit<Waiting, 'settle' | 'fail'>): Promise<OrderResult | TimedReading> {
    const { device } = request.outlet;
    const answer = new Promise<OrderResult | TimedReading>((settle, fail) => {
      const queue = this.#waiting.get(device) ?? [];
      queue.push({ ...request, settle, fail });
      this.#waiting.set(device, queue);
    });
    // Every request enters the line once; whoever's turn it is takes what is most urgent, and maybe more of the same with it.
    const turn = this.#queues.run(device, async () => await this.#serve(device));
    turn.catch(() => undefined);
    return await answer;
  }

  async #serve(device: string): Promise<void> {
    const together = this.#take(device);
    const first = together[0];
    if (first === undefined) return;
    const startedAt = this.#clock.now();
    // A coordinator that has stopped asks nothing any more, whatever still waited.
    const timely = together.filter((one) => one.deadline > startedAt && !this.#signal.aborted);
    const late = together.filter((one) => !timely.includes(one));
    for (const one of late) one.settle(tooLate(one, startedAt));
    if (timely.length === 0) return;
    try {
      const ms = Math.min(...timely.map((one) => one.deadline)) - startedAt;
      if (first.wanted === undefined) await this.#readAll(device, timely, ms, startedAt);
      else await this.#orderAll(device, timely, first.wanted, ms);
    } catch (error) {
      for (const one of timely) one.fail(error);
    }
  }

  /** The first order that waits, else the first reading; with it all that are alike, if the device takes them together. */
  #take(device: string): Waiting[] {
    const queue = this.#waiting.get(device) ?? [];
    const first = queue.find((one) => one.wanted !== undefined) ?? queue[0];
    if (first === undefined) return [];
    const most = this.#armory.together?.(device) === true ? MOST_TOGETHER : 1;
    const alike = queue.filter((one) => one.wanted === first.wanted && (one === first || most > 1));
    // Twice the same plug in one request would be two answers to one question.
    const taken = alike.filter((one, index) => alike.findIndex((other) => other.outlet.plug === one.outlet.plug) === index).slice(0, most);
    const rest = queue.filter((one) => !taken.includes(one));
    if (rest.length === 0) this.#waiting.delete(device);
    else this.#waiting.set(device, rest);
    return taken;
  }

  async #orderAll(device: string, waiting: readonly Waiting[], wanted: WantedPower, ms: number): Promise<void> {
    // A signal of its own for each request: hundreds of listeners on one would look like a leak.
    const within = { ms, signal: AbortSignal.any([this.#signal]) };
    const [only] = waiting;
    const results =
      waiting.length === 1 && only !== undefined
        ? [await this.#armory.order(only.outlet, wanted, within)]
        : await this.#armory.orderAll?.(
            device,
            waiting.map((one) => one.outlet.plug),
            wanted,
            within,
          );
    keep('S4', results?.length === waiting.length, `${device} gave ${results?.length ?? 0} answers to ${waiting.length} orders`);
    for (const [index, one] of waiting.entries()) one.settle(results[index] ?? { result: 'unknown', why: busy(device) });
  }

  async #readAll(device: string, waiting: readonly Waiting[], ms: number, startedAt: number): Promise<void> {
    const within = { ms, signal: AbortSignal.any([this.#signal]) };
    const [only] = waiting;
    const readings: readonly Reading[] | undefined =
      waiting.length === 1 && only !== undefined
        ? [await this.#armory.read(only.outlet, within)]
        : await this.#armory.readAll?.(
            device,
            waiting.map((one) => one.outlet.plug),
            within,
          );
    keep('S3', readings?.length === waiting.length, `${device} gave ${readings?.length ?? 0} readings for ${waiting.length} outlets`);
    const endedAt = this.#clock.now();
    for (const [index, one] of waiting.entries()) one.settle({ ...(readings[index] ?? unread(device)), startedAt, endedAt });
  }
}

const busy = (device: string): Problem => ({
  code: 'device-busy',
  says: `${device} was still busy with earlier requests when the time for this one was over.`,
  next: 'It is asked again. If this repeats, the device is too slow for its timeout.',
});

const unread = (device: string): Reading => ({ power: 'unknown', source: 'not asked', why: busy(device) });

const tooLate = (one: Waiting, at: number): OrderResult | TimedReading =>
  one.wanted === undefined
    ? { ...unread(one.outlet.device), startedAt: at, endedAt: at }
    : { result: 'unknown', why: busy(one.outlet.device) };
