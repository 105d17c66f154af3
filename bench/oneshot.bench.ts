/**
 * One verified off as a whole process, beside what others do, in turn on one simulated BMC: wall, CPU, peak memory. Aims: at most 0.7 of
 * fence_ipmilan without its power wait; peak memory under 90 MB; start-up of the bundled command at most twice an empty Node script.
 */
import { join } from 'node:path';
import { bmcRack, switchOn } from './bmc-rack.ts';
import { BAILIFF, figure, median, printTable, promise, type Run, Stopwatch } from './measure.ts';

const ROUNDS = Number(process.env.ROUNDS ?? '15');

async function main(): Promise<void> {
  const rack = await bmcRack();
  const watch = new Stopwatch();
  const port = String(rack.proxy.port);
  const node = process.execPath;
  const lan = ['-I', 'lanplus', '-H', '127.0.0.1', '-p', port, '-U', 'fencer', '-P', 'pw', '-C', '17'];
  const agent = [
    'fence_ipmilan',
    '--ip=127.0.0.1',
    `--ipport=${port}`,
    '--username=fencer',
    '--password=pw',
    '--lanplus',
    '--cipher=17',
    '-o',
    'off',
  ];
  const commands: Readonly<Record<string, readonly string[]>> = {
    'node, empty script': [node, '-e', '0'],
    'bailiff --version': [node, BAILIFF, '--version'],
    'bailiff fence (verified twice)': [node, BAILIFF, 'fence', 'db1', '--reason', 'bench', '--config', join(rack.folder, 'bailiff.yaml')],
    'fence_ipmilan off --power-wait=0': [...agent, '--power-wait=0'],
    'fence_ipmilan off (as it comes)': agent,
    'ipmitool off + status': ['sh', '-c', `ipmitool ${lan.join(' ')} chassis power off && ipmitool ${lan.join(' ')} chassis power status`],
    'ipmipower --off --wait-until-off': [
      'ipmipower',
      '-D',
      'LAN_2_0',
      '-I',
      '17',
      '-h',
      `127.0.0.1:${port}`,
      '-u',
      'fencer',
      '-p',
      'pw',
      '--off',
      '--wait-until-off',
    ],
  };
  const runs: Record<string, Run[]> = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  // One round is not counted: caches of the file system are warm for everybody.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, words] of Object.entries(commands)) {
      switchOn(rack);
      const run = await watch.run(words);
      if (round > 0) runs[name]?.push(run);
      if (run.code !== 0) throw new Error(`${name} ended with ${run.code}`);
    }
  }
  watch.end();
  await rack.down();
  const of = (name: string, what: 'wallMs' | 'cpuMs' | 'peakMiB'): number => median((runs[name] ?? []).map((run) => run[what]));
  const ours = 'bailiff fence (verified twice)';
  console.log(`${ROUNDS} rounds, medians of whole processes; ratio: bailiff fence to this`);
  printTable(
    ['command', 'wall', 'cpu', 'peak', 'wall ratio', 'cpu ratio', 'peak ratio'],
    Object.keys(commands).map((name) => [
      name,
      figure(of(name, 'wallMs'), 'ms'),
      figure(of(name, 'cpuMs'), 'ms'),
      figure(of(name, 'peakMiB'), 'MiB'),
      ...(['wallMs', 'cpuMs', 'peakMiB'] as const).map((what) => (of(ours, what) / of(name, what)).toFixed(2)),
    ]),
  );
  const againstAgent = of(ours, 'wallMs') / of('fence_ipmilan off --power-wait=0', 'wallMs');
  promise(`wall is ${againstAgent.toFixed(2)} of fence_ipmilan without power wait; the aim is 0.70`, againstAgent <= 0.7);
  const startUp = of('bailiff --version', 'wallMs') / of('node, empty script', 'wallMs');
  promise(`start-up is ${startUp.toFixed(2)} times an empty script; the aim is 2.00`, startUp <= 2);
  promise(`peak memory ${figure(of(ours, 'peakMiB'), 'MiB')} is under 90 MB`, of(ours, 'peakMiB') * 1.048576 < 90);
}

await main();
