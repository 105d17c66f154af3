/** `bailiff pending`: what waits for a person, until when, and calls that nobody has dealt with. Does not take the state folder. */
import { lookOn } from '../main/onlooker.ts';
import { nextOf, type PendingList, pendingListJson, type WaitingView } from '../service/pending.ts';
import { clockTime, left } from '../service/words.ts';
import { calledLines } from './called.ts';
import { giveUp, type Io, printJson } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { load } from './open.ts';
import { fittingTable } from './table.ts';

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
        const loaded = await load(io, options, 'leave');
        if (loaded === undefined) return;
        const json = options.json === true;
        const told = await lookOn(loaded.configuration).pending();
        if ('code' in told) {
          giveUp(io, told, json);
          return;
        }
        io.ends(0);
        if (json) printJson(io, pendingListJson(told));
        else print(io, told);
      });
  },
};

const HEAD = ['operation', 'node', 'action', 'waits for', 'asked by', 'since', 'until', 'left', 'reason'];

function print(io: Io, { waiting, over, calls, now }: PendingList): void {
  const rows = waiting.map((one) => row(one, now));
  if (waiting.length === 0) io.out('Nothing waits for a person.');
  else for (const line of fittingTable(io.columns, HEAD, rows, 'since', 'asked by', 'action', 'left')) io.out(line);
  for (const one of over) {
    const says = `over: ${one.operation} (${one.action} ${one.target}) cannot be decided any more: ${one.over}`;
    io.out(io.paint('faint', says));
    io.out(`  next: ${nextOf(one)}`);
  }
  for (const line of calledLines(calls)) io.out(line);
}

const row = ({ operation, target, action, by, reason, startedAt, waitsFor, until }: WaitingView, now: number): string[] => [
  operation,
  target,
  action,
  waitsFor,
  by,
  clockTime(startedAt),
  until === undefined ? '' : clockTime(until),
  until === undefined ? '' : left(until - now),
  reason,
];
