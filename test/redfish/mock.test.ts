/** The mock service by its fault plans, as a lab uses it: what goes wrong is seen by the driver, and the lamp tells the truth. */
import { afterEach, describe, expect, it } from 'vitest';
import { checkSettings, Secret } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/redfish/driver.ts';
import { driver as pdu } from '../../drivers/redfish/pdu.ts';
import { realClock as benchClock, watchedTools } from '../../drivers/conformance/tools.ts';
import { type Fault, LabSecret, startLab, VirtualClock } from '../../hardware-mocks/index.ts';
import { type Stage, stage, WITHIN } from './stage.ts';

let on: Stage | undefined;
const begin = async (fault?: Fault, options: Parameters<typeof stage>[0] = {}): Promise<Stage> => {
  on = await stage({ ...options, ...(fault === undefined ? {} : { faults: { seed: 1, faults: [fault] } }) });
  return on;
};
afterEach(async () => {
  await on?.end();
  on = undefined;
});
const BRIEF = { ms: 250 };

describe('a fault plan', () => {
  it.each([
    [{ kind: 'lie', says: 'off' }, 'off', false],
    [{ kind: 'ignore-orders' }, 'on', true],
    [{ kind: 'echo' }, 'off', false],
    [{ kind: 'transitional' }, 'unknown', false],
    [{ kind: 'delay', ms: 20, jitterMs: 20 }, 'off', false],
  ] as const)('%j: after an order of off it reads %s, and the lamp is %s', async (fault, power, lamp) => {
    const here = await begin(fault);
    const device = here.open();
    expect((await device.order('', 'off', WITHIN)).result).toBe('accepted');
    expect([(await device.read('', WITHIN)).power, here.machines[0].lamp]).toEqual([power, lamp]);
  });

  it('wrong-plug switches the neighbour, which a reading shows', async () => {
    const here = await begin({ kind: 'wrong-plug' });
    const device = here.open();
    expect((await device.order('', 'off', WITHIN)).result).toBe('accepted');
    expect([(await device.read('', WITHIN)).power, here.machines.map(({ lamp }) => lamp)]).toEqual(['on', [true, false]]);
  });

  it('wrong-plug-answer is not believed', async () => {
    const here = await begin({ kind: 'wrong-plug-answer' });
    here.machines[1].press('off');
    expect(await here.open().read('', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'redfish-unusable-answer' } });
    here.relays.get('A2')?.order('off');
    expect(await here.open({}, pdu).read('A1', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'redfish-unusable-answer' } });
  });

  it('bounce brings the power back, and the reading with it', async () => {
    const clock = new VirtualClock();
    const here = await begin({ kind: 'bounce', afterMs: 60 }, { clock });
    const device = here.open();
    await device.order('', 'off', WITHIN);
    expect((await device.read('', WITHIN)).power).toBe('off');
    expect(here.machines[0].lamp).toBe(false);
    clock.advance(60);
    expect(here.machines[0].lamp).toBe(true);
    expect((await device.read('', WITHIN)).power).toBe('on');
  });

  it('off-once lies once: two readings tell', async () => {
    const here = await begin({ kind: 'off-once', every: 3 });
    const device = here.open();
    const readings: string[] = [];
    for (let round = 0; round < 6; round += 1) readings.push((await device.read('', WITHIN)).power);
    expect(readings).toEqual(['on', 'off', 'on', 'on', 'off', 'on']);
  });

  it('lock-out refuses the right password too, and the driver does not go on asking', async () => {
    const here = await begin({ kind: 'lock-out', after: 1, ms: 60_000 });
    expect((await here.open({ password: Secret.fixed('wrong') }).read('', WITHIN)).why?.code).toBe('redfish-login-refused');
    const right = here.open();
    expect((await right.read('', WITHIN)).why?.code).toBe('redfish-login-refused');
    expect((await right.read('', WITHIN)).why?.code).toBe('redfish-login-paused');
    expect(here.mock.count.logins).toBe(2);
  });

  it('sessions-exhausted does not keep a node from being fenced', async () => {
    const here = await begin({ kind: 'sessions-exhausted' });
    expect((await here.open({ auth: 'session' }).order('', 'off', WITHIN)).result).toBe('accepted');
    expect(here.machines[0].lamp).toBe(false);
  });

  it('reboot at an order: unknown while it is away, then read anew with a new session', async () => {
    // The reboot begins and ends when this clock says so: nothing is read before it by a reader that is quick.
    const clock = new VirtualClock();
    const here = await begin({ kind: 'reboot', ms: 150, on: 'order' }, { clock });
    const device = here.open({ auth: 'session' });
    expect((await device.read('', WITHIN)).power).toBe('on');
    expect(await device.order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(here.machines[0].lamp).toBe(false);
    clock.advance(149);
    expect((await device.read('', WITHIN)).power).toBe('unknown');
    expect(here.mock.count.sessions).toMatchObject({ open: 0, opened: 1 });
    clock.advance(2);
    expect((await device.read('', WITHIN)).power).toBe('off');
    expect(here.mock.count.sessions).toMatchObject({ open: 1, opened: 2 });
  });

  it('die-with-machine: a controller without power says nothing, and nothing is unknown', async () => {
    const here = await begin({ kind: 'die-with-machine' });
    for (const machine of here.machines) machine.press('off');
    expect((await here.open().read('', BRIEF)).power).toBe('unknown');
  });

  it('a session that is not given back is counted as leaked when it ends', async () => {
    const clock = new VirtualClock();
    const here = await begin(undefined, { sessionLifeMs: 30_000, clock });
    const device = here.open({ auth: 'session' });
    expect((await device.read('', WITHIN)).power).toBe('on');
    expect(here.mock.count.sessions).toEqual({ open: 1, opened: 1, leaked: 0 });
    clock.advance(30_001);
    expect(here.mock.count.sessions).toEqual({ open: 0, opened: 1, leaked: 1 });
    expect((await device.read('', WITHIN)).power).toBe('on');
  });
});

describe('a lab', () => {
  it('has Redfish controllers and power strips, with settings that reach their lamps', async () => {
    const started = await startLab({
      cluster: 'orders',
      nodes: [{ name: 'db1', feeds: ['strip/1'] }, { name: 'db2' }],
      devices: [
        { name: 'db1-bmc', kind: 'redfish', node: 'db1', neighbours: ['db2'], auth: 'session', tasks: true, taskMs: 20 },
        { name: 'strip', kind: 'redfish', outlets: 2 },
      ],
    });
    if ('problem' in started) throw new Error(started.problem.says);
    const lab = started.value;
    try {
      const open = (name: string) => {
        const { driver: word, ...configured } = lab.devices.get(name)?.configuration ?? { driver: '' };
        const module = word === 'redfish' ? driver : pdu;
        const raw = Object.entries(configured).map(([key, value]) => [key, value instanceof LabSecret ? Secret.fixed(value.value) : value]);
        const { settings, problems } = checkSettings(module.settings, Object.fromEntries(raw) as Record<string, unknown>);
        expect(problems).toEqual([]);
        return module.open(name, settings, watchedTools(benchClock));
      };
      const board = open('db1-bmc');
      expect(await board.order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
      expect([lab.lamp('db1'), lab.lamp('db2'), (await board.read('', WITHIN)).power]).toEqual([false, true, 'off']);
      expect(await board.order('', 'on', WITHIN)).toEqual({ result: 'accepted' });
      const strip = open('strip');
      expect(await strip.order('1', 'off', WITHIN)).toEqual({ result: 'accepted' });
      expect([lab.lamp('db1'), lab.relay('strip/1')?.closed, lab.relay('strip/2')?.closed]).toEqual([false, false, true]);
      // The chassis still has power from the neighbour: it knows that this node is dark.
      expect((await board.read('', WITHIN)).power).toBe('off');
      await Promise.all([board.close(), strip.close()]);
    } finally {
      await lab.stop();
    }
  });
});
