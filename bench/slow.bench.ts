/**
 * BMCs that take 300, 500 and 1,000 ms for every answer, draw new randoms for each RAKP 1 and have few slots, with and without loss. Promise:
 * without loss one login, every message of it once, and the right password is never called wrong; a wrong one is told as such, in two logins at
 * most; with loss never more than a call may begin, never more than two of them open that are known to us.
 */
import process from 'node:process';
import { randomBytes } from 'node:crypto';
import { IpmiDriver, driver as module } from '../drivers/ipmi/driver.ts';
import { MAX_LOGINS } from '../drivers/ipmi/session/login-allowance.ts';
import { checkSettings, Secret } from '../drivers/kit/contract.ts';
import { UdpProxy } from '../hardware-mocks/index.ts';
import { figure, median, printTable, promise } from './measure.ts';
import { startSlowBmc } from './slow-bmc.ts';

const RUNS = Number(process.env.SLOW_RUNS ?? '8');
const PACES = (process.env.PACES ?? '300,500,1000').split(',').map(Number);
const LOSSES = (process.env.LOSSES ?? '0,0.1').split(',').map(Number);
const SEED = Number(process.env.LOSS_SEED ?? '20260101');
const CALL_MS = 30_000;

interface Shot {
  readonly said: string;
  readonly ms: number;
  readonly opened: number;
  readonly most: number;
  readonly sent: number;
  readonly refused: number;
}

/** Off and one reading, by a driver that has never met this BMC. */
async function shot(takesMs: number, loss: number, right: boolean, outside: boolean, seed: number): Promise<Shot> {
  const bmc = await startSlowBmc({ user: 'admin', password: 'secret', takesMs, answersOutside: outside });
  const proxy = await UdpProxy.open({ to: { port: bmc.port }, seed, toDevice: { loss }, toClient: { loss } });
  const raw = {
    host: '127.0.0.1',
    port: proxy.port,
    username: 'admin',
    password: Secret.fixed(right ? 'secret' : 'another'),
    cipherSuites: [3],
  };
  const { settings } = checkSettings(module.settings, raw);
  const tools = {
    now: () => performance.now(),
    after: (ms: number, run: () => void) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
    bytes: (length: number) => Uint8Array.from(randomBytes(length)),
    debug: () => undefined,
  };
  const driver = new IpmiDriver('bmc', settings, tools);
  const start = performance.now();
  const order = await driver.order('', 'off', { ms: CALL_MS });
  const reading = order.result === 'accepted' ? await driver.read('', { ms: CALL_MS }) : undefined;
  const ms = performance.now() - start;
  const said = reading === undefined ? ('why' in order ? order.why.code : order.result) : reading.power;
  if (said === 'off' && bmc.on) throw new Error('said off while the lamp is on');
  await driver.close();
  const { opened, most, refused } = bmc.count;
  const found = { said, ms, opened, most, refused, sent: proxy.count.toDevice.arrived };
  await proxy.close();
  await bmc.stop();
  return found;
}

async function main(): Promise<void> {
  const rows: string[][] = [];
  const promises: [string, boolean][] = [];
  for (const takesMs of PACES) {
    for (const loss of LOSSES) {
      for (const right of [true, false]) {
        for (const outside of [true, false]) {
          const shots = await Promise.all(
            Array.from({ length: RUNS }, (_, run) => shot(takesMs, loss, right, outside, SEED + Math.round(1000 * loss) + run)),
          );
          const most = (of: (each: Shot) => number): number => Math.max(...shots.map(of));
          const wanted = right ? 'off' : 'ipmi-password-wrong';
          const fit = shots.filter(({ said }) => said === wanted).length;
          const name = `${takesMs} ms, ${100 * loss} % loss, ${right ? 'right' : 'wrong'} password, ${outside ? 'answers' : 'silent'} outside`;
          rows.push([
            name,
            `${fit}/${RUNS}`,
            figure(median(shots.map(({ ms }) => ms)), 'ms'),
            figure(
              most(({ ms }) => ms),
              'ms',
            ),
            String(most(({ opened }) => opened)),
            String(most(({ most: held }) => held)),
            String(most(({ refused }) => refused)),
            String(median(shots.map(({ sent }) => sent))),
            String(most(({ sent }) => sent)),
          ]);
          promises.push([`${name}: ${fit} of ${RUNS} say ${wanted}`, fit === RUNS]);
          const logins = loss === 0 ? (right ? 1 : 2) : MAX_LOGINS;
          promises.push([
            `${name}: ${most(({ opened }) => opened)} logins begun, ${logins} at most`,
            most(({ opened }) => opened) <= logins,
          ]);
        }
      }
    }
  }
  console.log(`${RUNS} drivers each that meet the BMC for the first time: off and a reading`);
  printTable(['BMC', 'told', 'median', 'longest', 'logins', 'half open', 'proofs refused', 'datagrams', 'most'], rows);
  for (const [says, holds] of promises) promise(says, holds);
}

await main();
