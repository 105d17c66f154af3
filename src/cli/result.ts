/** The result of one operation, for people and as the JSON of `fence`, `unfence`, `attest` and `verdict submit`. */
import { EMPTY, type Ended, type LevelRun, type Operation, type State } from '../core/index.ts';
import { type Answer, EXIT, outletName, type Problem } from '../vocabulary/index.ts';
import { giveUp, type Io, printJson, seconds, styleOf } from './io.ts';

export interface OperationJson {
  readonly operation: string;
  readonly target: string;
  readonly action: string;
  readonly outcome: string;
  readonly code?: string;
  readonly says?: string;
  readonly next?: string;
  readonly epoch?: number;
  readonly levels: readonly unknown[];
  readonly startedAt: string;
  readonly elapsedMs: number;
}

const levelJson = (run: LevelRun): unknown => ({
  level: run.level + 1,
  wanted: run.wanted,
  result: run.result,
  outlets: run.outlets.map((outlet) => ({
    device: outlet.device,
    outlet: outlet.plug,
    order: outlet.order ?? 'not given',
    ...(outlet.why === undefined ? {} : { why: outlet.why }),
    readings: outlet.readings.map(({ startedAt, endedAt, ...reading }) => ({
      ...reading,
      readAt: new Date(startedAt).toISOString(),
      tookMs: endedAt - startedAt,
    })),
  })),
});

const problemJson = (problem: Problem | undefined): object =>
  problem === undefined ? {} : { code: problem.code, says: problem.says, next: problem.next };

export function endedJson(ended: Ended): OperationJson {
  return {
    operation: ended.id,
    target: ended.target,
    action: ended.action,
    outcome: ended.answer.outcome,
    ...problemJson(ended.answer.problem),
    ...(ended.epoch === undefined ? {} : { epoch: ended.epoch }),
    levels: ended.levels.map(levelJson),
    startedAt: new Date(ended.startedAt).toISOString(),
    elapsedMs: ended.endedAt - ended.startedAt,
  };
}

/** An operation that has not ended. */
export const openJson = ({ id, target, action, phase }: Operation): object => ({ operation: id, target, action, phase });

const HEADLINE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  off: {
    confirmed: 'is OFF',
    failed: 'is NOT off',
    unconfirmed: 'is NOT proven off',
    withheld: 'was not shot',
    refused: 'was not shot',
    attested: 'is down, as attested',
  },
  reboot: {
    confirmed: 'was off',
    failed: 'is NOT off',
    unconfirmed: 'is NOT proven off',
    withheld: 'was not shot',
    refused: 'was not shot',
    attested: 'is down, as attested',
  },
  on: {
    confirmed: 'is ON',
    failed: 'is NOT on',
    unconfirmed: 'is NOT proven on',
    withheld: 'was not switched',
    refused: 'was not switched',
    attested: 'is down, as attested',
  },
  attest: { attested: 'is down, as attested', refused: 'was not attested', withheld: 'was not attested' },
};

/** One operation's end, in two to four lines. */
export function printEnded(io: Io, ended: Ended): void {
  const { answer, target, action } = ended;
  const headline = HEADLINE[action]?.[answer.outcome] ?? answer.outcome;
  io.out(
    `${io.paint(styleOf(answer.outcome), `${target} ${headline}: ${answer.outcome}`)} in ${seconds(ended.endedAt - ended.startedAt)}${proof(ended)}`,
  );
  printProblemLines(io, answer.problem);
  io.out(`  story: bailiff story ${ended.id}`);
}

export function printProblemLines(io: Io, problem: Problem | undefined): void {
  if (problem === undefined) return;
  io.out(`  ${problem.code}: ${problem.says}`);
  io.out(`  next: ${problem.next}`);
}

/** What the confirmation rests on. */
function proof(ended: Ended): string {
  const run = ended.levels.find((level) => level.result === 'confirmed' && level.wanted === 'off');
  if (run === undefined || ended.answer.outcome !== 'confirmed') return '';
  const outlets = run.outlets.map((outlet) => {
    const off = outlet.readings.slice(outlet.readings.findLastIndex((reading) => reading.power !== 'off') + 1).length;
    return `${outletName(outlet)} read off ${off === 2 ? 'twice' : `${off} times`} after our order`;
  });
  return ` (level ${run.level + 1}: ${outlets.join('; ')})`;
}

/** Prints what came of a verdict or command and sets the exit code. */
export function report(io: Io, answer: Answer, state: State, json: boolean): void {
  io.ends(EXIT[answer.outcome]);
  const ended = answer.operations.flatMap((id) => state.ended.find((one) => one.id === id) ?? []);
  if (json) {
    const only = ended[0];
    if (ended.length === 1 && only !== undefined) printJson(io, endedJson(only));
    else printJson(io, { outcome: answer.outcome, ...problemJson(answer.problem), operations: ended.map(endedJson) });
    return;
  }
  for (const one of ended) printEnded(io, one);
  if (ended.length > 0) return;
  io.out(io.paint(styleOf(answer.outcome), answer.outcome));
  printProblemLines(io, answer.problem);
}

/** A verdict that could not be opened: refused, or (our own copy of the arbiter's key is not usable) a matter of configuration. */
export function refuseVerdict(io: Io, problem: Problem, json: boolean): void {
  if (problem.code === 'key-unreadable') giveUp(io, problem, json);
  else report(io, { outcome: 'refused', problem, operations: [] }, EMPTY, json);
}
