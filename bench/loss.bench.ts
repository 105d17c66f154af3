/**
 * Loss on both ways between us and the BMC, seeded. Promise: at 10 % all of 40 one-shot fences end confirmed with a 95th percentile under
 * 1.5 s; at 30 % all 40, under 6 s; and none ever says off while the machine is on. ipmipower does the same work beside it
 * (PEER_RUNS, default 10, because it may take 20 s each; 0 leaves it out).
 */
import { join } from 'node:path';
import { type BmcRack, bmcRack, switchOn } from './bmc-rack.ts';
import { BAILIFF, figure, median, printTable, promise, quantile, type Run, Stopwatch } from './measure.ts';

const RUNS = Number(process.env.LOSS_RUNS ?? '40');
const PEER_RUNS = Number(process.env.PEER_RUNS ?? '10');
const SEED = Number(process.env.LOSS_SEED ?? '20260101');

interface Tally {
  readonly runs: readonly Run[];
  readonly ok: number;
  /** Said off, and the lamp was on. */
  readonly lies: number;
}

async function repeat(watch: Stopwatch, rack: BmcRack, times: number, words: readonly string[]): Promise<Tally> {
  const runs: Run[] = [];
  let lies = 0;
  for (let i = 0; i < times; i += 1) {
    switchOn(rack);
    const run = await watch.run(words);
    runs.push(run);
    if (run.code === 0 && rack.machine.lamp) lies += 1;
  }
  return { runs, ok: runs.filter(({ code }) => code === 0).length, lies };
}

const row = (loss: number, name: string, { runs, ok, lies }: Tally): string[] => {
  const walls = runs.map(({ wallMs }) => wallMs);
  return [
    `${loss * 100} %`,
    name,
    `${ok}/${runs.length}`,
    figure(median(walls), 'ms'),
    figure(quantile(walls, 0.95), 'ms'),
    figure(quantile(walls, 1), 'ms'),
    String(lies),
  ];
};

async function main(): Promise<void> {
  const watch = new Stopwatch();
  const rows: string[][] = [];
  const promises: [string, boolean][] = [];
  for (const [loss, limit] of [
    [0.1, 1500],
    [0.3, 6000],
  ] as const) {
    const rack = await bmcRack({ loss }, SEED + loss * 100);
    const config = join(rack.folder, 'bailiff.yaml');
    const ours = await repeat(watch, rack, RUNS, [process.execPath, BAILIFF, 'fence', 'db1', '--reason', 'bench', '--config', config]);
    rows.push(row(loss, 'bailiff fence', ours));
    const ipmipower = [
      'ipmipower',
      '-D',
      'LAN_2_0',
      '-I',
      '17',
      '-h',
      `127.0.0.1:${rack.proxy.port}`,
      '-u',
      'fencer',
      '-p',
      'pw',
      '--off',
      '--wait-until-off',
    ];
    const peer = await repeat(watch, rack, PEER_RUNS, ipmipower);
    if (PEER_RUNS > 0) rows.push(row(loss, 'ipmipower --wait-until-off', peer));
    const p95 = quantile(
      ours.runs.map(({ wallMs }) => wallMs),
      0.95,
    );
    promises.push([`${loss * 100} % loss: ${ours.ok} of ${RUNS} confirmed`, ours.ok === RUNS]);
    promises.push([`${loss * 100} % loss: p95 ${figure(p95, 'ms')} is under ${limit} ms`, p95 < limit]);
    promises.push([`${loss * 100} % loss: ${ours.lies} said off while on`, ours.lies === 0]);
    await rack.down();
  }
  watch.end();
  console.log(`${RUNS} one-shot runs each, whole process, seed ${SEED}`);
  printTable(['loss', 'command', 'exit 0', 'median', 'p95', 'max', 'lies'], rows);
  for (const [says, holds] of promises) promise(says, holds);
}

await main();
