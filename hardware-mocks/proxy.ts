/**
 * A UDP proxy that loses, delays, doubles and reorders datagrams, repeatably, and counts them: packet economy is measured here, and loss
 * is made here when the device itself is not ours.
 */
import { createSocket, type Socket } from 'node:dgram';
import { type MockClock, realClock } from './clock.ts';
import { SeededRandom } from './random.ts';
import { closed, listenUdp } from './listening.ts';

/** What happens on one way. Probabilities are 0 to 1, times are milliseconds; all default to 0. */
export interface Weather {
  readonly loss?: number;
  readonly duplicate?: number;
  /** Probability that a datagram is held back by `reorderMs` (default 30), so that later ones overtake it. */
  readonly reorder?: number;
  readonly reorderMs?: number;
  readonly delayMs?: number;
  readonly jitterMs?: number;
}

export interface ProxyOptions {
  /** The device, on loopback unless `address` says otherwise. */
  readonly to: { readonly port: number; readonly address?: string };
  /** Default 0: a free one. */
  readonly port?: number;
  readonly address?: string;
  readonly seed?: number;
  /** Weather of the way to the device and of the way back. */
  readonly toDevice?: Weather;
  readonly toClient?: Weather;
  readonly clock?: MockClock;
}

export interface WayCount {
  /** Datagrams that came in at this end, and how many of them were dropped or doubled. */
  arrived: number;
  lost: number;
  doubled: number;
  bytes: number;
}

export interface ProxyCount {
  readonly toDevice: WayCount;
  readonly toClient: WayCount;
  /** Answers that came after at least one request since the answer before: retransmissions count once. */
  roundTrips: number;
}

/** Clients known at once; the one unheard for longest makes place. */
const MAX_CLIENTS = 256;
/** Datagrams held back at once; more are dropped, as a router would. */
const MAX_IN_FLIGHT = 4096;

interface Client {
  readonly socket: Socket;
  readonly port: number;
  readonly address: string;
  gone: boolean;
}

function emptyCount(): ProxyCount {
  const way = (): WayCount => ({ arrived: 0, lost: 0, doubled: 0, bytes: 0 });
  return { toDevice: way(), toClient: way(), roundTrips: 0 };
}

const randomOf = (seed: number) => ({ toDevice: new SeededRandom(seed), toClient: new SeededRandom(seed ^ 0x9e37_79b9) });

export class UdpProxy {
  toDevice: Weather;
  toClient: Weather;
  #count = emptyCount();
  readonly #front: Socket;
  readonly #to: { readonly port: number; readonly address: string };
  readonly #clock: MockClock;
  #random: { readonly toDevice: SeededRandom; readonly toClient: SeededRandom };
  readonly #clients = new Map<string, Client>();
  readonly #held = new Set<() => void>();
  #asked = false;
  #closed = false;

  private constructor(front: Socket, options: ProxyOptions) {
    this.#front = front;
    this.#to = { address: '127.0.0.1', ...options.to };
    this.#clock = options.clock ?? realClock();
    this.toDevice = options.toDevice ?? {};
    this.toClient = options.toClient ?? {};
    this.#random = randomOf(options.seed ?? 0);
    front.on('message', (bytes, from) => this.#fromClient(bytes, from.port, from.address));
  }

  static async open(options: ProxyOptions): Promise<UdpProxy> {
    return new UdpProxy(await listenUdp(options.port, options.address), options);
  }

  get port(): number {
    return this.#front.address().port;
  }

  get count(): ProxyCount {
    return this.#count;
  }

  /** Random numbers from the beginning for what comes: a run that is repeated with its seed meets the same losses, whatever was carried before it. */
  reseed(seed: number): void {
    this.#random = randomOf(seed);
  }

  /** Takes the count and begins a new one. */
  recount(): ProxyCount {
    const count = this.#count;
    this.#count = emptyCount();
    this.#asked = false;
    return count;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const cancel of this.#held) cancel();
    this.#held.clear();
    for (const client of this.#clients.values()) client.socket.close();
    this.#clients.clear();
    await closed(this.#front);
  }

  #fromClient(bytes: Uint8Array, port: number, address: string): void {
    const client = this.#client(port, address);
    this.#asked = true;
    this.#carry('toDevice', bytes, () => {
      if (!client.gone) client.socket.send(bytes, this.#to.port, this.#to.address, () => {});
    });
  }

  #fromDevice(bytes: Uint8Array, client: Client): void {
    if (this.#asked) this.#count.roundTrips += 1;
    this.#asked = false;
    this.#carry('toClient', bytes, () => this.#front.send(bytes, client.port, client.address, () => {}));
  }

  #client(port: number, address: string): Client {
    const key = `${address}:${port}`;
    const known = this.#clients.get(key);
    if (known !== undefined) {
      this.#clients.delete(key);
      this.#clients.set(key, known);
      return known;
    }
    const client: Client = { socket: createSocket('udp4'), port, address, gone: false };
    client.socket.on('error', () => {});
    client.socket.on('message', (bytes, from) => {
      if (from.port === this.#to.port && from.address === this.#to.address) this.#fromDevice(bytes, client);
    });
    this.#clients.set(key, client);
    const oldest = this.#clients.size > MAX_CLIENTS ? this.#clients.entries().next().value : undefined;
    if (oldest !== undefined) {
      this.#clients.delete(oldest[0]);
      oldest[1].gone = true;
      oldest[1].socket.close();
    }
    return client;
  }

  #carry(way: 'toDevice' | 'toClient', bytes: Uint8Array, send: () => void): void {
    const weather = this[way];
    const random = this.#random[way];
    const count = this.#count[way];
    count.arrived += 1;
    count.bytes += bytes.length;
    const lost = random.chance(weather.loss ?? 0);
    const doubled = random.chance(weather.duplicate ?? 0);
    const late = random.chance(weather.reorder ?? 0) ? (weather.reorderMs ?? 30) : 0;
    const delay = (weather.delayMs ?? 0) + random.fraction() * (weather.jitterMs ?? 0) + late;
    if (lost || this.#held.size >= MAX_IN_FLIGHT) {
      count.lost += 1;
      return;
    }
    if (doubled) count.doubled += 1;
    for (let copy = 0; copy < (doubled ? 2 : 1); copy += 1) this.#later(delay, send);
  }

  #later(ms: number, send: () => void): void {
    if (ms <= 0) {
      send();
      return;
    }
    const cancel = this.#clock.after(ms, () => {
      this.#held.delete(cancel);
      if (!this.#closed) send();
    });
    this.#held.add(cancel);
  }
}
