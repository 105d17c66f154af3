/**
 * The oracle: watches what goes into the core and what comes out, and says which promise was broken. It is written from the promises
 * (docs/SAFETY.md). Of the core's state it is told one thing, which operations are open, so it does not share the core's mistakes.
 */
import type { Effect, Event, EventOf, Policy } from '../../src/core/index.ts';
import { type Answer, type Command, type Outlet, outletName, type Verdict } from '../../src/vocabulary/index.ts';
import { admissible, contradict, quorate } from './admissible.ts';
import { type Known, provenOff } from './proof.ts';

type Order = Extract<Effect, { kind: 'order' }>;

/** An operation as seen from outside: an id that was drawn, and what came in and went out under it. */
interface Seen {
  readonly id: string;
  readonly target: string;
  readonly command?: Command;
  readonly commands: Command[];
  readonly verdicts: Verdict[];
  readonly outlets: Map<string, Known>;
  ordersOff: number;
  orders: number;
  unanswered: Map<number, Outlet>;
  heard: { readonly startedAt: number; readonly answered: number } | undefined;
  /** A crash left an order of it without an answer, and nothing was read since (S7). */
  mustRead: boolean;
  proven: boolean;
  /** A reboot that somebody wants off. */
  staysOff: boolean;
  attested: boolean;
  begun: boolean;
  ended: boolean;
}

interface Asked {
  readonly verdict: Verdict;
  /** It may be carried out as far as it goes by itself; `admitted` also as far as the others go. */
  readonly fits: boolean;
  readonly admitted: boolean;
  answer?: Answer;
}

export class Oracle {
  /** One line per broken promise, each beginning with its name. */
  readonly broken: string[] = [];
  #policy: Policy | undefined;
  #at = 0;
  #epoch = 0;
  #lease: number | undefined;
  readonly #seen = new Map<string, Seen>();
  readonly #verdicts = new Map<string, Asked>();
  readonly #commands = new Map<string, { readonly command: Command; answer?: Answer }>();
  readonly #latest = new Map<string, string>();
  /** Targets that are off, or may be: ordered off by this operation, and not proven to have stayed on. */
  readonly #down = new Map<string, string>();
  #shots: { readonly target: string; readonly at: number }[] = [];

  observe(event: Event, effects: readonly Effect[], open: readonly string[]): void {
    this.#at = event.at;
    const before = new Map([...this.#verdicts].map(([id, asked]) => [id, asked.answer]));
    this.#take(event);
    for (const seen of this.#seen.values()) this.#prove(seen);
    let persisted = false;
    for (const effect of effects) {
      if (effect.kind === 'persist') persisted = true;
      if (effect.kind === 'order' && (!persisted || event.kind === 'journal-failed'))
        this.#says('S6', `order ${effect.number} of ${effect.operation} goes out before it is journalled`);
      if ('operation' in effect && effect.operation !== undefined && effect.kind !== 'call-human') this.#alone(effect.operation, open);
      if (effect.kind === 'order') this.#order(effect);
      if (effect.kind === 'read') this.#reads(effect.operation);
      if (effect.kind === 'answer') this.#answer(event, effect.to, effect.answer, before);
    }
    if (event.kind === 'verdict') this.#answeredAgain(event.verdict, effects, before);
    if (event.kind === 'restored') this.#readFirst(effects, open);
    this.#still(open, effects);
  }

  /** Everything has come to an end: who is still waiting? */
  finish(): void {
    for (const [id, { answer }] of this.#verdicts) if (answer === undefined) this.#says('S5', `verdict ${id} was never answered`);
    for (const [id, { answer }] of this.#commands) if (answer === undefined) this.#says('S5', `command ${id} was never answered`);
  }

  /** What was begun and is no longer open has ended. */
  #still(open: readonly string[], effects: readonly Effect[]): void {
    const targets = open.map((id) => this.#seen.get(id)?.target ?? id);
    if (new Set(targets).size !== targets.length) this.#says('S4', `two operations are open on one of ${targets.join(', ')}`);
    for (const seen of this.#seen.values()) {
      if (seen.ended || !seen.begun || open.includes(seen.id)) continue;
      seen.ended = true;
      if (
        this.#down.get(seen.target) === seen.id &&
        !seen.attested &&
        (!seen.proven || effects.some((effect) => effect.kind === 'call-human' && effect.operation === seen.id))
      )
        this.#down.delete(seen.target);
    }
  }

  #says(promise: string, what: string): void {
    this.broken.push(`${promise}: ${what}`);
  }

  #take(event: Event): void {
    switch (event.kind) {
      case 'restored':
        this.#policy = event.policy;
        for (const seen of this.#seen.values()) this.#crashed(seen);
        break;
      case 'verdict':
        this.#takeVerdict(event);
        break;
      case 'command': {
        const { command, operation } = event;
        this.#commands.set(command.id, { command });
        const open = [...this.#seen.values()].find((seen) => seen.target === command.target && seen.begun && !seen.ended);
        open?.commands.push(command);
        this.#seen.set(operation, { ...fresh(operation, command.target), command, commands: [command] });
        break;
      }
      case 'lease-held':
        this.#lease = event.until;
        break;
      case 'lease-lost':
        this.#lease = event.at;
        break;
      case 'assessed': {
        const answered = event.assessment.observations.filter(
          (o) => o.probe === 'reference-ip' && o.by === 'self' && o.answer === 'heard',
        ).length;
        const seen = this.#seen.get(event.operation);
        const { startedAt } = event.assessment;
        if (seen !== undefined && startedAt >= (seen.heard?.startedAt ?? 0)) seen.heard = { startedAt, answered };
        break;
      }
      case 'ordered': {
        const seen = this.#seen.get(event.operation);
        const known = seen?.outlets.get(outletName(event.outlet));
        if (known?.number === event.number) known.since = event.at;
        seen?.unanswered.delete(event.number);
        break;
      }
      case 'read': {
        const seen = this.#seen.get(event.operation);
        const known = seen?.outlets.get(outletName(event.outlet));
        known?.readings.push(event.reading);
        // It has read: what is still unanswered was given up.
        seen?.unanswered.clear();
        break;
      }
      case 'due':
        // The level is given up: its orders are not waited for any more.
        if (event.timer.kind === 'level') this.#seen.get(event.operation)?.unanswered.clear();
        break;
      case 'approved':
      case 'denied':
      case 'noted':
      case 'resumed':
      case 'clock-jumped':
      case 'epoch-set':
      case 'broke':
      case 'journal-failed':
        break;
    }
  }

  #takeVerdict({ verdict, operations, at }: EventOf<'verdict'>): void {
    if (this.#policy === undefined || this.#verdicts.has(verdict.id)) return;
    const fits = admissible(this.#policy, verdict, at, this.#epoch);
    const clash = fits && [...this.#verdicts.values()].some((other) => other.fits && contradict(other.verdict, verdict));
    this.#verdicts.set(verdict.id, { verdict, fits, admitted: fits && !clash });
    if (!fits || clash) return;
    this.#epoch = verdict.epoch;
    for (const [index, target] of verdict.targets.entries()) {
      for (const seen of this.#seen.values()) if (seen.target === target && seen.begun && !seen.ended) seen.verdicts.push(verdict);
      const id = operations[index] ?? '';
      this.#seen.set(id, { ...fresh(id, target), verdicts: [verdict] });
    }
  }

  /** S7, S2: what an earlier process heard does not count any more; an order without an answer may or may not have left it. */
  #crashed(seen: Seen): void {
    seen.heard = undefined;
    seen.mustRead = !seen.ended && [...seen.unanswered.values()].some((outlet) => this.#isEvidence(seen, outlet));
    for (const number of seen.unanswered.keys())
      for (const known of seen.outlets.values()) if (known.number === number) known.since = this.#at;
  }

  /** S4: once a later operation on a target has begun, the earlier one does nothing any more. */
  #alone(id: string, open: readonly string[]): void {
    const seen = this.#seen.get(id);
    if (seen === undefined) return;
    const { target } = seen;
    if (seen.ended) this.#says('S4', `${id} goes on after it has ended`);
    seen.begun = true;
    const latest = this.#latest.get(target);
    if (latest !== undefined && latest !== id && open.includes(latest))
      this.#says('S4', `${id} and ${latest} are under way on ${target} at once`);
    this.#latest.set(target, id);
  }

  #prove(seen: Seen): void {
    if (seen.ended || seen.ordersOff === 0 || this.#policy === undefined) return;
    // A reboot goes on after its proof; for all others the proof is what they end with.
    const keeps = seen.proven && seen.command?.action === 'reboot' && !seen.staysOff;
    seen.proven = keeps || provenOff(this.#policy, seen.target, seen.outlets);
  }

  #reads(id: string): void {
    const seen = this.#seen.get(id);
    if (seen !== undefined) seen.mustRead = false;
  }

  #order(effect: Order): void {
    const policy = this.#policy;
    const seen = this.#seen.get(effect.operation);
    if (policy === undefined || seen === undefined) {
      this.#says('S1', `order ${effect.number} belongs to no verdict and no command that came in`);
      return;
    }
    this.#right(policy, seen, effect);
    this.#sighted(policy, seen, effect);
    if (effect.wanted === 'off') this.#radius(policy, seen);
    this.#note(seen, effect);
  }

  /** S1, S9, S11: who says so, and may they? */
  #right(policy: Policy, seen: Seen, effect: Order): void {
    if (!(policy.nodes[seen.target]?.levels ?? []).flat().some((one) => outletName(one) === outletName(effect.outlet)))
      this.#says('S1', `${outletName(effect.outlet)} is no outlet of ${seen.target}`);
    const persons = seen.commands.filter((one) => one.by !== '' && one.reason !== '' && one.action !== 'attest');
    const current = seen.verdicts.some((one) => one.epoch === this.#epoch || (seen.orders > 0 && one.epoch <= this.#epoch));
    if (persons.length === 0 && !current) this.#says('S1', `${seen.id} has no verdict of epoch ${this.#epoch} and no command`);
    if (effect.wanted === 'on') {
      const asked =
        persons.some((one) => one.action === 'on') || (persons.some((one) => one.action === 'reboot') && seen.proven && !seen.staysOff);
      if (!asked) this.#says('S9', `${seen.target} is powered on, and nobody unfenced it`);
      return;
    }
    if (!persons.some((one) => one.action !== 'on') && seen.verdicts.length === 0) this.#says('S1', `nobody asked for ${seen.target} off`);
    if (persons.some((one) => one.origin === 'person' && one.override.includes('survivor'))) return;
    const protects = [...this.#verdicts.values()].find(
      ({ verdict, admitted }) =>
        admitted &&
        verdict.epoch === this.#epoch &&
        verdict.survivors.includes(seen.target) &&
        verdict.targets.some((one) => this.#down.has(one)),
    );
    if (protects !== undefined) this.#says('S11', `${seen.target} survives by verdict ${protects.verdict.id}, and is shot`);
  }

  /** S2 and S7. */
  #sighted(policy: Policy, seen: Seen, effect: Order): void {
    const { heard } = seen;
    if (heard === undefined || heard.answered < policy.verify.need || this.#at - heard.startedAt > policy.verify.validFor)
      this.#says('S2', `order ${effect.number} of ${seen.id} is given blind, or by what was heard too long ago`);
    if (this.#lease !== undefined && this.#lease <= this.#at)
      this.#says('S2', `order ${effect.number} of ${seen.id} is given without a lease`);
    if (seen.mustRead) this.#says('S7', `${seen.id} orders after a crash before it has read`);
  }

  /** S8, when the first order off goes out. */
  #radius(policy: Policy, seen: Seen): void {
    if (seen.ordersOff > 0) return;
    const lifted = seen.commands.filter((one) => one.origin === 'person').flatMap((one) => one.override);
    const recent = this.#shots.filter((shot) => shot.at > this.#at - policy.storm.within).map((shot) => shot.target);
    if (new Set([...recent, seen.target]).size > policy.storm.targets && !lifted.includes('storm-limit'))
      this.#says('S8', `${seen.target} is one target too many for the storm limit`);
    if (!quorate(policy, [...this.#down.keys(), seen.target]) && !lifted.includes('quorum-floor'))
      this.#says('S8', `without ${seen.target} the cluster has no quorum left`);
  }

  #note(seen: Seen, effect: Order): void {
    const name = outletName(effect.outlet);
    seen.orders += 1;
    seen.proven = effect.wanted === 'on' && seen.proven;
    seen.unanswered.set(effect.number, effect.outlet);
    if (effect.wanted === 'on') {
      this.#down.delete(seen.target);
      return;
    }
    if (seen.ordersOff === 0) this.#shots.push({ target: seen.target, at: this.#at });
    seen.ordersOff += 1;
    seen.outlets.set(name, { number: effect.number, since: this.#at, readings: seen.outlets.get(name)?.readings ?? [] });
    this.#down.set(seen.target, seen.id);
  }

  #answer(
    event: Event,
    to: { readonly kind: string; readonly id: string },
    answer: Answer,
    before: ReadonlyMap<string, Answer | undefined>,
  ): void {
    for (const id of answer.operations) this.#ends(id, answer);
    if (answer.outcome !== 'confirmed' && answer.outcome !== 'attested' && answer.problem === undefined)
      this.#says('S5', `${to.id} is told ${answer.outcome} and not why`);
    const asked: { answer?: Answer } | undefined = to.kind === 'verdict' ? this.#verdicts.get(to.id) : this.#commands.get(to.id);
    const again = event.kind === 'verdict' && event.verdict.id === to.id && to.kind === 'verdict';
    const altered = again && JSON.stringify(event.verdict) !== JSON.stringify(this.#verdicts.get(to.id)?.verdict);
    if (asked === undefined) this.#says('S5', `${to.kind} ${to.id} is answered and was never asked`);
    else if (altered && answer.outcome === 'refused') return;
    else if (asked.answer === undefined) asked.answer = answer;
    else if (!again || JSON.stringify(before.get(to.id)) !== JSON.stringify(answer))
      this.#says('S5', `${to.kind} ${to.id} is answered ${answer.outcome} after ${asked.answer.outcome}`);
    if (to.kind === 'command' && answer.operations.length === 0)
      for (const seen of this.#seen.values()) if (seen.command?.id === to.id) seen.ended = true;
    if (answer.outcome === 'attested') for (const id of answer.operations) this.#attested(id);
    if (answer.outcome !== 'confirmed') return;
    for (const id of answer.operations) this.#confirmed(id);
  }

  /** Told that it is down, and an order to power it on was given: it comes up beside whoever took over. */
  #attested(id: string): void {
    const seen = this.#seen.get(id);
    if (seen !== undefined && seen.orders > seen.ordersOff) this.#says('S9', `${seen.target} is attested by ${id}, which powers it on`);
  }

  #confirmed(id: string): void {
    const seen = this.#seen.get(id);
    if (seen === undefined) this.#says('S3', `${id} is confirmed and was never seen`);
    else if (seen.command?.action !== 'on' && !seen.proven)
      this.#says('S3', `${seen.target} is confirmed off by ${id}, and no level was proven off`);
  }

  #ends(id: string, answer: Answer): void {
    const seen = this.#seen.get(id);
    if (seen === undefined || seen.ended) return;
    if (answer.problem?.code === 'overtaken' && seen.command?.action === 'reboot' && !seen.proven) {
      // Those who wanted it back on are told; the operation goes on and the node stays off.
      seen.staysOff = true;
      return;
    }
    if (answer.outcome !== 'attested') return;
    seen.attested = true;
    this.#down.set(seen.target, id);
  }

  /** S5: the same verdict again gets the answer it got before. */
  #answeredAgain(verdict: Verdict, effects: readonly Effect[], before: ReadonlyMap<string, Answer | undefined>): void {
    const earlier = before.get(verdict.id);
    const told = effects.some((effect) => effect.kind === 'answer' && effect.to.kind === 'verdict' && effect.to.id === verdict.id);
    if (earlier !== undefined && !told) this.#says('S5', `verdict ${verdict.id} came again and was not told its answer`);
  }

  /** A level that runs on the target itself cannot be proven by reading it (S10). */
  #isEvidence(seen: Seen, outlet: Outlet): boolean {
    const levels = this.#policy?.nodes[seen.target]?.levels ?? [];
    return levels.flat().some((one) => outletName(one) === outletName(outlet) && one.evidence === 'device');
  }

  /** S7: whatever was ordered and not answered before the crash is read, and nothing is ordered yet. */
  #readFirst(effects: readonly Effect[], open: readonly string[]): void {
    for (const effect of effects) if (effect.kind === 'order') this.#says('S7', `${effect.operation} orders at the start of a process`);
    for (const seen of this.#seen.values()) {
      const evident = [...seen.unanswered.values()].some((outlet) => this.#isEvidence(seen, outlet));
      if (!open.includes(seen.id) || !evident) continue;
      const reads = effects.some((effect) => effect.kind === 'read' && effect.operation === seen.id);
      if (!reads) this.#says('S7', `${seen.id} had ordered, and does not read after the crash`);
    }
  }
}

const fresh = (id: string, target: string): Seen => ({
  id,
  target,
  commands: [],
  verdicts: [],
  outlets: new Map(),
  ordersOff: 0,
  orders: 0,
  unanswered: new Map(),
  heard: undefined,
  mustRead: false,
  proven: false,
  staysOff: false,
  attested: false,
  begun: false,
  ended: false,
});
