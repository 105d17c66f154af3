/** `bailiff history`: what was asked for in the past and what came of it, for people. Does not take the state folder. */
import { InvalidArgumentError } from 'commander';
import { lookOn } from '../main/onlooker.ts';
import { type History, historyJson, type PastLine } from '../service/history.ts';
import { clockTime, seconds } from '../service/words.ts';
import { giveUp, type Io, printJson, styleOf } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { unknownTarget } from './named-node.ts';
import { load } from './open.ts';
import { table } from './table.ts';
import { width } from './terminal.ts';

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Give a whole number from 1 on.');
  return value;
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
        const loaded = await load(io, options, 'leave');
        if (loaded === undefined) return;
        const { configuration } = loaded;
        const past = await lookOn(configuration).history();
        if ('code' in past) {
          giveUp(io, past, options.json === true);
          return;
        }
        // A node that was renamed or taken out of the configuration is remembered by the journal.
        if (node !== undefined && !configuration.nodes.has(node) && !past.nodes.has(node)) {
          giveUp(io, unknownTarget(configuration, node), options.json === true);
          return;
        }
        const wanted = past.lines.filter(({ targets }) => node === undefined || targets.includes(node));
        const shown = options.last === undefined ? wanted : wanted.slice(-options.last);
        io.ends(0);
        if (options.json === true) printJson(io, historyJson(shown, past));
        else print(io, shown, past, node);
      });
  },
};

const HEAD = ['when', 'id', 'node', 'action', 'outcome', 'took', 'code', 'by', 'reason'];

function print(io: Io, shown: readonly PastLine[], { keptFrom, untold }: History, node: string | undefined): void {
  if (shown.length === 0 && untold.length === 0) io.out(`Nothing has been asked for${node === undefined ? '' : ` on ${node}`} yet.`);
  if (shown.length > 0) for (const line of fitting(io, shown)) io.out(line);
  if (untold.length > 0)
    io.out(
      io.paint(
        'faint',
        `Not listed, since an earlier version answered by other rules: ${untold.join(', ')}. bailiff story has their events.`,
      ),
    );
  if (keptFrom !== undefined)
    io.out(
      io.paint('faint', `The journal is kept from ${new Date(keptFrom).toISOString()} on; of what ended before, the newest are shown.`),
    );
}

/** A terminal that is too narrow for the table gets two lines for each. */
function fitting(io: Io, shown: readonly PastLine[]): readonly string[] {
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

const styled = (io: Io, outcome: PastLine['outcome']): string => io.paint(outcome === 'open' ? 'doubt' : styleOf(outcome), outcome);

const row = (io: Io, { at, id, targets, action, outcome, took, code, by, reason }: PastLine): string[] => [
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
