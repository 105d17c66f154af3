/**
 * kill -9 at random moments of an operation, hundreds of times, against the simulated BMC: nothing acknowledged is lost, nothing is
 * ordered that is not in the journal, and after each restart power is read before anything is ordered (S6, S7).
 * KILL_RUNS raises the number of kills, KILL_SEED replays a run.
 *
 * A moment is a time within the life, or what the BMC has heard of it: only the latter comes to an order on machines of any speed.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EMPTY, type State, step } from '../../src/core/index.ts';
import { eventOf } from '../../src/coordinator/restore.ts';
import { readJournal, verifyJournal } from '../../src/store/index.ts';
import { anySeed, Machine, MockBmc, realClock, SeededRandom } from '../../hardware-mocks/index.ts';
import { startIn } from './rack.ts';

const RUNS = Number(process.env.KILL_RUNS ?? '200');
const SEED = process.env.KILL_SEED === undefined ? anySeed() : Number(process.env.KILL_SEED);
/** Commands of a fence, at the least: an order and two readings. */
const COMMANDS = 3;
/** Soon after a command was heard: its answer is on its way, or has been journalled. */
const SOON_MS = 15;

const CHASSIS = 0x00;
const GET_STATUS = 0x01;
const CONTROL = 0x02;

let folder = '';
let bmc: MockBmc;
let machine: Machine;
const heard: ('read' | 'order')[] = [];
/** Told of each command. */
let onHeard = (): void => undefined;
/** How long a fence takes here that nobody kills, from the start of the process to its end. */
let wholeLife = 0;
/** Lives that found an order on its way, and asked the BMC something. */
let resumedAfterOrder = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiff-kill-'));
  const clock = realClock();
  machine = new Machine({ clock, name: 'db1', offDelayMs: 60 });
  bmc = await MockBmc.start({
    machine,
    clock,
    users: [{ name: 'fencer', password: 'pw' }],
    // Each kill leaves a session behind; a real board would be out of slots after a few.
    maxSessions: 64,
    idleExpiresMs: 1500,
    onCommand: ({ netFn, cmd }) => {
      if (netFn === CHASSIS && cmd === GET_STATUS) heard.push('read');
      if (netFn === CHASSIS && cmd === CONTROL) heard.push('order');
      onHeard();
    },
  });
  await writeFile(join(folder, 'pw'), 'pw\n', { mode: 0o600 });
  await writeFile(
    join(folder, 'bailiff.yaml'),
    `cluster: orders
self: { id: witness-1 }
nodes:
  db1: { fence: [[{ device: bmc }]] }
  db2: { fence: [] }
devices:
  bmc: { driver: ipmi, host: 127.0.0.1, port: ${bmc.port}, username: fencer, password: { file: pw } }
verify: { referenceIps: [127.0.0.1], need: 1 }
policy: { tieBreaker: reference-ips, storm: { targets: 2, within: 10m }, timeout: 1h }
`,
  );
});

afterAll(async () => {
  await bmc.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The state now, and how many orders the events from entry `from` on asked for. */
async function journal(from: number): Promise<{ readonly state: State; readonly last: number; readonly orders: number }> {
  const view = await readJournal(join(folder, 'state'));
  if ('code' in view) throw new Error(view.says);
  let state = EMPTY;
  let last = 0;
  let orders = 0;
  for await (const entry of view.history()) {
    const after = step(state, eventOf(entry));
    state = after.state;
    last = entry.n;
    if (entry.n > from) orders += after.effects.filter((effect) => effect.kind === 'order').length;
  }
  return { state, last, orders };
}

/** The moment at which a life is to end. */
async function death(random: SeededRandom): Promise<void> {
  if (random.chance(1 / 3)) return await pause(random.fraction() * 1.2 * wholeLife, undefined, { ref: false });
  const commands = 1 + random.below(COMMANDS);
  await new Promise<void>((come) => {
    onHeard = () => {
      if (heard.length === commands) come();
    };
  });
  await pause(random.fraction() * SOON_MS);
}

async function life(run: number, ending: () => Promise<void>): Promise<'killed' | 'ended'> {
  const before = await journal(0);
  const open = before.state.operations.values()[0];
  if (open === undefined && !machine.lamp) machine.press('on');
  heard.length = 0;
  const end = ending();
  const words = open === undefined ? ['fence', 'db1', '--reason', `kill ${run}`] : ['resume'];
  const child = startIn(folder, [...words, '--json']);
  const killed = await Promise.race([child.ended.then(() => false), end.then(() => true)]);
  if (killed) child.kill('SIGKILL');
  const { out } = await child.ended;
  const after = await journal(before.last);
  const at = `seed ${SEED}, life ${run}`;
  if (heard.includes('order'))
    expect(after.orders, `${at}: an order reached the BMC that no journalled event had asked for`).toBeGreaterThan(0);
  if (open !== undefined && open.orders > 0 && heard.length > 0) {
    resumedAfterOrder += 1;
    expect(heard[0], `${at}: ordered before reading`).toBe('read');
  }
  if (out.includes('"outcome": "confirmed"')) {
    expect(machine.lamp, `${at}: confirmed while the lamp was on`).toBe(false);
    expect(after.state.fenced.get('db1'), `${at}: an acknowledged outcome is not in the journal`).toBeDefined();
    expect(after.state.operations.keys()).toEqual([]);
  }
  return killed ? 'killed' : 'ended';
}

test(
  `${RUNS} lives, most of them killed`,
  async () => {
    const random = new SeededRandom(SEED);
    const ends = { killed: 0, ended: 0 };
    const begun = performance.now();
    expect(await life(0, () => new Promise(() => undefined))).toBe('ended');
    wholeLife = performance.now() - begun;
    for (let run = 1; run <= RUNS; run += 1) ends[await life(run, () => death(random))] += 1;
    expect(ends.killed, `seed ${SEED}`).toBeGreaterThan(RUNS / 3);
    // Else the promise about reading first was not put to the test.
    expect(resumedAfterOrder, `seed ${SEED}`).toBeGreaterThan(RUNS / 50);
    const last = await startIn(folder, ['resume', '--json']).ended;
    expect(last.code, last.err).toBe(0);
    const { state } = await journal(0);
    expect(state.operations.keys()).toEqual([]);
    expect(state.ended.every(({ answer }) => answer.outcome === 'confirmed')).toBe(true);
    expect((await verifyJournal(join(folder, 'state'))).ok).toBe(true);
    console.log(
      `seed ${SEED}: ${ends.killed} killed, ${ends.ended} ended by themselves, ${state.ended.length} operations, ${resumedAfterOrder} resumed after an order`,
    );
  },
  RUNS * 3000,
);
