/**
 * The physical world: one machine with its supplies, its soft power and the lamp on its front. Knows no protocol. Shells (BMC, PDU, SSH,
 * Redfish) read and switch it; tests ask the lamp, never a shell, what is true.
 */
import type { MockClock } from './clock.ts';
import { Relay, type Wanted } from './relay.ts';

/** What the machine does when mains comes back (the BMC's power restore policy). */
export type RestorePolicy = 'always-off' | 'previous' | 'always-on';

/** What a chassis can be told, in the words of IPMI's Chassis Control. */
export type ChassisAction = 'off' | 'on' | 'cycle' | 'reset' | 'soft';

export interface LampMoment {
  readonly at: number;
  readonly on: boolean;
}

export interface MachineOptions {
  readonly name: string;
  readonly clock: MockClock;
  /** One relay per power supply, at most four; default: one supply in the wall. */
  readonly feeds?: readonly Relay[];
  /** Soft power at the start; default on. */
  readonly on?: boolean;
  /** From the order to the dark lamp (a force-off pulse takes up to 15 s on real boards); default 0. */
  readonly offDelayMs?: number;
  readonly onDelayMs?: number;
  /** How long a cycle keeps the machine dark; default 1000, the least IPMI asks for. */
  readonly cycleOffMs?: number;
  /** How long a soft shutdown takes; default 2000. `never`: the operating system does not listen. */
  readonly softOffMs?: number | 'never';
  readonly restore?: RestorePolicy;
  /** The board's controller is dead while the machine is off (some blades, shared power), not only without mains. */
  readonly diesWithMachine?: boolean;
  readonly idleWatts?: number;
  readonly busyWatts?: number;
  /** Drawn while off and plugged in: the standby rail that feeds the BMC; default 5. */
  readonly standbyWatts?: number;
}

/** The lamp's history is kept this far back; older moments are dropped. */
const LAMP_LOG_LIMIT = 10_000;

export class Machine {
  readonly name: string;
  readonly feeds: readonly Relay[];
  restore: RestorePolicy;
  diesWithMachine: boolean;
  offDelayMs: number;
  onDelayMs: number;
  /** Accepts orders and does nothing: a broken power FET, a jammed controller. */
  stuck = false;
  busy = false;
  /** Truth over time, oldest first; the first entry is the start. */
  readonly lampLog: LampMoment[] = [];
  /** How often each action was carried out: shows an order that was executed twice. */
  readonly carriedOut: Record<ChassisAction, number> = { off: 0, on: 0, cycle: 0, reset: 0, soft: 0 };
  readonly #clock: MockClock;
  readonly #cycleOffMs: number;
  readonly #softOffMs: number | 'never';
  readonly #watts: { readonly idle: number; readonly busy: number; readonly standby: number };
  readonly #watchers: Array<() => void> = [];
  #softPower: boolean;
  #hadMains: boolean;
  #lamp: boolean;
  #pending: { readonly wanted: Wanted; readonly cancel: () => void } | undefined;

  constructor(options: MachineOptions) {
    this.name = options.name;
    this.#clock = options.clock;
    this.feeds = options.feeds ?? [new Relay({ clock: options.clock, name: `${options.name} wall` })];
    if (this.feeds.length < 1 || this.feeds.length > 4) throw new RangeError('a machine has one to four feeds');
    this.restore = options.restore ?? 'previous';
    this.diesWithMachine = options.diesWithMachine ?? false;
    this.offDelayMs = options.offDelayMs ?? 0;
    this.onDelayMs = options.onDelayMs ?? 0;
    this.#cycleOffMs = options.cycleOffMs ?? 1000;
    this.#softOffMs = options.softOffMs ?? 2000;
    this.#watts = { idle: options.idleWatts ?? 120, busy: options.busyWatts ?? 300, standby: options.standbyWatts ?? 5 };
    this.#softPower = options.on ?? true;
    this.#hadMains = this.mains;
    this.#lamp = this.#softPower && this.#hadMains;
    this.lampLog.push({ at: options.clock.now(), on: this.#lamp });
    for (const feed of this.feeds) {
      feed.watch(() => this.#mainsMayHaveChanged());
      feed.attach(() => this.#share(feed));
    }
  }

  /** The truth: is it running? */
  get lamp(): boolean {
    return this.#lamp;
  }

  /** At least one supply has mains. */
  get mains(): boolean {
    return this.feeds.some((feed) => feed.live);
  }

  /** The board's controller has power. It always needs mains; with `diesWithMachine` also a running machine. */
  get standby(): boolean {
    return this.mains && !(this.diesWithMachine && !this.#lamp);
  }

  /** An order on its way: what a device calls powering on, powering off. */
  get pending(): Wanted | undefined {
    return this.#pending?.wanted;
  }

  get watts(): number {
    if (!this.mains) return 0;
    if (!this.#lamp) return this.#watts.standby;
    return this.busy ? this.#watts.busy : this.#watts.idle;
  }

  /** What the board's own controller can do. Each call counts, also one that changes nothing. Without standby power nothing happens. */
  order(action: ChassisAction): void {
    if (!this.standby) return;
    this.carriedOut[action] += 1;
    if (this.stuck) return;
    if (action === 'off') this.#switchAfter('off', this.offDelayMs);
    else if (action === 'on') this.#switchAfter('on', this.onDelayMs);
    else if (action === 'cycle') this.#switchAfter('off', this.offDelayMs, () => this.#switchAfter('on', this.#cycleOffMs));
    else if (action === 'soft' && this.#softOffMs !== 'never') this.#switchAfter('off', this.#softOffMs);
  }

  /** A hand on the front button, or a fault that brings the power back: not an order, not counted. */
  press(wanted: Wanted, afterMs = 0): void {
    this.#switchAfter(wanted, afterMs);
  }

  /** Called after the lamp, the mains or the standby power changed. The returned function ends it. */
  watch(changed: () => void): () => void {
    this.#watchers.push(changed);
    return () => {
      const at = this.#watchers.indexOf(changed);
      if (at >= 0) this.#watchers.splice(at, 1);
    };
  }

  /** Was the lamp lit at any moment of [from, to]? This is how a claim of "off" is judged. */
  litDuring(from: number, to: number): boolean {
    let before = this.lampLog[0]?.on ?? this.#lamp;
    for (const moment of this.lampLog) {
      if (moment.at > to) break;
      if (moment.at <= from) before = moment.on;
      else if (moment.on) return true;
    }
    return before;
  }

  #switchAfter(wanted: Wanted, ms: number, then?: () => void): void {
    this.#pending?.cancel();
    this.#pending = undefined;
    const run = (): void => {
      this.#pending = undefined;
      this.#softPower = wanted === 'on';
      this.#settle();
      then?.();
    };
    if (ms <= 0) run();
    else this.#pending = { wanted, cancel: this.#clock.after(ms, run) };
  }

  #mainsMayHaveChanged(): void {
    const mains = this.mains;
    if (mains === this.#hadMains) {
      this.#tell();
      return;
    }
    this.#hadMains = mains;
    this.#pending?.cancel();
    this.#pending = undefined;
    if (mains && this.restore !== 'previous') this.#softPower = this.restore === 'always-on';
    this.#settle(true);
  }

  #settle(tell = false): void {
    const lamp = this.#softPower && this.mains;
    if (lamp === this.#lamp) {
      if (tell) this.#tell();
      return;
    }
    this.#lamp = lamp;
    this.lampLog.push({ at: this.#clock.now(), on: lamp });
    if (this.lampLog.length > LAMP_LOG_LIMIT) this.lampLog.shift();
    this.#tell();
  }

  #share(feed: Relay): number {
    const live = this.feeds.filter((each) => each.live).length;
    return feed.live && live > 0 ? this.watts / live : 0;
  }

  #tell(): void {
    for (const changed of [...this.#watchers]) changed();
  }
}
