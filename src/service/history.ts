/** What was asked for in the past and what came of it, one line each, in the order in which it was asked for. */
import type { Ended, Operation, State } from '../core/index.ts';
import type { Outcome } from '../vocabulary/index.ts';
import { type Asked, lookBack, type Past, type Unopened } from './past.ts';
import type { Journal } from './retell.ts';
import { endedView, openView } from './views.ts';
import { waitingIn } from './waiting.ts';

/** One thing that was asked for. */
export interface PastLine extends Asked {
  readonly at: number;
  /** Of the operation; of the verdict or command where none was opened. */
  readonly id: string;
  readonly targets: readonly string[];
  readonly action: string;
  readonly outcome: Outcome | 'open';
  readonly took?: number;
  readonly code?: string | undefined;
  readonly json: object;
  readonly opened: boolean;
}

export interface History {
  readonly lines: readonly PastLine[];
  /** Nodes that any policy in the journal knows: also one that was renamed or taken out of the configuration. */
  readonly nodes: ReadonlySet<string>;
  /** They ended under the rules of an earlier version. */
  readonly untold: readonly string[];
  /** Milliseconds since 1970: what ended before is known only as far as a snapshot names it. */
  readonly keptFrom?: number;
}

export async function historyOf(journal: Journal): Promise<History> {
  const past = await lookBack(journal);
  const { nodes, untold, keptFrom } = past;
  return { lines: linesOf(past), nodes, untold: [...untold], ...(keptFrom === undefined ? {} : { keptFrom }) };
}

/** In the order in which they were asked for. */
function linesOf({ ended, open, unopened, asked, state }: Past): readonly PastLine[] {
  const who = (id: string): Asked => asked.get(id) ?? {};
  const lines = [
    ...ended.map((one) => endedLine(one, who(one.id))),
    ...(state === undefined ? [] : open.map((one) => openLine(one, state))),
    ...unopened.map(unopenedLine),
  ];
  return lines.sort((a, b) => a.at - b.at);
}

const endedLine = (ended: Ended, asked: Asked): PastLine => ({
  at: ended.startedAt,
  id: ended.id,
  targets: [ended.target],
  action: ended.action,
  ...asked,
  outcome: ended.answer.outcome,
  took: ended.endedAt - ended.startedAt,
  code: ended.answer.problem?.code,
  json: { ...endedView(ended), ...asked },
  opened: true,
});

function openLine(operation: Operation, state: State): PastLine {
  const { id, target, action, by, reason, startedAt, epoch } = operation;
  const waiting = waitingIn(state, Number.NEGATIVE_INFINITY).find((one) => one.operation.id === id);
  const code = waiting === undefined ? undefined : waiting.what === 'approval' ? 'awaiting-approval' : 'person-needed';
  const more = { outcome: 'open', ...(code === undefined ? {} : { code }), by, reason, ...(epoch === undefined ? {} : { epoch }) };
  const json = { ...openView(operation), ...more, startedAt: new Date(startedAt).toISOString() };
  return { at: startedAt, id, targets: [target], action, by, reason, outcome: 'open', code, json, opened: true };
}

function unopenedLine({ kind, id, targets, action, epoch, by, reason, at, answer }: Unopened): PastLine {
  const asked = { ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) };
  const { outcome, problem } = answer;
  const json = {
    [kind]: id,
    targets,
    action,
    outcome,
    ...problem,
    ...asked,
    ...(epoch === undefined ? {} : { epoch }),
    at: new Date(at).toISOString(),
  };
  return { at, id, targets, action, ...asked, outcome, code: problem?.code, json, opened: false };
}

/** `shown`: those of its lines that were asked for. */
export const historyJson = (shown: readonly PastLine[], { keptFrom, untold }: History): object => ({
  operations: shown.filter(({ opened }) => opened).map(({ json }) => json),
  withoutOperation: shown.filter(({ opened }) => !opened).map(({ json }) => json),
  ...(keptFrom === undefined ? {} : { keptFrom: new Date(keptFrom).toISOString() }),
  ...(untold.length === 0 ? {} : { untold }),
});
