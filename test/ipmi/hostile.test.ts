/** Silence, lost sessions, replays, impostors, deadlines and aborts, in virtual time. */
import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PAYLOAD, refusal, toHex } from '../../drivers/ipmi/codec/index.ts';
import { bench } from './bench.ts';
import { seeded } from './virtual.ts';

const within = { ms: 5000 };
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 3000);

describe('silence', () => {
  test('is unknown exactly at the deadline, cold and warm, and leaves nothing after close', async () => {
    const { clock, driver, net } = bench();
    const mute = (): void => {
      net.filter = (datagram, way) => (way === 'to-bmc' ? datagram : undefined);
    };
    mute();
    const before = clock.now();
    expect(await clock.wait(driver.read('', { ms: 400 }))).toMatchObject({ power: 'unknown', why: { code: 'ipmi-no-answer' } });
    expect(clock.now() - before).toBe(400);
    net.filter = (datagram) => datagram;
    expect(await clock.wait(driver.read('', within))).toMatchObject({ power: 'on' });
    mute();
    const order = clock.now();
    expect(await clock.wait(driver.order('', 'off', { ms: 700 }))).toMatchObject({ result: 'unknown', why: { code: 'ipmi-no-answer' } });
    expect(clock.now() - order).toBe(700);
    const closing = clock.now();
    await clock.wait(driver.close());
    expect(clock.now() - closing).toBeLessThanOrEqual(250);
    expect(net.openWires).toBe(0);
    await clock.advance(1000);
    expect(clock.pending).toBe(0);
  });

  test('no time left sends nothing', async () => {
    const { clock, driver, toBmc } = bench();
    expect(await clock.wait(driver.order('', 'off', { ms: 0 }))).toMatchObject({ result: 'unknown' });
    expect(toBmc()).toBe(0);
  });

  test('nothing listens: said soon, but not at the first word of it', async () => {
    const { clock, driver, net } = bench();
    net.filter = (_, way) => {
      if (way === 'to-bmc') clock.after(1, () => net.refuse());
      return undefined;
    };
    const before = clock.now();
    expect(await clock.wait(driver.read('', { ms: 20_000 }))).toMatchObject({ power: 'unknown', why: { code: 'ipmi-unreachable' } });
    expect(clock.now() - before).toBeGreaterThan(1400);
    expect(clock.now() - before).toBeLessThan(3000);
    net.filter = (datagram) => datagram;
    expect(await clock.wait(driver.read('', within))).toMatchObject({ power: 'on' });
  });

  test('no route is said at once', async () => {
    const { clock, driver, net } = bench();
    const reading = driver.read('', within);
    clock.after(5, () => net.fail('ENETUNREACH'));
    expect(await clock.wait(reading)).toMatchObject({ why: { code: 'ipmi-cannot-send' } });
  });
});

describe('aborts', () => {
  test('settle at once, in the queue too, and an order aborted beforehand is never sent', async () => {
    const { clock, driver, bmc } = bench();
    const abort = new AbortController();
    const calls = [
      driver.read('', { ...within, signal: abort.signal }),
      driver.order('', 'off', { ...within, signal: abort.signal }),
      driver.check({ ...within, signal: abort.signal }),
    ] as const;
    abort.abort();
    const before = clock.now();
    const [reading, order, health] = await clock.wait(Promise.all(calls));
    expect(clock.now()).toBe(before);
    expect([reading.power, order.result, health.ok]).toEqual(['unknown', 'unknown', false]);
    await clock.wait(driver.order('', 'off', { ...within, signal: AbortSignal.abort() }));
    expect(await clock.wait(driver.read('', within))).toMatchObject({ power: 'on' });
    expect(bmc.controls).toEqual([]);
  });

  test('leave no listener on the signal, however the call ended', async () => {
    const { clock, driver, net } = bench();
    const { signal } = new AbortController();
    expect((await clock.wait(driver.read('', { ...within, signal }))).power).toBe('on');
    net.filter = () => undefined;
    const calls = [driver.read('', { ms: 500, signal }), driver.order('', 'off', { ms: 700, signal })] as const;
    const [reading, order] = await clock.wait(Promise.all(calls));
    expect([reading.power, order.result, getEventListeners(signal, 'abort').length]).toEqual(['unknown', 'unknown', 0]);
  });

  test('calls in flight settle as unknown when the driver is closed, and close is idempotent', async () => {
    const { clock, driver, net } = bench();
    const reading = driver.read('', within);
    const both = Promise.all([driver.close(), driver.close()]);
    expect((await clock.wait(reading)).power).toBe('unknown');
    await clock.wait(both);
    expect((await clock.wait(driver.read('', within))).power).toBe('unknown');
    expect(net.openWires).toBe(0);
  });
});

test('an order that may have arrived is unknown, not rejected, although the login that followed was refused for good', async () => {
  const { clock, driver, bmc, net } = bench();
  expect(await clock.wait(driver.read('', within))).toMatchObject({ power: 'on' });
  net.filter = (datagram, way) => {
    if (way === 'to-bmc' || bmc.controls.length === 0) return datagram;
    // The answer is lost, and the BMC comes back with another password.
    if (bmc.sessions.size > 0 && bmc.options.password !== 'another') {
      bmc.set({ password: 'another' });
      bmc.reboot();
      return undefined;
    }
    return datagram;
  };
  const order = await clock.wait(driver.order('', 'off', within));
  expect(order).toMatchObject({ result: 'unknown', why: { code: 'ipmi-password-wrong', lasting: true } });
  expect([bmc.controls, bmc.on]).toEqual([[0], false]);
});

describe('sessions', () => {
  test('one request at a time, answered in order, one session for all', async () => {
    const { clock, driver, bmc } = bench();
    const readings = await clock.wait(Promise.all(Array.from({ length: 10 }, () => driver.read('', within))));
    expect(readings.every(({ power }) => power === 'on')).toBe(true);
    expect(bmc.opens).toBe(1);
  });

  test('a queue of calls has an end: what does not fit is unknown at once, and the others are answered', async () => {
    const { clock, driver } = bench();
    const calls = Array.from({ length: 70 }, () => driver.read('', within));
    const readings = await clock.wait(Promise.all(calls));
    const refused = readings.filter(({ power }) => power === 'unknown');
    expect(refused.length).toBe(5);
    expect(refused[0]).toMatchObject({ why: { code: 'ipmi-abandoned' } });
    expect(readings.filter(({ power }) => power === 'on').length).toBe(65);
  });

  test('lost in a reboot of the BMC: logs in again', async () => {
    const { clock, driver, bmc } = bench();
    await clock.wait(driver.read('', within));
    bmc.reboot();
    expect(await clock.wait(driver.order('', 'off', within))).toEqual({ result: 'accepted' });
    expect(bmc.opens).toBe(2);
  });

  test('given back after twenty idle seconds', async () => {
    const { clock, driver, bmc, net } = bench();
    await clock.wait(driver.read('', within));
    await clock.advance(19_000);
    expect(bmc.closes).toBe(0);
    await clock.advance(2000);
    expect(bmc.closes).toBe(1);
    expect(net.openWires).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('no free session: waits, and goes on when there is one', async () => {
    const { clock, driver, bmc } = bench({ bmc: { slots: 0 } });
    clock.after(1500, () => bmc.set({ slots: 4 }));
    expect(await clock.wait(driver.order('', 'off', within))).toEqual({ result: 'accepted' });
    bmc.reboot();
    bmc.set({ slots: 0 });
    const opens = bmc.opens;
    const reading = await clock.wait(driver.read('', { ms: 8000 }));
    expect(reading).toMatchObject({ power: 'unknown', why: { code: 'ipmi-no-session-slot' } });
    expect(reading.why?.lasting).toBeUndefined();
    expect(bmc.opens - opens).toBeLessThan(16);
  });

  test('a BMC that forgets half a login: starts again from Open Session', async () => {
    const { clock, driver, bmc, net } = bench({ bmc: { refuseLogin: (_tag, status) => refusal(0, status, 0) } });
    let forgotten = 0;
    net.filter = (datagram, way) => {
      if (way === 'to-bmc' && datagram[5] === PAYLOAD.rakp3 && forgotten === 0) {
        forgotten += 1;
        bmc.reboot();
      }
      return datagram;
    };
    expect(await clock.wait(driver.read('', within))).toMatchObject({ power: 'on' });
    expect(bmc.opens).toBe(2);
  });

  test('an on after an off whose copies may still be under way starts a new session', async () => {
    const { clock, driver, bmc, net } = bench();
    await clock.wait(driver.read('', within));
    net.filter = (datagram, way) => (way === 'to-bmc' ? datagram : undefined);
    await clock.wait(driver.order('', 'off', { ms: 300 }));
    net.filter = (datagram) => datagram;
    const copies = net.sent.filter(({ way }) => way === 'to-bmc').slice(-3);
    expect(await clock.wait(driver.order('', 'on', within))).toEqual({ result: 'accepted' });
    expect(bmc.opens).toBe(2);
    for (const { datagram } of copies) bmc.receive(datagram, () => undefined);
    expect(bmc.on).toBe(true);
  });
});

describe('answers that are none', () => {
  test('a late answer to an earlier reading is not taken for this one', async () => {
    const { clock, driver, bmc, net } = bench();
    await clock.wait(driver.read('', within));
    bmc.on = false;
    const kept: Uint8Array[] = [];
    net.filter = (datagram, way) => {
      if (way === 'to-bmc') return datagram;
      kept.push(datagram);
      return undefined;
    };
    expect((await clock.wait(driver.read('', { ms: 300 }))).power).toBe('unknown');
    bmc.on = true;
    net.filter = (datagram) => datagram;
    const reading = driver.read('', within);
    for (const late of kept) net.inject(late);
    expect((await clock.wait(reading)).power).toBe('on');
  });

  test('replayed answers, answers of another session and plain ones are not taken', async () => {
    const { clock, driver, bmc, net } = bench();
    bmc.on = false;
    await clock.wait(driver.read('', within));
    const old = net.sent.filter(({ way }) => way === 'to-console').map(({ datagram }) => datagram);
    const other = bench({ seed: 2 });
    other.bmc.on = false;
    await other.clock.wait(other.driver.read('', within));
    const foreign = other.net.sent.filter(({ way }) => way === 'to-console').map(({ datagram }) => datagram);
    bmc.on = true;
    for (let round = 0; round < 70; round += 1) {
      const reading = driver.read('', within);
      for (const datagram of [...old, ...foreign]) net.inject(datagram);
      expect((await clock.wait(reading)).power).toBe('on');
    }
  });

  test('a BMC that answers repeated RAKP 1 with new randoms, on a network that doubles and reorders', async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const { clock, driver, net, bmc } = bench({ seed, bmc: { steadyRandoms: false } });
      net.weather = { loss: 0.2, duplicate: 0.3, delayMs: 1, jitterMs: 20 };
      expect(await clock.wait(driver.order('', 'off', { ms: 20_000 })), `seed ${seed}`).toEqual({ result: 'accepted' });
      expect(bmc.on).toBe(false);
    }
  });

  test('noise and damaged packets neither throw nor answer anything', async () => {
    const rounds = Math.max(20, Math.floor(numRuns / 100));
    const arbitrary = fc.tuple(fc.nat(), fc.array(fc.uint8Array({ maxLength: 120 }), { minLength: 20, maxLength: 60 }));
    await fc.assert(
      fc.asyncProperty(arbitrary, async ([seed, noise]) => {
        const { clock, driver, net, bmc } = bench({ seed });
        const random = seeded(seed);
        bmc.on = true;
        net.filter = (datagram, way) => {
          if (way === 'to-bmc') return datagram;
          const damaged = Uint8Array.from(datagram);
          const at = Math.floor(random() * damaged.length);
          damaged[at] = (damaged[at] ?? 0) ^ (1 << Math.floor(random() * 8));
          if (at < 3) return undefined;
          return random() < 0.5 ? damaged : damaged.slice(0, at);
        };
        const reading = driver.read('', { ms: 2000 });
        for (const bytes of noise) {
          net.inject(bytes);
          net.inject(Uint8Array.of(6, 0, 0xff, 7, 6, ...bytes));
        }
        const { power, why } = await clock.wait(reading);
        if (power === 'off') throw new Error('the power is on');
        await clock.wait(driver.close());
        return power === 'on' || (why !== undefined && why.says.length > 0);
      }),
      { numRuns: rounds },
    );
  }, 3_600_000);
});

test('no line and no problem tells the password, in any spelling', async () => {
  const { clock, driver, lines } = bench({ bmc: { password: 'something else' } });
  const said = JSON.stringify([await clock.wait(driver.read('', within)), await clock.wait(driver.check(within)), lines]);
  const secret = new TextEncoder().encode('Sup3rS3cret!');
  for (const spelling of ['Sup3rS3cret!', toHex(secret), Buffer.from(secret).toString('base64')]) expect(said).not.toContain(spelling);
});
