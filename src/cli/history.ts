/** `bailiff history`: the operations of the past, for people. Does not take the state folder. */
import { InvalidArgumentError } from 'commander';
import type { Configuration } from '../config/index.ts';
import type { Ended } from '../core/index.ts';
import { type JournalView, readJournal } from '../store/index.ts';
import { unknownTarget } from './fence.ts';
import { giveUp, type Io, printJson, seconds, styleOf } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { load } from './open.ts';
import { endedJson } from './result.ts';
import { newlyEnded, retell } from './retell.ts';
import { table } from './table.ts';

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

interface Found {
  /** By id, in the order in which they ended. */
  readonly ended: readonly Ended[];
  /** Nodes that any policy in the journal knows. */
  readonly nodes: ReadonlySet<string>;
  /** They ended under the rules of an earlier version: what was answered then cannot be told again from their events. */
  readonly untold: ReadonlySet<string>;
  /** What ended before is known only as far as a snapshot names it. */
  readonly keptFrom?: number;
}

async function lookBack(view: JournalView): Promise<Found> {
  const ended = new Map<string, Ended>();
  const nodes = new Set<string>();
  const untold = new Set<string>();
  let keptFrom: number | undefined;
  for await (const one of retell(view)) {
    const { policy } = one.kind === 'known' ? one.state : one.after;
    for (const node of Object.keys(policy?.nodes ?? {})) nodes.add(node);
    if (one.kind === 'known' && one.pruned) keptFrom = one.at;
    const told = one.kind === 'known' ? one.state.ended : newlyEnded(one);
    if (one.kind === 'event' && !one.certain) for (const { id } of told) untold.add(id);
    for (const each of told) if (!ended.has(each.id) && !untold.has(each.id)) ended.set(each.id, each);
  }
  return { ended: [...ended.values()], nodes, untold, ...(keptFrom === undefined ? {} : { keptFrom }) };
}

export const history: CommandModule = {
  define(command, io) {
    common(command.argument('[node]', 'only this node'))
      .option('--last <count>', 'only the newest', count)
      .addHelpText('after', '\nExamples:\n  bailiff history db1 --last 5\n  bailiff history --json')
      .action(async (node: string | undefined, options: CommonOptions & { readonly last?: number }) => {
        const opened = await openPast(io, options);
        if (opened === undefined) return;
        const found = await lookBack(opened.view);
        // A node that was renamed or taken out of the configuration is remembered by the journal.
        if (node !== undefined && !opened.configuration.nodes.has(node) && !found.nodes.has(node)) {
          giveUp(io, unknownTarget(opened.configuration, node), options.json === true);
          return;
        }
        const wanted = found.ended.filter((one) => node === undefined || one.target === node);
        const shown = options.last === undefined ? wanted : wanted.slice(-options.last);
        io.ends(0);
        if (options.json === true) printJson(io, { operations: shown.map(endedJson), ...keptJson(found) });
        else print(io, shown, found, node);
      });
  },
};

const keptJson = ({ keptFrom, untold }: Found): object => ({
  ...(keptFrom === undefined ? {} : { keptFrom: new Date(keptFrom).toISOString() }),
  ...(untold.size === 0 ? {} : { untold: [...untold] }),
});

function print(io: Io, shown: readonly Ended[], { keptFrom, untold }: Found, node: string | undefined): void {
  const rows = shown.map((one) => row(io, one));
  if (rows.length === 0 && untold.size === 0) io.out(`Nothing has been fenced${node === undefined ? '' : ` on ${node}`} yet.`);
  if (rows.length > 0) for (const line of table(['when', 'operation', 'node', 'action', 'outcome', 'took', 'code'], rows)) io.out(line);
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

const row = (io: Io, one: Ended): string[] => [
  new Date(one.startedAt).toISOString(),
  one.id,
  one.target,
  one.action,
  io.paint(styleOf(one.answer.outcome), one.answer.outcome),
  seconds(one.endedAt - one.startedAt),
  one.answer.problem?.code ?? '',
];
