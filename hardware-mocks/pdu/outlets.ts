/** The outlets of a mock PDU: relays with what the PDU knows, forgets and gets wrong about them. */
import type { MockClock } from '../clock.ts';
import type { Faulty } from '../faulty.ts';
import type { Relay, Wanted } from '../relay.ts';
import type { Action } from './family.ts';

export interface Outlet {
  /** From 1 within its unit. */
  readonly number: number;
  readonly unit: number;
  /** From 1 over all units. */
  readonly row: number;
  readonly relay: Relay;
  label: string;
}

/** `true`: what flows. `absent`: no such objects. `none`: -1, as unmetered outlets say. A number: stuck at so many watts. */
export type Metering = 'true' | 'absent' | 'none' | number;

interface OutletsOptions {
  readonly clock: MockClock;
  readonly faults: Faulty;
  readonly metering: Metering;
  /** Configured power-off and power-on delay, for delayed commands; 'never' as APC's -1. */
  readonly delayMs: number | 'never';
  /** How old what a reading says may be: an agent that polls its relays. */
  readonly staleMs: number;
  readonly volts: number;
}

/** One line of the audit trail: who switched what, by which object. */
export interface Switched {
  readonly at: number;
  readonly outlet: number;
  readonly action: Action | 'whole-unit';
  readonly by: string;
}

const MOST_AUDITED = 10_000;
/** Between the two halves of a reboot. */
const REBOOT_MS = 2000;

export class Outlets {
  readonly all: readonly Outlet[];
  readonly audit: Switched[] = [];
  metering: Metering;
  readonly volts: number;
  readonly #options: OutletsOptions;
  /** Outlets whose own state word is "fault" or "unknown". */
  readonly broken = new Set<Outlet>();
  /** Outlets whose pending flag never goes away. */
  readonly hung = new Set<Outlet>();
  /** Outlets between the two halves of a reboot, and how the second half is called off. */
  readonly #rebooting = new Map<Outlet, () => void>();
  readonly #past = new Map<Outlet, Array<{ readonly at: number; readonly closed: boolean }>>();

  constructor(all: readonly Outlet[], options: OutletsOptions) {
    this.all = all;
    this.#options = options;
    this.metering = options.metering;
    this.volts = options.volts;
    for (const outlet of all) {
      this.#past.set(outlet, [{ at: Number.NEGATIVE_INFINITY, closed: outlet.relay.closed }]);
      outlet.relay.watch(() => this.#remember(outlet));
    }
  }

  order(outlet: Outlet, action: Action, by: string, afterMs?: number): void {
    this.#note({ at: this.#options.clock.now(), outlet: outlet.row, action, by });
    if (action === 'cancel') this.#callOff(outlet);
    if (action === 'cancel') return outlet.relay.order(outlet.relay.closed ? 'on' : 'off', { delayMs: 0 });
    const wanted: Wanted = action === 'on' || action === 'delayedOn' || (action === 'toggle' && !outlet.relay.closed) ? 'on' : 'off';
    const fate = this.#options.faults.ordered(String(outlet.row), wanted);
    if (!fate.act) return;
    const target = fate.plugOffset === 0 ? outlet : this.all[(outlet.row - 1 + fate.plugOffset) % this.all.length];
    if (target === undefined) return;
    const delayed = action === 'delayedOn' || action === 'delayedOff' ? this.#options.delayMs : afterMs;
    if (delayed === 'never') return;
    const before: Wanted = target.relay.closed ? 'on' : 'off';
    this.#callOff(target);
    target.relay.order(wanted, delayed === undefined ? {} : { delayMs: delayed });
    if (action === 'reboot') this.#rebootLater(target);
    if (fate.undoAfterMs !== undefined) this.#options.clock.after(fate.undoAfterMs, () => target.relay.order(before, { delayMs: 0 }));
  }

  wholeUnit(by: string, wanted: Wanted): void {
    this.#note({ at: this.#options.clock.now(), outlet: 0, action: 'whole-unit', by });
    for (const outlet of this.all) outlet.relay.order(wanted);
  }

  /** What the state object says before it is put into the family's numbers. */
  said(outlet: Outlet): 'on' | 'off' | 'transitional' | 'fault' {
    if (this.broken.has(outlet)) return 'fault';
    return this.#options.faults.reading(String(outlet.row), this.#seen(outlet) ? 'on' : 'off');
  }

  /** A command that was taken and not yet carried out. */
  moving(outlet: Outlet): Wanted | undefined {
    if (this.hung.has(outlet)) return outlet.relay.closed ? 'off' : 'on';
    return outlet.relay.pending ?? (this.#rebooting.has(outlet) ? (outlet.relay.closed ? 'off' : 'on') : undefined);
  }

  /** Watts, or -1 for "not measured". */
  loadOf(outlet: Outlet): number {
    if (typeof this.metering === 'number') return this.metering;
    return this.metering === 'true' ? outlet.relay.watts : -1;
  }

  /** The PDU's controller starts again: pending commands are lost, the relays do what they do. */
  rebooted(): void {
    for (const outlet of this.all) {
      this.#callOff(outlet);
      outlet.relay.rebooted();
    }
  }

  /** The second half of a reboot; an order in between takes its place. */
  #rebootLater(outlet: Outlet): void {
    const cancel = this.#options.clock.after(REBOOT_MS, () => {
      this.#rebooting.delete(outlet);
      outlet.relay.order('on');
    });
    this.#rebooting.set(outlet, cancel);
  }

  #callOff(outlet: Outlet): void {
    this.#rebooting.get(outlet)?.();
    this.#rebooting.delete(outlet);
  }

  #seen(outlet: Outlet): boolean {
    if (this.#options.staleMs <= 0) return outlet.relay.closed;
    const until = this.#options.clock.now() - this.#options.staleMs;
    return this.#past.get(outlet)?.findLast((moment) => moment.at <= until)?.closed ?? outlet.relay.closed;
  }

  #remember(outlet: Outlet): void {
    const past = this.#past.get(outlet);
    past?.push({ at: this.#options.clock.now(), closed: outlet.relay.closed });
    if (past !== undefined && past.length > 64) past.splice(0, past.length - 64);
  }

  #note(switched: Switched): void {
    this.audit.push(switched);
    if (this.audit.length > MOST_AUDITED) this.audit.shift();
  }
}
