/** effect.kind -> port. Whatever comes back comes back as an event; nothing is decided here. */
import type { Effect } from '../core/effects.ts';
import type { Event } from '../core/events.ts';
import type { Clock, DevicePool, Notify, Probes, Replies } from './ports.ts';
import { BrokenPromise } from '../vocabulary/index.ts';
import { DeviceLine } from './device-line/line.ts';

/** An event before the loop stamps its time. */
export type Unstamped = Event extends infer E ? (E extends Event ? Omit<E, 'at'> : never) : never;

export interface Ports {
  readonly clock: Clock;
  readonly probes: Probes;
  readonly pool: DevicePool;
  readonly replies: Replies;
  readonly notify: Notify;
}

export class Effects {
  readonly #ports: Ports;
  readonly #happened: (event: Unstamped) => void;
  readonly #failed: (error: unknown) => void;
  /** What the ring asks of devices, and what is asked of them beside it. */
  readonly devices: DeviceLine;
  readonly #timers = new Set<() => void>();
  readonly #stopping = new AbortController();

  constructor(ports: Ports, happened: (event: Unstamped) => void, failed: (error: unknown) => void) {
    this.#ports = ports;
    this.#happened = happened;
    this.#failed = failed;
    this.devices = new DeviceLine(ports.pool, ports.clock, this.#stopping.signal);
  }

  perform(effect: Effect): void {
    if (this.#stopping.signal.aborted) return;
    switch (effect.kind) {
      case 'persist':
        return;
      case 'assess':
        this.#watch(effect.operation, this.#assess(effect));
        return;
      case 'wake':
        this.#after(Math.max(0, effect.at - this.#ports.clock.now()), () =>
          this.#happened({ kind: 'due', operation: effect.operation, timer: effect.timer }),
        );
        return;
      case 'order':
        this.#watch(effect.operation, this.#order(effect));
        return;
      case 'read':
        if (effect.delay === 0) this.#watch(effect.operation, this.#readFor(effect));
        else this.#after(effect.delay, () => this.#watch(effect.operation, this.#readFor(effect)));
        return;
      case 'cancel':
        this.devices.cancel(effect.operation);
        return;
      case 'answer':
        this.#ports.replies.answer(effect.to, effect.answer);
        return;
      case 'call-human':
        this.#ports.notify.callHuman(effect.problem, {
          ...(effect.operation === undefined ? {} : { operation: effect.operation }),
          ...(effect.target === undefined ? {} : { target: effect.target }),
        });
        return;
    }
  }

  /** Stops timers and tells the ports to give up. Nothing that comes back later is heard. */
  stop(): void {
    this.#stopping.abort();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  async #assess(effect: Extract<Effect, { kind: 'assess' }>): Promise<void> {
    const assessment = await this.#ports.probes.assess(effect.question, {
      ms: effect.within,
      // A signal of its own for each round: hundreds of listeners on one would look like a leak.
      signal: AbortSignal.any([this.#stopping.signal]),
    });
    this.#happened({ kind: 'assessed', operation: effect.operation, round: effect.round, assessment });
  }

  async #order(effect: Extract<Effect, { kind: 'order' }>): Promise<void> {
    const order = await this.devices.order(effect.outlet, effect.wanted, effect.within, {
      operation: effect.operation,
      notAfter: effect.notAfter,
    });
    this.#happened({ kind: 'ordered', operation: effect.operation, number: effect.number, outlet: effect.outlet, order });
  }

  async #readFor(effect: Extract<Effect, { kind: 'read' }>): Promise<void> {
    const reading = await this.devices.confirm(effect.outlet, effect.within);
    this.#happened({ kind: 'read', operation: effect.operation, number: effect.number, outlet: effect.outlet, reading });
  }

  #after(ms: number, run: () => void): void {
    const cancel = this.#ports.clock.after(ms, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
  }

  #watch(operation: string, work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (error instanceof BrokenPromise) error.operation ??= operation;
      if (!this.#stopping.signal.aborted) this.#failed(error);
    });
  }
}
