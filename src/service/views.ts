/**
 * What faces show, as plain data: the JSON of the command line, and the shapes from which lines for people are made. Times in them are ISO 8601
 * in UTC, durations milliseconds; levels count from 1.
 */
import { type Ended, type LevelRun, type Operation, type State, waitsFor } from '../core/index.ts';
import type { Action, Answer, Outcome, PoweredOn, PowerState, Problem, WantedPower } from '../vocabulary/index.ts';
import { awaiting, orderedSoFar } from './awaiting.ts';
import type { Carried } from './replies.ts';
import { waitingIn } from './waiting.ts';

export interface ReadingView {
  readonly power: PowerState;
  readonly readAt: string;
  readonly tookMs: number;
}

export interface OutletView {
  readonly device: string;
  readonly outlet: string;
  readonly order: string;
  readonly why?: Problem;
  readonly readings: readonly ReadingView[];
}

export interface LevelView {
  readonly level: number;
  readonly wanted: WantedPower;
  readonly result: LevelRun['result'];
  readonly outlets: readonly OutletView[];
}

/** An operation that has ended: the JSON of fence, unfence, attest. */
export interface EndedView {
  readonly operation: string;
  readonly target: string;
  readonly action: Action;
  readonly outcome: Outcome;
  readonly code?: string;
  readonly says?: string;
  readonly next?: string;
  readonly epoch?: number;
  readonly levels: readonly LevelView[];
  readonly startedAt: string;
  readonly elapsedMs: number;
}

/** An operation that has not ended; what it has ordered so far with it. */
export interface OpenView {
  readonly operation: string;
  readonly target: string;
  readonly action: Action;
  readonly phase: Operation['phase'];
  readonly levels?: readonly LevelView[];
}

/** What is told of an open operation beside its JSON. */
export interface OpenTold {
  readonly shown: OpenView;
  readonly waitsFor?: 'approval' | 'attestation';
  /** Milliseconds since 1970: from then on nobody can decide it any more. */
  readonly until?: number;
  /** `db1-bmc off (accepted, reads unknown)`: every device that was ordered anything. */
  readonly ordered: readonly string[];
  /** What is told of it while it has no answer. */
  readonly awaited: { readonly outcome: 'withheld' | 'unconfirmed'; readonly problem: Problem };
}

/** The answer to a verdict, a command or a decision. */
export interface AnswerView {
  readonly outcome: Outcome;
  readonly problem?: Problem;
  /** Each with the answer of its own. */
  readonly operations: readonly EndedView[];
  readonly supersededBy: readonly PoweredOn[];
}

/** No answer yet: a person is waited for. `outcome` is what would be true if nobody came. */
export interface PendingView {
  readonly outcome: 'withheld' | 'unconfirmed';
  readonly problem: Problem;
  readonly pending: readonly OpenTold[];
}

export type CarriedView = AnswerView | PendingView;

const levelView = (run: LevelRun): LevelView => ({
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

export const problemJson = (problem: Problem | undefined): { readonly code?: string; readonly says?: string; readonly next?: string } =>
  problem === undefined ? {} : { code: problem.code, says: problem.says, next: problem.next };

export function endedView(ended: Ended): EndedView {
  return {
    operation: ended.id,
    target: ended.target,
    action: ended.action,
    outcome: ended.answer.outcome,
    ...problemJson(ended.answer.problem),
    ...(ended.epoch === undefined ? {} : { epoch: ended.epoch }),
    levels: ended.levels.map(levelView),
    startedAt: new Date(ended.startedAt).toISOString(),
    elapsedMs: ended.endedAt - ended.startedAt,
  };
}

export function openView(operation: Operation): OpenView {
  const { id, target, action, phase, level, wanted, outlets } = operation;
  const inHand: readonly LevelRun[] = outlets === undefined ? [] : [{ level, wanted, result: 'running', outlets }];
  const levels = operation.orders === 0 ? {} : { levels: [...operation.levels, ...inHand].map(levelView) };
  return { operation: id, target, action, phase, ...levels };
}

export function openTold(state: State, operation: Operation, now: number): OpenTold {
  const what = waitsFor(state, operation);
  const until = what === undefined ? undefined : waitingIn(state, now).find((one) => one.operation.id === operation.id)?.until;
  return {
    shown: openView(operation),
    ...(what === undefined ? {} : { waitsFor: what }),
    ...(until === undefined ? {} : { until }),
    ordered: orderedSoFar(state, operation),
    awaited: awaiting(state, [operation.id]),
  };
}

export function answerView(state: State, answer: Answer): AnswerView {
  return {
    outcome: answer.outcome,
    ...(answer.problem === undefined ? {} : { problem: answer.problem }),
    operations: answer.operations.flatMap((id) => state.ended.filter((one) => one.id === id).slice(0, 1)).map(endedView),
    supersededBy: answer.supersededBy ?? [],
  };
}

/** What was not admitted at all, such as a verdict whose signature is not good. */
export const refusal = (problem: Problem): AnswerView => ({ outcome: 'refused', problem, operations: [], supersededBy: [] });

export function carriedView(state: State, carried: Carried, now: number): CarriedView {
  if ('answer' in carried) return answerView(state, carried.answer);
  const { pending, outcome, problem } = carried;
  return { outcome, problem, pending: pending.flatMap((id) => state.operations.get(id) ?? []).map((one) => openTold(state, one, now)) };
}

const supersededJson = (by: readonly PoweredOn[]): object =>
  by.length === 0
    ? {}
    : { supersededBy: by.map(({ target, operation, by: who, at }) => ({ target, operation, by: who, at: new Date(at).toISOString() })) };

/** One operation as itself, with the answer in place of its own; several, or none, as a list beneath the answer. */
export function answerJson({ outcome, problem, operations, supersededBy }: AnswerView): object {
  const [only] = operations;
  const told = { outcome, ...problemJson(problem) };
  if (operations.length !== 1 || only === undefined) return { ...told, operations, ...supersededJson(supersededBy) };
  const { operation, target, action, epoch, levels, startedAt, elapsedMs } = only;
  const rest = { ...(epoch === undefined ? {} : { epoch }), levels, startedAt, elapsedMs };
  return { operation, target, action, ...told, ...rest, ...supersededJson(supersededBy) };
}

export const pendingJson = ({ outcome, problem, pending }: PendingView): object => ({
  outcome,
  ...problemJson(problem),
  operations: pending.map(({ shown, waitsFor: what, until }) => ({
    ...shown,
    ...(what === undefined ? {} : { waitsFor: what }),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
  })),
});
