/** The switch behind one outlet. It is the truth: what a device says about it may be something else. */
import type { MockClock } from './clock.ts';

export type Wanted = 'on' | 'off';

/** What a relay does when the device that drives it starts again. `keep`: latching relays, most switched PDUs. */
export type AfterReboot = 'keep' | 'on' | 'off';

export interface RelayOptions {
  readonly clock: MockClock;
  readonly name?: string;
  /** Default: closed, current can flow. */
  readonly closed?: boolean;
  /** Milliseconds from an order to the click; default 0 (at once). */
  readonly delayMs?: number;
  readonly afterReboot?: AfterReboot;
  /** What feeds this relay: the main switch of a PDU, a bank. Without one it is on the mains. */
  readonly upstream?: Relay;
}

export class Relay {
  readonly name: string;
  /** Welded or jammed: orders are heard and nothing moves. */
  stuck = false;
  delayMs: number;
  afterReboot: AfterReboot;
  /** How often each order was carried out (also when it changed nothing, as a real relay clicks again). */
  readonly carriedOut: Record<Wanted, number> = { on: 0, off: 0 };
  readonly #clock: MockClock;
  readonly #upstream: Relay | undefined;
  readonly #loads: Array<() => number> = [];
  readonly #watchers: Array<() => void> = [];
  #closed: boolean;
  #pending: { readonly wanted: Wanted; readonly cancel: () => void } | undefined;

  constructor(options: RelayOptions) {
    this.name = options.name ?? 'outlet';
    this.delayMs = options.delayMs ?? 0;
    this.afterReboot = options.afterReboot ?? 'keep';
    this.#clock = options.clock;
    this.#closed = options.closed ?? true;
    this.#upstream = options.upstream;
    this.#upstream?.watch(() => this.#tell());
  }

  /** Where the contacts are, whatever any device says. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Closed, and there is mains before it. */
  get live(): boolean {
    return this.#closed && (this.#upstream?.live ?? true);
  }

  /** An order that was taken and not yet carried out. */
  get pending(): Wanted | undefined {
    return this.#pending?.wanted;
  }

  /** What flows through it now. */
  get watts(): number {
    return this.live ? this.#loads.reduce((sum, load) => sum + load(), 0) : 0;
  }

  /** Moves the contacts after `delayMs` (default: the relay's own). A later order takes the place of a pending one. */
  order(wanted: Wanted, { delayMs = this.delayMs }: { readonly delayMs?: number } = {}): void {
    this.#forget();
    if (delayMs <= 0) {
      this.#carryOut(wanted);
      return;
    }
    const cancel = this.#clock.after(delayMs, () => {
      this.#pending = undefined;
      this.#carryOut(wanted);
    });
    this.#pending = { wanted, cancel };
  }

  /** The device that drives the relay starts again: pending orders are lost, the contacts do what `afterReboot` says. */
  rebooted(): void {
    this.#forget();
    if (this.afterReboot !== 'keep') this.#carryOut(this.afterReboot);
  }

  /** Something that draws current; asked for its watts whenever the outlet is metered. */
  attach(watts: () => number): void {
    this.#loads.push(watts);
  }

  /** Called after the contacts moved, or the mains before them came or went. */
  watch(changed: () => void): void {
    this.#watchers.push(changed);
  }

  #forget(): void {
    this.#pending?.cancel();
    this.#pending = undefined;
  }

  #carryOut(wanted: Wanted): void {
    this.carriedOut[wanted] += 1;
    if (this.stuck || this.#closed === (wanted === 'on')) return;
    this.#closed = wanted === 'on';
    this.#tell();
  }

  #tell(): void {
    for (const changed of this.#watchers) changed();
  }
}
