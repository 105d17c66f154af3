/** A simulated BMC on UDP: a brain, a socket, and the fault plan between them. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type MockClock, realClock } from '../clock.ts';
import { Faulty } from '../faulty.ts';
import type { ChassisAction, Machine } from '../machine.ts';
import { BmcBrain } from './brain.ts';
import type { SessionCount } from './sessions.ts';
import { type BmcOptions, type BmcSettings, settle } from './settings.ts';

/** Answers held back by a `delay` fault at once; more are dropped. */
const MAX_HELD = 256;

export interface BmcCount {
  /** Datagrams that arrived, were let in by the fault plan, and left. */
  heard: number;
  taken: number;
  sent: number;
  readonly sessions: SessionCount;
  /** Chassis Control answered 00h, by action. What the machine really did is `machine.carriedOut`. */
  readonly orders: Readonly<Record<ChassisAction, number>>;
}

export class MockBmc {
  readonly machine: Machine;
  readonly faults: Faulty;
  readonly count: BmcCount;
  readonly #brain: BmcBrain;
  readonly #settings: BmcSettings;
  readonly #clock: MockClock;
  readonly #held = new Set<() => void>();
  readonly #stopWatching: () => void;
  #socket: Socket | undefined;
  #wasAlive: boolean;

  constructor(options: BmcOptions) {
    this.machine = options.machine;
    this.#clock = options.clock ?? realClock();
    this.#settings = settle(options);
    this.faults = new Faulty(this.#clock, options.faults);
    this.#brain = new BmcBrain({ machine: this.machine, clock: this.#clock, settings: this.#settings, faults: this.faults });
    this.count = { heard: 0, taken: 0, sent: 0, sessions: this.#brain.sessions.count, orders: this.#brain.chassis.taken };
    this.faults.onReboot(() => this.#brain.sessions.forgetAll());
    this.#wasAlive = this.alive;
    this.#stopWatching = this.machine.watch(() => this.#powerMayHaveChanged());
  }

  /** A BMC that listens: `port` 0 takes a free one. */
  static async start(options: BmcOptions & { readonly port?: number; readonly address?: string }): Promise<MockBmc> {
    const bmc = new MockBmc(options);
    await bmc.listen(options.port ?? 0, options.address ?? '127.0.0.1');
    return bmc;
  }

  /** It has standby power. Starting anew counts as alive, but silent. */
  get alive(): boolean {
    return this.machine.standby && !(this.faults.diesWithMachine && !this.machine.lamp);
  }

  /** Logins under way and sessions, now. */
  get sessions(): number {
    return this.#brain.sessions.size;
  }

  get port(): number {
    return this.#listening.address().port;
  }

  get address(): string {
    return this.#listening.address().address;
  }

  /** What leaves for one datagram, faults included, each with its delay. */
  hear(datagram: Uint8Array): readonly { readonly bytes: Uint8Array; readonly afterMs: number }[] {
    this.count.heard += 1;
    if (!this.alive) return [];
    return this.faults.arriving(datagram).flatMap((bytes) => {
      this.count.taken += 1;
      const answer = this.#brain.answer(bytes);
      return answer === undefined || !this.alive ? [] : [...this.faults.leaving(answer)];
    });
  }

  async listen(port: number, address: string): Promise<void> {
    const socket = createSocket('udp4');
    socket.on('error', () => {});
    socket.on('message', (datagram, from) => {
      for (const { bytes, afterMs } of this.hear(datagram)) {
        this.#later(afterMs, () => {
          this.count.sent += 1;
          socket.send(bytes, from.port, from.address, () => {});
        });
      }
    });
    socket.bind(port, address);
    await once(socket, 'listening');
    this.#socket = socket;
  }

  async stop(): Promise<void> {
    this.#stopWatching();
    for (const cancel of this.#held) cancel();
    this.#held.clear();
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    const gone = once(socket, 'close');
    socket.close();
    await gone;
  }

  get #listening(): Socket {
    if (this.#socket === undefined) throw new Error('this BMC does not listen');
    return this.#socket;
  }

  #later(ms: number, send: () => void): void {
    if (ms <= 0) {
      send();
      return;
    }
    if (this.#held.size >= MAX_HELD) return;
    const cancel = this.#clock.after(ms, () => {
      this.#held.delete(cancel);
      if (this.#socket !== undefined && this.alive) send();
    });
    this.#held.add(cancel);
  }

  #powerMayHaveChanged(): void {
    const { alive } = this;
    if (alive === this.#wasAlive) return;
    this.#wasAlive = alive;
    if (alive) this.faults.reboot(this.#settings.bootMs);
    else this.#brain.sessions.forgetAll();
  }
}
