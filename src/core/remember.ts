/** What came in lately is remembered, so that the same again gets the same answer and does nothing a second time (S5). Within bounds. */
import { type Answer, type Command, keep, type PoweredOn, type Problem } from '../vocabulary/index.ts';
import { refusals } from './problems.ts';
import { BOUNDS, type KnownCommand, type KnownVerdict, type State } from './state.ts';
import type { Draft } from './draft.ts';

/** The whole content of a command, in a fixed order: two commands of one id must be the same to the letter. */
export const contentOfCommand = (c: Command): string =>
  JSON.stringify([c.id, c.action, c.target, c.by, c.origin, c.reason, c.override, c.timeout ?? null]);

export const contentOfDecision = (kind: 'approved' | 'denied', operation: string, by: string, reason: string): string =>
  JSON.stringify([kind, operation, by, reason]);

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined => (Object.hasOwn(record, key) ? record[key] : undefined);

type Answered = Pick<KnownVerdict, 'moment' | 'answeredAt'>;

/** Events of an earlier core have no moments: between two of them the clock decides. */
export const isSince = (on: PoweredOn & { readonly moment?: number }, { moment, answeredAt = 0 }: Answered): boolean =>
  on.moment === undefined && moment === undefined ? on.at >= answeredAt : (on.moment ?? 0) >= (moment ?? 0);

/** The same answer as before; where one of its nodes has been ordered on since, that is told beside it. */
export function asOfNow(state: State, known: Answered & { readonly answer: Answer }, targets: readonly string[]): Answer {
  const { answer } = known;
  if (answer.outcome !== 'confirmed' && answer.outcome !== 'attested') return answer;
  const since = targets.flatMap((target): readonly PoweredOn[] => {
    const on = own(state.poweredOn, target);
    if (on === undefined || !isSince(on, known) || answer.operations.includes(on.operation)) return [];
    const { moment: _order, ...told } = on;
    return [told];
  });
  return since.length === 0 ? answer : { ...answer, supersededBy: since };
}

/** True where it is new and will be remembered once it is written. Otherwise it is answered here, and nothing else may be done for it. */
export function takenUp(draft: Draft, command: KnownCommand): boolean {
  if (cameBefore(draft, command.id, command.digest)) return false;
  draft.do({ kind: 'persist' });
  const full = rememberCommand(draft, command);
  if (full === undefined) return true;
  const to = { kind: 'command', id: command.id, content: command.digest } as const;
  draft.do({ kind: 'answer', to, answer: { outcome: 'refused', problem: full, operations: [] } });
  return false;
}

/** True where this id came before: then it is answered here, now or when its answer is there. */
function cameBefore(draft: Draft, id: string, digest: string): boolean {
  const known = own(draft.state.commands, id);
  if (known === undefined) return false;
  const to = { kind: 'command', id, content: digest } as const;
  if (known.digest !== digest)
    draft.do({ kind: 'answer', to, answer: { outcome: 'refused', problem: refusals.commandAltered(id), operations: [] } });
  else if (known.answer !== undefined)
    draft.do({ kind: 'answer', to, answer: asOfNow(draft.state, { ...known, answer: known.answer }, [known.target]) });
  return true;
}

/** A problem: so many wait for their answers that this one cannot be remembered. */
function rememberCommand(draft: Draft, command: KnownCommand): Problem | undefined {
  const kept = Object.values(draft.state.commands);
  const forgotten = oldestAnswered(kept, kept.length + 1 - BOUNDS.commands);
  if (kept.length + 1 - forgotten.size > BOUNDS.commands) return refusals.tooMany('commands');
  draft.state.commands = { ...without(draft.state.commands, forgotten), [command.id]: command };
  return undefined;
}

export function answerCommand(draft: Draft, id: string, answer: Answer): void {
  const known = own(draft.state.commands, id);
  keep('S5', known?.answer === undefined, `command ${id} is answered twice`);
  const content = known === undefined ? {} : { content: known.digest };
  if (known !== undefined)
    draft.state.commands = { ...draft.state.commands, [id]: { ...known, answer, answeredAt: draft.at, moment: draft.nextMoment() } };
  draft.do({ kind: 'answer', to: { kind: 'command', id, ...content }, answer });
}

export function refuseCommand(draft: Draft, id: string, problem: Problem): void {
  answerCommand(draft, id, { outcome: 'refused', problem, operations: [] });
}

/**
 * Answered, and nothing came of it or can come of it: it was refused, or would now be refused as stale. A refusal for a reason that passes
 * (want of room, a time still to come) is judged again when it was forgotten. What was admitted in this epoch is never forgotten.
 */
function dispensable(draft: Draft, known: KnownVerdict): boolean {
  const refused = !known.admitted && known.contradicts !== true;
  return known.answer !== undefined && (refused || known.epoch < draft.state.epoch);
}

/** No room for another verdict of the present epoch. A newer epoch always has room: it makes what is older dispensable. */
export const isCrowded = (draft: Draft): boolean =>
  Object.values(draft.state.verdicts).filter((known) => known.epoch === draft.state.epoch && !dispensable(draft, known)).length >=
  BOUNDS.verdicts;

export function rememberVerdict(draft: Draft, verdict: KnownVerdict): void {
  const kept = Object.values(draft.state.verdicts);
  const spare = kept.filter((known) => dispensable(draft, known));
  const forgotten = oldestAnswered(spare, kept.length + 1 - BOUNDS.verdicts);
  draft.state.verdicts = { ...without(draft.state.verdicts, forgotten), [verdict.id]: verdict };
}

interface Remembered {
  readonly id: string;
  readonly answer?: Answer;
  readonly moment?: number;
}

/** Ids of so many of them: what was refused goes before what was done, then what was answered longest ago. */
function oldestAnswered(known: readonly Remembered[], many: number): ReadonlySet<string> {
  if (many <= 0) return new Set();
  const weight = (one: Remembered): number => (one.answer?.outcome === 'refused' ? 0 : 1);
  const answered = known.filter((one) => one.answer !== undefined);
  const oldest = answered.sort((a, b) => weight(a) - weight(b) || (a.moment ?? 0) - (b.moment ?? 0));
  return new Set(oldest.slice(0, many).map((one) => one.id));
}

const without = <T>(record: Readonly<Record<string, T>>, gone: ReadonlySet<string>): Readonly<Record<string, T>> =>
  gone.size === 0 ? record : Object.fromEntries(Object.entries(record).filter(([id]) => !gone.has(id)));
