/**
 * What is asked of devices, whoever asks: one request in flight per device (S4), in the order of their ranks. Where a device can take several
 * plugs in one call, everything alike that waits for it goes together, so that a PDU whose 48 outlets are fenced at once is asked a few times.
 */
import type { Health, ListedOutlet, OrderResult, Outlet, Problem, TimedReading, WantedPower } from '../../vocabulary/index.ts';
import type { Clock, Deadline, DevicePool } from '../ports.ts';
import { Call } from './call.ts';
import { askDriver, tellUnasked } from './driver-call.ts';
import { busy, calledBack, closing, overdue, tooLate } from './not-sent.ts';
import { Pace, type Place, type Urgency } from './pace.ts';
import {
  answeredBy,
  type Ask,
  isOrder,
  isUrgent,
  leavesBy,
  type OrderAsk,
  type OrderTerms,
  Queue,
  type Rank,
  type ReadAsk,
  waitsUntil,
} from './queue.ts';

/** Plugs in one call; a driver splits further where its device wants less. */
const MOST_TOGETHER = 64;

/** A driver that was let go, and was closed, may take so long to let go of its device before that is asked by another one (S4). */
const LETS_GO_WITHIN = 5000;

/** Whoever only looks waits for their turn so long at most. */
export const LOOKS_WAIT = 120_000;

/** One device, from the first that waits for it until nobody does. */
interface DeviceState {
  readonly device: string;
  readonly queue: Queue;
  /** Somebody waits for the pace, or for the device. */
  serving: boolean;
  place?: Place;
  /** In flight, and only looking: it gives way to a fencing. */
  looking?: Call;
  /**
   * Its driver was let go, and has not let go of the device yet: it is asked nothing (S4) until this resolves. Whoever looks is told so at once; what a
   * fencing needs waits for it as for any other turn, since an order that is told at once would be given again and again in no time.
   */
  overdue?: Promise<void>;
}

/** What can be called back for an operation: what waits, or what is under way. */
interface Revocable {
  callBack(): void;
}

/** What whoever looks may ask. */
export type Looking = Pick<DeviceLine, 'status' | 'health' | 'list'>;

export class DeviceLine {
  readonly #pool: DevicePool;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #pace: Pace;
  readonly #states = new Map<string, DeviceState>();
  /** How each that waits leaves its device again: its timer, and its place under its operation. */
  readonly #leave = new Map<Ask, () => void>();
  readonly #byOperation = new Map<string, Set<Revocable>>();
  /** What ends with the process: one listener for all of it, since hundreds on one signal would look like a leak. */
  readonly #stops = new Set<() => void>();

  /** `signal`: the end of all of it. Whatever waits then is told so, and asked nothing any more. */
  constructor(pool: DevicePool, clock: Clock, signal: AbortSignal) {
    this.#pool = pool;
    this.#clock = clock;
    this.#signal = signal;
    this.#pace = new Pace(clock);
    signal.addEventListener('abort', () => {
      for (const state of [...this.#states.values()]) this.#tellAll(state, closing);
      for (const stop of [...this.#stops]) stop();
    });
  }

  /** `within`: milliseconds from now. */
  async order(outlet: Outlet, wanted: WantedPower, within: number, terms: OrderTerms): Promise<OrderResult> {
    const now = this.#clock.now();
    const times = { until: now + within, within, terms, leavesWithin: terms.notAfter - now };
    return await new Promise((settle, fail) => this.#put({ rank: 'order', kind: wanted, outlet, ...times, settle, fail }));
  }

  /** A reading that a fencing waits for, `within` milliseconds from now. Its time span is that of the call, not of the wait for it. */
  async confirm(outlet: Outlet, within: number): Promise<TimedReading> {
    const until = this.#clock.now() + within;
    return await new Promise((settle, fail) => this.#put({ rank: 'confirm', kind: 'read', outlet, until, within, settle, fail }));
  }

  /** A reading for whoever looks; `within`: milliseconds from its turn on. */
  async status(outlet: Outlet, within: number): Promise<TimedReading> {
    return await new Promise((settle, fail) => this.#put({ ...this.#look('status', outlet, within), kind: 'read', settle, fail }));
  }

  /** Can we log in, and may we cut? As `status`. */
  async health(device: string, within: number): Promise<Health> {
    return await this.ask(device, within, async (deadline) => await this.#pool.health(device, deadline), unfit);
  }

  /** All its outlets, as it tells them itself. As `status`. */
  async list(device: string, within: number): Promise<readonly ListedOutlet[] | Problem> {
    return await this.ask<readonly ListedOutlet[] | Problem>(
      device,
      within,
      async (deadline) => await this.#pool.list(device, deadline),
      (why) => why,
    );
  }

  /** Any question about a device as a whole, as `status`. `none`: what is told where there is no answer. */
  async ask<T>(device: string, within: number, question: (within: Deadline) => Promise<T>, none: (why: Problem) => T): Promise<T> {
    return await new Promise((settle, fail) =>
      this.#put({
        ...this.#look('health', { device, plug: '' }, within),
        kind: 'question',
        ask: async (deadline) => {
          const answer = await question(deadline);
          return () => settle(answer);
        },
        tell: (why) => settle(none(why)),
        fail,
      }),
    );
  }

  /** What waits is not sent any more; what is under way is called off, and its driver repeats nothing. Costs what it calls back. */
  cancel(operation: string): void {
    for (const one of [...(this.#byOperation.get(operation) ?? [])]) one.callBack();
  }

  #look(rank: Rank, outlet: Outlet, within: number): Pick<ReadAsk, 'rank' | 'outlet' | 'until' | 'within'> {
    return { rank, outlet, until: this.#clock.now() + LOOKS_WAIT, within };
  }

  #put(ask: Ask): void {
    const { device } = ask.outlet;
    const now = this.#clock.now();
    const state = this.#states.get(device) ?? { device, queue: new Queue(), serving: false };
    const whyNot = this.#whyNot(state, ask, now) ?? (state.queue.put(ask) ? undefined : busy(device));
    if (whyNot !== undefined) {
      tellUnasked(ask, whyNot, now);
      return;
    }
    this.#states.set(device, state);
    this.#waits(state, ask, now);
    if (isUrgent(ask)) state.looking?.giveWay();
    state.place?.raise(urgencyOf(ask.rank));
    if (state.serving) return;
    state.serving = true;
    void this.#serve(state);
  }

  /** Until its turn comes it can be called back, and its time can be over. */
  #waits(state: DeviceState, ask: Ask, now: number): void {
    const tell = (why: Problem): void => {
      if (!state.queue.remove(ask)) return;
      this.#left(ask);
      tellUnasked(ask, why, this.#clock.now());
    };
    const stop = this.#clock.after(waitsUntil(ask) - now, () => tell(lateIn(ask, this.#clock.now())));
    const forget = isOrder(ask) ? this.#revocable(ask.terms.operation, { callBack: () => tell(calledBack(state.device)) }) : undefined;
    this.#leave.set(ask, () => {
      stop();
      forget?.();
    });
  }

  #left(ask: Ask): void {
    this.#leave.get(ask)?.();
    this.#leave.delete(ask);
  }

  #revocable(operation: string, one: Revocable): () => void {
    const all = this.#byOperation.get(operation) ?? new Set();
    this.#byOperation.set(operation, all.add(one));
    return () => {
      all.delete(one);
      if (all.size === 0 && this.#byOperation.get(operation) === all) this.#byOperation.delete(operation);
    };
  }

  async #serve(state: DeviceState): Promise<void> {
    for (let { next } = state.queue; next !== undefined; { next } = state.queue) {
      if (state.overdue !== undefined) {
        await state.overdue;
        continue;
      }
      state.place = this.#pace.place(urgencyOf(next));
      const over = await state.place.turn;
      delete state.place;
      try {
        await this.#serveNext(state);
      } finally {
        over();
      }
    }
    state.serving = false;
    this.#forget(state);
  }

  #forget(state: DeviceState): void {
    if (!state.serving && state.overdue === undefined && this.#states.get(state.device) === state) this.#states.delete(state.device);
  }

  async #serveNext(state: DeviceState): Promise<void> {
    const now = this.#clock.now();
    const most = this.#pool.together?.(state.device) === true ? MOST_TOGETHER : 1;
    const timely: Ask[] = [];
    for (const ask of state.queue.take(most, now)) {
      this.#left(ask);
      const whyNot = this.#whyNot(state, ask, now);
      if (whyNot === undefined) timely.push(ask);
      else tellUnasked(ask, whyNot, now);
    }
    if (timely.length === 0) return;
    try {
      await this.#call(state, timely, now);
    } catch (error) {
      for (const ask of timely) ask.fail(error);
    }
  }

  /** Why it may not be sent now; undefined where it may. */
  #whyNot(state: DeviceState, ask: Ask, now: number): Problem | undefined {
    if (this.#signal.aborted) return closing;
    if (state.overdue !== undefined && !isUrgent(ask)) return overdue(state.device);
    return waitsUntil(ask) > now ? undefined : lateIn(ask, now);
  }

  async #call(state: DeviceState, asks: readonly Ask[], now: number): Promise<void> {
    const orders = asks.filter(isOrder);
    const call = new Call(this.#clock, {
      ms: Math.min(...asks.map((ask) => answeredBy(ask, now))) - now,
      ...(orders.length === 0 ? {} : { notAfter: Math.min(...orders.map((order) => leavesBy(order, now))) }),
      overdue: (asked) => this.#letGo(state, asked),
    });
    const stop = (): void => call.end();
    const forget = this.#callsOff(call, orders);
    this.#stops.add(stop);
    if (!asks.some(isUrgent)) state.looking = call;
    try {
      await askDriver({ pool: this.#pool, device: state.device, call, now: () => this.#clock.now() }, asks);
    } finally {
      delete state.looking;
      this.#stops.delete(stop);
      for (const one of forget) one();
    }
  }

  /** Under way it is called off once nobody wants any of its orders: to one that goes together with others, theirs matter more. */
  #callsOff(call: Call, orders: readonly OrderAsk[]): readonly (() => void)[] {
    const wanting = new Set(orders.map(({ terms }) => terms.operation));
    return [...wanting].map((operation) =>
      this.#revocable(operation, {
        callBack: () => {
          wanting.delete(operation);
          if (wanting.size === 0) call.callOff();
        },
      }),
    );
  }

  /** Its device is opened again when the driver that was let go has come back, or has had its time to. */
  #letGo(state: DeviceState, asked: Promise<unknown>): void {
    state.overdue = new Promise((resolve) => {
      const free = (): void => {
        // Once: by then it may be overdue again.
        if (!this.#stops.delete(free)) return;
        cancel();
        delete state.overdue;
        this.#forget(state);
        resolve();
      };
      const cancel = this.#clock.after(LETS_GO_WITHIN, free);
      this.#stops.add(free);
      asked.then(free, free);
    });
    this.#tellAll(state, overdue(state.device), (ask) => !isUrgent(ask));
    this.#pool.reopen?.(state.device);
  }

  #tellAll(state: DeviceState, why: Problem, isMeant?: (ask: Ask) => boolean): void {
    const now = this.#clock.now();
    for (const ask of state.queue.drain(isMeant)) {
      this.#left(ask);
      tellUnasked(ask, why, now);
    }
  }
}

const urgencyOf = (rank: Rank): Urgency => (rank === 'confirm' ? 'begun' : rank === 'order' ? 'new' : 'looking');

const lateIn = (ask: Ask, now: number): Problem => {
  const { device } = ask.outlet;
  return isOrder(ask) && ask.terms.notAfter <= now ? tooLate(device) : busy(device);
};

const unfit = (problem: Problem): Health => ({ ok: false, found: [], problem });
