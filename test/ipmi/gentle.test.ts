/** How many sessions a BMC is made to open while its answers are lost, or it is away, counted at the mock BMC in virtual time. */
import { describe, expect, test } from 'vitest';
import { checkSettings, Secret } from '../../drivers/kit/contract.ts';
import { AUTH_TYPE_RMCPPLUS, PAYLOAD } from '../../drivers/ipmi/codec/index.ts';
import { driver as module, IpmiDriver } from '../../drivers/ipmi/driver.ts';
import { MAX_LOGINS } from '../../drivers/ipmi/session/login-allowance.ts';
import { type BmcOptions, type Fault, Machine, MockBmc } from '../../hardware-mocks/index.ts';
import { toolsOn } from '../doubles/tools.ts';
import { seeded, seededBytes, VirtualClock, VirtualNet } from './virtual.ts';

const USER = { name: 'fencer', password: 'fenc-er-pass' };
const SLOTS = 4;

function stage(more: Readonly<Record<string, unknown>> = {}, bmcOptions: Partial<BmcOptions> = {}) {
  const clock = new VirtualClock();
  const random = seeded(1);
  const machine = new Machine({ name: 'node1', clock });
  const bmc = new MockBmc({ machine, clock, users: [USER], bytes: seededBytes(seeded(2)), maxSessions: SLOTS, ...bmcOptions });
  const net = new VirtualNet(clock, random, (datagram, reply) => {
    for (const { bytes } of bmc.hear(datagram)) reply(bytes);
  });
  const tools = toolsOn(clock, { random, bytes: seededBytes(random) });
  const raw = { host: '192.0.2.1', username: USER.name, password: Secret.fixed(USER.password), ...more };
  const { settings, problems } = checkSettings(module.settings, raw);
  expect(problems).toEqual([]);
  const driver = new IpmiDriver('bmc-a', settings, tools, net.openWire);
  const fault = (each: Fault): void => bmc.faults.apply({ seed: 1, faults: [each] });
  /** Reads again and again for so long, each call with this deadline, until `done`. */
  const readFor = async (ms: number, each: number, pollMs = 0, done: (power: string) => boolean = () => false): Promise<void> => {
    const end = clock.now() + ms;
    while (clock.now() < end) {
      const { power } = await clock.wait(driver.read('', { ms: Math.min(each, end - clock.now()) }));
      if (done(power)) return;
      await clock.advance(pollMs);
    }
  };
  /** Copies of Open Session that were sent since `from`. */
  const opensSince = (from: number): number =>
    net.sent.filter(({ way, datagram, at }) => way === 'to-bmc' && at >= from && datagram[5] === PAYLOAD.openSessionRequest).length;
  return { clock, machine, bmc, net, driver, fault, readFor, opensSince };
}

describe('a BMC whose answers are lost for a minute', () => {
  test.each([
    [8000, 0],
    [3000, 200],
    [1000, 200],
    [250, 50],
  ])('is asked for few sessions by calls of %d ms', async (each, pollMs) => {
    const { clock, bmc, fault, readFor, opensSince, driver } = stage();
    fault({ kind: 'mute', direction: 'out' });
    const start = clock.now();
    await readFor(60_000, each, pollMs);
    const { opened, refused } = bmc.count.sessions;
    // Four while it may be an accident, then one every 4 s; what is asked meanwhile takes no slot.
    expect(opened + refused).toBeLessThanOrEqual(20);
    expect(opened + refused).toBeGreaterThanOrEqual(12);
    expect(opensSince(start)).toBe(opened + refused);
    // Once it is known to be silent, more than half of the slots stay free for others.
    expect(bmc.sessions).toBeLessThanOrEqual(SLOTS / 2 - 1);
    await clock.wait(driver.close());
  });

  test.each([8000, 1000, 500])('is found within two seconds when they come through again, by calls of %d ms', async (each) => {
    const { clock, bmc, fault, readFor } = stage();
    fault({ kind: 'mute', direction: 'out' });
    await readFor(60_000, each, 20);
    bmc.faults.clear();
    const back = clock.now();
    await readFor(10_000, each, 20, (power) => power === 'on');
    expect(clock.now() - back).toBeLessThan(2000);
    expect(bmc.count.sessions.activated).toBe(1);
  });

  test('is asked at once, and sooner again, by a call after a pause', async () => {
    const { clock, driver, fault, readFor, opensSince } = stage();
    fault({ kind: 'mute', direction: 'out' });
    await readFor(15_000, 3000, 200);
    await clock.advance(15_000);
    const start = clock.now();
    await clock.wait(driver.read('', { ms: 2500 }));
    expect(opensSince(start)).toBe(2);
  });

  test('warm: the session is given back, then few new ones are asked for', async () => {
    const { bmc, clock, driver, fault, readFor } = stage();
    await clock.wait(driver.read('', { ms: 3000 }));
    fault({ kind: 'mute', direction: 'out' });
    await readFor(60_000, 3000, 200);
    const { opened, refused, closed, leaked } = bmc.count.sessions;
    expect(opened + refused).toBeLessThanOrEqual(20);
    expect([closed, leaked]).toEqual([1, 0]);
  });
});

describe('half a login', () => {
  /** Lets answers through up to the one of this type; from then on none, to whatever else is asked either. */
  const loseFrom = (net: VirtualNet, type: number): void => {
    let lost = false;
    net.filter = (datagram, way) => {
      if (way === 'to-bmc') return datagram;
      lost ||= datagram[5] === type;
      return lost ? undefined : datagram;
    };
  };

  test.each([
    ['RAKP 2', PAYLOAD.rakp2],
    ['RAKP 4', PAYLOAD.rakp4],
  ])('that stops before %s goes on with the next call, on the same session', async (_, type) => {
    const { clock, bmc, driver, net } = stage();
    loseFrom(net, type);
    for (let call = 0; call < 3; call += 1) expect((await clock.wait(driver.read('', { ms: 300 }))).power).toBe('unknown');
    net.filter = (datagram) => datagram;
    expect((await clock.wait(driver.read('', { ms: 300 }))).power).toBe('on');
    expect(bmc.count.sessions).toMatchObject({ opened: 1, activated: 1, abandoned: 0 });
  });

  test.each([
    ['RAKP 2', PAYLOAD.rakp2, 0],
    ['RAKP 4', PAYLOAD.rakp4, 1],
  ])('that stops before %s is given back by closing, and when no call comes', async (_, type, activated) => {
    const closing = stage();
    loseFrom(closing.net, type);
    await closing.clock.wait(closing.driver.read('', { ms: 300 }));
    expect(closing.bmc.sessions).toBe(1);
    await closing.clock.wait(closing.driver.close());
    await closing.clock.advance(5);
    expect(closing.bmc.sessions).toBe(0);
    expect(closing.bmc.count.sessions).toMatchObject({ opened: 1, activated, closed: activated, abandoned: 0, leaked: 0 });
    const waiting = stage();
    loseFrom(waiting.net, type);
    await waiting.clock.wait(waiting.driver.read('', { ms: 300 }));
    await waiting.clock.advance(2500);
    expect(waiting.bmc.sessions).toBe(0);
    expect(waiting.bmc.count.sessions).toMatchObject({ opened: 1, closed: activated, abandoned: 0 });
  });

  test('that stops before RAKP 4 is given back with the BMC key, where there is one', async () => {
    const key = 'the key of the gate';
    const { clock, bmc, driver, net } = stage({ kg: Secret.fixed(key) }, { kg: new TextEncoder().encode(key) });
    loseFrom(net, PAYLOAD.rakp4);
    await clock.wait(driver.read('', { ms: 300 }));
    expect(bmc.sessions).toBe(1);
    await clock.wait(driver.close());
    await clock.advance(5);
    expect(bmc.count.sessions).toMatchObject({ opened: 1, activated: 1, closed: 1, leaked: 0 });
  });

  test('whose RAKP stays unanswered is one of two at most, and a call begins few of them', async () => {
    const { clock, bmc, driver, net } = stage({}, { maxSessions: 15 });
    let most = 0;
    net.filter = (datagram, way) => {
      most = Math.max(most, bmc.sessions);
      return way === 'to-console' && datagram[4] === AUTH_TYPE_RMCPPLUS && datagram[5] === PAYLOAD.rakp2 ? undefined : datagram;
    };
    await clock.wait(driver.read('', { ms: 30_000 }));
    expect(most).toBe(2);
    expect(bmc.count.sessions.opened).toBeLessThanOrEqual(MAX_LOGINS);
    expect(bmc.count.sessions.refused).toBe(0);
  });

  test('is not taken up with other credentials', async () => {
    let password = 'wrong';
    const { clock, bmc, driver, net } = stage({ password: new Secret('a test', () => password) });
    loseFrom(net, PAYLOAD.rakp2);
    await clock.wait(driver.read('', { ms: 300 }));
    password = USER.password;
    net.filter = (datagram) => datagram;
    expect((await clock.wait(driver.read('', { ms: 300 }))).power).toBe('on');
    expect(bmc.count.sessions).toMatchObject({ opened: 2, activated: 1, abandoned: 0 });
  });

  test('is opened by an answer that comes between two calls', async () => {
    const { clock, bmc, driver, net } = stage();
    net.weather = { loss: 0, duplicate: 0, delayMs: 60, jitterMs: 0 };
    expect((await clock.wait(driver.read('', { ms: 100 }))).power).toBe('unknown');
    await clock.advance(500);
    expect((await clock.wait(driver.read('', { ms: 2000 }))).power).toBe('on');
    expect(bmc.count.sessions).toMatchObject({ opened: 1, activated: 1 });
  });
});

describe('a BMC without a free slot', () => {
  test('is asked with growing pauses by short calls too', async () => {
    const { clock, bmc, fault, readFor, driver } = stage();
    fault({ kind: 'sessions-exhausted' });
    await readFor(20_000, 300, 20);
    expect(bmc.count.heard).toBeLessThanOrEqual(2 * 14);
    expect((await clock.wait(driver.read('', { ms: 100 }))).why?.code).toBe('ipmi-no-session-slot');
    bmc.faults.clear();
    const back = clock.now();
    await readFor(10_000, 300, 20, (power) => power === 'on');
    expect(clock.now() - back).toBeLessThan(2500);
  });
});

describe('a warm session that a reboot of the BMC has ended', () => {
  test.each([100, 250, 500, 1000, 2000, 5000])('is replaced although calls last only %d ms', async (each) => {
    const { clock, bmc, driver, readFor } = stage();
    for (let round = 0; round < 5; round += 1) await clock.wait(driver.read('', { ms: 3000 }));
    bmc.faults.reboot(0);
    const start = clock.now();
    let calls = 0;
    await readFor(20_000, each, 0, (power) => {
      calls += 1;
      return power === 'on';
    });
    expect(clock.now() - start).toBeLessThan(each < 250 ? 6 * each : Math.min(each + 300, 1700));
    expect(calls).toBeLessThanOrEqual(each < 250 ? 6 : 2);
    expect(bmc.count.sessions).toMatchObject({ opened: 2, activated: 2, refused: 0 });
  });

  test('one lost answer ends no session', async () => {
    const { clock, bmc, driver, net } = stage();
    await clock.wait(driver.read('', { ms: 3000 }));
    for (let round = 0; round < 10; round += 1) {
      net.filter = (datagram, way) => (way === 'to-bmc' ? datagram : undefined);
      expect((await clock.wait(driver.read('', { ms: 40 }))).power).toBe('unknown');
      net.filter = (datagram) => datagram;
      expect((await clock.wait(driver.read('', { ms: 40 }))).power).toBe('on');
    }
    expect(bmc.count.sessions).toMatchObject({ opened: 1, closed: 0 });
  });

  test('a late answer to the call before proves that it stands', async () => {
    const { clock, bmc, driver, net } = stage();
    await clock.wait(driver.read('', { ms: 3000 }));
    const kept: Uint8Array[] = [];
    net.filter = (datagram, way) => {
      if (way === 'to-bmc') return datagram;
      kept.push(datagram);
      return undefined;
    };
    expect((await clock.wait(driver.read('', { ms: 1200 }))).power).toBe('unknown');
    net.filter = (datagram) => datagram;
    for (const late of kept) net.inject(late);
    expect((await clock.wait(driver.read('', { ms: 200 }))).power).toBe('on');
    expect(bmc.count.sessions.opened).toBe(1);
  });
});
