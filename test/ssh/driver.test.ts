import { afterEach, describe, expect, it } from 'vitest';
import { DIALECTS } from '../../drivers/ssh/dialects/index.ts';
import { VirtualClock } from '../../hardware-mocks/clock.ts';
import type { MockSshOptions } from '../../hardware-mocks/ssh/index.ts';
import { type Rack, rack, until } from './rack.ts';

const USUAL = { ms: 5_000 };
const racks: Rack[] = [];
const start = async (dialect: string, options: Partial<MockSshOptions> = {}, driverClock?: VirtualClock): Promise<Rack> => {
  const started = await rack(dialect, options, driverClock);
  racks.push(started);
  return started;
};

afterEach(async () => {
  for (const each of racks.splice(0)) await each.close();
});

describe.each(DIALECTS.filter(({ evidence }) => evidence === 'device').map(({ name }) => name))('%s', (dialect) => {
  it('reads, switches off and on by the lamp, twice over, and touches no other outlet', async () => {
    const { open, plugs, lamp, mock, turn } = await start(dialect);
    const driver = open();
    const [plug = '', other] = plugs;
    expect(await driver.read(plug, USUAL)).toMatchObject({ power: 'on' });
    for (const wanted of ['off', 'off', 'on', 'on'] as const) {
      expect(await driver.order(plug, wanted, USUAL), `${wanted}: ${mock.log.join('\n')}`).toEqual({ result: 'accepted' });
      expect(await driver.read(plug, USUAL)).toMatchObject({ power: wanted });
      expect(lamp(plug)).toBe(wanted);
      if (other !== undefined) expect(lamp(other)).toBe('on');
    }
    turn(plug, 'off');
    expect(await driver.read(plug, USUAL)).toMatchObject({ power: 'off' });
    expect(mock.count.connections).toBe(1);
  });

  it('takes an outlet that does not exist for an error, never for another outlet', async () => {
    const { open, plugs, lamp } = await start(dialect);
    const driver = open();
    const missing = plugs[0] === '' ? ['1', 'x'] : ['0', '01', '99', '', '1;reboot', "x' -e", '.ZZ9', '999999', 'all', 'no-such'];
    for (const plug of missing) {
      const order = await driver.order(plug, 'off', USUAL);
      expect(order, plug).toMatchObject({ result: 'rejected', why: { code: 'no-such-plug', lasting: true } });
      expect(await driver.read(plug, USUAL), plug).toMatchObject({ power: 'unknown' });
    }
    for (const plug of plugs) expect(lamp(plug)).toBe('on');
  });

  it('takes a power state between on and off for unknown', async () => {
    const { open, plugs, mock } = await start(dialect);
    mock.faults.apply({ seed: 1, faults: [{ kind: 'transitional' }] });
    expect(await open().read(plugs[0] ?? '', USUAL)).toMatchObject({ power: 'unknown', why: { code: 'ssh-answer-unclear' } });
  });

  it('reads a truncated answer as unknown or right, never as wrong', async () => {
    const { open, plugs, mock } = await start(dialect);
    for (let keep = 0; keep < 60; keep += 12) {
      mock.faults.apply({ seed: keep, faults: [{ kind: 'truncate', keep }] });
      const driver = open({ idle: '0s' });
      const { power } = await driver.read(plugs[0] ?? '', { ms: 150 });
      expect(power === 'off').toBe(false);
      await driver.close();
    }
  });
});

describe('a terminal', () => {
  it.each([{ pieceBytes: 1 }, { pieceBytes: 3, ansi: true }, { ansi: true }, { promptTwice: true }])(
    'is read through %j',
    async (manners) => {
      for (const dialect of ['apc-aos', 'raritan-px', 'servertech', 'hpe-ilo']) {
        const { open, plugs, lamp } = await start(dialect, { manners });
        const driver = open();
        const [plug = ''] = plugs;
        expect(await driver.order(plug, 'off', USUAL)).toEqual({ result: 'accepted' });
        expect(await driver.read(plug, USUAL)).toMatchObject({ power: 'off' });
        expect(lamp(plug)).toBe('off');
      }
    },
  );

  it('goes on where a pager waits, in the dialect that has one', async () => {
    const { open } = await start('servertech', { manners: { pageLines: 4 } });
    expect(await open().read('.AA1', USUAL)).toMatchObject({ power: 'on' });
  });

  it('does not take a forged answer before the true one', async () => {
    const { open, mock } = await start('apc-aos');
    for (const slipIn of ['2: Outlet 2: Off\r\n', ' 1: Outlet 1: Off\r\napc>', '1: Outlet 1: Off\r\n']) {
      mock.manners.slipIn = slipIn;
      const harmless = slipIn.startsWith('2');
      const { power } = await open().read('1', harmless ? USUAL : { ms: 300 });
      expect(power, slipIn).toBe(harmless ? 'on' : 'unknown');
    }
  });

  it('says no when the device asks about another outlet', async () => {
    const { open, mock, lamp, plugs } = await start('raritan-px');
    mock.faults.apply({ seed: 1, faults: [{ kind: 'wrong-plug-answer' }] });
    const driver = open();
    expect(await driver.order('1', 'off', USUAL)).toMatchObject({ result: 'rejected', why: { code: 'ssh-order-refused' } });
    expect(mock.log).toContain('> n');
    for (const plug of plugs) expect(lamp(plug)).toBe('on');
    expect(await driver.read('1', USUAL)).toMatchObject({ power: 'unknown' });
  });

  it('takes no late answer for the next one', async () => {
    const { open, mock, turn } = await start('apc-aos');
    const driver = open();
    turn('1', 'off');
    const release = mock.keepBack();
    expect(await driver.read('1', { ms: 200 })).toMatchObject({ power: 'unknown', why: { code: 'ssh-deadline' } });
    turn('1', 'on');
    release();
    expect(await driver.read('1', USUAL)).toMatchObject({ power: 'on' });
  });
});

describe('exec', () => {
  it.each([
    ['a command that never ends', { neverExits: true }, 'ssh-deadline'],
    ['no exit status', { noExitStatus: true }, 'ssh-no-exit-status'],
    ['exit status 0 and nothing said', { doesNothing: true }, 'ssh-answer-unclear'],
  ])('%s: unknown', async (_title, manners, code) => {
    const { open } = await start('libvirt', { manners });
    const within = code === 'ssh-deadline' ? { ms: 300 } : USUAL;
    expect(await open().read('db1', within)).toMatchObject({ power: 'unknown', why: { code } });
  });

  it('reads from a device that hangs up after each command', async () => {
    const { open, mock } = await start('idrac', { manners: { hangsUpAfterCommand: true } });
    const driver = open();
    expect(await driver.read('', USUAL)).toMatchObject({ power: 'on' });
    expect(await driver.order('', 'off', USUAL)).toEqual({ result: 'accepted' });
    expect(await driver.read('', USUAL)).toMatchObject({ power: 'off' });
    expect(mock.count.connections).toBe(3);
  });

  it('multiplexes on one connection, without cross-talk', async () => {
    const { open, mock, turn } = await start('libvirt');
    turn('db2', 'off');
    const driver = open();
    const reads = await Promise.all(Array.from({ length: 12 }, (_, at) => driver.read(at % 2 === 0 ? 'db1' : 'db2', USUAL)));
    expect(reads.map(({ power }) => power)).toEqual(Array.from({ length: 12 }, (_, at) => (at % 2 === 0 ? 'on' : 'off')));
    expect(mock.count.connections).toBe(1);
  });

  it('lists what there is', async () => {
    for (const dialect of ['libvirt', 'proxmox', 'apc-aos', 'raritan-px', 'servertech', 'cyberpower']) {
      const { open, plugs, turn } = await start(dialect);
      turn(plugs[1] ?? '', 'off');
      const listed = await open().list?.(USUAL);
      expect(listed === undefined || 'code' in listed ? listed : listed.map(({ plug, reading }) => [plug, reading.power])).toEqual(
        plugs.map((plug, at) => [plug, at === 1 ? 'off' : 'on']),
      );
    }
  });
});

describe('faults of the device', () => {
  it.each([
    ['apc-aos', { kind: 'garbage' }],
    ['apc-aos', { kind: 'oversized', bytes: 60_000 }],
    ['apc-aos', { kind: 'mute' }],
    ['apc-aos', { kind: 'mute', direction: 'out' }],
    ['apc-aos', { kind: 'wrong-plug-answer' }],
    ['apc-aos', { kind: 'sessions-exhausted' }],
    ['libvirt', { kind: 'mute', direction: 'out' }],
    ['libvirt', { kind: 'garbage' }],
    ['libvirt', { kind: 'sessions-exhausted' }],
    ['hpe-ilo', { kind: 'mute', direction: 'in' }],
    ['idrac', { kind: 'garbage' }],
  ] as const)('%s: %j reads unknown', async (dialect, fault) => {
    const { open, plugs, mock } = await start(dialect);
    mock.faults.apply({ seed: 7, faults: [fault] });
    const driver = open();
    expect(await driver.read(plugs[0] ?? '', { ms: 300 })).toMatchObject({ power: 'unknown' });
    mock.faults.clear();
    expect(await driver.read(plugs[0] ?? '', USUAL)).toMatchObject({ power: 'on' });
  });

  it('an order that is lost on its way back is unknown, and the reading tells', async () => {
    const clock = new VirtualClock();
    const { open, mock, lamp } = await start('apc-aos', {}, clock);
    const driver = open();
    await driver.read('1', USUAL);
    mock.faults.apply({ seed: 1, faults: [{ kind: 'mute', direction: 'out' }] });
    const order = driver.order('1', 'off', { ms: 300 });
    await until(() => lamp('1') === 'off');
    clock.advance(300);
    expect(await order).toMatchObject({ result: 'unknown', why: { code: 'ssh-deadline' } });
    mock.faults.clear();
    expect(await driver.read('1', USUAL)).toMatchObject({ power: lamp('1') });
    expect(lamp('1')).toBe('off');
  });

  it('an order that is ignored is accepted, and read as on', async () => {
    const { open, mock } = await start('servertech');
    mock.faults.apply({ seed: 1, faults: [{ kind: 'ignore-orders' }] });
    const driver = open();
    expect(await driver.order('.AA2', 'off', USUAL)).toEqual({ result: 'accepted' });
    expect(await driver.read('.AA2', USUAL)).toMatchObject({ power: 'on' });
  });

  it('a device that starts anew is unknown, then read again', async () => {
    const clock = new VirtualClock();
    const { open, mock } = await start('apc-aos', { clock });
    const driver = open();
    await driver.read('1', USUAL);
    mock.faults.reboot(300);
    expect(await driver.read('1', { ms: 200 })).toMatchObject({ power: 'unknown' });
    clock.advance(300);
    expect(mock.faults.silent).toBe(false);
    expect(await driver.read('1', USUAL)).toMatchObject({ power: 'on' });
  });

  it('a warm connection that was dropped is made anew within the same call', async () => {
    const { open, mock, lamp } = await start('libvirt');
    const driver = open();
    await driver.read('db1', USUAL);
    mock.dropConnections();
    expect(await driver.order('db1', 'off', USUAL)).toEqual({ result: 'accepted' });
    expect(lamp('db1')).toBe('off');
  });

  it('a connection that went silent without a FIN is found by keepalives and replaced', async () => {
    const { open, mock } = await start('apc-aos');
    const driver = open({ keepalive: '300ms' });
    await driver.read('1', USUAL);
    mock.freeze();
    expect(await driver.read('1', USUAL)).toMatchObject({ power: 'on' });
    expect(mock.count.connections).toBe(2);
  });
});

describe('the node itself', () => {
  it.each(['target-sysrq', 'target-poweroff'])('%s asks and never proves', async (dialect) => {
    const { open, mock, lamp, turn } = await start(dialect);
    const driver = open();
    expect(driver.evidence).toBe('target');
    expect(await driver.read('', USUAL)).toMatchObject({ power: 'on' });
    expect(await driver.order('', 'on', USUAL)).toMatchObject({ result: 'rejected', why: { code: 'ssh-cannot-order' } });
    const order = driver.order('', 'off', { ms: 2_000 });
    await until(() => lamp('') === 'off');
    expect(lamp('')).toBe('off');
    expect(['accepted', 'unknown']).toContain((await order).result);
    expect(await driver.read('', { ms: 300 })).toMatchObject({ power: 'unknown' });
    turn('', 'on');
    expect(await driver.read('', USUAL)).toMatchObject({ power: 'on' });
    expect(mock.log.filter((line) => /^< [0-9a-f-]{36}$/.test(line)).length).toBeGreaterThan(1);
  });
});
