/** What waits for a person, what is too late to be decided, and calls that nobody has dealt with. */
import type { State } from '../core/index.ts';
import type { Action } from '../vocabulary/index.ts';
import { calledJson, type OpenCall, openCalls } from './calls.ts';
import { type PersonAwaited, waitingIn } from './waiting.ts';

export interface WaitingView {
  readonly operation: string;
  readonly target: string;
  readonly action: Action;
  readonly waitsFor: PersonAwaited['what'];
  readonly by: string;
  readonly reason: string;
  /** Milliseconds since 1970, as `until`. */
  readonly startedAt: number;
  readonly until?: number;
  readonly epoch?: number;
  /** Why it is too late for a decision. */
  readonly over?: string;
}

export interface PendingList {
  readonly waiting: readonly WaitingView[];
  /** Nobody can decide these any more; the next process that takes the state folder ends them. */
  readonly over: readonly WaitingView[];
  readonly calls: readonly OpenCall[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function pendingIn(state: State, now: number): PendingList {
  const all = waitingIn(state, now).map(waitingView);
  return {
    waiting: all.filter(({ over }) => over === undefined),
    over: all.filter(({ over }) => over !== undefined),
    calls: openCalls(state, now),
    now,
  };
}

const waitingView = ({
  operation: { id, target, action, by, reason, startedAt, epoch },
  what,
  until,
  over,
}: PersonAwaited): WaitingView => ({
  operation: id,
  target,
  action,
  waitsFor: what,
  by,
  reason,
  startedAt,
  ...(until === undefined ? {} : { until }),
  ...(epoch === undefined ? {} : { epoch }),
  ...(over === undefined ? {} : { over }),
});

/** A statement about a node is taken at any time, as one of its own. */
export const nextOf = ({ target, waitsFor }: WaitingView): string =>
  waitsFor === 'approval'
    ? 'bailiff resume ends it; then a new verdict or command is needed'
    : `bailiff resume ends it; bailiff attest ${target} is taken all the same`;

export const pendingListJson = ({ waiting, over, calls }: PendingList): object => ({
  pending: waiting.map(waitingJson),
  over: over.map((one) => ({ ...waitingJson(one), says: one.over, next: nextOf(one) })),
  calls: calls.map(calledJson),
});

const waitingJson = ({ operation, target, action, waitsFor, by, reason, startedAt, until, epoch }: WaitingView): object => ({
  operation,
  target,
  action,
  waitsFor,
  by,
  reason,
  since: new Date(startedAt).toISOString(),
  ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
  ...(epoch === undefined ? {} : { epoch }),
});
