/** What came in lately is remembered, so that the same again gets the same answer and does nothing a second time (S5). Within bounds. */
import { type Answer, type Command, keep, type PoweredOn, type Problem, type Verdict } from '../vocabulary/index.ts';
import { refusals } from './problems.ts';
import { BOUNDS, type KnownCommand, type KnownVerdict, type State } from './state.ts';
import { digestOf } from './digest.ts';
import type { Draft } from './draft.ts';
import { Summary, type Table } from './table.ts';

/** Of the whole content of a command, in a fixed order: two commands of one id must be the same to the letter. */
export const digestOfCommand = (c: Command): string =>
  digestOf(JSON.stringify([c.id, c.action, c.target, c.by, c.origin, c.reason, c.override, c.timeout ?? null]));

export const digestOfDecision = (kind: 'approved' | 'denied', operation: string, by: string, reason: string): string =>
  digestOf(JSON.stringify([kind, operation, by, reason]));

type Answered = Pick<KnownVerdict, 'moment' | 'answeredAt'>;

/** Events of an earlier core have no moments: between two of them the clock decides. */
export const isSince = (on: PoweredOn & { readonly moment?: number }, { moment, answeredAt = 0 }: Answered): boolean =>
  on.moment === undefined && moment === undefined ? on.at >= answeredAt : (on.moment ?? 0) >= (moment ?? 0);

/** The same answer as before; where one of its nodes has been ordered on since, that is told beside it. */
export function asOfNow(state: State, known: Answered & { readonly answer: Answer }, targets: readonly string[]): Answer {
  const { answer } = known;
  if (answer.outcome !== 'confirmed' && answer.outcome !== 'attested') return answer;
  const since = targets.flatMap((target): readonly PoweredOn[] => {
    const on = state.poweredOn.get(target);
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
  const known = draft.state.commands.get(id);
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
  let { commands } = draft.state;
  while (commands.size >= BOUNDS.commands) {
    const forgotten = oldestOf(oldestCommands.of(commands).flat());
    if (forgotten === undefined) return refusals.tooMany('commands');
    commands = commands.without(forgotten.id);
  }
  draft.state.commands = commands.with(command.id, command);
  return undefined;
}

export function answerCommand(draft: Draft, id: string, answer: Answer): void {
  const known = draft.state.commands.get(id);
  keep('S5', known?.answer === undefined, `command ${id} is answered twice`);
  const content = known === undefined ? {} : { content: known.digest };
  if (known !== undefined)
    draft.state.commands = draft.state.commands.with(id, { ...known, answer, answeredAt: draft.at, moment: draft.nextMoment() });
  draft.do({ kind: 'answer', to: { kind: 'command', id, ...content }, answer });
}

export function refuseCommand(draft: Draft, id: string, problem: Problem): void {
  answerCommand(draft, id, { outcome: 'refused', problem, operations: [] });
}

/**
 * Answered, and nothing came of it or can come of it: it was refused, or would now be refused as stale, and no operation is weighed with its survivors any more. A refusal for a reason that passes
 * (want of room, a time still to come) is judged again when it was forgotten. What was admitted in this epoch is never forgotten.
 */
function dispensable(draft: Draft, known: KnownVerdict): boolean {
  const refused = !known.admitted && known.contradicts !== true;
  if (known.answer === undefined || !(refused || known.epoch < draft.state.epoch)) return false;
  return !known.operations.some((id) => draft.state.operations.get(id)?.openedBy === known.id);
}

/** No room for this verdict of the present epoch. A newer epoch always has room: it makes what is older dispensable. */
export function isCrowded(draft: Draft, { targets }: Pick<Verdict, 'targets'>): boolean {
  const { verdicts, epoch } = draft.state;
  if (hasRoom(verdicts, targets)) return false;
  const kept = verdicts.values().filter((known) => known.epoch === epoch && !dispensable(draft, known));
  return kept.length >= BOUNDS.verdicts || kept.reduce((sum, known) => sum + known.targets.length, targets.length) > BOUNDS.targets;
}

export function rememberVerdict(draft: Draft, verdict: KnownVerdict): void {
  let { verdicts } = draft.state;
  while (!hasRoom(verdicts, verdict.targets)) {
    const forgotten = oldestOf(verdicts.values().filter((known) => dispensable(draft, known)));
    if (forgotten === undefined) break;
    verdicts = verdicts.without(forgotten.id);
  }
  draft.state.verdicts = verdicts.with(verdict.id, verdict);
}

const targetsOfPart = new Summary((known: readonly KnownVerdict[]) => known.reduce((sum, { targets }) => sum + targets.length, 0));

const hasRoom = (verdicts: Table<KnownVerdict>, targets: readonly string[]): boolean =>
  verdicts.size < BOUNDS.verdicts && targetsOfPart.of(verdicts).reduce((sum, many) => sum + many, targets.length) <= BOUNDS.targets;

interface Remembered {
  readonly id: string;
  readonly answer?: Answer;
  readonly moment?: number;
}

/** What was refused goes before what was done, then what was answered longest ago. Undefined: none of them is answered. */
function oldestOf(known: readonly Remembered[]): Remembered | undefined {
  const weight = (one: Remembered): number => (one.answer?.outcome === 'refused' ? 0 : 1);
  const isOlder = (one: Remembered, other: Remembered): boolean =>
    (weight(one) - weight(other) || (one.moment ?? 0) - (other.moment ?? 0) || (one.id < other.id ? -1 : 1)) < 0;
  let oldest: Remembered | undefined;
  for (const one of known) if (one.answer !== undefined && (oldest === undefined || isOlder(one, oldest))) oldest = one;
  return oldest;
}

/** Of each part of them the one to go first, or none. */
const oldestCommands = new Summary((known: readonly Remembered[]): readonly Remembered[] => {
  const oldest = oldestOf(known);
  return oldest === undefined ? [] : [oldest];
});
