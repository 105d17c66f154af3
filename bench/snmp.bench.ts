/**
 * One verified off of an APC outlet beside fence_apc_snmp, in turn in one run, on our simulated PDU and on net-snmp's snmpd. Promises: at
 * most 3 round trips (version 3: and the discovery), at most 0.3 of its wall time as a whole process, at most 0.1 in a process that stays.
 */
import { BAILIFF, median, promise, Race, Stopwatch, warmRun } from './measure.ts';
import { type PduRack, pduRack, type Version } from './pdu-rack.ts';
import { type WarmEngine, warmEngine } from './warm.ts';

const ROUNDS = Number(process.env.ROUNDS ?? '15');
/** Engine discovery of SNMPv3 (RFC 3414, section 4): one question for the engine's id, whose answer brings its boots and time as well. */
const DISCOVERY = 1;

interface Lane {
  readonly version: Version;
  readonly commands: Readonly<Record<string, readonly string[]>>;
  readonly warm: WarmEngine;
  readonly roundTrips: Map<string, number[]>;
  readonly race: Race;
}

const named = (what: string, version: Version): string => `${what}, v${version}`;
const OURS = 'bailiff fence';
const WARM = 'engine that stays';
const AGENT = 'fence_apc_snmp off';

async function laneOf(rack: PduRack, version: Version): Promise<Lane> {
  return {
    version,
    commands: {
      [named(OURS, version)]: [
        process.execPath,
        BAILIFF,
        'fence',
        'db1',
        '--reason',
        'bench',
        '--config',
        await rack.configuration(version, 'oneshot'),
      ],
      [named(AGENT, version)]: rack.agent(version),
      [named('snmpset + snmpget', version)]: rack.tools(version),
    },
    warm: await warmEngine(await rack.configuration(version, 'warm')),
    roundTrips: new Map(),
    race: new Race(),
  };
}

async function oneRound(rack: PduRack, lane: Lane, watch: Stopwatch, counted: boolean): Promise<void> {
  const runners = [
    ...Object.entries(lane.commands).map(([name, words]) => ({ name, run: async () => await watch.run(words) })),
    { name: named(WARM, lane.version), run: async () => await warmRun(async () => await lane.warm.fence('db1')) },
  ];
  for (const { name, run } of runners) {
    await rack.switchOn();
    rack.proxy.recount();
    const ran = await run();
    if (ran.code !== 0) throw new Error(`${name} ended with ${ran.code}`);
    if (!(await rack.cut())) throw new Error(`${name} said that outlet was off, and it was not`);
    if (!counted) continue;
    lane.race.add(name, ran);
    lane.roundTrips.set(name, [...(lane.roundTrips.get(name) ?? []), rack.proxy.count.roundTrips]);
  }
}

async function main(): Promise<void> {
  const watch = new Stopwatch();
  for (const kind of ['mock', 'snmpd'] as const) {
    const where = kind === 'mock' ? 'our simulated PDU' : "net-snmp's snmpd";
    const rack = await pduRack(kind, watch);
    const lanes = [await laneOf(rack, '2c'), await laneOf(rack, '3')];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const empty = await watch.run([process.execPath, '-e', '0']);
      for (const lane of lanes) {
        if (round > 0) lane.race.add('node, empty script', empty);
        await oneRound(rack, lane, watch, round > 0);
      }
    }
    for (const lane of lanes) {
      lane.race.print(`${where}, ${ROUNDS} rounds, medians`, named(OURS, lane.version));
      conclude(where, lane);
      await lane.warm.close();
    }
    await rack.down();
  }
  watch.end();
}

function conclude(where: string, { version, roundTrips, race }: Lane): void {
  const of = (name: string): readonly number[] => roundTrips.get(named(name, version)) ?? [];
  const most = version === '3' ? 3 + DISCOVERY : 3;
  const at = `${where}, v${version}:`;
  console.log(`${at} round trips, medians: ${[...roundTrips].map(([name, counts]) => `${name} ${median(counts)}`).join('; ')}`);
  promise(`${at} ${Math.max(...of(OURS))} round trips at most for a whole process; the aim is ${most}`, Math.max(...of(OURS)) <= most);
  promise(`${at} ${Math.max(...of(WARM))} round trips at most in an engine that stays; the aim is 3`, Math.max(...of(WARM)) <= 3);
  race.promiseWall(`${at} whole process`, named(OURS, version), named(AGENT, version), 0.3);
  race.promiseWall(`${at} engine that stays`, named(WARM, version), named(AGENT, version), 0.1);
}

await main();
