/** `bailiff pending`: what waits for a person, until when, and calls that nobody has dealt with. Does not take the state folder. */
import { calledJson, calledLines, type OpenCall, openCalls } from './called.ts';
import { type Io, printJson } from './io.ts';
import { configuredState } from './journalled.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { fittingTable } from './table.ts';
import { clockTime, left } from './times.ts';
import { type Waiting, waitingIn } from './waiting.ts';

export const pending: CommandModule = {
  define(command, io) {
    common(command)
      .addHelpText(
        'after',
        `
Examples:
  bailiff pending
  bailiff pending --json

A call ends when what it was about is over; with each stands what ends it, and until when it is shown at most.`,
      )
      .action(async (options: CommonOptions) => {
        const state = await configuredState(io, options);
        if (state === undefined) return;
        const now = Date.now();
        const all = waitingIn(state, now);
        const told = {
          waiting: all.filter(({ over }) => over === undefined),
          over: all.filter(({ over }) => over !== undefined),
          calls: openCalls(state, now),
        };
        io.ends(0);
        if (options.json === true) printJson(io, pendingJson(told));
        else print(io, told, now);
      });
  },
};

interface Told {
  readonly waiting: readonly Waiting[];
  /** Nobody can decide these any more; the next process that takes the state folder ends them. */
  readonly over: readonly Waiting[];
  readonly calls: readonly OpenCall[];
}

const pendingJson = ({ waiting, over, calls }: Told): object => ({
  pending: waiting.map(waitingJson),
  over: over.map((one) => ({ ...waitingJson(one), says: one.over, next: nextOf(one) })),
  calls: calls.map(calledJson),
});

const waitingJson = ({ operation: { id, target, action, by, reason, startedAt, epoch }, what, until }: Waiting): object => ({
  operation: id,
  target,
  action,
  waitsFor: what,
  by,
  reason,
  since: new Date(startedAt).toISOString(),
  ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
  ...(epoch === undefined ? {} : { epoch }),
});

const HEAD = ['operation', 'node', 'action', 'waits for', 'asked by', 'since', 'until', 'left', 'reason'];

function print(io: Io, { waiting, over, calls }: Told, now: number): void {
  const rows = waiting.map((one) => row(one, now));
  if (waiting.length === 0) io.out('Nothing waits for a person.');
  else for (const line of fittingTable(io.columns, HEAD, rows, 'since', 'asked by', 'action', 'left')) io.out(line);
  for (const one of over) {
    const { id, action, target } = one.operation;
    io.out(io.paint('faint', `over: ${id} (${action} ${target}) cannot be decided any more: ${one.over}`));
    io.out(`  next: ${nextOf(one)}`);
  }
  for (const line of calledLines(calls)) io.out(line);
}

/** A statement about a node is taken at any time, as one of its own. */
const nextOf = ({ operation, what }: Waiting): string =>
  what === 'approval'
    ? 'bailiff resume ends it; then a new verdict or command is needed'
    : `bailiff resume ends it; bailiff attest ${operation.target} is taken all the same`;

const row = ({ operation: { id, target, action, by, reason, startedAt }, what, until }: Waiting, now: number): string[] => [
  id,
  target,
  action,
  what,
  by,
  clockTime(startedAt),
  until === undefined ? '' : clockTime(until),
  until === undefined ? '' : left(until - now),
  reason,
];
