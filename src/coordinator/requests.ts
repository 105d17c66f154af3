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
import { calledBack, tooLate } from './not-sent.ts';
import { Pace } from './pace.ts';
import type { DevicePool, Clock, Deadline } from './ports.ts';

/** Whose order it is, and when it may not leave any more (milliseconds since 1970). */
export interface OrderTerms {
  readonly operation: string;
  readonly notAfter: number;
}

interface Waiting {
  readonly outlet: Outlet;
  /** Absent: a reading. */
  readonly wanted?: WantedPower;
  /** Present with `wanted`. */
  readonly terms?: OrderTerms;
  /** Milliseconds since 1970. */
  readonly deadline: number;
  settle(result: OrderResult | TimedReading): void;
  fail(error: unknown): void;
}

/** Plugs in one request; a driver splits further where its device wants less. */
const MOST_TOGETHER = 64;

/**
 * A driver has to come back by its deadline, or at once when it is called off. After this many milliseconds more it is given up, so that
 * nobody waits for it for ever.
 */
const OVERDUE_AFTER = 1000;

/** A driver that was given up, and was closed, may take so long to let go of its device before that is asked by another one (S4). */
const LETS_GO_WITHIN = 5000;

export class Requests {
  readonly #pool: DevicePool;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #queues = new DeviceQueues();
  readonly #pace: Pace;
  /** What ends with the process: one listener for all of it, since hundreds on one signal would look like a leak. */
  readonly #stops = new Set<() => void>();
  readonly #waiting = new Map<string, Waiting[]>();
  /** Devices whose driver was given up and has not let go yet: they are asked nothing (S4), and whoever asks is told so at once. */
  readonly #overdue = new Set<string>();
  /** Orders under way: whose they are, and how they are called off. */
  readonly #underWay = new Set<{ readonly operations: readonly string[]; callOff(): void }>();

  constructor(pool: DevicePool, clock: Clock, signal: AbortSignal) {
    this.#pool = pool;
    this.#clock = clock;
    this.#signal = signal;
    this.#pace = new Pace(clock);
    signal.addEventListener('abort', () => {
      for (const stop of this.#stops) stop();
    });
  }

  async order(outlet: Outlet, wanted: WantedPower, within: number, terms: OrderTerms): Promise<OrderResult> {
    const result = await this.#wait({ outlet, wanted, terms, deadline: this.#clock.now() + within });
    keep('S4', 'result' in result, `a reading came back for an order to ${outlet.device}`);
    return result;
  }

  /** The time span of the reading is that of the request itself, not of the wait for it. */
  async read(outlet: Outlet, within: number): Promise<TimedReading> {
    const result = await this.#wait({ outlet, deadline: this.#clock.now() + within });
    keep('S4', 'power' in result, `an order's answer came back for a reading of ${outlet.device}`);
    return result;
  }

  /** What waits is not sent any more; what is under way is called off, and its driver repeats nothing. */
  cancel(operation: string): void {
    for (const [device, queue] of [...this.#waiting]) {
      const called = queue.filter((one) => one.terms?.operation === operation);
      if (called.length === 0) continue;
      const rest = queue.filter((one) => !called.includes(one));
      if (rest.length === 0) this.#waiting.delete(device);
      else this.#waiting.set(device, rest);
      for (const one of called) one.settle({ result: 'rejected', why: calledBack(device) });
    }
    for (const one of [...this.#underWay]) if (one.operations.includes(operation)) one.callOff();
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
    const waiting = this.#waiting.get(device);
    if (waiting === undefined) return;
    const over = await this.#pace.turn(waiting.every(({ wanted }) => wanted === undefined));
    try {
      await this.#serveNext(device);
    } finally {
      over();
    }
  }

  async #serveNext(device: string): Promise<void> {
    const together = this.#take(device);
    const first = together[0];
    if (first === undefined) return;
    const startedAt = this.#clock.now();
    // A coordinator that has stopped asks nothing any more, whatever still waited.
    const timely = together.filter((one) => this.#mayStart(one, startedAt));
    const late = together.filter((one) => !timely.includes(one));
    for (const one of late) one.settle(unasked(one, startedAt, this.#whyNot(one, startedAt)));
    if (timely.length === 0) return;
    try {
      const ms = Math.min(...timely.map((one) => one.deadline)) - startedAt;
      if (first.wanted === undefined) await this.#readAll(device, timely, ms, startedAt);
      else await this.#orderAll(device, timely, first.wanted, ms);
    } catch (error) {
      for (const one of timely) one.fail(error);
    }
  }

  #mayStart(one: Waiting, at: number): boolean {
    return one.deadline > at && (one.terms?.notAfter ?? at + 1) > at && !this.#signal.aborted && !this.#overdue.has(one.outlet.device);
  }

  #whyNot({ outlet: { device }, terms }: Waiting, at: number): Problem {
    if (this.#overdue.has(device)) return overdue(device);
    return terms !== undefined && terms.notAfter <= at ? tooLate(device) : busy(device);
  }

  /** The first order that waits, else the first reading; with it all that are alike, if the device takes them together. */
  #take(device: string): Waiting[] {
    const queue = this.#waiting.get(device) ?? [];
    const first = queue.find((one) => one.wanted !== undefined) ?? queue[0];
    if (first === undefined) return [];
    const most = this.#pool.together?.(device) === true ? MOST_TOGETHER : 1;
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
    const notAfter = Math.min(...waiting.map((one) => one.terms?.notAfter ?? Number.POSITIVE_INFINITY));
    const operations = waiting.flatMap((one) => (one.terms === undefined ? [] : [one.terms.operation]));
    const results = await this.#within({ device, ms, notAfter, operations }, async (within) =>
      waiting.length === 1 && only !== undefined
        ? [await this.#pool.order(only.outlet, wanted, within)]
        : await this.#pool.orderAll?.(
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
      { device, ms, operations: [] },
      async (within): Promise<readonly Reading[] | undefined> =>
        waiting.length === 1 && only !== undefined
          ? [await this.#pool.read(only.outlet, within)]
          : await this.#pool.readAll?.(
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
  async #within<T>(request: Request, ask: (within: Deadline) => Promise<T>): Promise<T | 'overdue'> {
    const { device, ms, notAfter, operations } = request;
    const own = new AbortController();
    // A signal of its own for each request: hundreds of listeners on one would look like a leak.
    const signal = AbortSignal.any([this.#signal, own.signal]);
    const asked = ask({ ms, signal, ...(notAfter === undefined ? {} : { notAfter }) });
    let cancel: () => void = () => undefined;
    let giveUpIn: (ms: number) => void = () => undefined;
    const givenUp = new Promise<'overdue'>((resolve) => {
      giveUpIn = (patience) => {
        cancel();
        cancel = this.#clock.after(patience, () => {
          this.#letGo(device, asked);
          resolve('overdue');
          own.abort();
        });
      };
    });
    giveUpIn(ms + OVERDUE_AFTER);
    const stop = (): void => cancel();
    this.#stops.add(stop);
    const underWay = {
      operations,
      callOff: () => {
        own.abort();
        giveUpIn(OVERDUE_AFTER);
      },
    };
    if (operations.length > 0) this.#underWay.add(underWay);
    try {
      return await Promise.race([asked, givenUp]);
    } finally {
      cancel();
      this.#underWay.delete(underWay);
      this.#stops.delete(stop);
    }
  }

  /** Its device is opened anew, when the driver that was given up has come back or has had its time to. */
  #letGo(device: string, asked: Promise<unknown>): void {
    this.#overdue.add(device);
    let free = (): void => {
      this.#overdue.delete(device);
      cancel();
      free = () => undefined;
    };
    const cancel = this.#clock.after(LETS_GO_WITHIN, () => free());
    asked.then(
      () => free(),
      () => free(),
    );
    this.#pool.reopen?.(device);
  }
}

interface Request {
  readonly device: string;
  readonly ms: number;
  readonly notAfter?: number;
  /** Whose orders it carries; none where it reads. */
  readonly operations: readonly string[];
}

const busy = (device: string): Problem => ({
  code: 'device-busy',
  says: `${device} was still busy with earlier requests when the time for this one was over.`,
  next: 'It is asked again. If this repeats, the device is too slow for its timeout.',
});

const overdue = (device: string): Problem => ({
  code: 'driver-overdue',
  says: `The driver of ${device} did not come back by its deadline; it was given up.`,
  next: 'The device is opened anew for the next request. The driver breaks its contract: `bailiff conform` shows it (C10).',
});

const unread = (why: Problem): Reading => ({ power: 'unknown', source: 'not asked', why });

/** Nothing was sent: an order that never left is no order. */
const unasked = (one: Waiting, at: number, why: Problem): OrderResult | TimedReading =>
  one.wanted === undefined
    ? { ...unread(why), startedAt: at, endedAt: at }
    : { result: why.code === 'order-too-late' ? 'rejected' : 'unknown', why };
