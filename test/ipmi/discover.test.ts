/** What `bailiff discover` learns of a BMC: without a login, and with one where user and password are given. */
import { afterEach, describe, expect, it } from 'vitest';
import { type DriverTools, type Discovered, type Problem, Secret, type Deadline } from '../../drivers/kit/contract.ts';
import { decodeLan15, decodeRequest, encodeResponse, encodeSessionless15 } from '../../drivers/ipmi/codec/index.ts';
import { discover } from '../../drivers/ipmi/discover.ts';
import { driver } from '../../drivers/ipmi/driver.ts';
import type { OpenWire } from '../../drivers/ipmi/transport.ts';
import { type BmcOptions, Machine, MockBmc, realClock } from '../../hardware-mocks/index.ts';
import { seeded, seededBytes, VirtualClock } from './virtual.ts';

const clock = realClock();
const tools: DriverTools = {
  now: () => clock.now(),
  after: (ms, run) => clock.after(ms, run),
  random: () => 0.5,
  bytes: seededBytes(seeded(1)),
  debug: () => undefined,
};
const PASSWORD = 'open-sesame';
const USER = { username: 'fencer', password: Secret.fixed(PASSWORD, 'file secrets/bmc') };
const mocks: MockBmc[] = [];
afterEach(async () => void (await Promise.all(mocks.splice(0).map((mock) => mock.stop()))));

async function start(options: Partial<BmcOptions> = {}): Promise<MockBmc> {
  const machine = new Machine({ name: 'db1', clock });
  const mock = await MockBmc.start({ machine, clock, users: [{ name: 'fencer', password: PASSWORD }], ...options });
  mocks.push(mock);
  return mock;
}

async function ask(
  mock: MockBmc,
  given: Readonly<Record<string, unknown>> = {},
  within: Deadline = { ms: 10_000 },
): Promise<Discovered | Problem> {
  return (await driver.discover?.('127.0.0.1', { port: mock.port, ...given }, tools, within)) ?? { code: 'none', says: '', next: '' };
}

async function found(mock: MockBmc, given: Readonly<Record<string, unknown>> = {}): Promise<Discovered> {
  const result = await ask(mock, given);
  if ('code' in result) throw new Error(result.says);
  expect(JSON.stringify(result)).not.toContain(PASSWORD);
  return result;
}

describe('without a login', () => {
  it('tells a sound BMC, asks it three things each time, and opens no session', async () => {
    const mock = await start();
    expect(await found(mock)).toEqual({
      found: ['a BMC with IPMI 2.0', 'cipher suites offered: 17, 3, 8'],
      warnings: [],
      configuration: { port: mock.port },
    });
    expect(await found(mock, { username: 'fencer' })).toMatchObject({ configuration: { port: mock.port, username: 'fencer' } });
    expect(mock.count.sessions.opened).toBe(0);
    expect(mock.count.heard).toBe(6);
  });

  it('names the suites to use where 17 is not offered, and warns of what protects nothing', async () => {
    const mock = await start({
      cipherSuites: [0, 2, 3],
      insecureSuites: true,
      users: [{ name: '', password: '' }],
      kg: new TextEncoder().encode('k'),
      advertised: { authTypes: 0x11, extended: 0x03 },
    });
    const { found: lines, warnings, configuration } = await found(mock);
    expect(configuration).toEqual({ port: mock.port, cipherSuites: [3] });
    expect(lines.join('\n')).toMatch(/offered: 0, 2, 3; not 17[\s\S]*Kg.*is set/);
    for (const danger of [
      /cipher suite 0, which checks no password/,
      /not encrypt.*\(2\)/,
      /without a name/,
      /1\.5 .*any auth/,
      /in the clear/,
    ])
      expect(warnings.filter((warning) => danger.test(warning))).toHaveLength(1);
  });

  it.each([
    ['does not list its suites', { suiteRecords: 'none' }, /does not list its cipher suites/],
    ['lists them in short records', { suiteRecords: 'short' }, /offered: 17, 3, 8$/m],
    ['says nothing of IPMI 2.0 and speaks it', { advertised: { authTypes: 0, extended: 0 } }, /a BMC with IPMI 2\.0/],
  ] satisfies [string, Partial<BmcOptions>, RegExp][])('a BMC that %s', async (_what, options, says) => {
    const { found: lines, configuration } = await found(await start(options));
    expect(lines.join('\n')).toMatch(says);
    expect(configuration).not.toHaveProperty('cipherSuites');
  });

  it('says where the network refuses, where nothing answers, and gives up at once when told to', async () => {
    const mock = await start();
    const { port } = mock;
    await mock.stop();
    expect(await driver.discover?.('127.0.0.1', { port }, tools, { ms: 10_000 })).toMatchObject({ code: 'ipmi-unreachable' });
    const mute = await start({ faults: { seed: 1, faults: [{ kind: 'mute' }] } });
    expect(await ask(mute, {}, { ms: 100 })).toMatchObject({ code: 'ipmi-no-answer', next: expect.stringContaining('IPMI over LAN') });
    expect(await ask(mute, {}, { ms: 60_000, signal: AbortSignal.abort() })).toMatchObject({ code: 'ipmi-abandoned' });
    const giveUp = new AbortController();
    const asked = ask(mute, {}, { ms: 60_000, signal: giveUp.signal });
    giveUp.abort();
    expect(await asked).toMatchObject({ code: 'ipmi-abandoned' });
  });

  it.each(['garbage', 'truncate', 'oversized'] as const)('%s is no answer', async (kind) => {
    const mock = await start({ faults: { seed: 7, faults: [{ kind, probability: 1 }] } });
    expect(await ask(mock, USER, { ms: 300 })).toMatchObject({ code: 'ipmi-no-answer' });
    expect(mock.count.sessions.opened).toBe(0);
  });
});

describe('with user and password', () => {
  it('logs in once and tells what the check finds', async () => {
    const mock = await start({ cipherSuites: [3, 0], insecureSuites: true });
    const { found: lines, warnings, configuration } = await found(mock, USER);
    expect(lines.join('\n')).toMatch(/logged in with cipher suite 3[\s\S]*may switch the power[\s\S]*power is on[\s\S]*manufacturer/);
    expect(warnings).toHaveLength(1);
    expect(configuration).toEqual({ port: mock.port, ...USER, cipherSuites: [3] });
    expect(mock.count.sessions).toMatchObject({ opened: 1, activated: 1, closed: 1 });
  });

  it('says why a login failed, and tries it once', async () => {
    const mock = await start();
    const { found: lines, warnings } = await found(mock, { ...USER, password: Secret.fixed('wrong') });
    expect(lines.join('\n')).not.toContain('logged in');
    expect(warnings).toEqual([expect.stringMatching(/RAKP 2: .*password/)]);
  });
});

/** A BMC that answers in the wrapper of 1.5 only, on a clock that moves when told. */
const onlyOld =
  (sent: Uint8Array[], answers: boolean): OpenWire =>
  (_host, _port, events) => ({
    send: (datagram) => {
      sent.push(datagram);
      const packet = decodeLan15(datagram);
      const request = packet.ok && answers ? decodeRequest(packet.value.message) : undefined;
      if (request?.ok !== true) return;
      const { netFn, cmd, rqSeq } = request.value;
      const message = encodeResponse({ netFn: netFn | 1, cmd, rqSeq, completionCode: 0, data: Uint8Array.of(1, 0x17, 4, 0, 0, 0, 0, 0) });
      queueMicrotask(() => events.datagram(encodeSessionless15(message)));
    },
    close: () => undefined,
  });

describe('on a virtual clock', () => {
  const asked = async (
    answers: boolean,
  ): Promise<{ readonly result: Discovered | Problem; readonly sent: number; readonly pending: number }> => {
    const time = new VirtualClock();
    const sent: Uint8Array[] = [];
    const virtual = { ...tools, now: () => time.now(), after: (ms: number, run: () => void) => time.after(ms, run) };
    const never = (): never => {
      throw new Error('no login is to be tried');
    };
    const result = await time.wait(discover('192.0.2.1', {}, virtual, { ms: 60_000 }, never, onlyOld(sent, answers)));
    return { result, sent: sent.length, pending: time.pending };
  };

  it('a BMC of IPMI 1.5 is told apart', async () => {
    expect((await asked(true)).result).toMatchObject({ code: 'ipmi-too-old', says: expect.stringContaining('1.5 only') });
  });

  it('a silent address gets six datagrams, and no timer is left', async () => {
    const { result, sent, pending } = await asked(false);
    expect(result).toMatchObject({ code: 'ipmi-no-answer' });
    expect([sent, pending]).toEqual([6, 0]);
  });
});
