/** For drivers whose settings can be well-formed one by one and make no sense together; a part of the driver kit. */
import type { Evidence, Health, ListedOutlet, OrderResult, PowerDriver, Problem, Reading } from './contract.ts';

/** Every question gets the same answer, every order is rejected, and nothing is sent anywhere. */
export class Misconfigured implements PowerDriver {
  readonly evidence: Evidence;
  readonly #why: Problem;

  constructor(why: Problem, evidence: Evidence = 'device') {
    this.#why = why;
    this.evidence = evidence;
  }

  order(): Promise<OrderResult> {
    return Promise.resolve({ result: 'rejected', why: this.#why });
  }

  read(): Promise<Reading> {
    return Promise.resolve({ power: 'unknown', why: this.#why, source: 'settings' });
  }

  orderAll(plugs: readonly string[]): Promise<readonly OrderResult[]> {
    return Promise.all(plugs.map(() => this.order()));
  }

  readAll(plugs: readonly string[]): Promise<readonly Reading[]> {
    return Promise.all(plugs.map(() => this.read()));
  }

  list(): Promise<readonly ListedOutlet[] | Problem> {
    return Promise.resolve(this.#why);
  }

  check(): Promise<Health> {
    return Promise.resolve({ ok: false, found: [], problem: this.#why });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
