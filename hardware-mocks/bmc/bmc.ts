/** A simulated BMC on UDP: a brain, a socket, and the fault plan between them. */
import { type MockClock, realClock } from '../clock.ts';
import { Faulty } from '../faulty.ts';
import type { ChassisAction, Machine } from '../machine.ts';
import { type Leaving, UdpFace } from '../udp-face.ts';
import { BmcBrain } from './brain.ts';
import { Slowness, stepOf } from './habits.ts';
import type { SessionCount } from './sessions.ts';
import { type BmcOptions, type BmcSettings, settle } from './settings.ts';

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
  readonly #slowness: Slowness;
  readonly #face: UdpFace;
  readonly #stopWatching: () => void;
  #wasAlive: boolean;

  constructor(options: BmcOptions) {
    this.machine = options.machine;
    const clock: MockClock = options.clock ?? realClock();
    this.#settings = settle(options);
    this.#slowness = new Slowness(this.#settings.habits, () => clock.now());
    this.faults = new Faulty(clock, options.faults);
    this.#brain = new BmcBrain({ machine: this.machine, clock, settings: this.#settings, faults: this.faults });
    this.count = { heard: 0, taken: 0, sent: 0, sessions: this.#brain.sessions.count, orders: this.#brain.chassis.taken };
    this.faults.onReboot(() => this.#brain.sessions.forgetAll());
    this.#face = new UdpFace(clock, {
      hear: (datagram) => this.hear(datagram),
      maySpeak: () => this.alive,
      sent: () => {
        this.count.sent += 1;
      },
    });
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

  /** Logins under way alone. */
  get halfOpen(): number {
    return this.#brain.sessions.size - this.#brain.sessions.active;
  }

  get port(): number {
    return this.#face.port;
  }

  get address(): string {
    return this.#face.address;
  }

  /** What leaves for one datagram, faults included, each with its delay. */
  hear(datagram: Uint8Array): readonly Leaving[] {
    this.count.heard += 1;
    if (!this.alive) return [];
    return this.faults.arriving(datagram).flatMap((bytes) => {
      this.count.taken += 1;
      if (this.#settings.habits.deafOutside === true && stepOf(bytes) === 'outside') return [];
      const answer = this.#brain.answer(bytes);
      const takes = this.#slowness.of(bytes);
      if (answer === undefined || !this.alive) return [];
      return this.faults.leaving(answer).map((each) => ({ ...each, afterMs: each.afterMs + takes }));
    });
  }

  async listen(port: number, address: string): Promise<void> {
    await this.#face.listen(port, address);
  }

  async stop(): Promise<void> {
    this.#stopWatching();
    await this.#face.stop();
  }

  #powerMayHaveChanged(): void {
    const { alive } = this;
    if (alive === this.#wasAlive) return;
    this.#wasAlive = alive;
    if (alive) this.faults.reboot(this.#settings.bootMs);
    else this.#brain.sessions.forgetAll();
  }
}
