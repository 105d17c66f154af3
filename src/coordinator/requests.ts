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
import type { Armory, Clock, Within } from './ports.ts';

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

/** A driver has to come back by its deadline. After this many milliseconds more it is given up, so that nobody waits for it for ever. */
const OVERDUE_AFTER = 1000;

export class Requests {
  readonly #armory: Armory;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #queues = new DeviceQueues();
  readonly #waiting = new Map<string, Waiting[]>();
  /** Devices whose driver was given up and has not come back yet: they are asked nothing (S4), and whoever asks is told so at once. */
  readonly #overdue = new Set<string>();

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
    let failed: (error: unknown) => void = () => undefined;
    const answer = new Promise<OrderResult | TimedReading>((settle, fail) => {
      const queue = this.#waiting.get(device) ?? [];
      queue.push({ ...request, settle, fail });
      this.#waiting.set(device, queue);
      failed = fail;
    });
    // Every request enters the line once; whoever's turn it is takes what is most urgent, and maybe more of the same with it.
    const turn = this.#queues.run(device, async () => await this.#serve(device));
    turn.catch(failed);
    return await answer;
  }

  async #serve(device: string): Promise<void> {
    const together = this.#take(device);
    const first = together[0];
    if (first === undefined) return;
    const startedAt = this.#clock.now();
    // A coordinator that has stopped asks nothing any more, whatever still waited.
    const timely = together.filter((one) => one.deadline > startedAt && !this.#signal.aborted && !this.#overdue.has(device));
    const late = together.filter((one) => !timely.includes(one));
    for (const one of late) one.settle(unasked(one, startedAt, this.#overdue.has(device) ? overdue(device) : busy(device)));
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
    // Twice the same plug in one request would be two answers to one question, and no order may overtake an earlier one for its plug.
    const seen = new Set<string>();
    const taken: Waiting[] = [];
    for (const one of queue) {
      const { plug } = one.outlet;
      if (one.wanted === first.wanted && taken.length < most && !seen.has(plug)) taken.push(one);
      else if (one.wanted === undefined) continue;
      seen.add(plug);
    }
    const rest = queue.filter((one) => !taken.includes(one));
    if (rest.length === 0) this.#waiting.delete(device);
    else this.#waiting.set(device, rest);
    return taken;
  }

  async #orderAll(device: string, waiting: readonly Waiting[], wanted: WantedPower, ms: number): Promise<void> {
    const [only] = waiting;
    const results = await this.#within(device, ms, async (within) =>
      waiting.length === 1 && only !== undefined
        ? [await this.#armory.order(only.outlet, wanted, within)]
        : await this.#armory.orderAll?.(
            device,
            waiting.map((one) => one.outlet.plug),
            wanted,
            within,
          ),
    );
    if (results === 'overdue') {
      for (const one of waiting) one.settle({ result: 'unknown', why: overdue(device) });
      return;
    }
    keep('S4', results?.length === waiting.length, `${device} gave ${results?.length ?? 0} answers to ${waiting.length} orders`);
    for (const [index, one] of waiting.entries()) one.settle(results[index] ?? { result: 'unknown', why: busy(device) });
  }

  async #readAll(device: string, waiting: readonly Waiting[], ms: number, startedAt: number): Promise<void> {
    const [only] = waiting;
    const readings = await this.#within(
      device,
      ms,
      async (within): Promise<readonly Reading[] | undefined> =>
        waiting.length === 1 && only !== undefined
          ? [await this.#armory.read(only.outlet, within)]
          : await this.#armory.readAll?.(
              device,
              waiting.map((one) => one.outlet.plug),
              within,
            ),
    );
    const endedAt = this.#clock.now();
    if (readings === 'overdue') {
      for (const one of waiting) one.settle({ ...unread(overdue(device)), startedAt, endedAt });
      return;
    }
    keep('S3', readings?.length === waiting.length, `${device} gave ${readings?.length ?? 0} readings for ${waiting.length} outlets`);
    for (const [index, one] of waiting.entries()) one.settle({ ...(readings[index] ?? unread(busy(device))), startedAt, endedAt });
  }

  /** What the driver brings; `overdue` where it does not come back in time. Then its device is left alone until it has. */
  async #within<T>(device: string, ms: number, ask: (within: Within) => Promise<T>): Promise<T | 'overdue'> {
    const own = new AbortController();
    // A signal of its own for each request: hundreds of listeners on one would look like a leak.
    const signal = AbortSignal.any([this.#signal, own.signal]);
    const asked = ask({ ms, signal });
    let cancel: () => void = () => undefined;
    const givenUp = new Promise<'overdue'>((resolve) => {
      cancel = this.#clock.after(ms + OVERDUE_AFTER, () => {
        this.#overdue.add(device);
        const back = (): boolean => this.#overdue.delete(device);
        asked.then(back, back);
        resolve('overdue');
        own.abort();
      });
      signal.addEventListener('abort', cancel, { once: true });
    });
    try {
      return await Promise.race([asked, givenUp]);
    } finally {
      cancel();
      signal.removeEventListener('abort', cancel);
    }
  }
}

const busy = (device: string): Problem => ({
  code: 'device-busy',
  says: `${device} was still busy with earlier requests when the time for this one was over.`,
  next: 'It is asked again. If this repeats, the device is too slow for its timeout.',
});

const overdue = (device: string): Problem => ({
  code: 'driver-overdue',
  says: `The driver of ${device} did not come back by its deadline; nothing more is asked of the device until it has.`,
  next: 'Restart bailiff if it never comes back. The driver breaks its contract: `bailiff conform` shows it (C10).',
});

const unread = (why: Problem): Reading => ({ power: 'unknown', source: 'not asked', why });

const unasked = (one: Waiting, at: number, why: Problem): OrderResult | TimedReading =>
  one.wanted === undefined ? { ...unread(why), startedAt: at, endedAt: at } : { result: 'unknown', why };
