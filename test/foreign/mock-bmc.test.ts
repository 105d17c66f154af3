/**
 * Other people's tools drive our mock BMC over real UDP, with their retries off where they allow it: what we simulate is what they expect
 * of a BMC, and each claim of theirs is held against the lamp.
 */
import { spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Machine, MockBmc, type BmcOptions, type MachineOptions, realClock, UdpProxy } from '../../hardware-mocks/index.ts';
import { describeWithStrangers } from './strangers.ts';

const USERS = [
  { name: 'fencer', password: 'fencer-pw', privilege: 'operator' },
  { name: 'admin', password: 'twenty bytes of pass', privilege: 'administrator' },
  { name: 'reader', password: 'reader-pw', privilege: 'user' },
] as const;

let bmc: MockBmc | undefined;
let machine: Machine;

async function simulate(options: Omit<BmcOptions, 'machine'> = {}, machineOptions: Partial<MachineOptions> = {}): Promise<MockBmc> {
  await bmc?.stop();
  const clock = realClock();
  machine = new Machine({ name: 'db1', clock, ...machineOptions });
  bmc = await MockBmc.start({ machine, clock, users: USERS, ...options });
  return bmc;
}

beforeEach(async () => {
  await simulate();
});

afterEach(async () => {
  await bmc?.stop();
  bmc = undefined;
});

interface Ended {
  readonly exit: number | null;
  readonly out: string;
}

/** Runs a stranger to its end, at most 60 s; standard output and error together. */
function run(path: string, parameters: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, parameters, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        out = (out + chunk.toString()).slice(-20_000);
      });
    }
    child.on('error', reject);
    child.on('close', (exit) => resolve({ exit, out }));
  });
}

const port = (): string => String(bmc?.port ?? 0);
/** Nothing is left behind when the tool has closed its session. */
const leftBehind = (): readonly number[] => [bmc?.sessions ?? -1, bmc?.count.sessions.leaked ?? -1];

describeWithStrangers(['ipmitool'], 'ipmitool', (path) => {
  const ipmitool = (login: readonly string[], ...words: readonly string[]): Promise<Ended> =>
    run(path('ipmitool'), ['-I', 'lanplus', '-H', '127.0.0.1', '-p', port(), '-R', '1', '-N', '3', ...login, ...words]);
  const as = (user: string, password: string, role = 'OPERATOR', suite = '17'): readonly string[] => [
    '-U',
    user,
    '-P',
    password,
    '-L',
    role,
    '-C',
    suite,
  ];
  const fencer = (suite = '17'): readonly string[] => as('fencer', 'fencer-pw', 'OPERATOR', suite);

  it.each(['3', '8', '17'])('reads, cuts and restores the power with suite %s', async (suite) => {
    expect((await ipmitool(fencer(suite), 'chassis', 'power', 'status')).out).toMatch(/Chassis Power is on/);
    expect(await ipmitool(fencer(suite), 'chassis', 'power', 'off')).toMatchObject({ exit: 0, out: expect.stringMatching(/Down\/Off/) });
    expect(machine.lamp).toBe(false);
    expect((await ipmitool(fencer(suite), 'chassis', 'power', 'status')).out).toMatch(/Chassis Power is off/);
    expect(await ipmitool(fencer(suite), 'chassis', 'power', 'on')).toMatchObject({ exit: 0 });
    expect([machine.lamp, machine.carriedOut.off, machine.carriedOut.on]).toEqual([true, 1, 1]);
    expect(leftBehind()).toEqual([0, 0]);
  });

  it('finds suite 17 by itself', async () => {
    const { out } = await ipmitool(['-U', 'fencer', '-P', 'fencer-pw', '-L', 'OPERATOR', '-v'], 'chassis', 'power', 'status');
    expect(out).toMatch(/Using best available cipher suite 17/);
  });

  it('cycles with a dark window, and is refused a cycle of what is off', async () => {
    await simulate({}, { cycleOffMs: 300 });
    expect(await ipmitool(fencer(), 'chassis', 'power', 'cycle')).toMatchObject({ exit: 0 });
    expect(machine.lampLog.map(({ on }) => on).slice(0, 2)).toEqual([true, false]);
    await ipmitool(fencer(), 'chassis', 'power', 'off');
    expect(await ipmitool(fencer(), 'chassis', 'power', 'cycle')).toMatchObject({
      exit: 1,
      out: expect.stringMatching(/not supported in present state/),
    });
    expect(machine.lamp).toBe(false);
  });

  it('identifies, asks who it is, and sets the restore policy', async () => {
    expect((await ipmitool(fencer(), 'chassis', 'identify', '7')).out).toMatch(/7 seconds/);
    expect((await ipmitool(fencer(), 'mc', 'info')).out).toMatch(/IPMI Version +: 2\.0/);
    expect((await ipmitool(fencer(), 'mc', 'guid')).exit).toBe(0);
    expect((await ipmitool(fencer(), 'session', 'info', 'active')).out).toMatch(/privilege level +: OPERATOR/);
    expect(await ipmitool(fencer(), 'chassis', 'policy', 'always-on')).toMatchObject({ exit: 0 });
    expect(machine.restore).toBe('always-on');
    expect((await ipmitool(fencer(), 'chassis', 'status')).out).toMatch(/Power Restore Policy +: always-on/);
  });

  it('resets, shuts down softly, and is refused what the board or its state does not allow', async () => {
    await simulate({}, { softOffMs: 50 });
    expect(await ipmitool(fencer(), 'chassis', 'power', 'reset')).toMatchObject({ exit: 0 });
    expect([machine.lamp, machine.carriedOut.reset]).toEqual([true, 1]);
    expect(await ipmitool(fencer(), 'chassis', 'power', 'diag')).toMatchObject({
      exit: 1,
      out: expect.stringMatching(/Invalid data field/),
    });
    expect(await ipmitool(fencer(), 'chassis', 'power', 'soft')).toMatchObject({ exit: 0 });
    await expect.poll(() => machine.lamp, { timeout: 10_000 }).toBe(false);
    for (const action of ['reset', 'soft']) {
      const { exit, out } = await ipmitool(fencer(), 'chassis', 'power', action);
      expect([exit, out]).toEqual([1, expect.stringMatching(/not supported in present state/)]);
    }
    expect([machine.carriedOut.reset, machine.carriedOut.soft, ...leftBehind()]).toEqual([1, 1, 0, 0]);
  });

  it.each([
    ['sdr', 'list'],
    ['sel', 'list'],
    ['user', 'list', '1'],
    ['sol', 'activate'],
    ['mc', 'watchdog', 'get'],
    ['lan', 'print', '1'],
  ])('is told at once that there is no %s, and closes its session', async (...words) => {
    expect(await ipmitool(fencer(), ...words)).toMatchObject({ exit: 1, out: expect.stringMatching(/Invalid command/) });
    expect(leftBehind()).toEqual([0, 0]);
  });

  it('gets no session of IPMI 1.5', async () => {
    const words = ['-I', 'lan', '-H', '127.0.0.1', '-p', port(), '-R', '1', '-N', '1', '-U', 'fencer', '-P', 'fencer-pw', '-L', 'OPERATOR'];
    const { exit, out } = await run(path('ipmitool'), [...words, 'chassis', 'power', 'off']);
    expect([exit, out]).toEqual([1, expect.stringMatching(/not supported[\s\S]*Unable to establish IPMI v1\.5/)]);
    expect([machine.lamp, bmc?.count.sessions.opened]).toEqual([true, 0]);
  });

  it('waits for nobody: two at once have a session each, and who comes when all are taken is told so', async () => {
    const both = await Promise.all([1, 2].map(async () => await ipmitool(fencer(), 'chassis', 'power', 'status')));
    expect(both.map(({ out }) => out)).toEqual([expect.stringMatching(/is on/), expect.stringMatching(/is on/)]);
    bmc?.faults.apply({ seed: 1, faults: [{ kind: 'sessions-exhausted' }] });
    expect((await ipmitool(fencer(), 'chassis', 'power', 'off')).out).toMatch(/insufficient resources for session/);
    expect([machine.lamp, machine.carriedOut.off]).toEqual([true, 0]);
  });

  it('may use all of 20 bytes of password, and all of Kg', async () => {
    expect((await ipmitool(as('admin', 'twenty bytes of pass', 'ADMINISTRATOR'), 'chassis', 'power', 'status')).out).toMatch(/is on/);
    await simulate({ kg: new TextEncoder().encode('a Kg of twenty bytes') });
    expect((await ipmitool([...fencer(), '-k', 'a Kg of twenty bytes'], 'chassis', 'power', 'off')).exit).toBe(0);
    expect(machine.lamp).toBe(false);
    expect((await ipmitool(fencer(), 'chassis', 'power', 'on')).exit).toBe(1);
    expect(machine.lamp).toBe(false);
  });

  it.each([
    ['a wrong password', as('fencer', 'wrong'), /Unable to establish/],
    ['an unknown user', as('nobody', 'fencer-pw'), /Unable to establish/],
    ['a role above the user', as('reader', 'reader-pw', 'OPERATOR'), /Unable to establish/],
    ['a user who may only look', as('reader', 'reader-pw', 'USER'), /Insufficient privilege/],
    ['a suite that is not offered', fencer('0'), /Unable to establish|Error/],
  ])('does not get past %s', async (_, login, says) => {
    const { exit, out } = await ipmitool(login, 'chassis', 'power', 'off');
    expect([exit, machine.lamp, machine.carriedOut.off]).toEqual([1, true, 0]);
    expect(out).toMatch(says);
  });

  it('is believed when it says off, although the lamp is lit: a lie is a lie', async () => {
    bmc?.faults.apply({ seed: 1, faults: [{ kind: 'lie', says: 'off' }, { kind: 'ignore-orders' }] });
    expect(await ipmitool(fencer(), 'chassis', 'power', 'off')).toMatchObject({ exit: 0 });
    expect((await ipmitool(fencer(), 'chassis', 'power', 'status')).out).toMatch(/is off/);
    expect(machine.lamp).toBe(true);
  });

  it('gets through a lossy proxy only as far as its answers say', async () => {
    const proxy = await UdpProxy.open({ to: { port: bmc?.port ?? 0 } });
    try {
      const words = ['-I', 'lanplus', '-H', '127.0.0.1', '-p', String(proxy.port), ...fencer(), 'chassis', 'power', 'off'];
      expect((await run(path('ipmitool'), ['-R', '1', '-N', '3', ...words])).exit).toBe(0);
      expect(proxy.count.roundTrips).toBe(bmc?.count.sent);
      expect(proxy.count.toClient).toMatchObject({ arrived: bmc?.count.sent, lost: 0 });
      expect(machine.lamp).toBe(false);
    } finally {
      await proxy.close();
    }
  });
});

describeWithStrangers(['ipmipower'], 'FreeIPMI ipmipower', (path) => {
  const ipmipower = (suite: string, ...words: readonly string[]): Promise<Ended> => {
    const login = ['-u', 'fencer', '-p', 'fencer-pw', '-l', 'OPERATOR', '-I', suite];
    return run(path('ipmipower'), ['-D', 'LAN_2_0', '-h', `127.0.0.1:${port()}`, ...login, ...words]);
  };

  it.each(['3', '17'])('reads, cuts, waits until it is off, and restores with suite %s', async (suite) => {
    await simulate({}, { offDelayMs: 200, onDelayMs: 200 });
    expect((await ipmipower(suite, '--stat')).out).toMatch(/: on/);
    const asked = Date.now();
    expect((await ipmipower(suite, '--off', '--wait-until-off')).out).toMatch(/: ok/);
    expect([machine.lamp, machine.litDuring(asked, Date.now())]).toEqual([false, true]);
    expect((await ipmipower(suite, '--stat')).out).toMatch(/: off/);
    expect((await ipmipower(suite, '--on', '--wait-until-on')).out).toMatch(/: ok/);
    expect([machine.lamp, ...leftBehind()]).toEqual([true, 0, 0]);
  });

  it('needs no workaround for the privilege that it asks for', async () => {
    expect((await ipmipower('17', '--stat', '--workaround-flags=none')).out).toMatch(/: on/);
  });

  it('asks many BMCs at once', async () => {
    const clock = realClock();
    const others = [true, false].map((on, index) => new Machine({ name: `db${index + 2}`, clock, on }));
    const bmcs = await Promise.all(others.map((other) => MockBmc.start({ machine: other, clock, users: USERS })));
    try {
      const hosts = [bmc?.port ?? 0, ...bmcs.map((each) => each.port)].map((each) => `127.0.0.1:${each}`).join(',');
      const login = ['-D', 'LAN_2_0', '-h', hosts, '-u', 'fencer', '-p', 'fencer-pw', '-l', 'OPERATOR', '-I', '17'];
      const { out } = await run(path('ipmipower'), [...login, '--stat']);
      expect(out.trim().split('\n').sort()).toEqual(['127.0.0.1: off', '127.0.0.1: on', '127.0.0.1: on']);
    } finally {
      await Promise.all(bmcs.map((each) => each.stop()));
    }
  });

  it('is told that its password is wrong', async () => {
    const wrong = await run(path('ipmipower'), [
      '-D',
      'LAN_2_0',
      '-h',
      `127.0.0.1:${port()}`,
      '-u',
      'fencer',
      '-p',
      'no',
      '-l',
      'OPERATOR',
      '-I',
      '17',
      '--off',
    ]);
    expect(wrong.out).toMatch(/password invalid/);
    expect(machine.lamp).toBe(true);
  });
});

describeWithStrangers(['ipmi-chassis'], 'FreeIPMI ipmi-chassis', (path) => {
  const chassis = (user: string, password: string, role: string, word: string): Promise<Ended> => {
    const login = ['-D', 'LAN_2_0', '-h', `127.0.0.1:${port()}`, '-u', user, '-p', password, '-l', role, '-I', '17'];
    return run(path('ipmi-chassis'), [...login, word]);
  };

  it.each([
    ['--get-chassis-status', /System Power +: on/],
    ['--get-chassis-capabilities', /Power interlock +: not provided/],
    ['--get-system-restart-cause', /Restart cause/],
    ['--get-power-on-hours-counter', /Power on hours/],
  ])('reads %s', async (word, says) => {
    expect(await chassis('reader', 'reader-pw', 'USER', word)).toMatchObject({ exit: 0, out: expect.stringMatching(says) });
    expect(leftBehind()).toEqual([0, 0]);
  });

  it('cuts, restores and identifies as an operator, and not as one who may only look', async () => {
    const asFencer = (word: string): Promise<Ended> => chassis('fencer', 'fencer-pw', 'OPERATOR', word);
    for (const word of ['--chassis-control=POWER-DOWN', '--chassis-identify=FORCE']) {
      expect(await chassis('reader', 'reader-pw', 'USER', word)).toMatchObject({ exit: 1, out: expect.stringMatching(/privilege level/) });
    }
    expect(machine.lamp).toBe(true);
    expect((await asFencer('--chassis-control=POWER-DOWN')).exit).toBe(0);
    expect(machine.lamp).toBe(false);
    expect((await asFencer('--chassis-control=POWER-UP')).exit).toBe(0);
    expect((await asFencer('--chassis-identify=FORCE')).exit).toBe(0);
    expect([machine.lamp, ...leftBehind()]).toEqual([true, 0, 0]);
  });
});

describeWithStrangers(['fence_ipmilan', 'ipmitool'], 'fence_ipmilan', (path) => {
  const fence = (suite: string, action: string, user = 'fencer', password = 'fencer-pw'): Promise<Ended> =>
    run(path('fence_ipmilan'), [
      '--ip=127.0.0.1',
      `--ipport=${port()}`,
      `--username=${user}`,
      `--password=${password}`,
      '--lanplus',
      `--cipher=${suite}`,
      '--privlvl=operator',
      '--power-wait=0',
      '-o',
      action,
    ]);

  it.each(['3', '17'])('reads, cuts, restores and reboots with suite %s', async (suite) => {
    expect(await fence(suite, 'status')).toMatchObject({ exit: 0, out: expect.stringMatching(/Status: ON/) });
    expect((await fence(suite, 'off')).exit).toBe(0);
    expect(machine.lamp).toBe(false);
    expect(await fence(suite, 'status')).toMatchObject({ exit: 2, out: expect.stringMatching(/Status: OFF/) });
    expect((await fence(suite, 'on')).exit).toBe(0);
    expect(machine.lamp).toBe(true);
    expect((await fence(suite, 'reboot')).exit).toBe(0);
    expect(machine.lampLog.map(({ on }) => on)).toEqual([true, false, true, false, true]);
  });

  it('fails on a wrong password and leaves the lamp lit', async () => {
    expect((await fence('17', 'off', 'fencer', 'wrong')).exit).toBe(1);
    expect(machine.lamp).toBe(true);
  });
});

describeWithStrangers(['pyghmi'], 'pyghmi', (path) => {
  const SCRIPT = `
import sys
from pyghmi.ipmi import command
c = command.Command(bmc='127.0.0.1', userid='fencer', password=sys.argv[2], port=int(sys.argv[1]), privlevel=3)
print(c.get_power()['powerstate'], c.set_power('off', wait=10)['powerstate'], c.get_power()['powerstate'])
print(c.set_power('on', wait=10)['powerstate'])
c.ipmi_session.logout()
`;

  it('reads, cuts and restores', async () => {
    const { exit, out } = await run(path('pyghmi'), ['-c', SCRIPT, port(), 'fencer-pw']);
    expect([exit, out.trim().split('\n').slice(-2)]).toEqual([0, ['on off off', 'on']]);
    expect(machine.lampLog.map(({ on }) => on)).toEqual([true, false, true]);
    expect(leftBehind()).toEqual([0, 0]);
  });

  it('does not get in with a wrong password', async () => {
    const { exit } = await run(path('pyghmi'), ['-c', SCRIPT, port(), 'wrong']);
    expect([exit === 0, machine.lamp]).toEqual([false, true]);
  });
});
