/**
 * Many PDUs in a process of their own, and an engine in another, so that each one's memory and time can be told. A bench that uses them is
 * its own child: it calls `playPart` first, which does a child's work and says whether this process is one.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Machine, realClock, Relay, UdpProxy } from '../hardware-mocks/index.ts';
import { MockPdu } from '../hardware-mocks/pdu/index.ts';
import { LOGIN, MOCK_USER, SECRETS, type Version } from './pdu-rack.ts';
import { Part } from './part.ts';
import { warmEngine } from './warm.ts';

export interface Hall {
  readonly pdus: number;
  readonly outlets: number;
  /** Per node its feeds: PDU from 0, outlet from 1. */
  readonly nodes: readonly (readonly (readonly [number, number])[])[];
  /** Each answer comes this much later; management cards need 10 ms to 100 ms, loopback nothing. */
  readonly delayMs: number;
}

export interface HallTold {
  readonly lit: number;
  readonly relaysClosed: number;
  /** Counted at a proxy before each PDU. */
  readonly packets: number;
  readonly roundTrips: number;
  readonly orders: number;
  readonly residentMB: number;
}

export interface EngineTold {
  readonly confirmed: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly residentMB: number;
}

type HallWish = 'tell' | 'restore' | 'stop';
type EngineWish = 'fence' | 'stop';

export interface Running {
  readonly hall: Part<HallWish, HallTold>;
  readonly engine: Part<EngineWish, EngineTold>;
  /** Resident memory of the engine's process when it had nothing to do yet. */
  readonly idleMB: number;
  down(): Promise<void>;
}

export async function startHall(hall: Hall, version: Version): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'bailiff-bench-'));
  for (const [name, secret] of Object.entries(SECRETS)) await writeFile(join(folder, name), `${secret}\n`, { mode: 0o600 });
  const pdus = new Part<HallWish, HallTold>('hall', hall);
  const ports = (await pdus.first()) as readonly number[];
  const file = join(folder, 'bailiff.yaml');
  await writeFile(file, configurationOf(hall, version, ports));
  const engine = new Part<EngineWish, EngineTold>('engine', { file, nodes: hall.nodes.length });
  const idleMB = (await engine.first()) as number;
  return {
    hall: pdus,
    engine,
    idleMB,
    down: async () => {
      await engine.end();
      await pdus.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configurationOf(hall: Hall, version: Version, ports: readonly number[]): string {
  const nodes = hall.nodes.map(
    (feeds, at) => `  n${at}: { fence: [[${feeds.map(([pdu, outlet]) => `{ device: pdu-${pdu}, outlet: ${outlet} }`).join(', ')}]] }`,
  );
  const devices = ports.map(
    (port, at) => `  pdu-${at}: { driver: snmp-pdu, profile: apc-rpdu2, host: 127.0.0.1, port: ${port}, ${LOGIN[version]} }`,
  );
  return `cluster: orders
self: { id: witness-1 }
nodes:
${nodes.join('\n')}
devices:
${devices.join('\n')}
verify: { referenceIps: [127.0.0.1], need: 1 }
policy: { tieBreaker: reference-ips, storm: { targets: ${hall.nodes.length}, within: 10m } }
`;
}

/** True where this process was started as a part, whose work then goes on. */
export async function playPart(): Promise<boolean> {
  const [, , part, what] = process.argv;
  if (part === 'hall') await playHall(JSON.parse(what ?? '') as Hall);
  else if (part === 'engine') await playEngine(JSON.parse(what ?? '') as { file: string; nodes: number });
  else return false;
  return true;
}

const residentMB = (): number => process.memoryUsage.rss() / 1e6;

async function playHall(hall: Hall): Promise<void> {
  const clock = realClock();
  const relays = Array.from({ length: hall.pdus }, () => Array.from({ length: hall.outlets }, () => new Relay({ clock })));
  const machines = hall.nodes.map((feeds, at) => {
    const wired = feeds.flatMap(([pdu, outlet]) => relays[pdu]?.[outlet - 1] ?? []);
    return new Machine({ clock, name: `n${at}`, feeds: wired, restore: 'always-on' });
  });
  const pdus = await Promise.all(
    relays.map(
      async (own, at) => await MockPdu.start({ families: ['apc-rpdu2'], name: `pdu-${at}`, clock, relays: own, users: [MOCK_USER] }),
    ),
  );
  const proxies = await Promise.all(
    pdus.map(async ({ port }) => await UdpProxy.open({ to: { port }, toClient: { delayMs: hall.delayMs } })),
  );
  const tell = (): HallTold => {
    const counts = proxies.map((proxy) => proxy.count);
    const sum = (of: (count: UdpProxy['count']) => number): number => counts.reduce((total, count) => total + of(count), 0);
    return {
      lit: machines.filter(({ lamp }) => lamp).length,
      relaysClosed: relays.flat().filter(({ closed }) => closed).length,
      packets: sum(({ toDevice, toClient }) => toDevice.arrived + toClient.arrived),
      roundTrips: sum((count) => count.roundTrips),
      orders: relays.flat().reduce((total, { carriedOut }) => total + carriedOut.off, 0),
      residentMB: residentMB(),
    };
  };
  process.on('message', (wish: HallWish) => {
    if (wish === 'stop') process.exit(0);
    if (wish === 'restore') {
      for (const relay of relays.flat()) if (!relay.closed) relay.order('on');
      for (const proxy of proxies) proxy.recount();
    }
    process.send?.(tell());
  });
  process.send?.(proxies.map(({ port }) => port));
}

async function playEngine({ file, nodes }: { readonly file: string; readonly nodes: number }): Promise<void> {
  const engine = await warmEngine(file);
  process.on('message', (wish: EngineWish) => {
    if (wish === 'stop') void engine.close().then(() => process.exit(0));
    else void fenceAll().then((told) => process.send?.(told));
  });
  const fenceAll = async (): Promise<EngineTold> => {
    const from = performance.now();
    const cpuFrom = process.cpuUsage();
    const results = await Promise.all(Array.from({ length: nodes }, async (_, at) => await engine.fence(`n${at}`)));
    const cpu = process.cpuUsage(cpuFrom);
    return {
      confirmed: results.filter((proven) => proven).length,
      wallMs: performance.now() - from,
      cpuMs: (cpu.user + cpu.system) / 1000,
      residentMB: residentMB(),
    };
  };
  process.send?.(residentMB());
}
