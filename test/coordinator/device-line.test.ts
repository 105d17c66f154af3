/** What is asked of devices: one in flight, orders first, alike ones together where the device takes them so. */
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../hardware-mocks/clock.ts';
import type { DevicePool } from '../../src/coordinator/ports.ts';
import { DeviceLine } from '../../src/coordinator/device-line/line.ts';
import type { OrderResult } from '../../src/vocabulary/index.ts';
import { ACCEPTED, device, OFF, on, TERMS } from './held-device.ts';
import { UNASKED } from './ports.ts';

let now = 0;
const clock = { now: () => now, after: () => () => undefined };

describe('what is asked of a device', () => {
  test('a device that takes one plug at a time gets one after another, orders before readings', async () => {
    const pdu = device(false);
    const line = new DeviceLine(pdu.pool, clock, new AbortController().signal);
    const all = Promise.all([
      line.confirm(on('1'), 1000),
      line.confirm(on('2'), 1000),
      line.order(on('3'), 'off', 1000, TERMS),
      line.order(on('4'), 'off', 1000, TERMS),
    ]);
    await pdu.drain();
    await all;
    expect(pdu.calls).toEqual(['off 3', 'off 4', 'read 1', 'read 2']);
    expect(pdu.most()).toBe(1);
  });

  test('where it takes several, what waits and is alike goes together; on and off never do', async () => {
    const pdu = device(true);
    const line = new DeviceLine(pdu.pool, clock, new AbortController().signal);
    const first = line.order(on('1'), 'off', 1000, TERMS);
    await new Promise((resolve) => setImmediate(resolve));
    const rest = [
      line.order(on('2'), 'off', 1000, TERMS),
      line.order(on('3'), 'on', 1000, TERMS),
      line.order(on('4'), 'off', 1000, TERMS),
      line.confirm(on('5'), 1000),
      line.confirm(on('6'), 1000),
    ];
    await pdu.drain();
    expect(await Promise.all([first, ...rest])).toHaveLength(6);
    expect(pdu.calls).toEqual(['off 1', 'off 2+4', 'on 3', 'read 5+6']);
    expect(pdu.most()).toBe(1);
  });

  test('the same plug twice is asked twice', async () => {
    const pdu = device(true);
    const line = new DeviceLine(pdu.pool, clock, new AbortController().signal);
    const all = Promise.all([line.confirm(on('1'), 1000), line.confirm(on('1'), 1000), line.confirm(on('2'), 1000)]);
    await pdu.drain();
    await all;
    expect(pdu.calls).toEqual(['read 1+2', 'read 1']);
  });

  test('whose time is over while it waits is unknown, never asked, and holds up nobody', async () => {
    const pdu = device(false);
    const line = new DeviceLine(pdu.pool, clock, new AbortController().signal);
    const slow = line.order(on('1'), 'off', 1000, TERMS);
    await new Promise((resolve) => setImmediate(resolve));
    const late = line.order(on('2'), 'off', 50, TERMS);
    const lateReading = line.confirm(on('3'), 50);
    now += 100;
    await pdu.drain();
    expect(await slow).toEqual(ACCEPTED);
    expect(await late).toMatchObject({ result: 'unknown', why: { code: 'device-busy' } });
    expect(await lateReading).toMatchObject({ power: 'unknown', why: { code: 'device-busy' } });
    expect(pdu.calls).toEqual(['off 1']);
  });

  test('a driver that throws fails the requests of that call and leaves the line open', async () => {
    const pdu = device(false);
    const broken: DevicePool = { ...pdu.pool, order: async () => await Promise.reject(new Error('a defect')) };
    const line = new DeviceLine(broken, clock, new AbortController().signal);
    await expect(line.order(on('1'), 'off', 1000, TERMS)).rejects.toThrow('a defect');
    const reading = line.confirm(on('1'), 1000);
    await pdu.drain();
    expect((await reading).power).toBe('off');
  });

  test('what goes together has the time of the most hurried', async () => {
    const pdu = device(true);
    const times: number[] = [];
    const noting: DevicePool = {
      ...pdu.pool,
      orderAll: async (_device, plugs, _wanted, within) => {
        times.push(within.ms);
        return await Promise.resolve(plugs.map(() => ACCEPTED));
      },
      readAll: async (_device, plugs, within) => {
        times.push(within.ms);
        return await Promise.resolve(plugs.map(() => OFF));
      },
    };
    const line = new DeviceLine(noting, clock, new AbortController().signal);
    await Promise.all([
      line.order(on('1'), 'off', 900, TERMS),
      line.order(on('2'), 'off', 300, TERMS),
      line.order(on('3'), 'off', 600, TERMS),
    ]);
    await Promise.all([line.confirm(on('1'), 900), line.confirm(on('2'), 200)]);
    expect(times).toEqual([300, 200]);
  });

  test('no order overtakes an earlier one for its plug, also where alike ones go together', async () => {
    const pdu = device(true);
    const line = new DeviceLine(pdu.pool, clock, new AbortController().signal);
    const first = line.order(on('9'), 'off', 1000, TERMS);
    await new Promise((resolve) => setImmediate(resolve));
    const rest = [
      line.order(on('1'), 'off', 1000, TERMS),
      line.order(on('2'), 'on', 1000, TERMS),
      line.order(on('2'), 'off', 1000, TERMS),
      line.order(on('3'), 'off', 1000, TERMS),
    ];
    await pdu.drain();
    await Promise.all([first, ...rest]);
    expect(pdu.calls).toEqual(['off 9', 'off 1+3', 'on 2', 'off 2']);
  });
});

describe('an order that may not leave any more', () => {
  const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test('is not sent when its turn comes too late, whatever it waited for, and says so', async () => {
    const time = new VirtualClock(1000);
    const pdu = device(false);
    const line = new DeviceLine(pdu.pool, time, new AbortController().signal);
    const slow = line.confirm(on('1'), 60_000);
    await soon();
    const late = line.order(on('2'), 'off', 60_000, { operation: 'op1', notAfter: 1500 });
    const timely = line.order(on('3'), 'off', 60_000, { operation: 'op2', notAfter: 1501 });
    time.advance(500);
    await pdu.drain();
    await slow;
    expect(await late).toMatchObject({ result: 'rejected', why: { code: 'order-too-late' } });
    expect(await timely).toEqual(ACCEPTED);
    expect(pdu.calls).toEqual(['read 1', 'off 3']);
  });

  test('tells the driver until when it may leave: the earliest of those that go together', async () => {
    const told: (number | undefined)[] = [];
    const pool: DevicePool = {
      ...UNASKED,
      order: async (_outlet, _wanted, { notAfter }) => {
        told.push(notAfter);
        return ACCEPTED;
      },
      read: async (_outlet, { notAfter }) => {
        told.push(notAfter);
        return OFF;
      },
      together: () => true,
      orderAll: async (_device, plugs, _wanted, { notAfter }) => {
        told.push(notAfter);
        return plugs.map(() => ACCEPTED);
      },
      close: async () => undefined,
    };
    const line = new DeviceLine(pool, new VirtualClock(1000), new AbortController().signal);
    const terms = (notAfter: number) => ({ operation: 'op1', notAfter });
    await line.order(on('1'), 'off', 1000, terms(1700));
    await Promise.all([line.order(on('1'), 'off', 1000, terms(1900)), line.order(on('2'), 'off', 1000, terms(1800))]);
    await line.confirm(on('1'), 1000);
    expect(told).toEqual([1700, 1800, undefined]);
  });

  test('called back while it waits, nothing of it is sent; what others wait for goes on', async () => {
    const time = new VirtualClock(1000);
    const pdu = device(false);
    const line = new DeviceLine(pdu.pool, time, new AbortController().signal);
    const first = line.confirm(on('1'), 60_000);
    await soon();
    const mine = line.order(on('2'), 'on', 60_000, { operation: 'op1', notAfter: 9e12 });
    const other = line.order(on('3'), 'on', 60_000, { operation: 'op2', notAfter: 9e12 });
    line.cancel('op1');
    expect(await mine).toMatchObject({ result: 'rejected', why: { code: 'cancelled' } });
    await pdu.drain();
    await Promise.all([first, other]);
    expect(pdu.calls).toEqual(['read 1', 'on 3']);
  });

  test('called back under way, its driver is told at once; what it says is passed on, and where it says nothing it is given up', async () => {
    const time = new VirtualClock(1000);
    let aborted = 0;
    const answers: ((result: OrderResult) => void)[] = [];
    const pool: DevicePool = {
      ...UNASKED,
      order: (_outlet, _wanted, { signal }) =>
        new Promise((resolve) => {
          answers.push(resolve);
          signal?.addEventListener('abort', () => (aborted += 1));
        }),
      read: () => Promise.resolve(OFF),
      close: async () => undefined,
    };
    const line = new DeviceLine(pool, time, new AbortController().signal);
    const first = line.order(on('1'), 'on', 60_000, { operation: 'op1', notAfter: 9e12 });
    await soon();
    line.cancel('nobody');
    expect(aborted).toBe(0);
    line.cancel('op1');
    expect(aborted).toBe(1);
    answers[0]?.(ACCEPTED);
    expect(await first).toEqual(ACCEPTED);
    const second = line.order(on('1'), 'on', 60_000, { operation: 'op1', notAfter: 9e12 });
    await soon();
    line.cancel('op1');
    time.advance(1000);
    expect(await second).toMatchObject({ result: 'unknown', why: { code: 'driver-overdue' } });
  });
});

describe('a driver that does not come back', () => {
  const virtual = () => new VirtualClock(1000);
  const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test('is given up a little after its deadline; its device is left alone until it has come back (S4)', async () => {
    const time = virtual();
    const pdu = device(false);
    const line = new DeviceLine(pdu.pool, time, new AbortController().signal);
    const order = line.order(on('1'), 'off', 500, TERMS);
    await soon();
    const waits = line.confirm(on('1'), 60_000);
    time.advance(1400);
    await soon();
    expect(pdu.calls).toEqual(['off 1']);
    time.advance(200);
    expect(await order).toMatchObject({ result: 'unknown', why: { code: 'driver-overdue' } });
    // Whoever looks is told at once; what a fencing needs waits.
    expect(await line.status(on('2'), 1000)).toMatchObject({ power: 'unknown', why: { code: 'driver-overdue' }, startedAt: 2600 });
    expect(pdu.calls).toEqual(['off 1']);
    await pdu.drain();
    expect((await waits).power).toBe('off');
    expect(pdu.calls).toEqual(['off 1', 'read 1']);
    expect(pdu.most()).toBe(1);
    expect(time.waiting).toBe(0);
  });

  test('where it never does, its device is opened again after a while, and needs no restart', async () => {
    const time = virtual();
    let instance = 1;
    const reopened: number[] = [];
    const pool: DevicePool = {
      ...UNASKED,
      order: () => (instance === 1 ? new Promise(() => undefined) : Promise.resolve(ACCEPTED)),
      read: () => Promise.resolve(OFF),
      reopen: () => {
        reopened.push(time.now());
        instance += 1;
      },
      close: async () => undefined,
    };
    const line = new DeviceLine(pool, time, new AbortController().signal);
    const lost = line.order(on('1'), 'off', 500, TERMS);
    await soon();
    time.advance(1500);
    expect(await lost).toMatchObject({ result: 'unknown' });
    expect(reopened).toEqual([2500]);
    const impatient = line.order(on('1'), 'off', 500, TERMS);
    const waits = line.order(on('1'), 'off', 6000, TERMS);
    time.advance(4999);
    expect(await impatient).toMatchObject({ result: 'unknown', why: { code: 'device-busy' } });
    expect(await line.status(on('1'), 1000)).toMatchObject({ power: 'unknown' });
    time.advance(1);
    expect(await waits).toEqual(ACCEPTED);
    await soon();
    expect(time.waiting).toBe(0);
  });

  test('its signal is aborted then, and other devices are asked all the while', async () => {
    const time = virtual();
    let aborted = false;
    const never: DevicePool = {
      ...UNASKED,
      order: (outlet, _wanted, within) =>
        outlet.device === 'pdu'
          ? new Promise(() => within.signal?.addEventListener('abort', () => (aborted = true)))
          : Promise.resolve(ACCEPTED),
      read: () => Promise.resolve(OFF),
      close: async () => undefined,
    };
    const line = new DeviceLine(never, time, new AbortController().signal);
    const order = line.order(on('1'), 'off', 500, TERMS);
    expect(await line.order({ device: 'bmc', plug: '' }, 'off', 500, TERMS)).toEqual(ACCEPTED);
    expect(aborted).toBe(false);
    time.advance(1500);
    expect(await order).toMatchObject({ result: 'unknown' });
    expect(aborted).toBe(true);
  });

  test('nothing piles up behind it: thousands of requests later every one of them has been answered', async () => {
    const time = virtual();
    const never: DevicePool = {
      ...UNASKED,
      order: () => new Promise(() => undefined),
      read: () => Promise.resolve(OFF),
      close: async () => undefined,
    };
    const line = new DeviceLine(never, time, new AbortController().signal);
    void line.order(on('1'), 'off', 500, TERMS);
    await soon();
    time.advance(1500);
    for (let round = 0; round < 50; round += 1) {
      const asked = Array.from({ length: 100 }, (_, plug) => line.order(on(String(plug)), 'off', 500, TERMS));
      time.advance(500);
      expect((await Promise.all(asked)).every(({ result }) => result === 'unknown')).toBe(true);
      await soon();
    }
    time.advance(10_000);
    expect(time.waiting).toBe(0);
  });

  test('a line that grows beyond every measure is a broken promise that is heard, not a silence', async () => {
    const pdu = device(false);
    const line = new DeviceLine(pdu.pool, virtual(), new AbortController().signal);
    const asked = Array.from({ length: 4097 }, () => line.confirm(on('1'), 1000));
    for (const one of asked) one.catch(() => undefined);
    await expect(asked[4096]).rejects.toThrow('S4');
  });
});

describe('the end of the process, a clock that was set back, and an operation that is called off', () => {
  const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test('whoever waits for a driver that does not listen is told that the process ends, and no timer is left', async () => {
    const time = new VirtualClock(1000);
    const ends = new AbortController();
    const never: DevicePool = {
      ...UNASKED,
      order: () => new Promise(() => undefined),
      read: () => Promise.resolve(OFF),
      close: async () => undefined,
    };
    const line = new DeviceLine(never, time, ends.signal);
    const all = [line.order(on('1'), 'off', 500, TERMS), line.order({ device: 'b', plug: '' }, 'off', 5000, TERMS)];
    await soon();
    time.advance(1500);
    const waits = line.order(on('2'), 'off', 500, TERMS);
    ends.abort();
    expect(await all[0]).toMatchObject({ why: { code: 'driver-overdue' } });
    expect(await all[1]).toMatchObject({ result: 'unknown', why: { code: 'closing' } });
    expect(await waits).toMatchObject({ result: 'unknown', why: { code: 'closing' } });
    await soon();
    expect(time.waiting).toBe(0);
  });

  test('a clock that was set back gives what waited no more time than it was asked with', async () => {
    const time = new VirtualClock(10_000_000);
    let set = 0;
    const told: unknown[] = [];
    const gates: (() => void)[] = [];
    const pool: DevicePool = {
      ...UNASKED,
      order: async (_outlet, _wanted, { ms, notAfter = 0 }) => {
        told.push(['order', ms, notAfter - time.now() - set]);
        return await Promise.resolve(ACCEPTED);
      },
      read: async (_outlet, { ms }) => {
        told.push(['read', ms]);
        if (gates.length === 0) await new Promise<void>((open) => gates.push(open));
        return OFF;
      },
      close: async () => undefined,
    };
    const line = new DeviceLine(
      pool,
      { now: () => time.now() + set, after: (ms, run) => time.after(ms, run) },
      new AbortController().signal,
    );
    const first = line.confirm(on('1'), 3000);
    await soon();
    const rest = [line.order(on('2'), 'off', 5000, { operation: 'op1', notAfter: time.now() + 4000 }), line.confirm(on('3'), 6000)];
    time.advance(1000);
    set = -3_600_000;
    gates[0]?.();
    await Promise.all([first, ...rest]);
    expect(told).toEqual([
      ['read', 3000],
      ['order', 5000, 4000],
      ['read', 6000],
    ]);
  });

  test('one of several operations that go together is called off: the others are not', async () => {
    let aborted = false;
    const pool: DevicePool = {
      ...device(true).pool,
      orderAll: (_device, _plugs, _wanted, { signal }) => new Promise(() => signal?.addEventListener('abort', () => (aborted = true))),
    };
    const line = new DeviceLine(pool, new VirtualClock(1000), new AbortController().signal);
    for (const operation of ['op1', 'op2']) void line.order(on(operation), 'off', 1000, { ...TERMS, operation });
    await soon();
    line.cancel('op1');
    line.cancel('op1');
    expect(aborted).toBe(false);
    line.cancel('op2');
    expect(aborted).toBe(true);
  });
});
