/** `bailiff status`: the power of every outlet, read now. Takes no state folder: it works beside a running coordinator. */
import { lookOn } from '../main/onlooker.ts';
import { isDoubtful, type NodeStatus, type OutletSeen, statusJson, type StatusView } from '../service/status.ts';
import { EXIT, outletName } from '../vocabulary/index.ts';
import { type Io, printJson, printProblem } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { known } from './named-node.ts';
import { load } from './open.ts';
import { knownLines, nodeLines } from './status-words.ts';
import { fittingTable } from './table.ts';

export const status: CommandModule = {
  define(command, io) {
    common(command.argument('[node...]', 'only these nodes'))
      .addHelpText(
        'after',
        `
Examples:
  bailiff status
  bailiff status db1 db2 --json

A level that is a person's (driver manual) cannot be read and is not asked.

Exit codes: 0 all that can be read is known, 5 some power is unknown, a node is marked fenced and reads on, or the journal cannot be read.`,
      )
      .action(async (names: readonly string[], options: CommonOptions) => {
        const loaded = await load(io, options);
        if (loaded === undefined) return;
        const { configuration } = loaded;
        const json = options.json === true;
        if (!names.every((name) => known(io, configuration, name, json))) return;
        const view = await lookOn(configuration).status(names);
        if ('code' in view.known && !json) printProblem(io, view.known);
        io.ends(isDoubtful(view) ? EXIT.unconfirmed : 0);
        if (json) printJson(io, statusJson(view));
        else print(io, view);
      });
  },
};

function print(io: Io, { nodes, known: journalled, now }: StatusView): void {
  const head = ['node', 'level', 'outlet', 'power', 'load', 'read by', 'remark'];
  const rows = nodes.flatMap((node) => node.outlets.map((one) => row(io, node, one)));
  for (const line of fittingTable(io.columns, head, rows, 'read by')) io.out(line);
  for (const node of nodes) {
    const { name, levels, mark, contradicted } = node;
    for (const line of nodeLines(io, { name, levels, mark, contradicted, read: readOf(node) }, now)) io.out(line);
  }
  if ('code' in journalled) {
    io.out(io.paint('bad', 'the journal cannot be read: which nodes are fenced, and what is under way, is unknown'));
    return;
  }
  for (const line of knownLines(io, journalled, now)) io.out(line);
}

function readOf({ outlets }: NodeStatus): 'something' | 'nothing' | 'nobody' {
  const devices = outlets.filter(({ person }) => person === undefined);
  if (devices.length === 0) return 'nobody';
  return devices.some(({ reading }) => reading.power !== 'unknown') ? 'something' : 'nothing';
}

function row(io: Io, { name, contradicted }: NodeStatus, { level, outlet, reading, person }: OutletSeen): string[] {
  const place = [name, String(level + 1), outletName(outlet)];
  if (person !== undefined) return [...place, '-', '', '', `by hand: ${person}; a person cannot be read`];
  const against = contradicted && reading.power === 'on';
  const style = against ? 'bad' : reading.power === 'on' ? 'good' : reading.power === 'off' ? 'strong' : 'doubt';
  const load = reading.watts !== undefined ? `${reading.watts} W` : reading.amps !== undefined ? `${reading.amps} A` : '';
  return [
    ...place,
    io.paint(style, reading.power),
    load,
    reading.source,
    against ? io.paint('bad', 'marked fenced') : reading.why === undefined ? '' : `${reading.why.code}: ${reading.why.says}`,
  ];
}
