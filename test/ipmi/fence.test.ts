/** Order, read, check: what goes over the wire and what comes back, on a calm network. */
import { describe, expect, test } from 'vitest';
import { Secret } from '../../drivers/kit/contract.ts';
import { PAYLOAD, shortRefusal, toHex } from '../../drivers/ipmi/codec/index.ts';
import { bench } from './bench.ts';

const within = { ms: 5000 };

describe('an off, confirmed by two readings', () => {
  test('takes seven round trips cold and three warm', async () => {
    const { clock, driver, bmc, toBmc } = bench();
    const fence = async (): Promise<void> => {
      expect(await clock.wait(driver.order('', 'off', within))).toEqual({ result: 'accepted' });
      expect(await clock.wait(driver.read('', within))).toEqual({ power: 'off', source: 'Get Chassis Status' });
      expect(await clock.wait(driver.read('', within))).toEqual({ power: 'off', source: 'Get Chassis Status' });
    };
    await fence();
    expect(toBmc()).toBe(7);
    await fence();
    expect(toBmc()).toBe(10);
    expect(bmc.controls).toEqual([0, 0]);
    await clock.wait(driver.order('', 'on', within));
    expect(await clock.wait(driver.read('', within))).toMatchObject({ power: 'on' });
    expect(bmc.on).toBe(true);
    await clock.wait(driver.close());
    expect(bmc.closes).toBe(1);
    expect(bmc.sessions.size).toBe(0);
  });

  test.each([3, 8, 12, 17])('works with suite %i', async (suite) => {
    const { clock, driver, bmc, lines } = bench({ bmc: { suites: [suite] }, settings: { cipherSuites: [suite] } });
    expect(await clock.wait(driver.order('', 'off', within))).toEqual({ result: 'accepted' });
    expect(bmc.on).toBe(false);
    expect(lines).toEqual([`bmc-a: logged in with cipher suite ${suite}`]);
  });

  test.each([0, 1, 2, 6, 7, 11, 15, 16])('works with suite %i only with an explicit permission', async (suite) => {
    const allowed = bench({ bmc: { suites: [suite] }, settings: { cipherSuites: [suite], insecure: true } });
    expect(await allowed.clock.wait(allowed.driver.order('', 'off', within))).toEqual({ result: 'accepted' });
    expect(await allowed.clock.wait(allowed.driver.read('', within))).toMatchObject({ power: 'off' });
    const refused = bench({ bmc: { suites: [suite] }, settings: { cipherSuites: [17, suite] } });
    const result = await refused.clock.wait(refused.driver.order('', 'off', within));
    expect(result).toMatchObject({ result: 'rejected', why: { code: 'ipmi-suite-insecure', lasting: true } });
    expect(refused.toBmc()).toBe(0);
  });
});

describe('cipher suites', () => {
  const refusals = {
    'eight bytes': {},
    'two bytes (ipmi_sim)': { refuseSuite: (tag: number) => shortRefusal(tag, 4) },
    'a suite of its own (pyghmi)': { refuseSuite: 'counter-offer' as const },
  };
  test.each(Object.entries(refusals))('17 is refused by %s, and 3 is tried at once', async (_, how) => {
    const { clock, driver, lines, toBmc } = bench({ bmc: { suites: [3], ...how } });
    const before = clock.now();
    expect(await clock.wait(driver.order('', 'off', within))).toEqual({ result: 'accepted' });
    expect(toBmc()).toBe(6);
    expect(clock.now() - before).toBeLessThan(50);
    expect(lines).toEqual(['bmc-a: logged in with cipher suite 3']);
    await clock.advance(25_000);
    await clock.wait(driver.read('', within));
    expect(toBmc()).toBe(6 + 1 + 5);
  });

  test('17 is refused by neither tag nor session (OpenBMC): 3 is tried after a while, and only once', async () => {
    const refuseSuite = () => ({ kind: 'refused' as const, tag: 0, status: 0x10, consoleSessionId: 0, rest: new Uint8Array(6) });
    const { clock, driver, bmc, lines } = bench({ bmc: { suites: [3], refuseSuite } });
    const before = clock.now();
    expect(await clock.wait(driver.order('', 'off', within))).toEqual({ result: 'accepted' });
    expect(clock.now() - before).toBeLessThan(1500);
    expect(lines).toEqual(['bmc-a: logged in with cipher suite 3']);
    const { opens } = bmc;
    await clock.advance(25_000);
    expect(await clock.wait(driver.read('', within))).toMatchObject({ power: 'off' });
    expect(bmc.opens).toBe(opens + 1);
  });

  test('a suite that is ignored silently costs its share of the deadline, and only once', async () => {
    const { clock, driver, bmc, lines } = bench({ bmc: { suites: [3], refuseSuite: 'silent' } });
    const before = clock.now();
    expect(await clock.wait(driver.order('', 'off', within))).toEqual({ result: 'accepted' });
    expect(clock.now() - before).toBeGreaterThan(2000);
    expect(clock.now() - before).toBeLessThan(3500);
    await clock.advance(25_000);
    const again = clock.now();
    await clock.wait(driver.read('', within));
    expect(clock.now() - again).toBeLessThan(50);
    // That silence may have been the network: after ten minutes 17 gets another chance.
    await clock.advance(601_000);
    bmc.set({ suites: [17, 3] });
    await clock.wait(driver.read('', within));
    expect(lines.at(-1)).toBe('bmc-a: logged in with cipher suite 17');
  });

  test('nothing but the configured suites is ever tried', async () => {
    const { clock, driver, bmc } = bench({ bmc: { suites: [3] }, settings: { cipherSuites: [17] } });
    const result = await clock.wait(driver.order('', 'off', within));
    expect(result).toMatchObject({ result: 'rejected', why: { code: 'ipmi-suite-refused', lasting: true } });
    expect(bmc.opens).toBe(1);
    expect(bmc.on).toBe(true);
  });
});

describe('credentials', () => {
  test('a wrong password is rejected as lasting, and is not hammered', async () => {
    let password = 'wrong';
    const { clock, driver, bmc, toBmc } = bench({ settings: { password: new Secret('a test', () => password) } });
    const result = await clock.wait(driver.order('', 'off', within));
    expect(result).toMatchObject({ result: 'rejected', why: { code: 'ipmi-password-wrong', lasting: true } });
    expect(JSON.stringify(result)).toContain('RAKP 2');
    expect(JSON.stringify(result)).not.toContain('Sup3r');
    await clock.advance(10);
    expect(bmc).toMatchObject({ opens: 2, logins: 2, goodbyes: 2, on: true });
    expect(bmc.sessions.size).toBe(0);
    const sent = toBmc();
    expect(await clock.wait(driver.read('', within))).toMatchObject({ power: 'unknown', why: { lasting: true } });
    expect(toBmc()).toBe(sent);
    password = 'Sup3rS3cret!';
    expect(await clock.wait(driver.read('', within))).toMatchObject({ power: 'on' });
  });

  test('after ten seconds a refused password is tried again', async () => {
    const { clock, driver, bmc } = bench({ bmc: { password: 'other' } });
    await clock.wait(driver.read('', within));
    bmc.set({ password: 'Sup3rS3cret!' });
    expect(await clock.wait(driver.read('', within))).toMatchObject({ power: 'unknown' });
    await clock.advance(10_001);
    expect(await clock.wait(driver.read('', within))).toMatchObject({ power: 'on' });
  });

  test.each(['steady', 'fresh'])('one flipped bit in RAKP 2 is no wrong password (%s randoms)', async (randoms) => {
    const { clock, driver, net } = bench({ bmc: { steadyRandoms: randoms === 'steady' } });
    let flipped = 0;
    net.filter = (datagram, way) => {
      if (way === 'to-bmc' || datagram[5] !== PAYLOAD.rakp2 || flipped > 0) return datagram;
      flipped += 1;
      return Uint8Array.from(datagram, (byte, at) => (at === 70 ? byte ^ 1 : byte));
    };
    expect(await clock.wait(driver.read('', within))).toMatchObject({ power: 'on' });
    expect(flipped).toBe(1);
  });

  test('an unknown user, and one with too little privilege', async () => {
    const unknown = bench({ settings: { username: 'nobody' } });
    const result = await unknown.clock.wait(unknown.driver.order('', 'off', within));
    expect(result).toMatchObject({ result: 'rejected', why: { code: 'ipmi-user-refused', lasting: true } });
    const low = bench({ bmc: { codes: new Map([[0x3b, [0x81]]]) } });
    const refused = await low.clock.wait(low.driver.order('', 'off', within));
    expect(refused).toMatchObject({ result: 'rejected', why: { code: 'ipmi-privilege-refused', lasting: true } });
    await low.clock.advance(5);
    expect(low.bmc.closes).toBe(1);
  });

  test('a BMC that says yes and gives less privilege is not taken for one that allows the order', async () => {
    const { clock, driver, bmc } = bench({ bmc: { grants: 2 } });
    const order = await clock.wait(driver.order('', 'off', within));
    expect(order).toMatchObject({ result: 'rejected', why: { code: 'ipmi-privilege-refused', lasting: true } });
    expect(bmc.controls).toEqual([]);
    await clock.advance(5);
    expect(bmc.closes).toBe(1);
    const more = bench({ bmc: { grants: 4 } });
    expect(await more.clock.wait(more.driver.order('', 'off', within))).toEqual({ result: 'accepted' });
  });

  const KG = Uint8Array.from({ length: 20 }, (_, index) => 200 + index);
  test('Kg as hex, and what is said when it is missing or wrong', async () => {
    const right = bench({ bmc: { kg: KG }, settings: { kg: Secret.fixed(`0x${toHex(KG)}`) } });
    expect(await right.clock.wait(right.driver.order('', 'off', within))).toEqual({ result: 'accepted' });
    for (const settings of [{}, { kg: Secret.fixed('another key') }]) {
      const { clock, driver } = bench({ bmc: { kg: KG }, settings });
      const result = await clock.wait(driver.order('', 'off', within));
      expect(result).toMatchObject({ result: 'rejected', why: { code: 'ipmi-kg-wrong', lasting: true } });
    }
    for (const kg of ['0x12345', '0x', '', '0xzz', `0x${'00'.repeat(21)}`, 'x'.repeat(21)]) {
      const malformed = bench({ settings: { kg: Secret.fixed(kg) } });
      expect(await malformed.clock.wait(malformed.driver.read('', within))).toMatchObject({ why: { code: 'ipmi-kg-malformed' } });
      expect(malformed.toBmc()).toBe(0);
    }
  });

  test('twenty bytes are a password, twenty-one are refused and not cut', async () => {
    const twenty = 'x'.repeat(20);
    const fits = bench({ bmc: { password: twenty }, settings: { password: Secret.fixed(twenty) } });
    expect(await fits.clock.wait(fits.driver.read('', within))).toMatchObject({ power: 'on' });
    const long = bench({ bmc: { password: twenty }, settings: { password: Secret.fixed(`${twenty}x`) } });
    expect(await long.clock.wait(long.driver.order('', 'off', within))).toMatchObject({
      result: 'rejected',
      why: { code: 'ipmi-password-too-long' },
    });
    expect(long.toBmc()).toBe(0);
    const gone = new Secret('/etc/bailiff/bmc', () => {
      throw new Error('ENOENT');
    });
    const unreadable = bench({ settings: { password: gone } });
    expect(await unreadable.clock.wait(unreadable.driver.read('', within))).toMatchObject({
      power: 'unknown',
      why: { code: 'ipmi-secret-unreadable' },
    });
  });
});

describe('completion codes of Chassis Control', () => {
  const cases: readonly (readonly [number[], string, string | undefined, boolean])[] = [
    [[0xd5], 'rejected', 'ipmi-illegal-in-this-state', false],
    [[0xd4], 'rejected', 'ipmi-privilege-too-low', true],
    [[0xc1], 'rejected', 'ipmi-command-unknown', true],
    [[0xff], 'rejected', 'ipmi-unspecified', false],
    [[0xc0, 0xc3, 0xd3], 'accepted', undefined, false],
    [[0xcf], 'accepted', undefined, false],
  ];
  test.each(cases)('%j: %s', async (codes, result, code, lasting) => {
    const { clock, driver } = bench({ bmc: { codes: new Map([[2, codes]]) } });
    const order = await clock.wait(driver.order('', 'off', within));
    expect(order.result).toBe(result);
    if (order.result === 'accepted') return;
    expect(order.why.code).toBe(code);
    expect(order.why.lasting === true).toBe(lasting);
  });

  test('a BMC that stays busy is unknown at the deadline, and was asked with growing pauses', async () => {
    const { clock, driver, bmc } = bench({ bmc: { codes: new Map([[2, Array.from({ length: 100 }, () => 0xc0)]]) } });
    const order = await clock.wait(driver.order('', 'off', within));
    expect(order).toMatchObject({ result: 'unknown', why: { code: 'ipmi-busy' } });
    expect(bmc.requests.filter(({ cmd }) => cmd === 2).length).toBeLessThan(7);
  });
});

test('check says what it found, and changes nothing', async () => {
  const { clock, driver, bmc } = bench();
  const health = await clock.wait(driver.check(within));
  expect(health.ok).toBe(true);
  expect(health.found.join('\n')).toMatch(/cipher suite 17[\s\S]*may switch the power[\s\S]*power is on[\s\S]*system GUID 00112233/);
  expect(bmc.controls).toEqual([]);
  expect(health.found.join('\n')).not.toMatch(/cipherSuites/);
  const older = bench({ bmc: { suites: [3] } });
  const advised = await older.clock.wait(older.driver.check(within));
  expect(advised.found).toContain('it did not take cipher suite 17: cipherSuites: [3] saves asking for it at every start');
  const silent = bench({ bmc: { suites: [3], refuseSuite: 'silent' } });
  expect((await silent.clock.wait(silent.driver.check(within))).found.join('\n')).not.toMatch(/cipherSuites/);
  const reader = bench({ settings: { privilege: 'user' } });
  expect(await reader.clock.wait(reader.driver.check(within))).toMatchObject({ ok: false, problem: { code: 'ipmi-privilege-too-low' } });
});

test('a plug is rejected and read unknown without a word to the BMC', async () => {
  const { clock, driver, toBmc } = bench();
  expect(await clock.wait(driver.order('1', 'off', within))).toMatchObject({ result: 'rejected', why: { lasting: true } });
  expect(await clock.wait(driver.read('1', within))).toMatchObject({ power: 'unknown' });
  expect(toBmc()).toBe(0);
});

test('closing is repeated until the BMC has heard it', async () => {
  const { clock, driver, bmc, net } = bench();
  await clock.wait(driver.read('', within));
  let lost = 0;
  net.filter = (datagram, way) => {
    if (way === 'to-bmc' && lost < 2) {
      lost += 1;
      return undefined;
    }
    return datagram;
  };
  await clock.wait(driver.close());
  expect(lost).toBe(2);
  expect(bmc.sessions.size).toBe(0);
});

describe('quirks', () => {
  test.each([
    ['nochecksumcheck', { badChecksums: true }],
    ['opensesspriv', { hashed: (exchange: never, openPrivilege: number) => Object.assign({}, exchange, { role: openPrivilege }) }],
    ['intelplus', { hashed: (exchange: { role: number }) => Object.assign({}, exchange, { role: exchange.role & 0x0f }) }],
    ['paddedusername', { wantsPaddedUser: true }],
  ] as const)('%s', async (quirk, options) => {
    const tiny = options as Parameters<typeof bench>[0] extends { bmc?: infer B } | undefined ? B : never;
    const without = bench({ bmc: tiny });
    expect((await without.clock.wait(without.driver.read('', within))).power).toBe('unknown');
    const named = bench({ bmc: tiny, settings: { quirks: [quirk] } });
    expect((await named.clock.wait(named.driver.read('', within))).power).toBe('on');
  });

  test('an unknown quirk is an error of the configuration', () => {
    expect(() => bench({ settings: { quirks: ['moonphase'] } })).toThrow(/quirks\[0\] must be one of/);
  });
});
