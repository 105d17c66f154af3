/**
 * Many at once through one engine. 24 nodes with two supplies each on one PDU of 48 outlets, then over two PDUs of 24: every lamp out, and at
 * most three round trips for four outlets where one by one takes twelve, if an answer takes 20 ms as from a management card (on loopback it is there
 * before the next request is, and less goes together). 200 nodes on 200 PDUs: every lamp out, three round trips each (version 3:
 * and the discovery), and the engine's process under 200 MB. Each is done twice: from a fresh engine, and again in the same one.
 */
import { figure, printTable, promise } from './measure.ts';
import { type Hall, playPart, startHall } from './pdu-hall.ts';
import type { Version } from './pdu-rack.ts';

const NODES = 24;
const PDUS = 200;
const MOST_MB = 200;

const each = <Made>(count: number, make: (at: number) => Made): readonly Made[] => Array.from({ length: count }, (_, at) => make(at));

const ONE_PDU = { pdus: 1, outlets: 48, nodes: each(NODES, (at) => [[0, 2 * at + 1] as const, [0, 2 * at + 2] as const]) };
const TWO_PDUS = { pdus: 2, outlets: 24, nodes: each(NODES, (at) => [[0, at + 1] as const, [1, at + 1] as const]) };
const CARD_MS = 20;

interface Scene {
  readonly name: string;
  readonly hall: Hall;
  /** Round trips. */
  readonly most: (version: Version, again: boolean) => number;
}

const HALLS: readonly Scene[] = [
  { name: `${NODES} nodes, 1 PDU of 48, ${CARD_MS} ms`, hall: { ...ONE_PDU, delayMs: CARD_MS }, most: () => 1.5 * NODES },
  { name: `${NODES} nodes, 2 PDUs of 24, ${CARD_MS} ms`, hall: { ...TWO_PDUS, delayMs: CARD_MS }, most: () => 1.5 * NODES },
  { name: `${NODES} nodes, 1 PDU of 48, 0 ms`, hall: { ...ONE_PDU, delayMs: 0 }, most: () => 5 * NODES },
  {
    name: `${PDUS} nodes, ${PDUS} PDUs, 0 ms`,
    hall: { pdus: PDUS, outlets: 8, nodes: each(PDUS, (at) => [[at, 1] as const]), delayMs: 0 },
    most: (version, again) => PDUS * (version === '3' && !again ? 4 : 3),
  },
];

async function main(): Promise<void> {
  const rows: string[][] = [];
  const promises: [string, boolean][] = [];
  for (const { name, hall, most } of HALLS) {
    for (const version of ['2c', '3'] as const) {
      const started = await startHall(hall, version);
      const { hall: pdus, engine, idleMB } = started;
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
          promises.push([
            `${where}: ${figure(told.residentMB, 'MB')} in the engine's process, under ${MOST_MB} MB`,
            told.residentMB < MOST_MB,
          ]);
      }
      await started.down();
    }
  }
  console.log('one engine, everything at once; packets and round trips counted at proxies before the PDUs');
  printTable(['what', 'wall', 'cpu', 'memory of the engine', 'packets', 'round trips', 'one by one', 'orders', 'lit'], rows);
  for (const [says, holds] of promises) promise(says, holds);
}

if (!(await playPart())) await main();
