/** `bailiff history`: what was asked for in the past and what came of it, for people. Does not take the state folder. */
import { InvalidArgumentError } from 'commander';
import type { Configuration } from '../config/index.ts';
import type { Ended, Operation, State } from '../core/index.ts';
import { type JournalView, readJournal } from '../store/index.ts';
import type { Outcome } from '../vocabulary/index.ts';
import { unknownTarget } from './fence.ts';
import { giveUp, type Io, printJson, seconds, styleOf } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { load } from './open.ts';
import { type Asked, lookBack, type Past, type Unopened } from './past.ts';
import { endedJson, openJson } from './result.ts';
import { table } from './table.ts';
import { width } from './terminal.ts';
import { clockTime } from './times.ts';
import { waitingIn } from './waiting.ts';

/** Undefined: a problem was printed and the exit code is set. */
export async function openPast(
  io: Io,
  options: CommonOptions,
): Promise<{ readonly view: JournalView; readonly configuration: Configuration } | undefined> {
  const loaded = await load(io, options, 'leave');
  if (loaded === undefined) return undefined;
  const view = await readJournal(loaded.configuration.stateDir);
  if (!('code' in view)) return { view, configuration: loaded.configuration };
  giveUp(io, view, options.json === true);
  return undefined;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Give a whole number from 1 on.');
  return value;
}

/** One thing that was asked for. */
interface Line extends Asked {
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

export const history: CommandModule = {
  define(command, io) {
    common(command.argument('[node]', 'only this node'))
      .option('--last <count>', 'only the newest', count)
      .addHelpText(
        'after',
        `
Examples:
  bailiff history db1 --last 5
  bailiff history --json

What was refused or withheld before any operation was opened stands under the id of its verdict or command; bailiff story takes each id.`,
      )
      .action(async (node: string | undefined, options: CommonOptions & { readonly last?: number }) => {
        const opened = await openPast(io, options);
        if (opened === undefined) return;
        const past = await lookBack(opened.view);
        // A node that was renamed or taken out of the configuration is remembered by the journal.
        if (node !== undefined && !opened.configuration.nodes.has(node) && !past.nodes.has(node)) {
          giveUp(io, unknownTarget(opened.configuration, node), options.json === true);
          return;
        }
        const wanted = linesOf(past).filter(({ targets }) => node === undefined || targets.includes(node));
        const shown = options.last === undefined ? wanted : wanted.slice(-options.last);
        io.ends(0);
        if (options.json === true) printJson(io, historyJson(shown, past));
        else print(io, shown, past, node);
      });
  },
};

/** In the order in which they were asked for. */
function linesOf({ ended, open, unopened, asked, state }: Past): readonly Line[] {
  const who = (id: string): Asked => asked.get(id) ?? {};
  const lines = [
    ...ended.map((one) => endedLine(one, who(one.id))),
    ...(state === undefined ? [] : open.map((one) => openLine(one, state))),
    ...unopened.map(unopenedLine),
  ];
  return lines.sort((a, b) => a.at - b.at);
}

const endedLine = (ended: Ended, asked: Asked): Line => ({
  at: ended.startedAt,
  id: ended.id,
  targets: [ended.target],
  action: ended.action,
  ...asked,
  outcome: ended.answer.outcome,
  took: ended.endedAt - ended.startedAt,
  code: ended.answer.problem?.code,
  json: { ...endedJson(ended), ...asked },
  opened: true,
});

function openLine(operation: Operation, state: State): Line {
  const { id, target, action, by, reason, startedAt, epoch } = operation;
  const waiting = waitingIn(state, Number.NEGATIVE_INFINITY).find((one) => one.operation.id === id);
  const code = waiting === undefined ? undefined : waiting.what === 'approval' ? 'awaiting-approval' : 'person-needed';
  const more = { outcome: 'open', ...(code === undefined ? {} : { code }), by, reason, ...(epoch === undefined ? {} : { epoch }) };
  const json = { ...openJson(operation), ...more, startedAt: new Date(startedAt).toISOString() };
  return { at: startedAt, id, targets: [target], action, by, reason, outcome: 'open', code, json, opened: true };
}

function unopenedLine({ kind, id, targets, action, epoch, by, reason, at, answer }: Unopened): Line {
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

const historyJson = (shown: readonly Line[], { keptFrom, untold }: Past): object => ({
  operations: shown.filter(({ opened }) => opened).map(({ json }) => json),
  withoutOperation: shown.filter(({ opened }) => !opened).map(({ json }) => json),
  ...(keptFrom === undefined ? {} : { keptFrom: new Date(keptFrom).toISOString() }),
  ...(untold.size === 0 ? {} : { untold: [...untold] }),
});

const HEAD = ['when', 'id', 'node', 'action', 'outcome', 'took', 'code', 'by', 'reason'];

function print(io: Io, shown: readonly Line[], { keptFrom, untold }: Past, node: string | undefined): void {
  if (shown.length === 0 && untold.size === 0) io.out(`Nothing has been asked for${node === undefined ? '' : ` on ${node}`} yet.`);
  if (shown.length > 0) for (const line of fitting(io, shown)) io.out(line);
  if (untold.size > 0)
    io.out(
      io.paint(
        'faint',
        `Not listed, since an earlier version answered by other rules: ${[...untold].join(', ')}. bailiff story has their events.`,
      ),
    );
  if (keptFrom !== undefined)
    io.out(
      io.paint('faint', `The journal is kept from ${new Date(keptFrom).toISOString()} on; of what ended before, the newest are shown.`),
    );
}

/** A terminal that is too narrow for the table gets two lines for each. */
function fitting(io: Io, shown: readonly Line[]): readonly string[] {
  const whole = table(
    HEAD,
    shown.map((one) => row(io, one)),
  );
  const { columns } = io;
  if (columns === undefined || whole.every((line) => width(line) <= columns)) return whole;
  return shown.flatMap((one) => {
    const [when, id, node, action, outcome, took, code, by, reason] = row(io, one);
    const end = [outcome, took === '' ? '' : `in ${took}`, code].filter((text) => text !== '').join('  ');
    return [`${when}  ${node} ${action}: ${end}`, `  ${id}  ${by}: ${reason}`];
  });
}

const styled = (io: Io, outcome: Line['outcome']): string => io.paint(outcome === 'open' ? 'doubt' : styleOf(outcome), outcome);

const row = (io: Io, { at, id, targets, action, outcome, took, code, by, reason }: Line): string[] => [
  clockTime(at),
  id,
  targets.join(','),
  action,
  styled(io, outcome),
  took === undefined ? '' : seconds(took),
  code ?? '',
  by ?? 'not kept',
  reason ?? 'not kept',
];
