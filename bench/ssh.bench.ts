/**
 * Connect, order, read over SSH against OpenSSH's sshd with a power strip as forced command, in turn in one run with OpenSSH's client giving
 * the same two commands: by two connections, and through one that is kept (ControlMaster). Ours reads twice. Aims: one login per fence, none
 * in an engine that stays; a whole process at most the wall time of the two connections, an engine that stays at most a quarter of it.
 */
import { BAILIFF, promise, Race, Stopwatch, warmRun } from './measure.ts';
import { sshdRack } from './sshd-rack.ts';
import { warmEngine } from './warm.ts';

const ROUNDS = Number(process.env.ROUNDS ?? '15');
const OURS = 'bailiff fence (reads twice)';
const WARM = 'engine that stays (reads twice)';
const PEER = 'ssh off && ssh show';

async function main(): Promise<void> {
  const watch = new Stopwatch();
  const rack = await sshdRack(watch);
  const race = new Race();
  const file = await rack.configuration('oneshot');
  const engine = await warmEngine(await rack.configuration('warm'));
  const runners = [
    { name: 'node, empty script', words: [process.execPath, '-e', '0'] },
    { name: OURS, words: [process.execPath, BAILIFF, 'fence', 'db1', '--reason', 'bench', '--config', file] },
    { name: WARM },
    { name: PEER, words: rack.client(false) },
    { name: `${PEER}, ControlMaster`, words: rack.client(true) },
  ];
  const logins = new Map<string, number>();
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { name, words } of runners) {
      await rack.switchOn();
      await rack.logins();
      const ran = words === undefined ? await warmRun(async () => await engine.fence('db1')) : await watch.run(words);
      if (ran.code !== 0) throw new Error(`${name} ended with ${ran.code}`);
      if (name !== 'node, empty script' && !(await rack.cut())) throw new Error(`${name} said off, and it was not`);
      if (round === 0) continue;
      race.add(name, ran);
      logins.set(name, Math.max(logins.get(name) ?? 0, await rack.logins()));
    }
  }
  await engine.close();
  await rack.down();
  watch.end();
  race.print(`OpenSSH's sshd, ${ROUNDS} rounds, medians`, OURS);
  promise(`${logins.get(OURS)} login for a whole process; the aim is 1`, logins.get(OURS) === 1);
  promise(`${logins.get(WARM)} logins in an engine that stays; the aim is 0`, logins.get(WARM) === 0);
  race.promiseWall('whole process', OURS, PEER, 1);
  race.promiseWall('engine that stays', WARM, PEER, 0.25);
}

await main();
