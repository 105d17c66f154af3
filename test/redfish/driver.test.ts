/** The driver on the mock service: what it sends, what it makes of each answer, and what it leaves behind. */
import { describe, expect, it } from 'vitest';
import { Secret } from '../../drivers/kit/contract.ts';
import { VirtualClock } from '../../hardware-mocks/index.ts';
import { oneStage } from './one-stage.ts';
import { READER, type Stage, USER, WITHIN } from './stage.ts';

const begin = oneStage();

/** The orders that reached the service, in its own words. */
const orders = ({ mock }: Stage): readonly string[] =>
  mock.log.flatMap((line) => /^> POST (\/redfish\/v1\/Systems\/\S+) .* (\{"ResetType.*)$/.exec(line)?.slice(1, 3).join(' ') ?? []);

describe('orders and readings', () => {
  it.each(['basic', 'session'])('cuts and restores the power with auth %s', async (auth) => {
    const { open, machines, mock } = await begin();
    const device = open({ auth });
    expect(await device.read('', WITHIN)).toEqual({ power: 'on', source: 'GET /redfish/v1/Systems/Blade-1' });
    expect(await device.order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(machines.map(({ lamp }) => lamp)).toEqual([false, true]);
    expect((await device.read('', WITHIN)).power).toBe('off');
    expect(await device.order('', 'on', WITHIN)).toEqual({ result: 'accepted' });
    expect(machines.map(({ lamp }) => lamp)).toEqual([true, true]);
    expect((await device.read('', WITHIN)).power).toBe('on');
    await device.close();
    expect(mock.count.connections).toBe(1);
    expect(mock.count.sessions).toEqual({ open: 0, opened: auth === 'session' ? 1 : 0, leaked: 0 });
  });

  it.each([
    [null, 'unknown'],
    ['absent', 'unknown'],
    ['PoweringOff', 'unknown'],
    ['PoweringOn', 'unknown'],
    ['Paused', 'unknown'],
    ['off', 'unknown'],
    ['OFF', 'unknown'],
    ['Off ', 'unknown'],
    ['Hibernating', 'unknown'],
    ['Off', 'off'],
    ['On', 'on'],
  ] as const)('reads a PowerState of %j as %s', async (powerState, power) => {
    const { open } = await begin({ manners: { powerState } });
    const reading = await open().read('', WITHIN);
    expect([reading.power, reading.why?.code]).toEqual([power, power === 'unknown' ? 'redfish-power-unknown' : undefined]);
  });

  it('reads unknown while the power is on its way, and off only when it has gone', async () => {
    const clock = new VirtualClock();
    const { open, machines } = await begin({ clock });
    machines[0].offDelayMs = 150;
    const device = open();
    expect(await device.order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
    for (const ms of [0, 100, 49]) {
      clock.advance(ms);
      expect(await device.read('', WITHIN)).toMatchObject({ power: 'unknown', why: { says: expect.stringContaining('PoweringOff') } });
      expect(machines[0].lamp).toBe(true);
    }
    clock.advance(1);
    expect((await device.read('', WITHIN)).power).toBe('off');
    expect(machines[0].lamp).toBe(false);
  });

  it.each([
    [['On', 'ForceOff', 'GracefulShutdown'], 'on', '{"ResetType":"On"}'],
    [['ForceOn', 'ForceOff'], 'on', '{"ResetType":"ForceOn"}'],
    [['GracefulShutdown', 'PushPowerButton', 'ForceRestart', 'PowerCycle', 'On'], 'off', undefined],
    [['ForceOff'], 'on', undefined],
  ] as const)('sends of %j for %s: %s', async (resetTypes, wanted, sent) => {
    const here = await begin({ manners: { resetTypes } });
    const result = await here.open().order('', wanted, WITHIN);
    expect(orders(here)).toEqual(sent === undefined ? [] : [`/redfish/v1/Systems/Blade-1/Actions/ComputerSystem.Reset ${sent}`]);
    if (sent === undefined) expect(result).toMatchObject({ result: 'rejected', why: { code: 'redfish-not-offered', lasting: true } });
    else expect(result.result).toBe('accepted');
  });

  it.each(['inline', 'action-info', 'nowhere'] as const)('finds the reset types told %s', async (tellsResetTypes) => {
    const { open, machines } = await begin({ manners: { tellsResetTypes } });
    expect(await open().order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(machines[0].lamp).toBe(false);
  });

  it('does not guess where the actions are', async () => {
    const here = await begin({ manners: { noActions: true } });
    expect(await here.open().order('', 'off', WITHIN)).toMatchObject({ result: 'unknown', why: { code: 'redfish-no-action' } });
    expect(orders(here)).toEqual([]);
  });
});

describe('answers to an order', () => {
  it.each([
    [{ orderAnswer: 200 }, 'accepted', undefined, false],
    [{ orderAnswer: 202, taskMs: 50 }, 'accepted', undefined, false],
    [{ orderAnswer: 202, taskMs: 50, taskEnds: 'Exception' }, 'unknown', 'redfish-order-unanswered', true],
    [{ orderAnswer: 202, taskMs: 50, taskEnds: 'Killed' }, 'rejected', 'redfish-refused', true],
    [{ orderStatus: 400 }, 'rejected', 'redfish-refused', true],
    [{ orderStatus: 409, messageId: 'Base.1.8.ResourceInUse' }, 'rejected', 'redfish-busy', true],
    [{ orderStatus: 403 }, 'rejected', 'redfish-not-permitted', true],
    [{ orderStatus: 404 }, 'rejected', 'redfish-not-found', true],
    [{ orderStatus: 405 }, 'rejected', 'redfish-refused', true],
    [{ orderStatus: 500 }, 'unknown', 'redfish-order-unanswered', true],
    [{ orderStatus: 500, messageId: 'IDRAC.2.8.SYS518' }, 'rejected', 'redfish-busy', true],
    [{ orderStatus: 503, retryAfter: 0 }, 'rejected', 'redfish-busy', true],
    [{ orderStatus: 503, retryAfter: 0, messageId: 'IDRAC.2.4.RAC0218' }, 'rejected', 'redfish-no-free-session', true],
    [{ precondition: 1 }, 'accepted', undefined, false],
    [{ precondition: 'with-etag' }, 'accepted', undefined, false],
  ] as const)('%j: %s', async (manners, result, code, lamp) => {
    const { open, machines } = await begin({ manners });
    const device = open();
    await device.read('', WITHIN);
    const given = await device.order('', 'off', WITHIN);
    expect([given.result, 'why' in given ? given.why.code : undefined, machines[0].lamp]).toEqual([result, code, lamp]);
    if ('why' in given) expect(given.why.lasting ?? false).toBe(code === 'redfish-not-permitted');
  });

  it('that never come: unknown at the deadline, and the lamp is out', async () => {
    const clock = new VirtualClock();
    const { open, machines } = await begin({ manners: { losesOrderAnswers: true } }, clock);
    const device = open();
    await device.read('', WITHIN);
    const order = device.order('', 'off', WITHIN);
    await expect.poll(() => machines[0].lamp, { timeout: WITHIN.ms }).toBe(false);
    clock.advance(WITHIN.ms);
    expect(await order).toMatchObject({ result: 'unknown', why: { code: 'redfish-deadline' } });
  });

  it('does not wait for a task that never ends: there has to be time for the reading', async () => {
    const { open, machines } = await begin({ manners: { orderAnswer: 202, taskMs: 'never' } });
    expect(await open().order('', 'off', { ms: 1_500 })).toEqual({ result: 'accepted' });
    expect(machines[0].lamp).toBe(true);
  });

  it.each([400, 409] as const)('reads again when told %i, that it is so already', async (refusesWhenAlready) => {
    const here = await begin({ manners: { refusesWhenAlready } });
    const device = here.open();
    expect(await device.order('', 'on', WITHIN)).toEqual({ result: 'accepted' });
    here.mock.faults.apply({ seed: 1, faults: [{ kind: 'lie', says: 'off' }] });
    const lied = await device.order('', 'on', WITHIN);
    expect(lied).toMatchObject({ result: 'rejected', why: { code: 'redfish-refused' } });
    expect('why' in lied && lied.why.lasting).toBeFalsy();
    expect(here.machines[0].lamp).toBe(true);
  });

  it('never sends If-Match to a device that tells wrong tags', async () => {
    const here = await begin({ manners: { precondition: 'with-etag' } });
    expect(await here.open({ quirks: ['no-etag'] }).order('', 'off', WITHIN)).toMatchObject({
      result: 'rejected',
      why: { code: 'redfish-refused' },
    });
    expect(here.mock.log.filter((line) => /if-match/i.test(line))).toEqual([]);
    expect(here.machines[0].lamp).toBe(true);
  });

  it('is told by a reader that he may not switch, and that this will stay so', async () => {
    const { open, machines } = await begin();
    const device = open({ username: READER.name, password: Secret.fixed(READER.password) });
    expect((await device.read('', WITHIN)).power).toBe('on');
    expect(await device.order('', 'off', WITHIN)).toMatchObject({
      result: 'rejected',
      why: { code: 'redfish-not-permitted', lasting: true },
    });
    expect(machines[0].lamp).toBe(true);
  });
});

describe('which system', () => {
  it('is never chosen for anybody where there are two', async () => {
    const here = await begin();
    const device = here.open({ system: undefined });
    expect(await device.order('', 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code: 'redfish-ambiguous', lasting: true } });
    expect(await device.read('', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'redfish-ambiguous' } });
    expect(here.machines.map(({ lamp }) => lamp)).toEqual([true, true]);
  });

  it.each([
    ['its id', { system: 'Blade-2' }],
    ['its serial number', { system: 'SN-db2' }],
    ['its path', { system: '/redfish/v1/Systems/Blade-2' }],
    ['the configured serial alone', { system: undefined, serial: 'SN-db2' }],
  ])('is found by %s', async (_by, settings) => {
    const { open, machines } = await begin();
    expect(await open(settings).order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(machines.map(({ lamp }) => lamp)).toEqual([true, false]);
  });

  it('is found by its UUID, in any spelling, and compared before every order', async () => {
    const { uuidOf } = await import('../../hardware-mocks/redfish/index.ts');
    const here = await begin();
    const device = here.open({ system: uuidOf('db2').toUpperCase().replaceAll('-', '') });
    expect(await device.order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
    here.mock.log.length = 0;
    expect(await device.order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(here.mock.log.filter((line) => line.startsWith('>')).map((line) => line.split(' ')[1])).toEqual(['GET', 'POST']);
    expect(here.machines.map(({ lamp }) => lamp)).toEqual([true, false]);
  });

  it.each([
    [{ system: 'Blade-1', uuid: '00000000-0000-4000-8000-000000000000' }, 'redfish-another-identity'],
    [{ system: 'Blade-1', serial: 'SN-db2' }, 'redfish-another-identity'],
    [{ system: 'Blade-3' }, 'redfish-no-such-member'],
    [{ system: 'blade-1' }, 'redfish-no-such-member'],
  ])('%j is not touched: %s', async (settings, code) => {
    const here = await begin();
    const device = here.open(settings);
    expect(await device.read('', WITHIN)).toMatchObject({ power: 'unknown', why: { code, lasting: true } });
    expect(await device.order('', 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code } });
    expect(orders(here)).toEqual([]);
  });
});

describe('logins', () => {
  it('remembers a refused password, takes up a new one at once', async () => {
    const here = await begin();
    let password = 'wrong';
    const device = here.open({ password: new Secret('a test', () => password) });
    expect(await device.read('', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'redfish-login-refused', lasting: true } });
    expect(await device.order('', 'off', WITHIN)).toMatchObject({
      result: 'rejected',
      why: { code: 'redfish-login-paused', lasting: true },
    });
    expect(here.mock.count.logins).toBe(1);
    password = USER.password;
    expect((await device.read('', WITHIN)).power).toBe('on');
  });

  it('logs in once more when its session is gone', async () => {
    const here = await begin();
    const device = here.open({ auth: 'session' });
    expect((await device.read('', WITHIN)).power).toBe('on');
    here.mock.forgetSessions();
    expect(await device.order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(here.mock.count.logins).toBe(2);
    expect(here.machines[0].lamp).toBe(false);
  });

  it('fences with the password itself where no session is free', async () => {
    const here = await begin({ maxSessions: 0 });
    const device = here.open({ auth: 'session' });
    expect(await device.order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(here.machines[0].lamp).toBe(false);
    expect(here.lines().join()).toMatch(/no free session: .*RAC0218/);
  });

  it('opens one session for calls that come together', async () => {
    const here = await begin();
    const device = here.open({ auth: 'session' });
    await device.read('', WITHIN);
    here.mock.forgetSessions();
    const readings = await Promise.all([device.read('', WITHIN), device.read('', WITHIN), device.read('', WITHIN)]);
    expect(readings.map(({ power }) => power)).toEqual(['on', 'on', 'on']);
    await device.close();
    expect(here.mock.count.sessions).toMatchObject({ open: 0, leaked: 0 });
  });
});
