/**
 * The one deadline of a call of several steps, in two forms: shared out to one step after the other, or running, so that everything that waits
 * is told at once when it is over. A part of the driver kit.
 */
import type { Deadline, DriverTools, Problem, Where } from './contract.ts';

/** May something that acts leave now? */
export const mayAct = (tools: Pick<DriverTools, 'now'>, { notAfter }: Pick<Deadline, 'notAfter'>): boolean =>
  notAfter === undefined || tools.now() < notAfter;

/** One deadline that several steps share: each is given what the steps before it have left. */
export class SharedDeadline {
  readonly #tools: Pick<DriverTools, 'now'>;
  readonly #until: number;
  readonly #within: Deadline;

  constructor(tools: Pick<DriverTools, 'now'>, within: Deadline) {
    this.#tools = tools;
    this.#until = tools.now() + within.ms;
    this.#within = within;
  }

  /** For a step that reads, logs in or logs out. */
  get left(): Deadline {
    return this.leftWithin(Number.POSITIVE_INFINITY);
  }

  /** What is left for a step that may take at most `most` milliseconds. */
  leftWithin(most: number): Deadline {
    const ms = Math.max(0, Math.min(most, this.#until - this.#tools.now()));
    const { signal } = this.#within;
    return signal === undefined ? { ms } : { ms, signal };
  }

  /** For a step that acts. */
  get leftToAct(): Deadline {
    const { notAfter } = this.#within;
    return notAfter === undefined ? this.left : { ...this.left, notAfter };
  }
}

/** What a driver says when its time is over; each driver has codes of its own. */
export interface DeadlineTexts {
  aborted(where: Where, step: string): Problem;
  deadlinePassed(where: Where, step: string): Problem;
  driverClosed(where: Where): Problem;
}

/** Every step of the call asks this whether there is time, and is told at once when there is none. */
export class RunningDeadline {
  /** What is being done, for the error text: `logging in`, `GET /redfish/v1/`. */
  step = 'waiting for its turn';
  /** Whom the call is about, for error texts. */
  readonly where: Where;
  readonly #tools: DriverTools;
  readonly #texts: DeadlineTexts;
  readonly #until: number;
  readonly #notAfter: number | undefined;
  readonly #waiting = new Set<() => void>();
  readonly #cancelTimer: () => void;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;
  #over: Problem | undefined;
  #acted = false;

  constructor(tools: DriverTools, where: Where, within: Deadline, texts: DeadlineTexts) {
    this.where = where;
    this.#tools = tools;
    this.#texts = texts;
    this.#until = tools.now() + within.ms;
    this.#notAfter = within.notAfter;
    this.#signal = within.signal;
    this.#onAbort = () => this.#finish(this.#texts.aborted(where, this.step));
    this.#cancelTimer =
      within.ms > 0 ? tools.after(within.ms, () => this.#finish(this.#texts.deadlinePassed(where, this.step))) : () => undefined;
    if (within.ms <= 0) this.#over = this.#texts.deadlinePassed(where, this.step);
    if (this.#signal?.aborted === true) this.#over = this.#texts.aborted(where, this.step);
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Why nothing more may be done, or undefined while there is time. */
  get over(): Problem | undefined {
    return this.#over;
  }

  get remainingMs(): number {
    return this.#over === undefined ? Math.max(0, this.#until - this.#tools.now()) : 0;
  }

  /** Asked right before something that acts leaves. */
  get mayAct(): boolean {
    return this.#over === undefined && mayAct(this.#tools, this.#notAfter === undefined ? {} : { notAfter: this.#notAfter });
  }

  /** Something that acts has left in this call, whatever became of it. */
  get acted(): boolean {
    return this.#acted;
  }

  /** Told with everything that acts, as it leaves. */
  acts(): void {
    this.#acted = true;
  }

  /** Calls `run` when the deadline passes, the caller gives up or the driver is closed; at once where that has happened. */
  onOver(run: () => void): () => void {
    if (this.#over !== undefined) {
      run();
      return () => undefined;
    }
    this.#waiting.add(run);
    return () => void this.#waiting.delete(run);
  }

  /** Waits so long; false when the time is over first. */
  pause(ms: number): Promise<boolean> {
    if (this.#over !== undefined) return Promise.resolve(false);
    return new Promise((resolve) => {
      const cancel = this.#tools.after(ms, () => {
        forget();
        resolve(true);
      });
      const forget = this.onOver(() => {
        cancel();
        resolve(false);
      });
    });
  }

  /** What the promise gives, or undefined when the time is over first. What it gives later is nobody's concern. */
  orOver<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const forget = this.onOver(() => resolve(undefined));
      promise.then(
        (value) => {
          forget();
          resolve(value);
        },
        (error: unknown) => {
          forget();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  /** The driver is being closed. */
  close(): void {
    this.#finish(this.#texts.driverClosed(this.where));
  }

  /** The call has settled: gives timer and listener back. */
  end(): void {
    this.#cancelTimer();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#waiting.clear();
  }

  #finish(why: Problem): void {
    if (this.#over !== undefined) return;
    this.#over = why;
    const waiting = [...this.#waiting];
    this.end();
    for (const run of waiting) run();
  }
}
