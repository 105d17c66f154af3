/** One lost answer of a login, at BMCs that answer a message once, or otherwise the second time; and how many sessions getting over it takes. */
import { describe, expect, test } from 'vitest';
import { AUTH_TYPE_RMCPPLUS, COMMAND, PAYLOAD } from '../../drivers/ipmi/codec/index.ts';
import { bench, type DriverOnNet, type OnNetOptions } from './bench.ts';
import type { TinyOptions } from './tiny-bmc.ts';

const OFF = { ms: 8000 };

/**
 * Loses the first `count` answers of this payload type (0: the answer to Set Session Privilege Level, the first in a session). `seen`: one
 * answer to a question outside of the login too, so that the way is seen to lose datagrams.
 */
function lose({ net }: DriverOnNet, type: number, count = 1, seen = false): void {
  let left = count;
  let looks = seen ? 1 : 0;
  net.filter = (datagram, way) => {
    if (way === 'to-bmc') return datagram;
    const outside = datagram[4] !== AUTH_TYPE_RMCPPLUS;
    if (outside && looks > 0) looks -= 1;
    else if (!outside && ((datagram[5] ?? 0) & 0x3f) === type && left > 0) left -= 1;
    else return datagram;
    return undefined;
  };
}

async function fenced(stage: DriverOnNet): Promise<number> {
  const start = stage.clock.now();
  expect(await stage.clock.wait(stage.driver.order('', 'off', OFF))).toEqual({ result: 'accepted' });
  expect((await stage.clock.wait(stage.driver.read('', OFF))).power).toBe('off');
  return stage.clock.now() - start;
}

const LOST = [
  ['Open Session', PAYLOAD.openSessionResponse],
  ['RAKP 1', PAYLOAD.rakp2],
  ['RAKP 3', PAYLOAD.rakp4],
  ['Set Session Privilege Level', PAYLOAD.ipmi],
] as const;

const KINDS: readonly (readonly [string, Partial<TinyOptions>])[] = [
  ['answers again', {}],
  ['answers again, with other randoms', { steadyRandoms: false }],
  ['is silent', { repeats: 'silent' }],
  ['seals RAKP 4', { repeats: 'sealed', suites: [3] }],
  ['seals RAKP 4 and keeps one login for each port', { repeats: 'sealed', onePerPort: true }],
  ['makes other keys', { repeats: 'other-keys' }],
  ['makes other keys, with suite 3', { repeats: 'other-keys', suites: [3] }],
];

describe.each(KINDS)('a BMC that %s when it is asked again', (_, bmc) => {
  test.each(LOST)('the answer to %s is lost once: off within a second and a half, ordered once', async (_, type) => {
    const stage = bench({ bmc });
    lose(stage, type);
    expect(await fenced(stage)).toBeLessThan(1500);
    expect(stage.bmc.controls).toEqual([0]);
    await stage.clock.wait(stage.driver.close());
    await stage.clock.advance(2000);
    expect(stage.net.openWires).toBe(0);
    expect(stage.clock.pending).toBe(0);
  });

  test.each([
    [0.1, 1500],
    [0.3, 6000],
  ])('%d of all are lost each way: all of 100 are off, 95 of them within %d ms, and no password is called wrong', async (loss, most) => {
    const took: number[] = [];
    for (let seed = 1; seed <= 100; seed += 1) {
      const stage = bench({ seed, bmc: { ...bmc, slots: 16 } });
      stage.net.weather = { loss, duplicate: 0, delayMs: 0.5, jitterMs: 0.5 };
      took.push(await persistent(stage));
      expect(stage.bmc.on).toBe(false);
    }
    expect(took.filter((ms) => ms < most).length).toBeGreaterThanOrEqual(95);
    expect(Math.max(...took)).toBeLessThan(30_000);
  });
});

/** Order and read until off was read, as the core does. */
async function persistent({ clock, driver }: DriverOnNet): Promise<number> {
  const start = clock.now();
  while (clock.now() - start < 30_000) {
    const { result, why } = { why: undefined, ...(await clock.wait(driver.order('', 'off', OFF))) };
    expect([result, why?.code]).not.toContain('rejected');
    if ((await clock.wait(driver.read('', { ms: 3000 }))).power === 'off') return clock.now() - start;
  }
  return Number.POSITIVE_INFINITY;
}

const opened = (more: OnNetOptions = {}): DriverOnNet => bench({ ...more, bmc: { repeats: 'silent', ...more.bmc } });
const opensOf = ({ net }: DriverOnNet): number[] =>
  net.sent
    .filter(({ way, datagram }) => way === 'to-bmc' && datagram[4] === AUTH_TYPE_RMCPPLUS && datagram[5] === PAYLOAD.openSessionRequest)
    .map(({ at }) => at);

describe('a second login', () => {
  test('begins after a short silence where the way is seen to lose datagrams, and after 1.2 s where it is not', async () => {
    const silence = async (delayMs: number, seen: boolean): Promise<number> => {
      const stage = opened();
      stage.net.weather = { loss: 0, duplicate: 0, delayMs, jitterMs: 0 };
      lose(stage, PAYLOAD.rakp2, 1, seen);
      await fenced(stage);
      const [first = 0, second = 0] = opensOf(stage);
      expect(opensOf(stage)).toHaveLength(2);
      return second - first;
    };
    expect(await silence(0.5, true)).toBeLessThan(300);
    expect(await silence(0.5, false)).toBeCloseTo(1201, 0);
    expect(await silence(40, true)).toBeLessThan(80 + 2 * 240 + 10);
    expect(await silence(40, false)).toBeCloseTo(1280, 0);
    // Round trip 600: twice that, for so long may RAKP 2 take too.
    expect(await silence(300, false)).toBeGreaterThanOrEqual(600 + 1200);
    expect(await silence(400, false)).toBeGreaterThanOrEqual(800 + 1600);
  });

  test('does not begin where nothing is lost', async () => {
    const stage = opened();
    await fenced(stage);
    expect(opensOf(stage)).toHaveLength(1);
    // Open Session, RAKP 1 and 3, privilege, control, status.
    expect(stage.toBmc()).toBe(6);
  });

  test('is given back, with what it is granted late, where the first gets on meanwhile', async () => {
    const stage = bench();
    let held = 0;
    // RAKP 2 takes 400 ms, as on a BMC that calculates slowly; everything else is quick.
    stage.net.filter = (datagram, way) => {
      if (way === 'to-bmc' || datagram[5] !== PAYLOAD.rakp2 || held > 0) return datagram;
      held += 1;
      stage.clock.after(400, () => stage.net.inject(datagram));
      return undefined;
    };
    await fenced(stage);
    await stage.clock.advance(1500);
    expect(stage.bmc.sessions.size).toBe(1);
    expect(stage.bmc.controls).toEqual([0]);
  });

  test('takes the place of the first where the BMC has one slot', async () => {
    const stage = opened({ bmc: { slots: 1 } });
    lose(stage, PAYLOAD.rakp4);
    expect(await fenced(stage)).toBeLessThan(1500);
    expect(stage.bmc.most).toBe(2);
  });

  test('is one at a time: a BMC that never comes to RAKP 4 holds two at most, and is asked ever more seldom', async () => {
    const stage = opened({ bmc: { slots: 16 } });
    lose(stage, PAYLOAD.rakp4, Number.POSITIVE_INFINITY);
    await stage.clock.wait(stage.driver.read('', { ms: 20_000 }));
    // The third is asked for in the moment in which the first is given back.
    expect(stage.bmc.most).toBeLessThanOrEqual(3);
    const opens = opensOf(stage);
    expect(opens.length).toBeLessThanOrEqual(13);
    expect((opens.at(-1) ?? 0) - (opens.at(-2) ?? 0)).toBeGreaterThan(1900);
    await stage.clock.wait(stage.driver.close());
    await stage.clock.advance(5);
    expect(stage.bmc.sessions.size).toBe(0);
  });

  test('carries no order whose time is over', async () => {
    const stage = opened();
    lose(stage, PAYLOAD.rakp2);
    const result = await stage.clock.wait(stage.driver.order('', 'off', { ...OFF, notAfter: stage.clock.now() + 300 }));
    expect(result).toMatchObject({ result: 'rejected', why: { code: 'order-too-late' } });
    expect(stage.bmc.controls).toEqual([]);
  });

  test('says that the order may have arrived where the first sent it in an earlier session', async () => {
    const stage = opened();
    await stage.clock.wait(stage.driver.read('', OFF));
    // The order is carried out, nothing is heard of it, and no login comes to its end.
    stage.net.filter = (datagram, way) => {
      const type = (datagram[5] ?? 0) & 0x3f;
      return way === 'to-bmc' || type === PAYLOAD.openSessionResponse ? datagram : undefined;
    };
    const result = await stage.clock.wait(stage.driver.order('', 'off', OFF));
    expect(result).toMatchObject({ result: 'unknown' });
    expect(stage.bmc.on).toBe(false);
    expect(opensOf(stage).length).toBeGreaterThan(2);
  });

  test('ends with the call: an abort leaves one login, closing leaves nothing', async () => {
    const stage = opened();
    lose(stage, PAYLOAD.rakp2, Number.POSITIVE_INFINITY);
    const giveUp = new AbortController();
    const reading = stage.driver.read('', { ms: 8000, signal: giveUp.signal });
    await stage.clock.advance(1300);
    expect(stage.bmc.sessions.size).toBe(2);
    giveUp.abort();
    expect((await stage.clock.wait(reading)).power).toBe('unknown');
    await stage.clock.advance(5);
    expect(stage.bmc.sessions.size).toBe(1);
    await stage.clock.wait(stage.driver.close());
    await stage.clock.advance(5);
    expect([stage.bmc.sessions.size, stage.net.openWires, stage.clock.pending]).toEqual([0, 0, 0]);
  });

  test('that cannot be sent is not tried over and over', async () => {
    const stage = opened();
    lose(stage, PAYLOAD.rakp2);
    const reading = stage.driver.read('', { ms: 4000 });
    await stage.clock.advance(300);
    const before = stage.net.opened;
    const failing = stage.net.filter;
    stage.net.filter = (datagram, way) => {
      if (way === 'to-bmc' && datagram[5] === PAYLOAD.openSessionRequest) stage.clock.after(0, () => stage.net.fail('ENETUNREACH'));
      return failing(datagram, way);
    };
    expect((await stage.clock.wait(reading)).power).toBe('unknown');
    expect(stage.net.opened - before).toBeLessThan(8);
  });

  test('believes a wrong password as the first would', async () => {
    const stage = opened({ bmc: { password: 'another one' } });
    lose(stage, PAYLOAD.rakp2);
    const reading = await stage.clock.wait(stage.driver.read('', OFF));
    expect(reading).toMatchObject({ power: 'unknown', why: { code: 'ipmi-password-wrong', lasting: true } });
  });
});

test('what a BMC says to a second copy of Open Session or RAKP 3 is no proof of a wrong password', async () => {
  const late = bench({ bmc: { onePerPort: true, repeats: 'sealed' } });
  late.net.weather = { loss: 0, duplicate: 0, delayMs: 130, jitterMs: 0 };
  expect((await late.clock.wait(late.driver.read('', OFF))).power).toBe('on');
  const again = bench({ bmc: { repeats: 'other-keys' } });
  lose(again, PAYLOAD.rakp4);
  expect((await again.clock.wait(again.driver.read('', OFF))).power).toBe('on');
  expect(again.bmc.requests.some(({ cmd }) => cmd === COMMAND.getChassisStatus.cmd)).toBe(true);
});

describe('RAKP 4 that comes sealed in the session', () => {
  test('ends the login, without a second one', async () => {
    const stage = bench({ bmc: { repeats: 'sealed', suites: [3] }, settings: { cipherSuites: [3] } });
    lose(stage, PAYLOAD.rakp4, 1, true);
    expect(await fenced(stage)).toBeLessThan(300);
    expect(opensOf(stage)).toHaveLength(1);
  });

  test('counts with the keys of this login only', async () => {
    const stage = bench({ bmc: { repeats: 'sealed', suites: [3] }, settings: { cipherSuites: [3] } });
    lose(stage, PAYLOAD.rakp4);
    const passing = stage.net.filter;
    stage.net.filter = (datagram, way) => {
      const passed = passing(datagram, way);
      if (passed === undefined || way === 'to-bmc' || datagram[5] !== (PAYLOAD.rakp4 | 0xc0)) return passed;
      return passed.with(passed.length - 1, (passed.at(-1) ?? 0) ^ 1);
    };
    await fenced(stage);
    expect(opensOf(stage).length).toBeGreaterThan(1);
  });
});

test('short calls, each too short for a second login, get in from another port where the first one is used up', async () => {
  const stage = bench({ bmc: { repeats: 'silent', onePerPort: true } });
  lose(stage, PAYLOAD.rakp4);
  const start = stage.clock.now();
  let power = 'unknown';
  while (power === 'unknown' && stage.clock.now() - start < 10_000)
    ({ power } = await stage.clock.wait(stage.driver.read('', { ms: 250 })));
  expect(power).toBe('on');
  expect(stage.clock.now() - start).toBeLessThan(4000);
});

test.each([
  ['RAKP 1', PAYLOAD.rakp1],
  ['RAKP 3', PAYLOAD.rakp3],
])('a farewell comes after %s, also where no copy of that has arrived before', async (_, type) => {
  const stage = bench();
  stage.net.filter = (datagram, way) => (way === 'to-bmc' && datagram[5] === type ? undefined : datagram);
  await stage.clock.wait(stage.driver.read('', { ms: 250 }));
  stage.net.filter = (datagram) => datagram;
  const from = stage.net.sent.length;
  await stage.clock.wait(stage.driver.close());
  const said = stage.net.sent.slice(from).filter(({ way }) => way === 'to-bmc');
  expect(said[0]?.datagram[5]).toBe(type);
  expect(said.at(-1)?.datagram[5]).toBe(PAYLOAD.rakp3);
  await stage.clock.advance(5);
  expect(stage.bmc.sessions.size).toBe(0);
});
