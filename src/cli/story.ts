/** `bailiff story`: everything that happened in one operation, or for one verdict or command, as far as the journal is kept. Does not take the state folder. */
import {
  describeEffect,
  describeEvent,
  describeOperation,
  describeReading,
  type Effect,
  type Ended,
  type Event,
  type Operation,
} from '../core/index.ts';
import type { JournalView } from '../store/index.ts';
import { type Answer, outletName, type Problem } from '../vocabulary/index.ts';
import { type CameOf, cameOf } from './came-of.ts';
import { openPast } from './history.ts';
import { giveUp, type Io, printJson, styleOf } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { endedJson, openJson } from './result.ts';
import { newlyEnded, retell, type Told } from './retell.ts';

interface Line {
  readonly event: Event;
  readonly orders: readonly Effect[];
}

interface Story {
  readonly lines: readonly Line[];
  readonly ended?: Ended;
  /** It ended, by the rules of an earlier version: its answer cannot be told again from its events. */
  readonly untold: boolean;
  /** What is older than this is pruned. */
  readonly prunedAt?: number;
  /** How it stood then, where it was open. */
  readonly stood?: Operation;
}

async function find(view: JournalView, id: string): Promise<Story> {
  const lines: Line[] = [];
  let ended: Ended | undefined;
  let untold = false;
  let pruned: Pick<Story, 'prunedAt' | 'stood'> = {};
  for await (const one of retell(view)) {
    if (one.kind === 'known') {
      const stood = one.state.operations[id];
      if (one.pruned) pruned = { prunedAt: one.at, ...(stood === undefined ? {} : { stood }) };
      if (!untold) ended ??= one.state.ended.find((each) => each.id === id);
      continue;
    }
    const end = newlyEnded(one).find((each) => each.id === id);
    if (one.certain) ended = end ?? ended;
    else untold ||= end !== undefined;
    if (concerns(one, id)) lines.push({ event: one.event, orders: ordersOf(one, id) });
  }
  return { lines, untold, ...pruned, ...(ended === undefined ? {} : { ended }) };
}

const ordersOf = ({ effects }: Told, id: string): readonly Effect[] =>
  effects.filter((effect) => effect.kind === 'order' && effect.operation === id);

/** What happens to the coordinator happens to every operation that is open then. */
const ABOUT_ALL: ReadonlySet<Event['kind']> = new Set(['restored', 'lease-lost', 'clock-jumped', 'epoch-set', 'journal-failed']);

/** Events of the operation itself, the verdict or command that opened or joined it, and what happened to all that was open. */
function concerns({ event, before, after }: Told, id: string): boolean {
  if (event.kind === 'resumed') return event.operations.includes(id);
  if ('operation' in event && event.kind !== 'command') return event.operation === id;
  if (ABOUT_ALL.has(event.kind)) return before.operations[id] !== undefined;
  const operation = after.operations[id] ?? before.operations[id];
  if (operation === undefined) return false;
  if (event.kind === 'verdict') return operation.verdicts.includes(event.verdict.id);
  return event.kind === 'command' && (operation.commands.includes(event.command.id) || operation.attesting?.command === event.command.id);
}

const isEmpty = ({ lines, ended, stood }: Story): boolean => lines.length === 0 && ended === undefined && stood === undefined;

export const story: CommandModule = {
  define(command, io) {
    common(command.argument('<id>', 'of an operation, verdict, command or decision, as bailiff history shows it'))
      .addHelpText('after', '\nExamples:\n  bailiff story 01jd0c3k8q2x7v\n  bailiff story v7')
      .action(async (id: string, options: CommonOptions) => {
        const json = options.json === true;
        const opened = await openPast(io, options);
        if (opened === undefined) return;
        const found = await find(opened.view, id);
        if (!isEmpty(found)) {
          io.ends(0);
          if (json) printJson(io, storyJson(id, found));
          else print(io, found);
          return;
        }
        const came = await cameOf(opened.view, id);
        if (came === undefined) {
          giveUp(io, notTold(id, found.prunedAt), json);
          return;
        }
        const stories: OperationStory[] = [];
        for (const operation of came.operations) stories.push({ operation, told: await find(opened.view, operation) });
        io.ends(0);
        if (json) printJson(io, cameOfJson(came, stories));
        else printCameOf(io, came, stories);
      });
  },
};

const notTold = (id: string, prunedAt: number | undefined): Problem =>
  prunedAt === undefined
    ? { code: 'unknown-operation', says: `The journal knows no operation, verdict or command ${id}.`, next: 'See bailiff history.' }
    : {
        code: 'operation-pruned',
        says: `The journal is kept from ${new Date(prunedAt).toISOString()} on, and what is kept knows no operation, verdict or command ${id}: it was pruned, or there was none.`,
        next: 'See bailiff history for what is kept. Copies of older segments have the rest.',
      };

/** Its own beginning is not kept: a snapshot names the operation, and no event opened it. */
const beginsBefore = ({ lines, ended, stood }: Story): boolean => stood !== undefined || (lines.length === 0 && ended !== undefined);

const storyJson = (id: string, story: Story): object => ({
  operation: id,
  ...(beginsBefore(story) && story.prunedAt !== undefined
    ? {
        pruned: {
          keptFrom: new Date(story.prunedAt).toISOString(),
          ...(story.stood === undefined ? {} : { stood: openJson(story.stood) }),
        },
      }
    : {}),
  events: story.lines.map(({ event }) => event),
  ...(story.ended === undefined ? {} : { ended: endedJson(story.ended) }),
  ...(story.untold ? { untold: true } : {}),
});

function print(io: Io, story: Story): void {
  const { lines, ended, stood } = story;
  const from = stood?.startedAt ?? ended?.startedAt ?? lines[0]?.event.at ?? 0;
  const at = (time: number): string => `${new Date(time).toISOString()}  ${`+${((time - from) / 1000).toFixed(3)} s`.padStart(10)}`;
  if (beginsBefore(story) && story.prunedAt !== undefined) printPruned(io, story, story.prunedAt, at);
  for (const { event, orders } of lines) {
    io.out(`${at(event.at)}  ${describeEvent(event)}`);
    for (const order of orders) io.out(`${at(event.at)}  ${describeEffect(order)}`);
  }
  if (story.untold) io.out(UNTOLD);
  else if (ended === undefined) io.out('It is still open.');
  else printAnswer(io, ended.answer);
}

const UNTOLD = 'It has ended. An earlier version answered it, by other rules; what it said cannot be told again.';

function printAnswer(io: Io, { outcome, problem }: Answer): void {
  io.out(`${io.paint(styleOf(outcome), outcome)}${problem === undefined ? '' : `: [${problem.code}] ${problem.says}`}`);
  if (problem !== undefined) io.out(`  next: ${problem.next}`);
}

interface OperationStory {
  readonly operation: string;
  readonly told: Story;
}

const cameOfJson = ({ kind, id, lines, answer, untold }: CameOf, stories: readonly OperationStory[]): object => ({
  [kind]: id,
  events: lines.flatMap((line) => (line.kind === 'answer' ? [] : [line])),
  ...(answer === undefined ? {} : { outcome: answer.outcome, ...answer.problem }),
  ...(untold ? { untold: true } : {}),
  operations: stories.map(({ operation, told }) => storyJson(operation, told)),
});

/** Every operation by itself, then the answer to all of it. */
function printCameOf(io: Io, { kind, id, lines, answer, untold }: CameOf, stories: readonly OperationStory[]): void {
  // It may have come again, and with other content.
  const several = lines.filter((line) => line.kind === 'answer').length > 1;
  for (const line of lines) {
    if (line.kind !== 'answer') io.out(`${new Date(line.at).toISOString()}  ${describeEvent(line)}`);
    else if (several) io.out(`${new Date(line.at).toISOString()}  ${describeEffect(line.effect)}`);
  }
  for (const { operation, told } of stories) {
    io.out(io.paint('strong', `operation ${operation} of ${kind} ${id}:`));
    if (isEmpty(told)) io.out('What happened in it is not kept.');
    else print(io, told);
  }
  io.out(stories.length === 0 ? 'No operation was opened for it. Its answer:' : `The answer to ${kind} ${id}:`);
  if (untold) io.out(UNTOLD);
  else if (answer === undefined) io.out('It is not answered yet.');
  else printAnswer(io, answer);
}

/** What a snapshot knows of it, in place of the events that are gone. */
function printPruned(io: Io, { lines, ended, stood }: Story, prunedAt: number, at: (time: number) => string): void {
  io.out(io.paint('doubt', `Pruned: what happened before ${new Date(prunedAt).toISOString()} is not kept. A snapshot of then says:`));
  if (stood !== undefined) {
    io.out(`${at(stood.startedAt)}  ${stood.by} began it (${stood.reason})`);
    io.out(`${at(prunedAt)}  it stood at ${describeOperation(stood)}`);
  }
  if (ended === undefined || lines.length > 0) return;
  io.out(`${at(ended.startedAt)}  ${ended.action} of ${ended.target} began`);
  for (const level of ended.levels)
    for (const outlet of level.outlets)
      io.out(
        `${at(ended.endedAt)}  level ${level.level + 1} (${level.wanted}) ${level.result}: ${outletName(outlet)}, order ${outlet.order ?? 'not given'}, read ${outlet.readings.map(describeReading).join(', ') || 'not'}`,
      );
}
