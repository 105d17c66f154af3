/** Settle: one answer per verdict and command (S5), the fenced mark, and a person where one is needed. */
import { type Answer, keep, type Outcome, type Problem } from '../vocabulary/index.ts';
import { markFenced, notCut } from './dark.ts';
import { rememberEnd } from './ended.ts';
import { callBack, opposedUntil } from './permits.ts';
import { addressed, endings, refusals } from './problems.ts';
import { answerCommand, isSince, refuseCommand } from './remember.ts';
import { closeRun } from './run.ts';
import type { KnownVerdict, Operation } from './state.ts';
import { Table } from './table.ts';
import type { Draft } from './draft.ts';

/** Worst first: the answer of a verdict on several targets is its worst operation's. */
const SEVERITY: readonly Outcome[] = ['failed', 'unconfirmed', 'withheld', 'refused', 'attested', 'confirmed'];

const NO_PARTS: Table<Answer> = Table.of([]);

/** Ends an operation. Whoever waits for it is answered, exactly once. */
export function settle(draft: Draft, operation: Operation, given: Answer): void {
  const answer = given.problem === undefined ? given : { ...given, problem: addressed(given.problem, operation.target) };
  keep('S5', draft.state.operations.has(operation.id), `operation ${operation.id} is settled twice`);
  closeRun(draft.policy, operation, 'unproven');
  keep(
    'S9',
    answer.outcome !== 'attested' || opposedUntil(draft, operation) === undefined,
    `${operation.target} would be attested while an order on may still act`,
  );
  if (answer.outcome === 'attested') markFenced(draft, operation, 'attested');
  callBack(draft, operation);
  if (answer.outcome === 'failed' && operation.wanted === 'off' && operation.switching > 0) notCut(draft, operation);
  const { id, target } = operation;
  rememberEnd(draft, operation, answer, operation.levels);
  if (answer.problem !== undefined && answer.outcome !== 'confirmed')
    draft.do({ kind: 'call-human', problem: answer.problem, operation: id, target });
  for (const command of [...operation.commands, ...operation.decisions]) answerCommand(draft, command, answer);
  if (operation.attesting !== undefined) answerStatement(draft, operation, answer);
  for (const verdict of operation.verdicts) settleVerdict(draft, verdict, operation, answer);
}

/** A statement shares the answer of what it was about; that a node came back on is no answer to "it is down". */
function answerStatement(draft: Draft, operation: Operation, answer: Answer): void {
  const command = operation.attesting?.command ?? '';
  if (operation.wanted === 'off') answerCommand(draft, command, answer);
  else refuseCommand(draft, command, refusals.operationOpen(operation.target, operation.action, operation.id));
}

/** A verdict is answered when the last of its operations has ended: by what is true then, not by what was true when each part ended. */
export function settleVerdict(draft: Draft, id: string, ended: Operation, answer: Answer): void {
  const before = draft.verdict(id);
  if (before === undefined || before.answer !== undefined) return;
  const parts = (before.parts ?? NO_PARTS).with(ended.id, answer);
  const verdict: KnownVerdict = { ...before, parts, ...(ended.switching > 0 ? { ordered: true } : {}) };
  draft.state.verdicts = draft.state.verdicts.with(id, verdict);
  if (parts.size < verdict.operations.length || !verdict.operations.every((operation) => parts.has(operation))) return;
  const now = verdict.operations.map((operation, index) => asItStands(draft, verdict.targets[index] ?? '', parts.get(operation) ?? answer));
  const worst = now.reduce((a, b) => (SEVERITY.indexOf(b.outcome) < SEVERITY.indexOf(a.outcome) ? b : a));
  const nothingDone = worst.outcome === 'withheld' || worst.outcome === 'refused';
  const whole = nothingDone && verdict.ordered === true ? halfDone(verdict.targets, now, worst) : worst;
  answerVerdict(draft, id, { ...whole, operations: verdict.operations });
}

/** Where a part has ordered, nobody is told that nothing was switched: each part is told by itself. */
function halfDone(targets: readonly string[], parts: readonly Answer[], worst: Answer): Answer {
  const off = targets.filter((_target, index) => parts[index]?.outcome === 'confirmed' || parts[index]?.outcome === 'attested');
  const left = targets.filter((target) => !off.includes(target));
  return {
    outcome: 'unconfirmed',
    problem: endings.halfDone(off, left, worst.problem?.says ?? worst.outcome),
    operations: worst.operations,
  };
}

/** A part that was proven holds as long as nobody has ordered its node on; what somebody has stated since is stated, not proven. */
function asItStands(draft: Draft, target: string, part: Answer): Answer {
  if (part.outcome !== 'confirmed' && part.outcome !== 'attested') return part;
  const { fenced, poweredOn } = draft.state;
  const mark = fenced.get(target);
  const on = poweredOn.get(target);
  if (mark !== undefined && mark.lifting === undefined) {
    const ended = draft.state.ended.find(({ id }) => part.operations.includes(id));
    const proven =
      ended === undefined ? {} : { answeredAt: ended.endedAt, ...(ended.moment === undefined ? {} : { moment: ended.moment }) };
    // It was on in between, and what holds now is a person's word.
    const statedOnly = mark.how === 'attested' && on !== undefined && isSince(on, proven);
    return statedOnly ? { outcome: 'attested', operations: part.operations } : part;
  }
  return { outcome: 'unconfirmed', problem: endings.noLongerOff(target, on), operations: part.operations };
}

/** Something was done for it, or may have been. */
export const cameToMore = ({ outcome }: Answer): boolean => outcome !== 'withheld' && outcome !== 'refused';

export function answerVerdict(draft: Draft, id: string, answer: Answer): void {
  const verdict = draft.verdict(id);
  keep('S5', verdict !== undefined && verdict.answer === undefined, `verdict ${id} is unknown or answered twice`);
  const { parts, ...known } = verdict;
  const more = parts?.values().some(cameToMore) === true ? { cameToMore: true as const } : {};
  draft.state.verdicts = draft.state.verdicts.with(id, { ...known, ...more, answer, answeredAt: draft.at, moment: draft.nextMoment() });
  draft.do({ kind: 'answer', to: { kind: 'verdict', id, content: verdict.digest }, answer });
}

/** Ends what may not go on before or between its orders. A reboot whose off half is proven stays confirmed. */
export function stop(draft: Draft, operation: Operation, problem: Problem): void {
  draft.do({ kind: 'persist' });
  const operations = [operation.id];
  if (operation.offConfirmed === true)
    settle(draft, operation, { outcome: 'confirmed', problem: endings.onFailed(problem.says), operations });
  else if (operation.orders > 0)
    settle(draft, operation, { outcome: 'unconfirmed', problem: endings.stoppedMidway(problem.says), operations });
  else settle(draft, operation, { outcome: 'withheld', problem, operations });
}
