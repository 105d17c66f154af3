/** The lamps decide what is true: whoever is told that a node is off can walk to the rack and look. */
import type { Effect } from '../../../src/core/index.ts';
import { quorate } from '../admissible.ts';
import { meansOn } from './answers.ts';
import type { Ledger } from './ledger.ts';
import type { Says } from './orders.ts';

export class Lamps {
  readonly #ledger: Ledger;
  readonly #says: Says;
  readonly #lit: (node: string) => boolean;
  /** Nodes that somebody was told to be off, and that nobody has ordered on since. */
  readonly #toldOff = new Map<string, string>();
  readonly #dark = new Set<string>();

  constructor(ledger: Ledger, says: Says, lit: (node: string) => boolean) {
    this.#ledger = ledger;
    this.#says = says;
    this.#lit = lit;
  }

  /** An answer was given for the first time. */
  answered(effect: Extract<Effect, { kind: 'answer' }>): void {
    const { answer } = effect;
    if (answer.outcome !== 'confirmed') return;
    for (const id of answer.operations) {
      const seen = this.#ledger.seen.get(id);
      if (seen === undefined) continue;
      if (meansOn(this.#ledger, seen, answer) && !this.#lit(seen.target) && !this.#courtesy(seen.target))
        this.#says('S9', `${seen.target} is confirmed on by ${id}, and its lamp is dark`);
      if (seen.command?.action === 'on') continue;
      if (seen.command?.action === 'reboot' && !seen.staysOff) continue;
      if (this.#lit(seen.target)) this.#says('S3', `${seen.target} is confirmed off by ${id}, and its lamp is lit`);
      else this.#toldOff.set(seen.target, id);
    }
  }

  ordered(target: string, wanted: 'on' | 'off'): void {
    if (wanted === 'on') this.#toldOff.delete(target);
  }

  changed(node: string, lit: boolean): void {
    const { policy } = this.#ledger;
    if (lit) this.#dark.delete(node);
    else this.#dark.add(node);
    const told = this.#toldOff.get(node);
    if (lit && told !== undefined) this.#says('S3', `${node} was confirmed off by ${told}, nobody has ordered it on, and its lamp goes on`);
    if (lit || policy === undefined) return;
    // What a courtesy level has cut, and did not bring back, is not promised.
    const ours = [...this.#dark].filter((one) => !this.#courtesy(one));
    const lifted = [...this.#dark].some((one) => this.#isLifted(one));
    if (!lifted && !quorate(policy, ours)) this.#says('S8', `by our hand ${[...this.#dark].join(', ')} are dark: no quorum is left`);
  }

  /** Something that runs on the node itself may cut it, and nothing is promised of that. */
  #courtesy(node: string): boolean {
    return (this.#ledger.policy?.nodes[node]?.levels ?? []).flat().some(({ evidence }) => evidence === 'target');
  }

  /** A person took it upon them. */
  #isLifted(node: string): boolean {
    for (const seen of this.#ledger.seen.values())
      if (
        seen.target === node &&
        seen.ordersOff > 0 &&
        seen.commands.some((one) => one.origin === 'person' && one.override.includes('quorum-floor'))
      )
        return true;
    return false;
  }
}
