/** Settle: one answer per verdict and command (S5), the fenced mark, and a person where one is needed. */
import { type Answer, keep, type Outcome, outletName, type Problem, type WantedPower } from '../vocabulary/index.ts';
import { allRefused, stillSo } from './as-before.ts';
import type { Next } from './next.ts';
import { isCourtesy, levelInHand, walkFor } from './plan.ts';
import { isLit, notCut } from './dark.ts';
import { rememberEnd } from './ended.ts';
import { callBack, opposedUntil } from './permits.ts';
import { addressed, endings, refusals } from './problems.ts';
import { answerCommand, isSince, refuseCommand } from './remember.ts';
import type { KnownVerdict, LevelRun, Operation, OutletRun } from './state.ts';
import type { Turn } from './turn.ts';

/** Worst first: the answer of a verdict on several targets is its worst operation's. */
const SEVERITY: readonly Outcome[] = ['failed', 'unconfirmed', 'withheld', 'refused', 'attested', 'confirmed'];

/** Ends an operation. Whoever waits for it is answered, exactly once. */
export function settle(turn: Turn, operation: Operation, given: Answer): void {
  const answer = given.problem === undefined ? given : { ...given, problem: addressed(given.problem, operation.target) };
  const open = turn.draft.operations[operation.id];
  keep('S5', open !== undefined, `operation ${operation.id} is settled twice`);
  if (operation.outlets.length > 0) {
    closeLevel(turn, operation, 'unproven');
  }
  keep(
    'S9',
    answer.outcome !== 'attested' || opposedUntil(turn, operation) === undefined,
    `${operation.target} would be attested while an order on may still act`,
  );
  if (answer.outcome === 'attested') mark(turn, operation, 'attested');
  callBack(turn, operation);
  if (answer.outcome === 'failed' && operation.wanted === 'off' && operation.switching > 0) notCut(turn, operation);
  const { id, target } = operation;
  rememberEnd(turn, operation, answer, operation.levels);
  if (answer.problem !== undefined && answer.outcome !== 'confirmed')
    turn.do({ kind: 'call-human', problem: answer.problem, operation: id, target });
  for (const command of [...operation.commands, ...operation.decisions]) answerCommand(turn, command, answer);
  if (operation.attesting !== undefined) answerStatement(turn, operation, answer);
  for (const verdict of operation.verdicts) settleVerdict(turn, verdict, operation, answer);
}

/** A statement shares the answer of what it was about; that a node came back on is no answer to "it is down". */
function answerStatement(turn: Turn, operation: Operation, answer: Answer): void {
  const command = operation.attesting?.command ?? '';
  if (operation.wanted === 'off') answerCommand(turn, command, answer);
  else refuseCommand(turn, command, refusals.operationOpen(operation.target, operation.action, operation.id));
}

/** A verdict is answered when the last of its operations has ended: by what is true then, not by what was true when each part ended. */
export function settleVerdict(turn: Turn, id: string, ended: Operation, answer: Answer): void {
  const before = turn.verdict(id);
  if (before === undefined || before.answer !== undefined) return;
  const parts = { ...before.parts, [ended.id]: answer };
  const verdict: KnownVerdict = { ...before, parts, ...(ended.switching > 0 ? { ordered: true } : {}) };
  turn.draft.verdicts = { ...turn.draft.verdicts, [id]: verdict };
  if (verdict.operations.some((operation) => parts[operation] === undefined)) return;
  const now = verdict.operations.map((operation, index) => asItStands(turn, verdict.targets[index] ?? '', parts[operation] ?? answer));
  const worst = now.reduce((a, b) => (SEVERITY.indexOf(b.outcome) < SEVERITY.indexOf(a.outcome) ? b : a));
  const nothingDone = worst.outcome === 'withheld' || worst.outcome === 'refused';
  const whole = nothingDone && verdict.ordered === true ? halfDone(verdict.targets, now, worst) : worst;
  answerVerdict(turn, id, { ...whole, operations: verdict.operations });
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
function asItStands(turn: Turn, target: string, part: Answer): Answer {
  if (part.outcome !== 'confirmed' && part.outcome !== 'attested') return part;
  const { fenced, poweredOn } = turn.draft;
  const mark = Object.hasOwn(fenced, target) ? fenced[target] : undefined;
  const on = Object.hasOwn(poweredOn, target) ? poweredOn[target] : undefined;
  if (mark !== undefined && mark.lifting === undefined) {
    const ended = turn.draft.ended.find(({ id }) => part.operations.includes(id));
    const proven =
      ended === undefined ? {} : { answeredAt: ended.endedAt, ...(ended.moment === undefined ? {} : { moment: ended.moment }) };
    // It was on in between, and what holds now is a person's word.
    const statedOnly = mark.how === 'attested' && on !== undefined && isSince(on, proven);
    return statedOnly ? { outcome: 'attested', operations: part.operations } : part;
  }
  return { outcome: 'unconfirmed', problem: endings.noLongerOff(target, on), operations: part.operations };
}

export function answerVerdict(turn: Turn, id: string, answer: Answer): void {
  const verdict = turn.verdict(id);
  keep('S5', verdict !== undefined && verdict.answer === undefined, `verdict ${id} is unknown or answered twice`);
  turn.draft.verdicts = { ...turn.draft.verdicts, [id]: { ...verdict, answer, answeredAt: turn.at, moment: turn.nextMoment() } };
  turn.do({ kind: 'answer', to: { kind: 'verdict', id, content: verdict.digest }, answer });
}

/** Ends what may not go on before or between its orders. A reboot whose off half is proven stays confirmed. */
export function stop(turn: Turn, operation: Operation, problem: Problem): void {
  turn.do({ kind: 'persist' });
  const operations = [operation.id];
  if (operation.offConfirmed === true)
    settle(turn, operation, { outcome: 'confirmed', problem: endings.onFailed(problem.says), operations });
  else if (operation.orders > 0)
    settle(turn, operation, { outcome: 'unconfirmed', problem: endings.stoppedMidway(problem.says), operations });
  else settle(turn, operation, { outcome: 'withheld', problem, operations });
}

function mark(turn: Turn, operation: Operation, how: 'confirmed' | 'attested'): void {
  turn.draft.fenced = { ...turn.draft.fenced, [operation.target]: { since: turn.at, operation: operation.id, how } };
}

/** Only a proven `on` takes the mark away: a node whose power-on failed may be dark still. */
function backOn(turn: Turn, target: string): void {
  const { [target]: _noLongerOff, ...fenced } = turn.draft.fenced;
  turn.draft.fenced = fenced;
  isLit(turn, target);
}

/** Every outlet of the level reads as wanted. */
export function proven(turn: Turn, operation: Operation): Next {
  turn.do({ kind: 'persist' });
  closeLevel(turn, operation, 'confirmed');
  if (operation.wanted === 'on') return nextLevel(turn, operation);
  keep('S3', opposedUntil(turn, operation) === undefined, `${operation.target} would be proven off while an order on may still act`);
  mark(turn, operation, 'confirmed');
  if (operation.action !== 'reboot') {
    settle(turn, operation, { outcome: 'confirmed', operations: [operation.id] });
    return 'stay';
  }
  operation.offConfirmed = true;
  operation.phase = 'rest';
  operation.restUntil = turn.at + turn.policy.offTime;
  operation.deadline = operation.restUntil + turn.policy.onTimeout;
  turn.do({ kind: 'wake', operation: operation.id, timer: { kind: 'off-time' }, at: operation.restUntil });
  return 'stay';
}

/** A reboot's node has been off for long enough: back on. That half has a deadline of its own, from the moment the node was proven off. */
export function offTimeOver(operation: Operation): Next {
  if (operation.phase !== 'rest') return 'stay';
  operation.wanted = 'on';
  operation.level = -1;
  return 'shoot';
}

/** The level's time is over, or it cannot succeed. */
export function levelFailed(turn: Turn, operation: Operation, result: 'not-switched' | 'unproven'): Next {
  turn.do({ kind: 'persist' });
  closeLevel(turn, operation, result);
  return nextLevel(turn, operation);
}

function closeLevel(turn: Turn, operation: Operation, result: LevelRun['result']): void {
  operation.levels.push({ level: levelInHand(turn.policy, operation).level, wanted: operation.wanted, result, outlets: operation.outlets });
  operation.outlets = [];
  delete operation.personUntil;
}

function nextLevel(turn: Turn, operation: Operation): Next {
  operation.level += 1;
  if (operation.level < walkFor(turn.policy, operation).length) return 'shoot';
  endOfLevels(turn, operation);
  return 'stay';
}

const named = (outlets: readonly OutletRun[]): string =>
  outlets.map((o) => `${o.device}${o.plug === '' ? '' : `:${o.plug}`}${o.why === undefined ? '' : ` (${o.why.says})`}`).join('; ');

/** What is missing first; what did as it was told is named apart, so that nobody looks at the wrong device. */
function accused(outlets: readonly OutletRun[], wanted: WantedPower): string {
  const done = outlets.filter((outlet) => outlet.readings.at(-1)?.power === wanted);
  const lacking = outlets.filter((outlet) => !done.includes(outlet));
  if (lacking.length === 0 || done.length === 0) return named(outlets);
  return `${named(lacking)} (${done.map(outletName).join(', ')} read ${wanted})`;
}

/** No level is left. */
function endOfLevels(turn: Turn, operation: Operation): void {
  const { levels, wanted } = operation;
  const operations = [operation.id];
  const runs = levels.filter((run) => run.wanted === wanted);
  const proven = runs.some((run) => run.result === 'confirmed');
  // Powered on by its devices: that what runs on the node could not prove it either is nobody's concern.
  const excused = (run: LevelRun): boolean => wanted === 'on' && proven && isCourtesy(turn.policy, operation, run.level);
  const open = runs.filter((run) => run.result !== 'confirmed' && !excused(run)).flatMap((run) => run.outlets);
  if (wanted === 'on') {
    if (open.length === 0) {
      backOn(turn, operation.target);
      settle(turn, operation, { outcome: 'confirmed', operations });
    } else if (operation.offConfirmed === true)
      settle(turn, operation, { outcome: 'confirmed', problem: endings.onFailed(accused(open, 'on')), operations });
    else {
      settle(turn, operation, {
        outcome: stillSo(runs, 'off').length > 0 || runs.every(allRefused) ? 'failed' : 'unconfirmed',
        problem: endings.stillOff(accused(open, 'on')),
        operations,
      });
    }
    return;
  }
  if (runs.some((run) => run.result === 'unproven')) {
    settle(turn, operation, { outcome: 'unconfirmed', problem: endings.unproven(accused(open, 'off')), operations });
    return;
  }
  // Not all was tried: it could not be ordered again.
  if (operation.over !== undefined) {
    stop(turn, operation, operation.over);
    return;
  }
  const on = stillSo(runs, 'on');
  if (on.length > 0) settle(turn, operation, { outcome: 'failed', problem: endings.stillOn(named(on)), operations });
  else if (runs.every(allRefused))
    settle(turn, operation, { outcome: 'failed', problem: endings.rejected(accused(open, 'off')), operations });
  // One outlet refused, and with that its level was lost: the others may have been cut all the same.
  else settle(turn, operation, { outcome: 'unconfirmed', problem: endings.unproven(accused(open, 'off')), operations });
}
