/** Several plugs in one request: each gets its own answer, with the time span of that request, and none gets more time than it has. */
import { expect, test } from 'vitest';
import type { DevicePool, Deadline } from '../../src/coordinator/ports.ts';
import { DeviceLine } from '../../src/coordinator/device-line/line.ts';
import type { OrderResult, Reading } from '../../src/vocabulary/index.ts';
import { UNASKED } from './ports.ts';

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const outlet = (plug: string) => ({ device: 'pdu', plug });
const TERMS = { operation: 'op1', notAfter: 9e12 };
const REFUSED: OrderResult = { result: 'rejected', why: { code: 'no-such-outlet', says: 'there is none', next: 'Look.' } };

/** Even plugs are off and refuse orders, odd ones are on and take them. The first request of all is held until `open`. */
function pdu() {
  let now = 1000;
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const asked: Array<{ readonly plugs: readonly string[]; readonly ms: number }> = [];
  const even = (plug: string): boolean => Number(plug) % 2 === 0;
  const note = async (plugs: readonly string[], within: Deadline): Promise<void> => {
    asked.push({ plugs, ms: within.ms });
    if (asked.length === 1) await gate;
    now += 7;
  };
  const reading = (plug: string): Reading => ({ power: even(plug) ? 'off' : 'on', source: `plug ${plug}` });
  const result = (plug: string): OrderResult => (even(plug) ? REFUSED : { result: 'accepted' });
  const pool: DevicePool = {
    ...UNASKED,
    together: () => true,
    read: async ({ plug }, within) => {
      await note([plug], within);
      return reading(plug);
    },
    order: async ({ plug }, _wanted, within) => {
      await note([plug], within);
      return result(plug);
    },
    readAll: async (_device, plugs, within) => {
      await note(plugs, within);
      return plugs.map(reading);
    },
    orderAll: async (_device, plugs, _wanted, within) => {
      await note(plugs, within);
      return plugs.map(result);
    },
    close: async () => undefined,
  };
  const end = new AbortController();
  const clock = { now: () => now, after: () => () => undefined };
  return { line: new DeviceLine(pool, clock, end.signal), asked, open: () => open(), end };
}

test('each plug gets its own reading and its own result', async () => {
  const { line, asked, open } = pdu();
  const first = line.confirm(outlet('99'), 5000);
  await soon();
  const plugs = ['4', '3', '2', '1'];
  const readings = plugs.map((plug) => line.confirm(outlet(plug), 5000));
  const orders = plugs.map((plug) => line.order(outlet(plug), 'off', 5000, TERMS));
  open();
  await first;
  expect((await Promise.all(readings)).map(({ power, source }) => [power, source])).toEqual(
    plugs.map((plug) => [Number(plug) % 2 === 0 ? 'off' : 'on', `plug ${plug}`]),
  );
  expect((await Promise.all(orders)).map(({ result }) => result)).toEqual(['rejected', 'accepted', 'rejected', 'accepted']);
  expect(asked.map(({ plugs: together }) => together)).toEqual([['99'], plugs, plugs]);
});

test('a reading is as old as its request: from when it was asked until it was answered, not while it waited', async () => {
  const { line, open } = pdu();
  const first = line.confirm(outlet('99'), 5000);
  await soon();
  const waiting = [line.confirm(outlet('1'), 5000), line.confirm(outlet('2'), 5000)];
  open();
  expect(await first).toMatchObject({ startedAt: 1000, endedAt: 1007 });
  for (const reading of await Promise.all(waiting)) expect(reading).toMatchObject({ startedAt: 1007, endedAt: 1014 });
});

test('a request has the time of whoever has least, of readings and of orders', async () => {
  const { line, asked, open } = pdu();
  const all = [line.confirm(outlet('99'), 5000)];
  await soon();
  all.push(line.confirm(outlet('1'), 3000), line.confirm(outlet('2'), 800), line.confirm(outlet('3'), 4000));
  const orders = [line.order(outlet('1'), 'off', 900, TERMS), line.order(outlet('2'), 'off', 600, TERMS)];
  open();
  await Promise.all([...all, ...orders]);
  expect(asked.map(({ ms }) => ms)).toEqual([5000, 593, 786]);
});

test('no request carries more than 64 plugs; the rest goes with the next', async () => {
  const { line, asked, open } = pdu();
  const first = line.confirm(outlet('999'), 5000);
  await soon();
  const all = Array.from({ length: 100 }, (_each, at) => line.confirm(outlet(String(at)), 5000));
  open();
  await Promise.all([first, ...all]);
  expect(asked.map(({ plugs }) => plugs.length)).toEqual([1, 64, 36]);
});

test('what waits when everything is stopped is not asked any more', async () => {
  const { line, asked, open, end } = pdu();
  const first = line.confirm(outlet('99'), 5000);
  await soon();
  const order = line.order(outlet('1'), 'off', 5000, TERMS);
  const reading = line.confirm(outlet('2'), 5000);
  end.abort();
  open();
  await first;
  expect(await order).toMatchObject({ result: 'unknown' });
  expect(await reading).toMatchObject({ power: 'unknown', source: 'not asked' });
  expect(asked).toHaveLength(1);
});
