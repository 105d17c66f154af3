/** What came of one operation, or of a verdict or command, for people and as JSON. */
import { answerJson, type AnswerView, type EndedView, type OpenView, refusal } from '../service/views.ts';
import { seconds } from '../service/words.ts';
import { EXIT, EXIT_SUPERSEDED, type Outcome, outletName, type PoweredOn, type Problem } from '../vocabulary/index.ts';
import { giveUp, type Io, printJson, styleOf } from './io.ts';

/** What is told beside an answer, and how. */
export interface Told {
  readonly json: boolean;
  /** What an earlier process had left open, of other nodes. */
  readonly found?: readonly OpenView[];
  /** It was asked what is true now: an answer that somebody has made untrue since exits 6. */
  readonly current?: boolean;
}

export const foundJson = ({ found = [] }: Told): object => (found.length === 0 ? {} : { foundOpen: found });

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
function headlineOf(action: string, outcome: Outcome, code: string | undefined): string | undefined {
  if (action === 'reboot' && outcome === 'confirmed' && code === undefined) return 'was off, and is ON again';
  if (code === 'order-rejected') return 'could NOT be cut';
  if (code === 'still-on') return 'still reads ON';
  return HEADLINE[action]?.[outcome];
}

/** One operation's end, in two to four lines. `superseded`: the node was ordered on after it had been answered. */
export function endedLines(io: Io, ended: EndedView, superseded = false): string[] {
  const { operation, target, action, outcome, code, says, next, startedAt, elapsedMs } = ended;
  const headline = superseded
    ? `was OFF at ${new Date(Date.parse(startedAt) + elapsedMs).toISOString()}, and has been ordered on since`
    : (headlineOf(action, outcome, code) ?? outcome);
  const style = superseded ? 'doubt' : styleOf(outcome);
  return [
    `${io.paint(style, `${target} ${headline}: ${outcome}`)} in ${seconds(elapsedMs)}${proof(ended)}`,
    ...(code === undefined ? [] : [`  ${code}: ${says}`, `  next: ${next}`]),
    `  story: bailiff story ${operation}`,
  ];
}

export const problemLines = (problem: Problem | undefined): string[] =>
  problem === undefined ? [] : [`  ${problem.code}: ${problem.says}`, `  next: ${problem.next}`];

export function printProblemLines(io: Io, problem: Problem | undefined): void {
  for (const line of problemLines(problem)) io.out(line);
}

/** What the confirmation rests on. */
function proof({ levels, outcome }: EndedView): string {
  const run = levels.find((level) => level.result === 'confirmed' && level.wanted === 'off');
  if (run === undefined || outcome !== 'confirmed') return '';
  const outlets = run.outlets.map(({ device, outlet, readings }) => {
    const off = readings.slice(readings.findLastIndex((reading) => reading.power !== 'off') + 1).length;
    return `${outletName({ device, plug: outlet })} read off ${off === 2 ? 'twice' : `${off} times`} after our order`;
  });
  return ` (level ${run.level}: ${outlets.join('; ')})`;
}

/** Prints what came of a verdict or command, and ends with its exit code. */
export function report(io: Io, answer: AnswerView, told: Told): void {
  const isOver = answer.supersededBy.length > 0 && told.current === true;
  io.ends(isOver ? EXIT_SUPERSEDED : EXIT[answer.outcome]);
  if (told.json) printJson(io, { ...answerJson(answer), ...foundJson(told) });
  else for (const line of answerLines(io, answer)) io.out(line);
}

function answerLines(io: Io, { outcome, problem, operations, supersededBy }: AnswerView): string[] {
  const parts = operations.flatMap((one) =>
    endedLines(
      io,
      one,
      supersededBy.some(({ target }) => target === one.target),
    ),
  );
  // The answer to several parts is judged by how they stand at the end: it may be another one than that of each.
  const said = operations.some((one) => one.outcome === outcome && one.code === problem?.code);
  const whole = said
    ? []
    : [io.paint(styleOf(outcome), operations.length === 0 ? outcome : `all in all: ${outcome}`), ...problemLines(problem)];
  return [...parts, ...whole, ...supersededBy.map(sinceLine)];
}

const sinceLine = ({ target, operation, by, at }: PoweredOn): string =>
  `  superseded: ${by} ordered ${target} on at ${new Date(at).toISOString()} (bailiff story ${operation}): see bailiff status ${target}`;

/** A verdict that could not be opened: refused, or (our own copy of the arbiter's key is not usable) a matter of configuration. */
export function refuseVerdict(io: Io, problem: Problem, json: boolean): void {
  if (problem.code === 'key-unreadable') giveUp(io, problem, json);
  else report(io, refusal(problem), { json });
}
