/** 500 simulated BMCs in one process: under 250 MB, after every one of them was really fenced by ipmipower. */
import { Machine, MockBmc, realClock } from '../hardware-mocks/index.ts';
import { figure, promise, Stopwatch } from './measure.ts';

const COUNT = 500;

async function main(): Promise<void> {
  const clock = realClock();
  const before = process.memoryUsage.rss();
  const bmcs = await Promise.all(
    Array.from({ length: COUNT }, async (_, i) => {
      const machine = new Machine({ clock, name: `n${i}` });
      return await MockBmc.start({ machine, clock, users: [{ name: 'fencer', password: 'pw' }] });
    }),
  );
  const up = process.memoryUsage.rss();
  const watch = new Stopwatch();
  const all = bmcs.map((bmc) => `127.0.0.1:${bmc.port}`).join(',');
  const run = await watch.run([
    'ipmipower',
    '-D',
    'LAN_2_0',
    '-I',
    '17',
    '-l',
    'OPERATOR',
    '-h',
    all,
    '-u',
    'fencer',
    '-p',
    'pw',
    '--off',
    '--wait-until-off',
  ]);
  watch.end();
  const after = process.memoryUsage.rss();
  const dark = bmcs.filter((bmc) => !bmc.machine.lamp).length;
  console.log(
    `resident: ${figure(before / 1e6, 'MB')} empty, ${figure(up / 1e6, 'MB')} with ${COUNT} BMCs, ${figure(after / 1e6, 'MB')} after ipmipower fenced them in ${figure(run.wallMs, 'ms')}`,
  );
  promise(`${dark} of ${COUNT} lamps are out`, dark === COUNT);
  promise(`${COUNT} BMCs in ${figure(after / 1e6, 'MB')}, under 250 MB`, after < 250e6);
  await Promise.all(bmcs.map(async (bmc) => await bmc.stop()));
}

await main();
