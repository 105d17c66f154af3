import { describe, expect, it } from 'vitest';
import { Machine, Relay, VirtualClock } from '../../hardware-mocks/index.ts';

const clock = () => new VirtualClock(1000);

describe('a relay', () => {
  it('moves when its delay has passed, not when it is told', () => {
    const time = clock();
    const relay = new Relay({ clock: time, delayMs: 500 });
    relay.order('off');
    expect([relay.closed, relay.pending]).toEqual([true, 'off']);
    time.advance(499);
    expect(relay.closed).toBe(true);
    time.advance(1);
    expect([relay.closed, relay.pending]).toEqual([false, undefined]);
  });

  it('lets a later order take the place of a pending one', () => {
    const time = clock();
    const relay = new Relay({ clock: time });
    relay.order('off', { delayMs: 1000 });
    relay.order('on', { delayMs: 10 });
    time.advance(5000);
    expect(relay.closed).toBe(true);
    expect(relay.carriedOut).toEqual({ on: 1, off: 0 });
  });

  it('hears orders and stays where it is when stuck', () => {
    const relay = new Relay({ clock: clock() });
    relay.stuck = true;
    relay.order('off');
    expect([relay.closed, relay.carriedOut.off]).toEqual([true, 1]);
  });

  it('loses pending orders when its device starts anew, and goes where it is told to go then', () => {
    const time = clock();
    const keeps = new Relay({ clock: time, delayMs: 100 });
    const opens = new Relay({ clock: time, afterReboot: 'off' });
    keeps.order('off');
    for (const relay of [keeps, opens]) relay.rebooted();
    time.advance(1000);
    expect([keeps.closed, opens.closed]).toEqual([true, false]);
  });

  it('has no mains behind an open main switch', () => {
    const main = new Relay({ clock: clock() });
    const outlet = new Relay({ clock: clock(), upstream: main });
    main.order('off');
    expect([outlet.closed, outlet.live]).toEqual([true, false]);
  });
});

describe('a machine', () => {
  it('runs until the last of its feeds is dead', () => {
    const time = clock();
    const feeds = [new Relay({ clock: time }), new Relay({ clock: time })];
    const machine = new Machine({ name: 'db1', clock: time, feeds });
    feeds[0]?.order('off');
    expect(machine.lamp).toBe(true);
    feeds[1]?.order('off');
    expect([machine.lamp, machine.standby, machine.watts]).toEqual([false, false, 0]);
  });

  it.each([
    ['always-off', true, false],
    ['previous', true, true],
    ['previous', false, false],
    ['always-on', false, true],
  ] as const)('with policy %s and soft power %s before, is lit %s after mains came back', (restore, before, after) => {
    const time = clock();
    const wall = new Relay({ clock: time });
    const machine = new Machine({ name: 'db1', clock: time, feeds: [wall], on: before, restore });
    wall.order('off');
    expect(machine.lamp).toBe(false);
    wall.order('on');
    expect(machine.lamp).toBe(after);
  });

  it('shares its current between the feeds that live, and draws standby current while off', () => {
    const time = clock();
    const feeds = [new Relay({ clock: time }), new Relay({ clock: time })];
    const machine = new Machine({ name: 'db1', clock: time, feeds, idleWatts: 100, busyWatts: 300, standbyWatts: 6 });
    expect(feeds.map((feed) => feed.watts)).toEqual([50, 50]);
    machine.busy = true;
    expect(feeds.map((feed) => feed.watts)).toEqual([150, 150]);
    feeds[0]?.order('off');
    expect(feeds.map((feed) => feed.watts)).toEqual([0, 300]);
    machine.order('off');
    expect(feeds.map((feed) => feed.watts)).toEqual([0, 6]);
  });

  it('has a visible dark window in a cycle, and none in a reset', () => {
    const time = clock();
    const machine = new Machine({ name: 'db1', clock: time, offDelayMs: 200, cycleOffMs: 1000 });
    machine.order('reset');
    time.advance(10_000);
    expect(machine.lampLog).toHaveLength(1);
    machine.order('cycle');
    time.advance(10_000);
    expect(machine.lampLog.slice(1)).toEqual([
      { at: 11_200, on: false },
      { at: 12_200, on: true },
    ]);
    expect(machine.carriedOut).toEqual({ off: 0, on: 0, cycle: 1, reset: 1, soft: 0 });
  });

  it('takes its time for a soft shutdown, or never does it', () => {
    const time = clock();
    const willing = new Machine({ name: 'a', clock: time, softOffMs: 5000 });
    const deaf = new Machine({ name: 'b', clock: time, softOffMs: 'never' });
    for (const machine of [willing, deaf]) machine.order('soft');
    time.advance(4999);
    expect(willing.lamp).toBe(true);
    time.advance(1);
    expect([willing.lamp, deaf.lamp]).toEqual([false, true]);
  });

  it('ignores its controller while that has no power', () => {
    const time = clock();
    const machine = new Machine({ name: 'db1', clock: time, diesWithMachine: true });
    machine.order('off');
    expect(machine.standby).toBe(false);
    machine.order('on');
    expect([machine.lamp, machine.carriedOut.on]).toEqual([false, 0]);
  });

  it('counts orders that it does not carry out because it is stuck', () => {
    const machine = new Machine({ name: 'db1', clock: clock() });
    machine.stuck = true;
    machine.order('off');
    expect([machine.lamp, machine.carriedOut.off]).toEqual([true, 1]);
  });

  it('tells whether its lamp was lit at any moment of a span', () => {
    const time = clock();
    const machine = new Machine({ name: 'db1', clock: time });
    time.advance(100); // 1100
    machine.order('off');
    time.advance(100); // 1200
    machine.order('on');
    time.advance(50); // 1250
    machine.order('off');
    expect(machine.litDuring(1000, 1050)).toBe(true);
    expect(machine.litDuring(1100, 1199)).toBe(false);
    expect(machine.litDuring(1150, 1300)).toBe(true);
    expect(machine.litDuring(1251, 9999)).toBe(false);
  });

  it('forgets an order on its way when mains fails', () => {
    const time = clock();
    const wall = new Relay({ clock: time });
    const machine = new Machine({ name: 'db1', clock: time, feeds: [wall], offDelayMs: 1000 });
    machine.order('off');
    wall.order('off');
    wall.order('on');
    time.advance(5000);
    expect(machine.lamp).toBe(true);
    expect(time.waiting).toBe(0);
  });
});
