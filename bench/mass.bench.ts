/**
 * Everything at once through one engine: 1, 10, 250 and 2,500 nodes, each with a BMC of its own, all ordered off in the same moment. The BMCs
 * live in processes of their own, the engine in another, and ipmipower does the same work on the same BMCs in the same run, where it is
 * installed. Promise: every node proven off by two readings, within three times ipmipower's wall time; the same CPU for each of them however
 * many they are; and the first of many is proven within three times of what a single one takes.
 *
 * MASS=10,250 chooses the sizes, MASS_REFERENCE the reference IP (an address that is not of the loopback is asked by ICMP).
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Machine, MockBmc, realClock } from '../hardware-mocks/index.ts';
import { figure, median, printTable, program, promise, type Run, Stopwatch } from './measure.ts';
import { Part } from './part.ts';
import { warmEngine } from './warm.ts';

const SIZES = (process.env.MASS ?? '1,10,250,2500').split(',').map(Number);
const REFERENCE = process.env.MASS_REFERENCE ?? '127.0.0.1';
const ROUNDS = Number(process.env.ROUNDS ?? '3');
/** BMCs in one process. */
const FARM = 250;
const WALL = 3;
const FIRST = 3;
/** Of the CPU time of one fence among ten: what the CPU's caches make of more memory stays within it. */
const CPU = 1.5;

interface EngineTold {
  readonly confirmed: number;
  readonly firstMs: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly residentMB: number;
}

interface FarmTold {
  readonly lit: number;
}

/** BMCs in a process of their own; each message is answered by how many machines are on. */
async function playFarm({ bmcs }: { readonly bmcs: number }): Promise<void> {
  const clock = realClock();
  const machines = Array.from({ length: bmcs }, (_, at) => new Machine({ clock, name: `n${at}` }));
  const users = [{ name: 'fencer', password: 'pw', privilege: 'administrator' as const }];
  const started = await Promise.all(
    machines.map((machine) => MockBmc.start({ machine, clock, users, maxSessions: 64, idleExpiresMs: 5000 })),
  );
  process.on('message', (wish: 'restore' | 'tell' | 'stop') => {
    if (wish === 'stop') process.exit(0);
    if (wish === 'restore') for (const machine of machines) if (!machine.lamp) machine.press('on');
    process.send?.({ lit: machines.filter(({ lamp }) => lamp).length } satisfies FarmTold);
  });
  process.send?.(started.map(({ port }) => port));
}

async function playEngine({ file, nodes }: { readonly file: string; readonly nodes: number }): Promise<void> {
  const engine = await warmEngine(file);
  const fenceAll = async (): Promise<EngineTold> => {
    const from = performance.now();
    const cpuFrom = process.cpuUsage();
    let firstMs = 0;
    const fence = async (node: string): Promise<boolean> => {
      const proven = await engine.fence(node);
      if (firstMs === 0) firstMs = performance.now() - from;
      return proven;
    };
    const proven = await Promise.all(Array.from({ length: nodes }, (_, at) => fence(`n${at}`)));
    const { user, system } = process.cpuUsage(cpuFrom);
    return {
      confirmed: proven.filter((one) => one).length,
      firstMs,
      wallMs: performance.now() - from,
      cpuMs: (user + system) / 1000,
      residentMB: process.memoryUsage.rss() / 1e6,
    };
  };
  process.on('message', (wish: 'fence' | 'stop') => {
    if (wish === 'stop') void engine.close().then(() => process.exit(0));
    else void fenceAll().then((told) => process.send?.(told));
  });
  process.send?.('ready');
}

const configurationOf = (ports: readonly number[]): string => `cluster: orders
self: { id: witness-1 }
nodes:
${ports.map((_, at) => `  n${at}: { fence: [[{ device: bmc-${at} }]] }`).join('\n')}
devices:
${ports.map((port, at) => `  bmc-${at}: { driver: ipmi, host: 127.0.0.1, port: ${port}, username: fencer, password: { file: pw } }`).join('\n')}
verify: { referenceIps: [${REFERENCE}], need: 1 }
policy: { tieBreaker: reference-ips, storm: { targets: ${ports.length}, within: 10m } }
`;

interface Told {
  readonly ours: EngineTold;
  readonly lit: number;
  readonly peer: Run | undefined;
}

const ipmipower = (): string | undefined => {
  try {
    return program('ipmipower');
  } catch {
    return undefined;
  }
};

const peerWords = (command: string, ports: readonly number[]): readonly string[] =>
  // biome-ignore format: one line as a person would type it
  [command, '-D', 'LAN_2_0', '-I', '17', '-h', ports.map((port) => `127.0.0.1:${port}`).join(','), '-u', 'fencer', '-p', 'pw', '--off', '--wait-until-off'];

/** Rounds of both, in turn, on the same BMCs. */
async function measure(nodes: number, watch: Stopwatch): Promise<readonly Told[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bailiff-bench-'));
  const sizes = Array.from({ length: Math.ceil(nodes / FARM) }, (_, at) => Math.min(FARM, nodes - at * FARM));
  const farms = sizes.map((bmcs) => new Part<'restore' | 'tell' | 'stop', FarmTold>('farm', { bmcs }));
  const ports = (await Promise.all(farms.map(async (farm) => (await farm.first()) as readonly number[]))).flat();
  const lit = async (wish: 'restore' | 'tell'): Promise<number> => {
    const told = await Promise.all(farms.map((farm) => farm.ask(wish)));
    return told.reduce((sum, one) => sum + one.lit, 0);
  };
  await writeFile(join(folder, 'pw'), 'pw\n', { mode: 0o600 });
  const file = join(folder, 'bailiff.yaml');
  await writeFile(file, configurationOf(ports));
  const engine = new Part<'fence' | 'stop', EngineTold>('engine', { file, nodes });
  await engine.first();
  const command = ipmipower();
  const rounds: Told[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await lit('restore');
    const ours = await engine.ask('fence');
    const still = await lit('tell');
    await lit('restore');
    rounds.push({ ours, lit: still, peer: command === undefined ? undefined : await watch.run(peerWords(command, ports)) });
  }
  await engine.end();
  for (const farm of farms) await farm.end();
  await rm(folder, { recursive: true, force: true });
  return rounds;
}

async function main(): Promise<void> {
  const watch = new Stopwatch();
  const rows: string[][] = [];
  const cpu = new Map<number, number>();
  const first = new Map<number, number>();
  for (const nodes of SIZES) {
    const rounds = await measure(nodes, watch);
    const of = (what: (told: Told) => number): number => median(rounds.map(what));
    const wall = of(({ ours }) => ours.wallMs);
    const peer = of(({ peer: run }) => run?.wallMs ?? Number.NaN);
    cpu.set(
      nodes,
      of(({ ours }) => ours.cpuMs / nodes),
    );
    first.set(
      nodes,
      of(({ ours }) => ours.firstMs),
    );
    rows.push([
      String(nodes),
      figure(wall, 'ms'),
      figure(cpu.get(nodes) ?? 0, 'ms'),
      figure(first.get(nodes) ?? 0, 'ms'),
      figure(
        of(({ ours }) => ours.residentMB),
        'MB',
      ),
      Number.isNaN(peer) ? '' : figure(peer, 'ms'),
      Number.isNaN(peer) ? '' : (wall / peer).toFixed(2),
    ]);
    promise(
      `${nodes} nodes: every round confirmed all, no lamp lit`,
      rounds.every(({ ours, lit }) => ours.confirmed === nodes && lit === 0),
    );
    if (nodes > 10 && !Number.isNaN(peer))
      promise(`${nodes} nodes: ${(wall / peer).toFixed(2)} of ipmipower's wall time; the aim is ${WALL}`, wall / peer <= WALL);
  }
  watch.end();
  console.log(`all at once through one engine, two readings each; medians of ${ROUNDS} rounds, the first of them cold`);
  printTable(['nodes', 'wall', 'cpu of each', 'first proven', 'memory', 'ipmipower', 'ratio'], rows);
  const [single, ten] = [first.get(1), cpu.get(10)];
  for (const nodes of SIZES.filter((size) => size > 10)) {
    const each = (cpu.get(nodes) ?? Number.NaN) / (ten ?? Number.NaN);
    if (ten !== undefined)
      promise(`${nodes} nodes: each takes ${each.toFixed(2)} of the CPU time of one among ten; the aim is ${CPU}`, each <= CPU);
    const begun = (first.get(nodes) ?? Number.NaN) / (single ?? Number.NaN);
    if (single !== undefined)
      promise(
        `${nodes} nodes: the first is proven after ${begun.toFixed(2)} of the time of a single one; the aim is ${FIRST}`,
        begun <= FIRST,
      );
  }
}

const [, , part, what] = process.argv;
// Whoever started this part is gone.
if (part !== undefined) process.on('disconnect', () => process.exit(0));
if (part === 'farm') await playFarm(JSON.parse(what ?? '') as { bmcs: number });
else if (part === 'engine') await playEngine(JSON.parse(what ?? '') as { file: string; nodes: number });
else await main();
