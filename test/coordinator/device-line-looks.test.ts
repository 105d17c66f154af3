/** Whoever only looks at a device: after all that a fencing asks of it, and never in its way. */
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../hardware-mocks/clock.ts';
import { DeviceLine } from '../../src/coordinator/device-line/line.ts';
import type { DevicePool } from '../../src/coordinator/ports.ts';
import { ACCEPTED, device, OFF, on, TERMS } from './held-device.ts';
import { UNASKED } from './ports.ts';

const clock = { now: () => 0, after: () => () => undefined };

describe('whoever only looks', () => {
  const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  /** A device that answers its first reading after so long, or only when that is called off; orders at once. */
  const slow = (time: VirtualClock, ms: number, listens: boolean): DevicePool => ({
    order: async () => await Promise.resolve(ACCEPTED),
    read: (_outlet, { signal }) =>
      new Promise((resolve) => {
        time.after(ms, () => resolve(OFF));
        const why = { code: 'silent', says: 'it was called off', next: '' };
        if (listens) signal?.addEventListener('abort', () => resolve({ power: 'unknown', source: 'test', why }));
      }),
    ...UNASKED,
    close: async () => undefined,
  });

  test('gives way to a fencing when the device stays silent, and is told so', async () => {
    const time = new VirtualClock(1000);
    const line = new DeviceLine(slow(time, 4000, true), time, new AbortController().signal);
    const seen = line.status(on('1'), 5000);
    await soon();
    const order = line.order(on('2'), 'off', 5000, TERMS);
    time.advance(200);
    expect(await seen).toMatchObject({ power: 'unknown', why: { code: 'gave-way' } });
    expect(await order).toEqual(ACCEPTED);
    expect(time.now()).toBe(1200);
    await soon();
    time.advance(4000);
    expect(time.waiting).toBe(0);
  });

  test('is not called off where the device answers in a moment', async () => {
    const time = new VirtualClock(1000);
    const line = new DeviceLine(slow(time, 150, true), time, new AbortController().signal);
    const seen = line.status(on('1'), 5000);
    await soon();
    const confirmed = line.confirm(on('2'), 5000);
    time.advance(150);
    expect(await seen).toMatchObject({ power: 'off' });
    await soon();
    time.advance(150);
    expect(await confirmed).toMatchObject({ power: 'off', startedAt: 1150 });
    await soon();
    expect(time.waiting).toBe(0);
  });

  test('keeps its time where its driver does not listen: the device is not taken for lost', async () => {
    const time = new VirtualClock(1000);
    const line = new DeviceLine(slow(time, 4000, false), time, new AbortController().signal);
    const seen = line.status(on('1'), 5000);
    await soon();
    const order = line.order(on('2'), 'off', 5000, TERMS);
    time.advance(4000);
    expect(await seen).toMatchObject({ power: 'off' });
    expect(await order).toEqual(ACCEPTED);
  });

  test('does not shorten what confirms, and goes with it where it has as much time', async () => {
    const pdu = device(true);
    const line = new DeviceLine(pdu.pool, clock, new AbortController().signal);
    const first = line.confirm(on('9'), 1000);
    await soon();
    const rest = [line.status(on('1'), 900), line.status(on('2'), 5000), line.confirm(on('3'), 1000), line.health('pdu', 1000)];
    await pdu.drain();
    await Promise.all([first, ...rest]);
    expect(pdu.calls).toEqual(['read 9', 'read 3+2', 'read 1']);
  });

  test('asks a device after its readings, and one thing at a time', async () => {
    const pdu = device(false);
    const line = new DeviceLine(pdu.pool, clock, new AbortController().signal);
    const all = Promise.all([line.health('pdu', 1000), line.list('pdu', 1000), line.status(on('1'), 1000), line.confirm(on('2'), 1000)]);
    await pdu.drain();
    const [health, list] = await all;
    expect(health).toMatchObject({ ok: true });
    expect(list).toMatchObject({ code: 'outlets-not-listed' });
    expect(pdu.calls).toEqual(['read 2', 'read 1']);
  });

  test('is turned away where thousands wait already, and breaks nothing', async () => {
    const pdu = device(false);
    const line = new DeviceLine(pdu.pool, clock, new AbortController().signal);
    const asked = Array.from({ length: 4097 }, () => line.status(on('1'), 1000));
    expect(await asked[4096]).toMatchObject({ power: 'unknown', why: { code: 'device-busy' } });
  });
});
