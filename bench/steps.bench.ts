/**
 * What each step of a one-shot `bailiff fence` takes, as a table for README.md: medians of wall time between moments that are seen from outside
 * (marks.cjs, and the lamp of the simulated machine). The marks themselves take about 2 ms. Promises nothing: oneshot does.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { bmcRack, type BmcRack, switchOn } from './bmc-rack.ts';
import { BAILIFF, environment, figure, median, printTable, ROOT } from './measure.ts';

const ROUNDS = Number(process.env.ROUNDS ?? '15');

/** Each ends where the next one begins; the first begins with the process, the last ends with it. */
const STEPS: readonly (readonly [string, string])[] = [
  ['started', 'node starts'],
  ['loading', 'modules are loaded'],
  ['configuration', 'configuration: read, checked, linted; drivers loaded'],
  ['owner', 'state folder taken (a `flock` process)'],
  ['journal', 'journal read, replayed, opened'],
  ['decision', 'command admitted, evidence weighed, each step journalled'],
  ['session', 'IPMI session, order'],
  ['off', 'two readings, 25 ms apart'],
  ['end', 'session closed, folder given back'],
  ['exit', 'the process ends'],
];

const now = (): number => Number(process.hrtime.bigint()) / 1e6;

type Moments = Readonly<Record<string, number>>;

async function run(rack: BmcRack): Promise<Moments> {
  switchOn(rack);
  const words = ['fence', 'db1', '--reason', 'bench', '--config', join(rack.folder, 'bailiff.yaml')];
  const started = now();
  const child = spawn(process.execPath, ['--require', join(ROOT, 'bench', 'marks.cjs'), BAILIFF, ...words], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: { ...environment, DEVICE_PORT: String(rack.proxy.port) },
  });
  let off: number | undefined;
  const stop = rack.machine.watch(() => {
    if (!rack.machine.lamp) off ??= now();
  });
  let told = '';
  child.stdio[3]?.on('data', (bytes: Buffer) => {
    told += bytes.toString();
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  const gone = now();
  stop();
  if (code !== 0 || off === undefined) throw new Error(`fence ended with ${String(code)}`);
  return { ...(JSON.parse(told) as Moments), started, off, gone };
}

async function main(): Promise<void> {
  const rack = await bmcRack();
  const runs: Moments[] = [];
  // The first one makes the state folder.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const moments = await run(rack);
    if (round > 0) runs.push(moments);
  }
  await rack.down();
  const between = (from: string, to: string): number =>
    median(runs.map((moments) => (moments[to] ?? Number.NaN) - (moments[from] ?? Number.NaN)));
  console.log(`${ROUNDS} rounds, medians`);
  printTable(
    ['step', 'wall', 'from'],
    [
      ...STEPS.map(([from, what], at) => [
        what,
        figure(between(from, STEPS[at + 1]?.[0] ?? 'gone'), 'ms'),
        figure(between('started', from), 'ms'),
      ]),
      ['beside it: the reference IP is asked', figure(between('probe', 'probed'), 'ms'), figure(between('started', 'probe'), 'ms')],
      ['all of it', figure(between('started', 'gone'), 'ms'), ''],
    ],
  );
}

await main();
