/** A clock that only moves when told, seeded random numbers, and a network of two ends that loses, delays, doubles and reorders. */
import type { OpenWire, WireEvents } from '../../drivers/ipmi/transport.ts';

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class VirtualClock {
  #now = 1_000_000;
  #order = 0;
  #events: Event[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    this.#order += 1;
    const event: Event = { at: this.#now + Math.max(0, ms), order: this.#order, run };
    this.#events.push(event);
    return () => {
      this.#events = this.#events.filter((other) => other !== event);
    };
  }

  /** Timers and datagrams still to come. */
  get pending(): number {
    return this.#events.length;
  }

  /** Runs what is due, letting promises settle in between, until `done` or until nothing is left. */
  async runUntil(done: () => boolean, limitMs = 600_000): Promise<void> {
    const end = this.#now + limitMs;
    for (;;) {
      await settled();
      if (done()) return;
      const next = this.#events.toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined || next.at > end) {
        this.#now = next === undefined ? this.#now : end;
        return;
      }
      this.#events = this.#events.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.runUntil(() => this.#events.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY) > end);
    this.#now = end;
  }

  /** The value of a promise, moving the clock as far as it takes. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    const state = { done: false };
    const end = (): void => {
      state.done = true;
    };
    promise.then(end, end);
    await this.runUntil(() => state.done);
    if (!state.done) throw new Error('nothing is left to happen, and the promise is not settled');
    return await promise;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
}

/** mulberry32: repeatable, of no cryptographic worth. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const seededBytes =
  (random: () => number) =>
  (length: number): Uint8Array =>
    Uint8Array.from({ length }, () => Math.floor(random() * 256));

export interface Weather {
  readonly loss: number;
  readonly duplicate: number;
  /** One way, milliseconds. */
  readonly delayMs: number;
  readonly jitterMs: number;
}

export const CALM: Weather = { loss: 0, duplicate: 0, delayMs: 0.5, jitterMs: 0 };

type Way = 'to-bmc' | 'to-console';

/** What a datagram goes through: itself, something else, or (undefined) nothing. */
export type Filter = (datagram: Uint8Array, way: Way) => Uint8Array | undefined;

export interface Heard {
  readonly way: Way;
  readonly datagram: Uint8Array;
  readonly at: number;
}

export class VirtualNet {
  weather: Weather = CALM;
  filter: Filter = (datagram) => datagram;
  /** Everything that was sent, lost or not. */
  readonly sent: Heard[] = [];
  openWires = 0;
  /** Sockets opened in all. */
  opened = 0;
  readonly #clock: VirtualClock;
  readonly #random: () => number;
  readonly #bmc: (datagram: Uint8Array, reply: (answer: Uint8Array) => void) => void;
  readonly #open = new Set<WireEvents>();

  constructor(clock: VirtualClock, random: () => number, bmc: (datagram: Uint8Array, reply: (answer: Uint8Array) => void) => void) {
    this.#clock = clock;
    this.#random = random;
    this.#bmc = bmc;
  }

  readonly openWire: OpenWire = (_host, _port, events) => {
    let open = true;
    this.openWires += 1;
    this.opened += 1;
    this.#open.add(events);
    const reply = (answer: Uint8Array): void =>
      this.#carry(answer, 'to-console', (bytes) => {
        if (open) events.datagram(bytes);
      });
    return {
      send: (datagram) => {
        if (open) this.#carry(datagram, 'to-bmc', (bytes) => this.#bmc(bytes, reply));
      },
      close: () => {
        if (open) this.openWires -= 1;
        open = false;
        this.#open.delete(events);
      },
    };
  };

  /** Straight to every socket of the console, past weather and filter. */
  inject(datagram: Uint8Array): void {
    for (const events of [...this.#open]) events.datagram(datagram);
  }

  refuse(): void {
    for (const events of [...this.#open]) events.refused();
  }

  fail(reason: string): void {
    for (const events of [...this.#open]) events.failed(reason);
  }

  #carry(datagram: Uint8Array, way: Way, arrive: (bytes: Uint8Array) => void): void {
    this.sent.push({ way, datagram, at: this.#clock.now() });
    const { loss, duplicate, delayMs, jitterMs } = this.weather;
    const copies = this.#random() < loss ? 0 : this.#random() < duplicate ? 2 : 1;
    const passed = this.filter(datagram, way);
    if (passed === undefined) return;
    for (let copy = 0; copy < copies; copy += 1) {
      this.#clock.after(delayMs + jitterMs * this.#random(), () => arrive(passed));
    }
  }
}
