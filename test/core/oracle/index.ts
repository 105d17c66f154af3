/**
 * The oracle: watches what goes into the core and what comes out, what leaves on the wire, and the lamps, and says which promise was
 * broken. It is written from the promises (docs/SAFETY.md), never from the code.
 */
import type { Effect, Event } from '../../../src/core/index.ts';
import type { Answer } from '../../../src/vocabulary/index.ts';
import type { Sent } from '../wire.ts';
import { judgeAgain, judgeAnswer, type Known } from './answers.ts';
import { Lamps } from './lamps.ts';
import { Ledger } from './ledger.ts';
import { judgeOrder, judgeSent, type Says } from './orders.ts';
import { endsOf, judgeWhole } from './whole.ts';
import { Windows } from './windows.ts';

export class Oracle {
  /** One line per broken promise, each beginning with its name. */
  readonly broken: string[] = [];
  readonly #says: Says = (promise, what) => void this.broken.push(`${promise}: ${what}`);
  readonly #ledger = new Ledger();
  readonly #windows = new Windows(this.#ledger, this.#says);
  readonly #lamps: Lamps | undefined;
  readonly #latest = new Map<string, string>();
  readonly #parts = new Map<string, Answer>();

  /** `lit`: what the lamp of a node says, where devices tell the truth. */
  constructor(lit?: (node: string) => boolean) {
    if (lit !== undefined) this.#lamps = new Lamps(this.#ledger, this.#says, lit);
  }

  /** One step. `done`: so many of its effects were begun before the process died. */
  observe(event: Event, effects: readonly Effect[], open: readonly string[], done = effects.length): void {
    const ledger = this.#ledger;
    const known = this.#known(event);
    ledger.take(event);
    this.#windows.judge(event, effects);
    let persisted = false;
    for (const [index, effect] of effects.entries()) {
      if (effect.kind === 'persist') persisted = true;
      if (effect.kind === 'order' && (!persisted || event.kind === 'journal-failed'))
        this.#says('S6', `order ${effect.number} of ${effect.operation} goes out before it is journalled`);
      if ('operation' in effect && effect.operation !== undefined && effect.kind !== 'call-human' && effect.kind !== 'cancel')
        this.#alone(effect.operation, open);
      if (effect.kind === 'order') this.#order(effect);
      // Also where it was not done any more: then the process died at this moment.
      if (effect.kind === 'cancel') ledger.calledBack(effect.operation);
      if (effect.kind === 'read' && effect.number > 0) this.#reads(effect.operation);
      if (effect.kind === 'answer') this.#answer(event, effect, index < done, open);
    }
    judgeAgain(ledger, this.#says, event, effects, known);
    this.#partly(effects);
    if (event.kind === 'restored') this.#readFirst(effects, open, event.hold === true);
    if (!isLost(event)) this.#still(open, effects);
  }

  /** A datagram of an order leaves. */
  sent(sent: Sent): void {
    this.#ledger.at = sent.at;
    judgeSent(this.#ledger, this.#says, sent);
  }

  /** The clock jumped; whether the core has learnt it is another matter. */
  jumped(by: number, before: number): void {
    this.#ledger.shift(by, before);
  }

  lamp(node: string, lit: boolean): void {
    this.#lamps?.changed(node, lit);
  }

  /** Was whoever asked this told its answer? */
  told(kind: 'verdict' | 'command', id: string): boolean {
    const asked = kind === 'verdict' ? this.#ledger.verdicts.get(id) : this.#ledger.commands.get(id);
    return asked?.told === true;
  }

  /** Everything has come to an end: who is still waiting? */
  finish(): void {
    for (const [id, { answer }] of this.#ledger.verdicts) if (answer === undefined) this.#says('S5', `verdict ${id} was never answered`);
    for (const [id, { answer }] of this.#ledger.commands) if (answer === undefined) this.#says('S5', `command ${id} was never answered`);
  }

  #known(event: Event): Known {
    const { verdicts, commands } = this.#ledger;
    const asked =
      event.kind === 'verdict'
        ? this.#ledger.mayBeAnew(event.verdict.id)
          ? undefined
          : verdicts.get(event.verdict.id)
        : event.kind === 'command'
          ? commands.get(event.command.id)
          : (event.kind === 'approved' || event.kind === 'denied') && event.id !== undefined
            ? commands.get(event.id)
            : undefined;
    return { known: asked !== undefined, answered: asked?.answer !== undefined };
  }

  #order(effect: Extract<Effect, { kind: 'order' }>): void {
    const seen = this.#ledger.seen.get(effect.operation);
    judgeOrder(this.#ledger, this.#says, effect);
    if (seen !== undefined) this.#lamps?.ordered(seen.target, effect.wanted);
  }

  #answer(event: Event, effect: Extract<Effect, { kind: 'answer' }>, told: boolean, open: readonly string[]): void {
    const { to } = effect;
    const asked = to.kind === 'verdict' ? this.#ledger.verdicts.get(to.id) : this.#ledger.commands.get(to.id);
    const first = asked?.answer === undefined && !isLost(event);
    judgeAnswer(this.#ledger, this.#says, { event, effect, told, open });
    if (first) this.#lamps?.answered(effect);
  }

  /** S4: once a later operation on a target has begun, the earlier one does nothing any more. */
  #alone(id: string, open: readonly string[]): void {
    const seen = this.#ledger.seen.get(id);
    if (seen === undefined) return;
    const { target } = seen;
    if (seen.ended) this.#says('S4', `${id} goes on after it has ended`);
    if (!seen.begun) this.#ledger.live.add(seen);
    seen.begun = true;
    const latest = this.#latest.get(target);
    if (latest !== undefined && latest !== id && open.includes(latest))
      this.#says('S4', `${id} and ${latest} are under way on ${target} at once`);
    this.#latest.set(target, id);
  }

  #reads(id: string): void {
    const seen = this.#ledger.seen.get(id);
    if (seen !== undefined) seen.mustRead = false;
  }

  #partly(effects: readonly Effect[]): void {
    const ends = endsOf(effects);
    if (ends.length === 0) return;
    for (const [id, answer] of ends) this.#parts.set(id, answer);
    for (const asked of this.#ledger.verdicts.values())
      if (ends.some(([id]) => asked.operations.includes(id))) judgeWhole(this.#ledger, this.#says, asked, this.#parts);
  }

  /** What was begun and is no longer open has ended. */
  #still(open: readonly string[], effects: readonly Effect[]): void {
    const targets = open.map((id) => this.#ledger.seen.get(id)?.target ?? id);
    if (new Set(targets).size !== targets.length) this.#says('S4', `two operations are open on one of ${targets.join(', ')}`);
    for (const seen of [...this.#ledger.live]) {
      if (open.includes(seen.id)) continue;
      this.#ledger.end(seen);
      const called = effects.some((effect) => effect.kind === 'call-human' && effect.operation === seen.id);
      if (this.#ledger.down.get(seen.target) === seen.id && !seen.attested && (!seen.proven || called))
        this.#ledger.down.delete(seen.target);
      const lastReadings = [...seen.outlets.values()].map((known) => known.readings.at(-1)?.power);
      if (this.#ledger.dark.get(seen.target) === seen.id && !seen.proven && (lastReadings.includes('on') || seen.maybeOff.size === 0))
        this.#ledger.dark.delete(seen.target);
    }
  }

  /** S7: whatever was ordered and not answered before the crash is read, and nothing is ordered yet. */
  #readFirst(effects: readonly Effect[], open: readonly string[], hold: boolean): void {
    for (const effect of effects) if (effect.kind === 'order') this.#says('S7', `${effect.operation} orders at the start of a process`);
    if (hold) return;
    for (const seen of this.#ledger.live) {
      const evident = [...seen.unanswered.values()].some((outlet) => this.#ledger.isEvidence(seen, outlet));
      if (!open.includes(seen.id) || !evident) continue;
      const reads = effects.some((effect) => effect.kind === 'read' && effect.operation === seen.id);
      if (!reads) this.#says('S7', `${seen.id} had ordered, and does not read after the crash`);
    }
  }
}

/** Last words of a process that the next one does not know. */
const isLost = (event: Event): boolean => event.kind === 'journal-failed' && event.lost === true;
