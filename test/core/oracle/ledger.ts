/**
 * What is known from outside: what came in, what went out, and what was told. It judges nothing; the rules beside it do. Of the core's state
 * it is told one thing, which operations are open, so it does not share the core's mistakes.
 */
import type { Event, EventOf, Policy } from '../../../src/core/index.ts';
import { type Outlet, outletName } from '../../../src/vocabulary/index.ts';
import { admissible, contradict } from '../admissible.ts';
import { provenOff } from '../proof.ts';
import { type Asked, type AskedCommand, fresh, type Given, type OrderEffect, type Seen } from './seen.ts';

/** More than these are not remembered, unless they must be. */
export const MOST_VERDICTS = 400;

export class Ledger {
  policy: Policy | undefined;
  at = 0;
  epoch = 0;
  /** End of the lease, as granted since the last start. */
  lease: number | undefined;
  readonly seen = new Map<string, Seen>();
  /** Those that have begun and not ended. */
  readonly live = new Set<Seen>();
  readonly verdicts = new Map<string, Asked>();
  readonly commands = new Map<string, AskedCommand>();
  readonly given = new Map<string, Given>();
  /** Targets that are off, or may be: ordered off by this operation, and not proven to have stayed on (S11). */
  readonly down = new Map<string, string>();
  /** Targets that were ordered off, and not read on after that, or proven on (S8). */
  readonly dark = new Map<string, string>();
  /** Targets that somebody was told to be off, and that were not proven on since. */
  readonly fenced = new Map<string, string>();
  /** When each target was last proven off, by whichever operation. */
  readonly provenOff = new Map<string, number>();
  /** When each target was last ordered on. */
  readonly poweredOn = new Map<string, { readonly at: number; readonly operation: string }>();
  shots: { readonly target: string; readonly at: number }[] = [];

  take(event: Event): void {
    // By the clock of a new process it may be earlier than it was; what ends at a time then ends as much later.
    if (event.kind === 'restored' && event.at < this.at) this.shift(event.at - this.at, this.at);
    this.at = event.at;
    switch (event.kind) {
      case 'restored':
        return this.#restored(event);
      case 'verdict':
        return this.#verdict(event);
      case 'command':
        return this.#command(event);
      case 'approved':
      case 'denied':
        return this.#decision(event);
      case 'lease-held':
        this.lease = event.until;
        return;
      case 'lease-lost':
        this.lease = event.at;
        return;
      case 'assessed':
        return this.#assessed(event);
      case 'ordered':
        return this.#ordered(event);
      case 'read':
        return this.#read(event);
      case 'due':
        // The level is given up: its orders are not waited for any more.
        if (event.timer.kind === 'level') this.seen.get(event.operation)?.unanswered.clear();
        return;
      case 'clock-jumped':
        return this.#jumped(event.by);
      case 'epoch-set':
        this.epoch = event.epoch;
        return;
      case 'broke': {
        const seen = this.seen.get(event.operation ?? '');
        if (seen !== undefined) seen.broke += 1;
        return;
      }
      case 'noted':
      case 'resumed':
      case 'journal-failed':
        return;
    }
  }

  /** The order was written down, whether or not it left. */
  note(seen: Seen, effect: OrderEffect): void {
    const policy = this.policy;
    const name = outletName(effect.outlet);
    const planned = policy?.nodes[seen.target]?.levels.flat().find((one) => outletName(one) === name);
    if (planned?.manual === true) return;
    const lateness = planned?.lateness ?? 5000;
    this.given.set(`${effect.operation}#${effect.number}`, {
      effect,
      target: seen.target,
      lateness,
      askedUntil: this.mayOrderUntil(seen),
      sentUntil: effect.notAfter,
      over: false,
    });
    if (seen.orders === 0) seen.orderedFor = Math.max(0, ...seen.verdicts.map(({ epoch }) => epoch));
    seen.orders += 1;
    seen.proven = effect.wanted === 'on' && seen.proven;
    seen.unanswered.set(effect.number, effect.outlet);
    if (effect.wanted === 'on') {
      this.poweredOn.set(seen.target, { at: this.at, operation: seen.id });
      this.down.delete(seen.target);
      return;
    }
    if (seen.ordersOff === 0) this.shots.push({ target: seen.target, at: this.at });
    seen.ordersOff += 1;
    seen.maybeOff.add(effect.number);
    seen.outlets.set(name, { number: effect.number, since: this.at, readings: seen.outlets.get(name)?.readings ?? [] });
    this.down.set(seen.target, seen.id);
    this.dark.set(seen.target, seen.id);
  }

  /** Its orders were called back: nothing of them leaves any more. */
  calledBack(operation: string): void {
    for (const one of this.given.values()) if (one.effect.operation === operation) one.sentUntil = Math.min(one.sentUntil, this.at);
  }

  /** The last time at which an order of the other direction may act on this node, by what is known of it. */
  opposedUntil(target: string, wanted: 'on' | 'off'): number {
    let until = Number.NEGATIVE_INFINITY;
    for (const [key, one] of this.given) {
      if (one.over) this.given.delete(key);
      else if (one.target === target && one.effect.wanted !== wanted) until = Math.max(until, one.sentUntil + one.lateness);
    }
    return until;
  }

  /** Until when this operation may order, as somebody has asked for it. */
  mayOrderUntil(seen: Seen): number {
    const asked = seen.commands.some((one) => one.action !== 'attest' && this.commands.get(one.id)?.answer === undefined);
    const wanted = seen.verdicts.filter((one) => this.verdicts.get(one.id)?.answer === undefined);
    const expiry = Math.max(...wanted.map((one) => one.expiresAt), Number.NEGATIVE_INFINITY);
    return Math.min(seen.deadline, asked ? Number.POSITIVE_INFINITY : expiry);
  }

  /** Ended, as far as whoever stands outside can see. */
  end(seen: Seen): void {
    seen.ended = true;
    this.live.delete(seen);
  }

  /** A node that reads on after the last order off, or that is proven on, is not dark. */
  lit(target: string): void {
    this.dark.delete(target);
    this.down.delete(target);
    this.fenced.delete(target);
  }

  /** None of the orders off that were given until now has left it dark. */
  #runs(target: string): void {
    this.dark.delete(target);
    for (const seen of this.seen.values()) if (seen.target === target) seen.maybeOff.clear();
  }

  #jumped(by: number): void {
    this.lease = undefined;
    // Of a process that was not there nobody knows whether the time has passed: only who sees the clock jump counts the shots as they were.
    if (by > 0) this.#shootLater(by);
    for (const seen of this.live) {
      seen.stale = true;
      seen.deadline += Math.min(0, by);
      if (seen.approveUntil !== undefined) seen.approveUntil += Math.min(0, by);
    }
  }

  /** By the new clock everything that has happened was as long ago as it was, and what has left acts as much later as it would have. */
  shift(by: number, before: number): void {
    for (const one of this.given.values())
      one.sentUntil = one.sentUntil <= before ? one.sentUntil + by : Math.max(before + by, one.sentUntil);
    this.at = before + by;
    for (const seen of this.live) {
      if (seen.heard !== undefined) seen.heard = { ...seen.heard, startedAt: seen.heard.startedAt + by };
      for (const known of seen.outlets.values()) {
        known.since += by;
        known.readings = known.readings.map((one) => ({ ...one, startedAt: one.startedAt + by, endedAt: one.endedAt + by }));
      }
    }
    for (const [target, at] of this.provenOff) this.provenOff.set(target, at + by);
    for (const [target, on] of this.poweredOn) this.poweredOn.set(target, { ...on, at: on.at + by });
    for (const asked of [...this.verdicts.values(), ...this.commands.values()]) asked.answeredAt += by;
    if (by < 0) this.#shootLater(by);
  }

  #shootLater(by: number): void {
    this.shots = this.shots.map((shot) => ({ ...shot, at: shot.at + by }));
  }

  #restored(event: EventOf<'restored'>): void {
    this.policy = event.policy;
    this.lease = undefined;
    for (const given of this.given.values()) given.sentUntil = Math.min(given.sentUntil, this.at);
    for (const seen of this.seen.values()) {
      // S7, S2: what an earlier process heard does not count any more; an order without an answer may or may not have left it.
      seen.heard = undefined;
      seen.mustRead = !seen.ended && [...seen.unanswered.values()].some((outlet) => this.isEvidence(seen, outlet));
      for (const number of seen.unanswered.keys())
        for (const known of seen.outlets.values()) if (known.number === number) known.since = this.at;
    }
  }

  /** So many came since that it need not be remembered, and what it was refused for passes: the same again may be judged anew. */
  mayBeAnew(id: string): boolean {
    const code = this.verdicts.get(id)?.answer?.problem?.code;
    return this.verdicts.size > MOST_VERDICTS && (code === 'too-much-at-once' || code === 'issued-in-the-future');
  }

  #verdict({ verdict, operations, at }: EventOf<'verdict'>): void {
    if (this.policy === undefined || (this.verdicts.has(verdict.id) && !this.mayBeAnew(verdict.id))) return;
    const fits = admissible(this.policy, verdict, at, this.epoch);
    const clash = fits && [...this.verdicts.values()].some((other) => other.fits && contradict(other.verdict, verdict));
    const admitted = fits && !clash;
    this.verdicts.set(verdict.id, { verdict, fits, admitted, operations, dark: [...this.dark.keys()], answeredAt: 0, told: false });
    if (!admitted) return;
    this.epoch = verdict.epoch;
    for (const [index, target] of verdict.targets.entries()) {
      for (const seen of this.live) {
        if (seen.target !== target) continue;
        seen.verdicts.push(verdict);
        seen.stale = false;
      }
      const id = operations[index] ?? '';
      this.seen.set(id, { ...fresh(id, target, at + this.policy.timeout), verdicts: [verdict] });
    }
  }

  #command({ command, operation, at }: EventOf<'command'>): void {
    const { id, target, action } = command;
    if (this.policy === undefined || this.commands.has(id)) return;
    this.commands.set(id, { content: JSON.stringify(command), operation, target, action, answeredAt: 0, told: false });
    for (const seen of this.live) {
      if (seen.target !== target) continue;
      seen.commands.push(command);
      if (action === 'attest') continue;
      seen.stale = false;
      if (command.origin === 'person') seen.deadline = Math.max(seen.deadline, at + this.policy.timeout);
    }
    const mustStayOff = action === 'reboot' && command.origin === 'program' && this.fenced.has(target);
    const deadline = at + (command.timeout ?? this.policy.timeout);
    this.seen.set(operation, { ...fresh(operation, target, deadline), command, commands: [command], mustStayOff });
  }

  #decision(event: EventOf<'approved' | 'denied'>): void {
    const seen = this.seen.get(event.operation);
    if (event.id !== undefined && !this.commands.has(event.id)) {
      const target = seen?.target ?? '';
      const content = JSON.stringify([event.kind, event.operation]);
      this.commands.set(event.id, { content, operation: event.operation, target, action: 'decision', answeredAt: 0, told: false });
    }
    if (seen === undefined || event.kind === 'denied' || event.at >= (seen.approveUntil ?? Number.POSITIVE_INFINITY)) return;
    seen.approved = true;
    seen.stale = false;
    seen.deadline = Math.max(seen.deadline, event.at + (this.policy?.timeout ?? 0));
  }

  #assessed(event: EventOf<'assessed'>): void {
    const { startedAt, observations } = event.assessment;
    const answered = observations.filter((o) => o.probe === 'reference-ip' && o.by === 'self' && o.answer === 'heard').length;
    const seen = this.seen.get(event.operation);
    // Of two rounds that began at one moment the later one counts: whoever asked anew does not listen to the earlier any more.
    if (seen !== undefined && startedAt >= (seen.heard?.startedAt ?? 0) && event.round >= (seen.heard?.round ?? 0))
      seen.heard = { startedAt, answered, round: event.round };
  }

  #ordered(event: EventOf<'ordered'>): void {
    const seen = this.seen.get(event.operation);
    const known = seen?.outlets.get(outletName(event.outlet));
    if (known?.number === event.number) known.since = event.at;
    seen?.unanswered.delete(event.number);
    const given = this.given.get(`${event.operation}#${event.number}`);
    if (given === undefined) return;
    given.sentUntil = Math.min(given.sentUntil, event.at);
    given.over = event.order.result !== 'unknown';
    if (seen !== undefined && given.effect.wanted === 'off' && event.order.result === 'rejected') seen.maybeOff.delete(event.number);
  }

  #read(event: EventOf<'read'>): void {
    const seen = this.seen.get(event.operation);
    if (seen === undefined) return;
    const known = seen.outlets.get(outletName(event.outlet));
    known?.readings.push(event.reading);
    // A chassis that is read on after the last order, when no order off is under way any more, is not dark.
    if (event.reading.power === 'on' && event.outlet.plug === '' && this.opposedUntil(seen.target, 'on') <= event.reading.startedAt)
      this.#runs(seen.target);
    // A look for a statement says nothing of the orders.
    if (event.number === 0) return;
    // It has read: what is still unanswered was given up.
    seen.unanswered.clear();
    if (seen.ended || seen.ordersOff === 0 || this.policy === undefined) return;
    // A reboot goes on after its proof; for all others the proof is what they end with.
    const keeps = seen.proven && seen.command?.action === 'reboot' && !seen.staysOff;
    const proven = keeps || provenOff(this.policy, seen.target, seen.outlets);
    if (proven && !seen.proven) this.provenOff.set(seen.target, this.at);
    // Back on within so long of the proof; what was enough for a proof may be read once more before it is taken for one.
    if (proven && seen.command?.action === 'reboot' && seen.orders === seen.ordersOff)
      seen.deadline = Math.max(seen.deadline, this.at + this.policy.offTime + this.policy.onTimeout);
    seen.proven = proven;
  }

  /** A level that runs on the target itself cannot be proven by reading it (S10). */
  isEvidence(seen: Seen, outlet: Outlet): boolean {
    const levels = this.policy?.nodes[seen.target]?.levels ?? [];
    return levels.flat().some((one) => outletName(one) === outletName(outlet) && one.evidence === 'device' && one.manual !== true);
  }
}
