/** One call to a driver: with its deadline, and with an end also where the driver does not come back. */
import type { Clock, Deadline } from '../ports.ts';

/**
 * A driver has to come back by its deadline, or at once when it is called off. After this many milliseconds more it is let go, so that nobody
 * waits for it for ever.
 */
const OVERDUE_AFTER = 1000;

/** Milliseconds that a question of whoever only looks may keep a fencing waiting: a device that answers does so sooner, and keeps its session. */
const GIVES_WAY_AFTER = 200;

export interface Terms {
  /** Milliseconds until it has to be answered. */
  readonly ms: number;
  /** Of orders: nothing leaves from then on. Milliseconds since 1970. */
  readonly notAfter?: number;
  /** The driver did not come back, and was let go; `asked` settles when it does after all. */
  overdue(asked: Promise<unknown>): void;
}

export class Call {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #terms: Terms;
  readonly #calledOff = new AbortController();
  #letGo: (patience: number) => void = () => undefined;
  #ended: () => void = () => undefined;
  readonly #patience: (() => void)[] = [];
  #stopGivingWay: (() => void) | undefined;

  constructor(clock: Pick<Clock, 'after'>, terms: Terms) {
    this.#clock = clock;
    this.#terms = terms;
  }

  /** It was called off for a fencing; what its driver says then is no fault of the device. */
  gaveWay = false;

  /** What the driver brings; `overdue` where it was let go, `closing` where the process ends first. */
  async run<T>(ask: (within: Deadline) => Promise<T>): Promise<T | 'overdue' | 'closing'> {
    const { ms, notAfter } = this.#terms;
    // A signal of its own for each call, and not one that follows another: a listener that a driver leaves on it goes with the call.
    const { signal } = this.#calledOff;
    const asked = ask({ ms, signal, ...(notAfter === undefined ? {} : { notAfter }) });
    const letGo = new Promise<'overdue'>((resolve) => {
      // Whichever of them is over first: to be called off gives nobody more time.
      this.#letGo = (patience) => {
        const over = this.#clock.after(patience, () => {
          this.stop();
          this.#terms.overdue(asked);
          resolve('overdue');
          this.#calledOff.abort();
        });
        this.#patience.push(over);
      };
    });
    const ended = new Promise<'closing'>((resolve) => {
      this.#ended = () => resolve('closing');
    });
    this.#letGo(ms + OVERDUE_AFTER);
    try {
      return await Promise.race([asked, letGo, ended]);
    } finally {
      this.#letGo = () => undefined;
      this.stop();
    }
  }

  /** Its driver is to come back at once, and to repeat nothing. */
  callOff(): void {
    if (this.#calledOff.signal.aborted) return;
    this.#calledOff.abort();
    this.#letGo(OVERDUE_AFTER);
  }

  /** The process ends: its driver is to come back at once, and nobody waits until it does. */
  end(): void {
    this.stop();
    this.#calledOff.abort();
    this.#ended();
  }

  /** A fencing waits. A driver that does not listen keeps the time that it had: it may be about to answer. */
  giveWay(): void {
    this.#stopGivingWay ??= this.#clock.after(GIVES_WAY_AFTER, () => {
      this.gaveWay = true;
      this.#calledOff.abort();
    });
  }

  /** No timer is left. */
  stop(): void {
    for (const stop of this.#patience.splice(0)) stop();
    this.#stopGivingWay?.();
  }
}
