/** Everything that happened in one operation, or for one verdict or command, as far as the journal is kept. */
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
import { type Answer, outletName, type Problem } from '../vocabulary/index.ts';
import { type CameOf, cameOf } from './came-of.ts';
import { type Journal, newlyEnded, retell, type Told } from './retell.ts';
import { endedView, openView } from './views.ts';

interface StoryLine {
  readonly event: Event;
  readonly orders: readonly Effect[];
}

interface Story {
  readonly lines: readonly StoryLine[];
  readonly ended?: Ended;
  /** It ended, by the rules of an earlier version: its answer cannot be told again from its events. */
  readonly untold: boolean;
  /** What is older than this is pruned. */
  readonly prunedAt?: number;
  /** How it stood then, where it was open. */
  readonly stood?: Operation;
}

async function find(view: Journal, id: string): Promise<Story> {
  const lines: StoryLine[] = [];
  let ended: Ended | undefined;
  let untold = false;
  let pruned: Pick<Story, 'prunedAt' | 'stood'> = {};
  for await (const one of retell(view)) {
    if (one.kind === 'known') {
      const stood = one.state.operations.get(id);
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
  if (ABOUT_ALL.has(event.kind)) return before.operations.get(id) !== undefined;
  const operation = after.operations.get(id) ?? before.operations.get(id);
  if (operation === undefined) return false;
  if (event.kind === 'verdict') return operation.verdicts.includes(event.verdict.id);
  return event.kind === 'command' && (operation.commands.includes(event.command.id) || operation.attesting?.command === event.command.id);
}

const isEmpty = ({ lines, ended, stood }: Story): boolean => lines.length === 0 && ended === undefined && stood === undefined;

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
          ...(story.stood === undefined ? {} : { stood: openView(story.stood) }),
        },
      }
    : {}),
  events: story.lines.map(({ event }) => event),
  ...(story.ended === undefined ? {} : { ended: endedView(story.ended) }),
  ...(story.untold ? { untold: true } : {}),
});

/** One thing that happened, in words. `at`: milliseconds since 1970. */
export interface Passage {
  readonly at: number;
  readonly says: string;
}

/** How it ended: its answer, or that it has none, or none that can be told by our rules. */
export type End = Answer | 'open' | 'untold';

/** One operation. */
export interface StoryTold {
  readonly kind: 'operation';
  readonly id: string;
  /** Milliseconds since 1970: times are told from here on. */
  readonly from: number;
  readonly passages: readonly Passage[];
  /** What a snapshot knows of it, in place of the events that are gone. */
  readonly pruned?: { readonly at: number; readonly passages: readonly Passage[] };
  readonly end: End;
  /** Nothing of it is kept. */
  readonly isEmpty: boolean;
  readonly json: object;
}

/** One verdict, command or decision, with every operation that carried it. */
export interface CameOfTold {
  readonly kind: CameOf['kind'];
  readonly id: string;
  readonly passages: readonly Passage[];
  readonly stories: readonly StoryTold[];
  readonly end: End;
  readonly json: object;
}

/** Problems: `unknown-operation`, `operation-pruned`. */
export async function tellStory(journal: Journal, id: string): Promise<StoryTold | CameOfTold | Problem> {
  const found = await find(journal, id);
  if (!isEmpty(found)) return storyTold(id, found);
  const came = await cameOf(journal, id);
  if (came === undefined) return notTold(id, found.prunedAt);
  const stories: StoryTold[] = [];
  for (const operation of came.operations) stories.push(storyTold(operation, await find(journal, operation)));
  return cameOfTold(came, stories);
}

function storyTold(id: string, story: Story): StoryTold {
  const { lines, ended, stood, untold, prunedAt } = story;
  const pruned = beginsBefore(story) && prunedAt !== undefined ? { pruned: { at: prunedAt, passages: known(story, prunedAt) } } : {};
  return {
    kind: 'operation',
    id,
    from: stood?.startedAt ?? ended?.startedAt ?? lines[0]?.event.at ?? 0,
    passages: lines.flatMap(({ event, orders }) => [
      { at: event.at, says: describeEvent(event) },
      ...orders.map((order) => ({ at: event.at, says: describeEffect(order) })),
    ]),
    ...pruned,
    end: untold ? 'untold' : (ended?.answer ?? 'open'),
    isEmpty: isEmpty(story),
    json: storyJson(id, story),
  };
}

function cameOfTold({ kind, id, lines, answer, untold }: CameOf, stories: readonly StoryTold[]): CameOfTold {
  // It may have come again, and with other content.
  const several = lines.filter((line) => line.kind === 'answer').length > 1;
  const passages = lines.flatMap((line): Passage[] => {
    if (line.kind !== 'answer') return [{ at: line.at, says: describeEvent(line) }];
    return several ? [{ at: line.at, says: describeEffect(line.effect) }] : [];
  });
  const json = {
    [kind]: id,
    events: lines.flatMap((line) => (line.kind === 'answer' ? [] : [line])),
    ...(answer === undefined ? {} : { outcome: answer.outcome, ...answer.problem }),
    ...(untold ? { untold: true } : {}),
    operations: stories.map((one) => one.json),
  };
  return { kind, id, passages, stories, end: untold ? 'untold' : (answer ?? 'open'), json };
}

function known({ lines, ended, stood }: Story, prunedAt: number): readonly Passage[] {
  const then =
    stood === undefined
      ? []
      : [
          { at: stood.startedAt, says: `${stood.by} began it (${stood.reason})` },
          { at: prunedAt, says: `it stood at ${describeOperation(stood)}` },
        ];
  if (ended === undefined || lines.length > 0) return then;
  const levels = ended.levels.flatMap(({ level, wanted, result, outlets }) =>
    outlets.map((outlet) => ({
      at: ended.endedAt,
      says: `level ${level + 1} (${wanted}) ${result}: ${outletName(outlet)}, order ${outlet.order ?? 'not given'}, read ${outlet.readings.map(describeReading).join(', ') || 'not'}`,
    })),
  );
  return [...then, { at: ended.startedAt, says: `${ended.action} of ${ended.target} began` }, ...levels];
}
