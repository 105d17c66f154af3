/** The calls in flight of one opened device, each under a deadline of its own; a part of the driver kit. */
import type { Deadline, DriverTools, Where } from './contract.ts';
import { type DeadlineTexts, RunningDeadline } from './deadline.ts';

export class Calls {
  readonly #tools: DriverTools;
  readonly #where: Where;
  readonly #texts: DeadlineTexts;
  readonly #running = new Set<RunningDeadline>();
  #closed = false;

  constructor(tools: DriverTools, where: Where, texts: DeadlineTexts) {
    this.#tools = tools;
    this.#where = where;
    this.#texts = texts;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Runs one call. Its timer and its listener are given back when it has settled, whatever it was. */
  async within<T>(within: Deadline, run: (deadline: RunningDeadline) => Promise<T>): Promise<T> {
    const deadline = new RunningDeadline(this.#tools, this.#where, within, this.#texts);
    this.#running.add(deadline);
    try {
      if (this.#closed) deadline.close();
      return await run(deadline);
    } finally {
      this.#running.delete(deadline);
      deadline.end();
    }
  }

  /** Calls in flight are told that the driver is closed, and so is every later one. Idempotent. */
  close(): void {
    this.#closed = true;
    for (const deadline of [...this.#running]) deadline.close();
  }
}
