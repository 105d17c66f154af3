/**
 * Many at once through one engine. 24 nodes with two supplies each on one PDU of 48 outlets, then over two PDUs of 24: every lamp out, and at
 * most half a round trip per outlet where one by one takes three. 200 nodes on 200 PDUs: every lamp out, three round trips each (version 3:
 * and the discovery), and the engine's process under 200 MB. Each is done twice: from a fresh engine, and again in the same one.
 */
import { figure, printTable, promise } from './measure.ts';
import { type Hall, playPart, startHall } from './pdu-hall.ts';
import type { Version } from './pdu-rack.ts';

const NODES = 24;
const PDUS = 200;
const MOST_MB = 200;

const each = <Made>(count: number, make: (at: number) => Made): readonly Made[] => Array.from({ length: count }, (_, at) => make(at));

const HALLS: readonly { readonly name: string; readonly hall: Hall; readonly most: (version: Version, again: boolean) => number }[] = [
  {
    name: `${NODES} nodes, 1 PDU of 48`,
    hall: { pdus: 1, outlets: 48, nodes: each(NODES, (at) => [[0, 2 * at + 1] as const, [0, 2 * at + 2] as const]) },
    most: () => NODES,
  },
  {
    name: `${NODES} nodes, 2 PDUs of 24`,
    hall: { pdus: 2, outlets: 24, nodes: each(NODES, (at) => [[0, at + 1] as const, [1, at + 1] as const]) },
    most: () => NODES,
  },
  {
    name: `${PDUS} nodes, ${PDUS} PDUs`,
    hall: { pdus: PDUS, outlets: 8, nodes: each(PDUS, (at) => [[at, 1] as const]) },
    most: (version, again) => PDUS * (version === '3' && !again ? 4 : 3),
  },
];

async function main(): Promise<void> {
  const rows: string[][] = [];
  const promises: [string, boolean][] = [];
  for (const { name, hall, most } of HALLS) {
    for (const version of ['2c', '3'] as const) {
      const { hall: pdus, engine, idleMB, down } = await startHall(hall, version);
      const outlets = hall.nodes.flat().length;
      for (const again of [false, true]) {
        const before = await pdus.ask('restore');
        const told = await engine.ask('fence');
        const after = await pdus.ask('tell');
        const where = `${name}, v${version}, ${again ? 'again' : 'fresh'}`;
        rows.push([
          where,
          figure(told.wallMs, 'ms'),
          figure(told.cpuMs, 'ms'),
          `${figure(idleMB, 'MB')} -> ${figure(told.residentMB, 'MB')}`,
          String(after.packets),
          String(after.roundTrips),
          String(3 * outlets),
          String(after.orders - before.orders),
          String(after.lit),
        ]);
        const all = told.confirmed === hall.nodes.length && after.lit === 0 && before.lit === hall.nodes.length;
        promises.push([`${where}: ${told.confirmed} of ${hall.nodes.length} confirmed, ${after.lit} lamps lit`, all]);
        const trips = after.roundTrips;
        const limit = most(version, again);
        promises.push([`${where}: ${trips} round trips for ${outlets} outlets; the aim is ${limit}`, trips <= limit]);
        if (hall.pdus === PDUS)
          promises.push([`${where}: ${figure(told.residentMB, 'MB')} in the engine's process, under ${MOST_MB} MB`, told.residentMB < MOST_MB]);
      }
      await down();
    }
  }
  console.log('one engine, everything at once; packets and round trips counted at proxies before the PDUs');
  printTable(['what', 'wall', 'cpu', 'memory of the engine', 'packets', 'round trips', 'one by one', 'orders', 'lit'], rows);
  for (const [says, holds] of promises) promise(says, holds);
}

if (!(await playPart())) await main();
