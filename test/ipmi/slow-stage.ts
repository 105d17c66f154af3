/** The driver against the mock BMC with its habits (slow, forgetful, one answer to a message) over a lossy network, on one virtual clock. */
import { checkSettings, Secret } from '../../drivers/kit/contract.ts';
import { driver as module, IpmiDriver } from '../../drivers/ipmi/driver.ts';
import { MAX_LOGINS } from '../../drivers/ipmi/session/login-allowance.ts';
import { type BmcOptions, Machine, MockBmc } from '../../hardware-mocks/index.ts';
import { type BmcStep, type LoginHabits, stepOf } from '../../hardware-mocks/bmc/habits.ts';
import { toolsOn } from '../doubles/tools.ts';
import { seeded, seededBytes, VirtualClock, VirtualNet } from './virtual.ts';

export const USER = { name: 'fencer', password: 'fenc-er-pass' };
export { MAX_LOGINS };

export interface SlowOptions {
  readonly seed?: number;
  readonly loss?: number;
  readonly habits?: LoginHabits;
  readonly bmc?: Partial<BmcOptions>;
  readonly settings?: Readonly<Record<string, unknown>>;
}

export type SlowStage = ReturnType<typeof slowStage>;

export function slowStage({ seed = 1, loss = 0, habits = {}, bmc: more = {}, settings: given = {} }: SlowOptions = {}) {
  const clock = new VirtualClock();
  const random = seeded(seed);
  const machine = new Machine({ name: 'node1', clock });
  const bmc = new MockBmc({
    machine,
    clock,
    users: [USER],
    bytes: seededBytes(seeded(seed + 1000)),
    maxSessions: 63,
    loginExpiresMs: 60_000,
    habits,
    ...more,
  });
  const seen = { halfOpen: 0, most: 0 };
  const net = new VirtualNet(clock, random, (datagram, reply) => {
    for (const { bytes, afterMs } of bmc.hear(datagram)) clock.after(afterMs, () => reply(bytes));
    seen.halfOpen = Math.max(seen.halfOpen, bmc.halfOpen);
    seen.most = Math.max(seen.most, bmc.sessions);
  });
  net.weather = { loss, duplicate: 0, delayMs: 0.5, jitterMs: 0.5 };
  const tools = toolsOn(clock, { random, bytes: seededBytes(random) });
  const raw = { host: '192.0.2.1', username: USER.name, password: Secret.fixed(USER.password), ...given };
  const { settings, problems } = checkSettings(module.settings, raw);
  if (problems.length > 0) throw new Error(problems.map(({ says }) => says).join('; '));
  const driver = new IpmiDriver('bmc-a', settings, tools, net.openWire);
  /** Messages of this kind that left since `from`, lost ones included. */
  const sent = (step: BmcStep, from = 0): number =>
    net.sent.filter(({ way, datagram, at }) => way === 'to-bmc' && at >= from && stepOf(datagram) === step).length;
  /** One reading: its code (`on`, `off` or the problem's), how long it took, and the Open Sessions that it sent. */
  const read = async (ms: number) => {
    const start = clock.now();
    const reading = await clock.wait(driver.read('', { ms }));
    const code = reading.power === 'unknown' ? (reading.why?.code ?? 'none') : reading.power;
    return { code, lasting: reading.why?.lasting === true, took: clock.now() - start, opens: sent('open', start) };
  };
  return { clock, machine, bmc, net, driver, seen, sent, read };
}

/** What slow and old firmware is like: everything slow, one step slow, one message after the other. */
export const PACES: readonly (readonly [string, LoginHabits])[] = [
  ['300 ms', { takesMs: 300 }],
  ['500 ms', { takesMs: 500 }],
  ['1,000 ms', { takesMs: 1000 }],
  ['300 ms, one after the other', { takesMs: 300, inTurn: true }],
  ['Open Session in 1,000 ms', { takesMs: { open: 1000 } }],
  ['RAKP 1 in 1,000 ms', { takesMs: { rakp1: 1000 } }],
  ['RAKP 3 in 1,000 ms', { takesMs: { rakp3: 1000 } }],
  ['RAKP 1 and 3 in 500 ms', { takesMs: { rakp1: 500, rakp3: 500 } }],
];

export const MEMORIES: readonly (readonly [string, LoginHabits])[] = [
  ['answers again', {}],
  ['draws again', { drawsAgain: true }],
  ['answers once', { answersOnce: true }],
  ['answers nothing outside of a login', { deafOutside: true }],
  ['draws again and answers nothing outside', { drawsAgain: true, deafOutside: true }],
];
