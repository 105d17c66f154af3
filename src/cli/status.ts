/** `bailiff status`: the power of every outlet, read now. Takes no state folder: it works beside a running coordinator. */
import { EMPTY } from '../core/index.ts';
import { openArmory } from '../engine/armory.ts';
import { realClock, realDice } from '../engine/clock.ts';
import { DeviceQueues } from '../coordinator/device-queue.ts';
import type { Configuration, NodeConfiguration, OutletConfiguration } from '../config/index.ts';
import { EXIT, outletName, type Reading } from '../vocabulary/index.ts';
import { known } from './fence.ts';
import { type Io, printJson, printProblem } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { load } from './open.ts';
import { stateOf } from './person.ts';
import { table } from './table.ts';

const READ_WITHIN = 5000;

interface Seen {
  readonly node: NodeConfiguration;
  readonly level: number;
  readonly outlet: OutletConfiguration;
  readonly reading: Reading;
  readonly readAt: number;
}

export const status: CommandModule = {
  define(command, io) {
    common(command.argument('[node...]', 'only these nodes'))
      .addHelpText('after', '\nExit codes: 0 every outlet could be read, 5 some power is unknown.')
      .action(async (names: readonly string[], options: CommonOptions) => {
        const loaded = await load(io, options);
        if (loaded === undefined) return;
        const { configuration } = loaded;
        const json = options.json === true;
        if (!names.every((name) => known(io, configuration, name, json))) return;
        // A damaged journal is told, and the power is read all the same: that is what was asked.
        const told = await stateOf(configuration.stateDir);
        const state = 'code' in told ? EMPTY : told;
        if ('code' in told && !json) printProblem(io, told);
        const nodes = [...configuration.nodes.values()].filter((node) => names.length === 0 || names.includes(node.name));
        const seen = await readAll(configuration, nodes);
        io.exitCode = seen.some((one) => one.reading.power === 'unknown') ? EXIT.unconfirmed : 0;
        if (json) {
          printJson(io, {
            ...('code' in told ? { journal: told } : {}),
            nodes: nodes.map((node) => ({
              node: node.name,
              fenced: state.fenced[node.name] ?? null,
              operation: Object.values(state.operations).find((operation) => operation.target === node.name)?.id ?? null,
              outlets: seen.filter((one) => one.node === node).map(outletJson),
            })),
          });
          return;
        }
        for (const line of table(
          ['node', 'level', 'outlet', 'power', 'load', 'read by', 'remark'],
          seen.map((one) => row(io, one)),
        ))
          io.out(line);
        for (const node of nodes) {
          const mark = state.fenced[node.name];
          if (mark !== undefined)
            io.out(`${node.name} is marked fenced (${mark.how}) since ${new Date(mark.since).toISOString()} by ${mark.operation}`);
          if (node.fence.length === 0) io.out(`${node.name} has no fence levels: nothing can cut its power`);
        }
        for (const operation of Object.values(state.operations)) {
          io.out(
            io.paint(
              'doubt',
              `open: ${operation.id} ${operation.action} ${operation.target}, ${operation.phase} (bailiff resume, if no process is working on it)`,
            ),
          );
        }
      });
  },
};

async function readAll(configuration: Configuration, nodes: readonly NodeConfiguration[]): Promise<readonly Seen[]> {
  const clock = realClock();
  const armory = openArmory(configuration, { clock, dice: realDice(clock), debug: () => undefined });
  const queues = new DeviceQueues();
  const wanted = nodes.flatMap((node) => node.fence.flatMap((outlets, level) => outlets.map((outlet) => ({ node, level, outlet }))));
  try {
    return await Promise.all(
      wanted.map(async (one) => {
        const reading = await queues.run(
          one.outlet.device,
          async () => await armory.read({ device: one.outlet.device, plug: one.outlet.outlet }, { ms: READ_WITHIN }),
        );
        return { ...one, reading, readAt: clock.now() };
      }),
    );
  } finally {
    await armory.close();
  }
}

const outletJson = ({ outlet, reading, readAt, level }: Seen): object => ({
  device: outlet.device,
  outlet: outlet.outlet,
  level: level + 1,
  power: reading.power,
  ...(reading.why === undefined ? {} : { why: reading.why }),
  readAt: new Date(readAt).toISOString(),
  ...(reading.watts === undefined ? {} : { watts: reading.watts }),
  ...(reading.amps === undefined ? {} : { amps: reading.amps }),
});

function row(io: Io, { node, level, outlet, reading }: Seen): string[] {
  const style = reading.power === 'on' ? 'good' : reading.power === 'off' ? 'strong' : 'doubt';
  const load = reading.watts !== undefined ? `${reading.watts} W` : reading.amps !== undefined ? `${reading.amps} A` : '';
  const name = outletName({ device: outlet.device, plug: outlet.outlet });
  return [
    node.name,
    String(level + 1),
    name,
    io.paint(style, reading.power),
    load,
    reading.source,
    reading.why === undefined ? '' : `${reading.why.code}: ${reading.why.says}`,
  ];
}
