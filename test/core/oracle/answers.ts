/** Is the answer true, is it the only one, and does everybody get theirs? (S3, S5, S9) */
import type { Effect, Event, EventOf } from '../../../src/core/index.ts';
import type { Answer } from '../../../src/vocabulary/index.ts';
import { type Ledger, MOST_VERDICTS } from './ledger.ts';
import type { Says } from './orders.ts';
import type { Asked, AskedCommand, Seen } from './seen.ts';

type AnswerEffect = Extract<Effect, { kind: 'answer' }>;

/** The answer as it was given first: what was powered on since is told beside it. */
const bare = ({ supersededBy: _since, ...answer }: Answer): string => JSON.stringify(answer);

export interface Judged {
  readonly event: Event;
  readonly effect: AnswerEffect;
  /** It reached whoever asked. */
  readonly told: boolean;
  /** Operations that are open after this step. */
  readonly open: readonly string[];
}

export function judgeAnswer(ledger: Ledger, says: Says, { event, effect, told, open }: Judged): void {
  const { to, answer } = effect;
  const asked = to.kind === 'verdict' ? ledger.verdicts.get(to.id) : ledger.commands.get(to.id);
  if (answer.outcome !== 'confirmed' && answer.outcome !== 'attested' && answer.problem === undefined)
    says('S5', `${to.id} is told ${answer.outcome} and not why`);
  if (asked === undefined) {
    says('S5', `${to.kind} ${to.id} is answered and was never asked`);
    return;
  }
  if (event.kind === 'journal-failed' && event.lost === true) {
    lastWords(ledger, says, effect);
    return;
  }
  if (isAltered(ledger, event, to) && answer.outcome === 'refused') return;
  if (asked.answer === undefined) {
    asked.answer = answer;
    asked.answeredAt = ledger.at;
    first(ledger, says, effect, asked);
  } else again(ledger, says, event, effect, asked.answer);
  if (told) asked.told = true;
  if (told) for (const id of answer.operations) if (!open.includes(id)) isTold(ledger, id, answer);
}

/** Last words that nobody will remember: what they say must be true whatever the next life does, and may be told better then. */
function lastWords(ledger: Ledger, says: Says, { to, answer }: AnswerEffect): void {
  if (answer.outcome !== 'unconfirmed' && answer.outcome !== 'failed')
    says('S5', `${to.id} is told ${answer.outcome}, which the next life will not know`);
  for (const id of answer.operations) untrue(ledger, says, id, { kind: 'answer', to, answer });
}

function isAltered(ledger: Ledger, event: Event, to: AnswerEffect['to']): boolean {
  if (event.kind === 'verdict' && to.kind === 'verdict' && event.verdict.id === to.id)
    return JSON.stringify(event.verdict) !== JSON.stringify(ledger.verdicts.get(to.id)?.verdict);
  return event.kind === 'command' && event.command.id === to.id && JSON.stringify(event.command) !== ledger.commands.get(to.id)?.content;
}

/** Those who wanted a reboot on again are told that it stays off; the operation goes on. */
const goesOn = (seen: Seen, answer: Answer): boolean =>
  answer.problem?.code === 'overtaken' && seen.command?.action === 'reboot' && !seen.proven;

/** How it ended was told, and not only that it goes on for somebody else. */
function isTold(ledger: Ledger, id: string, answer: Answer): void {
  const seen = ledger.seen.get(id);
  if (seen !== undefined) seen.told ??= answer;
}

function first(ledger: Ledger, says: Says, { to, answer }: AnswerEffect, asked: Asked | AskedCommand): void {
  for (const id of answer.operations) ends(ledger, id, answer);
  for (const id of answer.operations) untrue(ledger, says, id, { kind: 'answer', to, answer });
  if ('action' in asked && answer.operations.length === 0 && asked.action !== 'decision') {
    const seen = ledger.seen.get(asked.operation);
    if (seen !== undefined && !seen.begun) ledger.end(seen);
  }
  if (to.kind === 'verdict' && 'verdict' in asked) roomForNewer(ledger, says, asked, answer);
  if (answer.outcome === 'attested') for (const id of answer.operations) attested(ledger, says, id);
  if (answer.outcome === 'confirmed') for (const id of answer.operations) confirmed(ledger, says, id, answer);
}

/** S5: the same again, and only to who asks again. */
function again(ledger: Ledger, says: Says, event: Event, { to, answer }: AnswerEffect, earlier: Answer): void {
  const same = sameAsked(event, to);
  if (same && to.kind === 'verdict' && isForgotten(ledger, to.id, answer)) return;
  if (!same || bare(answer) !== bare(earlier)) {
    says('S5', `${to.kind} ${to.id} is answered ${answer.outcome} after ${earlier.outcome}`);
    return;
  }
  if (answer.outcome !== 'confirmed' && answer.outcome !== 'attested') return;
  for (const id of answer.operations) {
    const target = ledger.seen.get(id)?.target ?? '';
    const on = ledger.poweredOn.get(target);
    if (on === undefined || answer.operations.includes(on.operation) || on.at <= answeredAt(ledger, to)) continue;
    if (!(answer.supersededBy ?? []).some((one) => one.target === target))
      says('S5', `${to.id} is told ${answer.outcome} again, and not that ${target} was powered on since`);
  }
}

/** So many came since that it need not be remembered: what was refused is refused again, what is of an older epoch is refused as stale. */
function isForgotten(ledger: Ledger, id: string, answer: Answer): boolean {
  const asked = ledger.verdicts.get(id);
  if (ledger.verdicts.size <= MOST_VERDICTS || asked === undefined || answer.outcome !== 'refused') return false;
  return asked.answer?.outcome === 'refused' || (answer.problem?.code === 'stale-epoch' && asked.verdict.epoch < ledger.epoch);
}

const answeredAt = (ledger: Ledger, to: AnswerEffect['to']): number =>
  to.kind === 'command' ? (ledger.commands.get(to.id)?.answeredAt ?? 0) : (ledger.verdicts.get(to.id)?.answeredAt ?? 0);

const sameAsked = (event: Event, to: AnswerEffect['to']): boolean => {
  if (event.kind === 'verdict') return to.kind === 'verdict' && event.verdict.id === to.id;
  if (event.kind === 'command') return to.kind === 'command' && event.command.id === to.id;
  return (event.kind === 'approved' || event.kind === 'denied') && to.kind === 'command' && event.id === to.id;
};

function ends(ledger: Ledger, id: string, answer: Answer): void {
  const seen = ledger.seen.get(id);
  if (seen === undefined || seen.ended) return;
  if (goesOn(seen, answer)) {
    seen.staysOff = true;
    return;
  }
  if (answer.outcome !== 'attested') return;
  seen.attested = true;
  ledger.down.set(seen.target, id);
}

/** What has ordered anything never ends as if nothing had happened. */
function untrue(ledger: Ledger, says: Says, id: string, { to, answer }: AnswerEffect): void {
  const seen = ledger.seen.get(id);
  if (seen === undefined || seen.orders === 0) return;
  const mild = answer.outcome === 'withheld' || answer.outcome === 'refused';
  if (mild && answer.operations.length === 1 && answer.problem?.code !== 'superseded')
    says('S5', `${id} has given ${seen.orders} orders, and ends ${answer.outcome} (${answer.problem?.code ?? ''})`);
  const { problem } = answer;
  if (problem !== undefined && !isSuperseded(ledger, to, seen) && `${problem.says} ${problem.next}`.includes('Nothing was switched'))
    says('S5', `${id} has given ${seen.orders} orders, and it is told that nothing was switched (${problem.code})`);
}

/** What it ordered, it ordered for a newer verdict. */
const isSuperseded = (ledger: Ledger, to: AnswerEffect['to'], seen: Seen): boolean =>
  to.kind === 'verdict' && (ledger.verdicts.get(to.id)?.verdict.epoch ?? 0) < seen.orderedFor;

/** A newer epoch is never locked out by an older one. */
function roomForNewer(ledger: Ledger, says: Says, asked: Asked, answer: Answer): void {
  const { verdict, fits } = asked;
  const newer = [...ledger.verdicts.values()].every((other) => other === asked || !other.fits || other.verdict.epoch < verdict.epoch);
  if (fits && newer && answer.problem?.code === 'too-much-at-once')
    says('S13', `verdict ${verdict.id} of the newer epoch ${verdict.epoch} is refused for want of room`);
}

/** Told that it is down, and an order to power it on was given: it comes up beside whoever took over. */
function attested(ledger: Ledger, says: Says, id: string): void {
  const seen = ledger.seen.get(id);
  if (seen === undefined) return;
  if (seen.orders > seen.ordersOff) says('S9', `${seen.target} is attested by ${id}, which powers it on`);
  ledger.fenced.set(seen.target, id);
}

/** What was refused, or withheld whole for the limits when it came, wants nothing of anybody. */
const isCarried = (answer: Answer | undefined): boolean =>
  (answer?.outcome !== 'withheld' && answer?.outcome !== 'refused') || answer.operations.length > 0;

/** Whoever is told this takes the node for running. */
export function meansOn(ledger: Ledger, seen: Seen, answer: Answer): boolean {
  // Whoever wanted it off made a reboot of it that stays off, also where those who asked for the reboot were never told.
  const wantedOff =
    seen.staysOff ||
    seen.verdicts.some((one) => isCarried(ledger.verdicts.get(one.id)?.answer)) ||
    seen.commands.some((one) => one.action === 'off' && isCarried(ledger.commands.get(one.id)?.answer));
  return seen.command?.action === 'on' || (seen.command?.action === 'reboot' && !wantedOff && answer.problem === undefined);
}

function confirmed(ledger: Ledger, says: Says, id: string, answer: Answer): void {
  const seen = ledger.seen.get(id);
  if (seen === undefined) {
    says('S3', `${id} is confirmed and was never seen`);
    return;
  }
  if (meansOn(ledger, seen, answer)) {
    if (ledger.opposedUntil(seen.target, 'on') > ledger.at) says('S3', `${seen.target} is confirmed on while an order off may still act`);
    if (seen.orders > seen.ordersOff) ledger.lit(seen.target);
    return;
  }
  if (!seen.proven) says('S3', `${seen.target} is confirmed off by ${id}, and no level was proven off`);
  if (seen.command?.action === 'reboot' && !seen.staysOff) return;
  const since = ledger.poweredOn.get(seen.target);
  if (since !== undefined && since.at >= (ledger.provenOff.get(seen.target) ?? 0) && since.operation !== id)
    says('S3', `${seen.target} is confirmed off by ${id}, and ${since.operation} has ordered it on since`);
  const until = ledger.opposedUntil(seen.target, 'off');
  if (until > ledger.at) says('S3', `${seen.target} is confirmed off while an order on may act for ${until - ledger.at} ms more`);
  ledger.fenced.set(seen.target, id);
}

/** S5: the same again gets the answer it got before, and does nothing. */
export function judgeAgain(ledger: Ledger, says: Says, event: Event, effects: readonly Effect[], known: Known): void {
  const told = (kind: 'verdict' | 'command', id: string): boolean =>
    effects.some((effect) => effect.kind === 'answer' && effect.to.kind === kind && effect.to.id === id);
  if (event.kind === 'verdict' && known.answered && !told('verdict', event.verdict.id))
    says('S5', `verdict ${event.verdict.id} came again and was not told its answer`);
  if (event.kind === 'command') {
    if (known.answered && !told('command', event.command.id))
      says('S5', `command ${event.command.id} came again and was not told its answer`);
    if (known.known && effects.some((effect) => 'operation' in effect && effect.operation === event.operation))
      says('S5', `command ${event.command.id} came again and does its work again`);
  }
  if ((event.kind === 'approved' || event.kind === 'denied') && event.id !== undefined) decision(ledger, says, event, effects, known);
}

export interface Known {
  readonly known: boolean;
  readonly answered: boolean;
}

function decision(ledger: Ledger, says: Says, event: EventOf<'approved' | 'denied'>, effects: readonly Effect[], known: Known): void {
  const told = effects.some((effect) => effect.kind === 'answer' && effect.to.kind === 'command' && effect.to.id === event.id);
  const called = effects.some((effect) => effect.kind === 'call-human' && effect.problem.code === 'not-pending');
  const seen = ledger.seen.get(event.operation);
  if (known.answered && !told) says('S5', `decision ${event.id ?? ''} came again and was not told its answer`);
  if (called) says('S5', `a decision on ${event.operation}, which waits for nobody, calls a person`);
  if (!known.known && (seen === undefined || (seen.ended && seen.begun)) && !told)
    says('S5', `decision ${event.id ?? ''} on what is over is not answered`);
}
