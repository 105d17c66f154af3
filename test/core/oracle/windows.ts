/** What a person was given time for ends at one moment, however often the process starts anew meanwhile. */
import type { Effect, Event } from '../../../src/core/index.ts';
import type { Ledger } from './ledger.ts';
import type { Says } from './orders.ts';

export class Windows {
  readonly #ledger: Ledger;
  readonly #says: Says;
  /** By operation: when the person who is its device was first called. */
  readonly #called = new Map<string, number>();
  readonly #ends = new Map<string, number>();

  constructor(ledger: Ledger, says: Says) {
    this.#ledger = ledger;
    this.#says = says;
  }

  judge(event: Event, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'wake') this.#wake(event, effect);
      if (effect.kind === 'call-human' && effect.problem.code === 'person-needed' && effect.operation !== undefined)
        this.#person(effect.operation);
    }
  }

  #person(id: string): void {
    const seen = this.#ledger.seen.get(id);
    const { at, policy } = this.#ledger;
    if (seen === undefined || policy === undefined || this.#called.has(id)) return;
    this.#called.set(id, at);
    // A person is slower than a device: the levels after theirs have as much more time.
    seen.deadline += policy.approvalWindow + policy.timeout;
  }

  #wake(event: Event, effect: Extract<Effect, { kind: 'wake' }>): void {
    const { policy, at } = this.#ledger;
    const seen = this.#ledger.seen.get(effect.operation);
    if (seen === undefined || policy === undefined) return;
    if (effect.timer.kind === 'approval') {
      seen.approveUntil ??= effect.at;
      if (effect.at > seen.approveUntil) this.#says('S5', `the window of ${seen.id} for a person begins anew`);
    }
    if (effect.timer.kind !== 'level' || !this.#called.has(seen.id)) return;
    const key = `${seen.id} ${effect.timer.level} ${effect.timer.wanted}`;
    const end = this.#ends.get(key);
    if (event.kind !== 'restored' && event.kind !== 'resumed') {
      this.#ends.set(key, Math.max(end ?? 0, effect.at));
      return;
    }
    // Devices are read for a moment after a crash, whatever the time.
    if (end !== undefined && effect.at > Math.max(end, at + policy.graceAfterCrash))
      this.#says('S5', `the time of ${seen.id} for the person who is its device begins anew`);
  }
}
