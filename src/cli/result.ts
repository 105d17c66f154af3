/** The result of one operation, for people and as the JSON of `fence`, `unfence`, `attest` and `verdict submit`. */
import { EMPTY, type Ended, type LevelRun, type Operation, type State } from '../core/index.ts';
import { type Answer, EXIT, EXIT_SUPERSEDED, outletName, type PoweredOn, type Problem } from '../vocabulary/index.ts';
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

/** An operation that has not ended; what it has ordered so far with it. */
export function openJson(operation: Operation): object {
  const { id, target, action, phase, level, wanted, outlets } = operation;
  const inHand: readonly LevelRun[] = outlets.length === 0 ? [] : [{ level, wanted, result: 'running', outlets }];
  const levels = operation.orders === 0 ? {} : { levels: [...operation.levels, ...inHand].map(levelJson) };
  return { operation: id, target, action, phase, ...levels };
}

const supersededJson = (by: readonly PoweredOn[]): object =>
  by.length === 0
    ? {}
    : { supersededBy: by.map(({ target, operation, by: who, at }) => ({ target, operation, by: who, at: new Date(at).toISOString() })) };

export const foundJson = ({ found = [] }: Told): object => (found.length === 0 ? {} : { foundOpen: found.map(openJson) });

/** What is told beside an answer, and how. */
export interface Told {
  readonly state: State;
  readonly json: boolean;
  /** What an earlier process had left open, of other nodes. */
  readonly found?: readonly Operation[];
  /** It was asked what is true now: an answer that somebody has made untrue since exits 6. */
  readonly current?: boolean;
}

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

/** A reboot that is confirmed with a problem has not come back; where every order was refused, nobody knows how the node is. */
function headlineOf(action: string, { outcome, problem }: Answer): string | undefined {
  if (action === 'reboot' && outcome === 'confirmed' && problem === undefined) return 'was off, and is ON again';
  if (problem?.code === 'order-rejected') return 'could NOT be cut';
  if (problem?.code === 'still-on') return 'still reads ON';
  return HEADLINE[action]?.[outcome];
}

/** One operation's end, in two to four lines. `superseded`: the node was ordered on after it had been answered. */
export function endedLines(io: Io, ended: Ended, superseded = false): string[] {
  const { answer, target, action } = ended;
  const headline = superseded
    ? `was OFF at ${new Date(ended.endedAt).toISOString()}, and has been ordered on since`
    : (headlineOf(action, answer) ?? answer.outcome);
  const style = superseded ? 'doubt' : styleOf(answer.outcome);
  const took = seconds(ended.endedAt - ended.startedAt);
  return [
    `${io.paint(style, `${target} ${headline}: ${answer.outcome}`)} in ${took}${proof(ended)}`,
    ...problemLines(answer.problem),
    `  story: bailiff story ${ended.id}`,
  ];
}

export const problemLines = (problem: Problem | undefined): string[] =>
  problem === undefined ? [] : [`  ${problem.code}: ${problem.says}`, `  next: ${problem.next}`];

export function printProblemLines(io: Io, problem: Problem | undefined): void {
  for (const line of problemLines(problem)) io.out(line);
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

/** Prints what came of a verdict or command, and ends with its exit code. */
export function report(io: Io, answer: Answer, told: Told): void {
  const by = answer.supersededBy ?? [];
  io.ends(by.length > 0 && told.current === true ? EXIT_SUPERSEDED : EXIT[answer.outcome]);
  const ended = answer.operations.flatMap((id) => told.state.ended.find((one) => one.id === id) ?? []);
  if (told.json) printJson(io, { ...answerJson(answer, ended), ...supersededJson(by), ...foundJson(told) });
  else for (const line of answerLines(io, answer, ended)) io.out(line);
}

function answerJson(answer: Answer, ended: readonly Ended[]): object {
  const [only] = ended;
  if (ended.length === 1 && only !== undefined) return endedJson({ ...only, answer });
  return { outcome: answer.outcome, ...problemJson(answer.problem), operations: ended.map(endedJson) };
}

function answerLines(io: Io, answer: Answer, ended: readonly Ended[]): string[] {
  const by = answer.supersededBy ?? [];
  const parts = ended.flatMap((one) =>
    endedLines(
      io,
      one,
      by.some(({ target }) => target === one.target),
    ),
  );
  // The answer to several parts is judged by how they stand at the end: it may be another one than that of each.
  const said = ended.some((one) => one.answer.outcome === answer.outcome && one.answer.problem?.code === answer.problem?.code);
  const whole = said
    ? []
    : [
        io.paint(styleOf(answer.outcome), ended.length === 0 ? answer.outcome : `all in all: ${answer.outcome}`),
        ...problemLines(answer.problem),
      ];
  return [...parts, ...whole, ...by.map(sinceLine)];
}

const sinceLine = ({ target, operation, by, at }: PoweredOn): string =>
  `  superseded: ${by} ordered ${target} on at ${new Date(at).toISOString()} (bailiff story ${operation}): see bailiff status ${target}`;

/** A verdict that could not be opened: refused, or (our own copy of the arbiter's key is not usable) a matter of configuration. */
export function refuseVerdict(io: Io, problem: Problem, json: boolean): void {
  if (problem.code === 'key-unreadable') giveUp(io, problem, json);
  else report(io, { outcome: 'refused', problem, operations: [] }, { state: EMPTY, json });
}
