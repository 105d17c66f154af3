/** `bailiff history`, `bailiff story`, `bailiff journal verify`: the journal, for people. None of them takes the state folder. */
import { InvalidArgumentError } from 'commander';
import type { Configuration } from '../config/index.ts';
import { eventOf } from '../coordinator/restore.ts';
import { describeEffect, describeEvent, type Effect, EMPTY, type Ended, type Event, type State, step } from '../core/index.ts';
import { type JournalView, readJournal, verifyJournal } from '../store/index.ts';
import { EXIT } from '../vocabulary/index.ts';
import { unknownTarget } from './fence.ts';
import { counted, giveUp, type Io, printJson, printProblem, seconds, styleOf } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { load } from './open.ts';
import { endedJson } from './result.ts';
import { table } from './table.ts';

interface Told {
  readonly event: Event;
  /** What the core asked for then: an order whose answer was lost in a crash stands only here. */
  readonly effects: readonly Effect[];
  readonly before: State;
  readonly after: State;
}

/** Every kept event with the state before and after it. A history that was cut starts from an empty state: older operations are not told. */
async function* retell(view: JournalView): AsyncGenerator<Told> {
  let state = EMPTY;
  for await (const entry of view.history()) {
    const event = eventOf(entry);
    if (state.policy === undefined && event.kind !== 'restored') continue;
    const before = state;
    const after = step(state, event);
    state = after.state;
    yield { event, before, after: state, effects: after.effects };
  }
}

async function open(
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

const newlyEnded = (told: Told): readonly Ended[] =>
  told.after.ended.filter((one) => told.before.operations[one.id] !== undefined && !told.before.ended.includes(one));

export const history: CommandModule = {
  define(command, io) {
    common(command.argument('[node]', 'only this node'))
      .option('--last <count>', 'only the newest', count)
      .addHelpText('after', '\nExamples:\n  bailiff history db1 --last 5\n  bailiff history --json')
      .action(async (node: string | undefined, options: CommonOptions & { readonly last?: number }) => {
        const opened = await open(io, options);
        if (opened === undefined) return;
        const { view, configuration } = opened;
        const found: Ended[] = [];
        // A node that was renamed or taken out of the configuration is remembered by the journal.
        let known = node === undefined || configuration.nodes.has(node);
        for await (const told of retell(view)) {
          known ||= node !== undefined && Object.hasOwn(told.after.policy?.nodes ?? {}, node);
          found.push(...newlyEnded(told).filter((one) => node === undefined || one.target === node));
        }
        if (node !== undefined && !known) {
          giveUp(io, unknownTarget(configuration, node), options.json === true);
          return;
        }
        const shown = options.last === undefined ? found : found.slice(-options.last);
        io.ends(0);
        if (options.json === true) printJson(io, { operations: shown.map(endedJson) });
        else if (shown.length === 0) io.out(`Nothing has been fenced${node === undefined ? '' : ` on ${node}`} yet.`);
        else
          for (const line of table(
            ['when', 'operation', 'node', 'action', 'outcome', 'took', 'code'],
            shown.map((one) => row(io, one)),
          ))
            io.out(line);
      });
  },
};

const row = (io: Io, one: Ended): string[] => [
  new Date(one.startedAt).toISOString(),
  one.id,
  one.target,
  one.action,
  io.paint(styleOf(one.answer.outcome), one.answer.outcome),
  seconds(one.endedAt - one.startedAt),
  one.answer.problem?.code ?? '',
];

export const story: CommandModule = {
  define(command, io) {
    common(command.argument('<operation>', 'as bailiff history shows it'))
      .addHelpText('after', '\nExample:\n  bailiff story 01jd0c3k8q2x7v')
      .action(async (id: string, options: CommonOptions) => {
        const opened = await open(io, options);
        if (opened === undefined) return;
        const events: Event[] = [];
        const orders = new Map<Event, readonly Effect[]>();
        let ended: Ended | undefined;
        for await (const told of retell(opened.view)) {
          ended = newlyEnded(told).find((one) => one.id === id) ?? ended;
          if (!concerns(told, id)) continue;
          events.push(told.event);
          orders.set(told.event, ordersOf(told, id));
        }
        const first = events[0];
        if (first === undefined) {
          giveUp(
            io,
            { code: 'unknown-operation', says: `The journal knows no operation ${id}.`, next: 'See bailiff history.' },
            options.json === true,
          );
          return;
        }
        io.ends(0);
        if (options.json === true) {
          printJson(io, { operation: id, events, ...(ended === undefined ? {} : { ended: endedJson(ended) }) });
          return;
        }
        const at = (event: Event): string =>
          `${new Date(event.at).toISOString()}  ${`+${((event.at - first.at) / 1000).toFixed(3)} s`.padStart(10)}`;
        for (const event of events) {
          io.out(`${at(event)}  ${describeEvent(event)}`);
          for (const order of orders.get(event) ?? []) io.out(`${at(event)}  ${describeEffect(order)}`);
        }
        const { outcome, problem } = ended?.answer ?? {};
        if (outcome === undefined) io.out('It is still open.');
        else io.out(`${io.paint(styleOf(outcome), outcome)}${problem === undefined ? '' : `: [${problem.code}] ${problem.says}`}`);
        if (problem !== undefined) io.out(`  next: ${problem.next}`);
      });
  },
};

const ordersOf = ({ effects }: Told, id: string): readonly Effect[] =>
  effects.filter((effect) => effect.kind === 'order' && effect.operation === id);

/** Events of the operation itself, the verdict or command that opened or joined it, and restarts while it was open. */
function concerns({ event, before, after }: Told, id: string): boolean {
  if ('operation' in event && event.kind !== 'command') return event.operation === id;
  if (event.kind === 'restored' || event.kind === 'lease-lost') return before.operations[id] !== undefined;
  const operation = after.operations[id] ?? before.operations[id];
  if (operation === undefined) return false;
  if (event.kind === 'verdict') return operation.verdicts.includes(event.verdict.id);
  return event.kind === 'command' && (operation.commands.includes(event.command.id) || operation.attesting?.command === event.command.id);
}

export const journal: CommandModule = {
  define(command, io) {
    const verify = command.command('verify').summary('check every line and the chain');
    common(verify.addHelpText('after', '\nExample:\n  bailiff journal verify\n\nExit codes: 0 intact, 1 damaged or not readable.')).action(
      async (options: CommonOptions) => {
        const loaded = await load(io, options, 'leave');
        if (loaded === undefined) return;
        const result = await verifyJournal(loaded.configuration.stateDir);
        io.ends(result.ok ? 0 : EXIT.failed);
        if (options.json === true) {
          printJson(io, result);
          return;
        }
        for (const warning of result.warnings) printProblem(io, warning);
        if (result.problem !== undefined) printProblem(io, result.problem);
        const events = counted(result.entries, 'event');
        if (result.ok) io.out(`${io.paint('good', 'intact')}: ${events} in ${counted(result.segments, 'segment')}`);
        else if (result.problem?.code !== 'journal-damaged') io.out(`${io.paint('bad', 'unreadable')}: it could not be checked`);
        else io.out(`${io.paint('bad', 'damaged')}: ${events} before the damage`);
      },
    );
  },
};
