/** The boundary to drivers: whatever one throws, makes up or never brings is unknown beyond it, and its device is opened again. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../hardware-mocks/clock.ts';
import { SeededRandom } from '../../hardware-mocks/random.ts';
import { type Configuration, loadConfiguration } from '../../src/config/index.ts';
import type { Clock, DevicePool } from '../../src/coordinator/ports.ts';
import { openDevicePool } from '../../src/devices/pool.ts';
import { driverLookup } from '../../src/devices/lookup.ts';
import { settled } from '../coordinator/ports.ts';

const CONFIGURATION = `cluster: orders
stateDir: ./state
self: { id: witness-1 }
nodes:
  db1: { fence: [[{ device: bad, outlet: "1" }]] }
devices:
  bad: { driver: ./bad.mjs }
`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiff-boundary-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A driver of somebody else, by the text of its functions. `opened` counts its instances. */
async function poolOf(
  parts: { readonly top?: string; readonly module?: string; readonly open?: string; readonly members?: string },
  clock = new VirtualClock(1000),
  wall: Clock = clock,
): Promise<DevicePool> {
  const { top = '', module = '', open = '', members = '' } = parts;
  await writeFile(
    join(folder, 'bad.mjs'),
    `${top}
let opened = 0;
export const driver = { name: 'bad', summary: 'bad', evidence: 'device', plugs: 'required', settings: {}, ${module} open: () => {
  opened += 1; const instance = opened; ${open}
  return { evidence: 'device',
    async order() { return { result: 'accepted' }; },
    async read() { return { power: 'off', source: 'instance ' + instance }; },
    async check() { return { ok: true, found: [] }; }, async close() {}, ${members} };
} };`,
  );
  const file = join(folder, 'bailiff.yaml');
  await writeFile(file, CONFIGURATION);
  const loaded = await loadConfiguration(file, { drivers: driverLookup(file) });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const configuration: Configuration = loaded.configuration;
  const random = new SeededRandom(1);
  return openDevicePool(configuration, {
    clock: wall,
    driverClock: clock,
    random: { id: () => 'id', fraction: () => random.fraction(), bytes: (length) => random.bytes(length) },
    debug: () => undefined,
  });
}

const one = { device: 'bad', plug: '1' };
const within = { ms: 1000 };

describe('a driver that throws', () => {
  it.each([
    ['async order() { throw new Error("boom"); }', 'rejects'],
    ['order() { throw new Error("boom"); }', 'throws at once'],
    ['get order() { throw new Error("boom"); }', 'has a getter that throws'],
    ['order() { return { get result() { throw new Error("boom"); } }; }', 'gives back an answer that throws'],
    ['order: undefined', 'has no such function'],
  ])('an order: %s', async (members) => {
    const pool = await poolOf({ members });
    expect(await pool.order(one, 'off', within)).toMatchObject({ result: 'unknown', why: { code: 'driver-threw' } });
    expect(await pool.read(one, within)).toMatchObject({ power: 'off', source: 'instance 2' });
  });

  it.each(['async read() { throw "a text"; }', 'read() { return { get power() { throw new Error("boom"); } }; }', 'read: 7'])(
    'a reading: %s',
    async (members) => {
      const pool = await poolOf({ members });
      expect(await pool.read(one, within)).toMatchObject({ power: 'unknown', why: { code: 'driver-threw' } });
    },
  );

  it('opening: nothing was sent, and the next request tries anew', async () => {
    const pool = await poolOf({ open: 'if (instance === 1) throw new Error("boom");' });
    expect(await pool.order(one, 'off', within)).toMatchObject({ result: 'rejected', why: { code: 'driver-threw' } });
    expect(await pool.order(one, 'off', within)).toEqual({ result: 'accepted' });
  });

  it('opening: something that is no driver', async () => {
    const pool = await poolOf({ open: 'if (instance < 2) return undefined;' });
    expect(await pool.read(one, within)).toMatchObject({ power: 'unknown', why: { code: 'driver-threw' } });
    expect(await pool.read(one, within)).toMatchObject({ power: 'off' });
  });

  it('an order that is called back, or whose time is over, while its device is opened is not sent', async () => {
    const members = 'async order() { globalThis.sentByBad = true; return { result: "accepted" }; }';
    const pool = await poolOf({ members });
    const calledBack = new AbortController();
    const order = pool.order(one, 'off', { ...within, signal: calledBack.signal });
    calledBack.abort();
    expect(await order).toMatchObject({ result: 'rejected', why: { code: 'cancelled' } });
    expect(await pool.order(one, 'off', { ...within, notAfter: 1000 })).toMatchObject({
      result: 'rejected',
      why: { code: 'order-too-late' },
    });
    expect(globalThis).not.toHaveProperty('sentByBad');
    expect(await pool.order(one, 'off', { ...within, notAfter: 1001 })).toEqual({ result: 'accepted' });
    expect(globalThis).toHaveProperty('sentByBad', true);
    Object.assign(globalThis, { sentByBad: undefined });
  });

  it.each([
    'async check() { throw new Error("boom"); }',
    'check: 7',
    'check() { return { found: [], get ok() { throw new Error("boom"); } }; }',
  ])('a question about its health: %s', async (members) => {
    const pool = await poolOf({ members });
    expect(await pool.health('bad', within)).toMatchObject({ ok: false, problem: { code: 'driver-threw' } });
    expect(await pool.read(one, within)).toMatchObject({ source: 'instance 2' });
  });

  it.each([
    'async list() { throw new Error("boom"); }',
    'list: 7',
    'async list() { return [{ get plug() { throw new Error("boom"); } }]; }',
  ])('a list of its outlets: %s', async (members) => {
    const pool = await poolOf({ members });
    expect(await pool.list('bad', within)).toMatchObject({ code: 'driver-threw' });
    expect(await pool.read(one, within)).toMatchObject({ source: 'instance 2' });
  });

  it('its device is opened again when its session was given back, or a second later', async () => {
    const top = 'globalThis.badLet = [];';
    const members = `async read() { if (instance === 1) throw new Error("boom"); return { power: 'off', source: 'instance ' + instance }; },
      close: () => new Promise((resolve) => globalThis.badLet.push(resolve))`;
    const clock = new VirtualClock(1000);
    const pool = await poolOf({ top, members }, clock);
    const letGo = (globalThis as unknown as { readonly badLet: (() => void)[] }).badLet;
    await pool.read(one, within);
    let again: unknown;
    void pool.read(one, within).then((reading) => {
      again = reading;
    });
    await settled();
    expect(again).toBeUndefined();
    letGo[0]?.();
    await settled();
    expect(again).toMatchObject({ source: 'instance 2' });
    pool.reopen?.('bad');
    const late = pool.read(one, within);
    await settled();
    clock.advance(1000);
    expect(await late).toMatchObject({ source: 'instance 3' });
    expect(clock.waiting).toBe(0);
    Object.assign(globalThis, { badLet: undefined });
  });

  it('closing: nobody is kept by it', async () => {
    const pool = await poolOf({ members: 'close() { throw new Error("boom"); }' });
    await pool.read(one, within);
    await expect(pool.close()).resolves.toBeUndefined();
  });

  it('several plugs: each is unknown', async () => {
    const members = 'async orderAll() { throw new Error("boom"); }, async readAll() { throw new Error("boom"); }';
    const pool = await poolOf({ members });
    await pool.read(one, within);
    expect(await pool.orderAll?.('bad', ['1', '2'], 'off', within)).toMatchObject([{ result: 'unknown' }, { result: 'unknown' }]);
    await pool.read(one, within);
    expect(await pool.readAll?.('bad', ['1', '2'], within)).toMatchObject([{ power: 'unknown' }, { power: 'unknown' }]);
  });
});

/** A whole driver in the text of `open`, which becomes what `bent` makes of it. */
const bent = (how: string): string =>
  `const plain = { evidence: 'device', async order() { return { result: 'accepted' }; }, async read() { return { power: 'off', source: 'x' }; },
    async check() { return { ok: true, found: [] }; }, async close() { globalThis.closedBad = true; } }; return ${how};`;

describe('a driver whose object is strange', () => {
  it.each([
    ['a field `code`', `Object.assign(plain, { code: 'v2', says: 'hunter2', next: '', password: 'hunter2' })`],
    ['a `has` that throws', `new Proxy(plain, { has() { throw new Error('boom'); } })`],
    ['a `then` that never calls back', 'Object.assign(plain, { then() {} })'],
    ['a `then` that throws', `Object.defineProperty(plain, 'then', { get() { throw new Error('boom'); } })`],
    ['no prototype', 'Object.assign(Object.create(null), plain)'],
  ])('with %s is a driver all the same', async (_what, how) => {
    const pool = await poolOf({ open: bent(how) });
    expect(await pool.order(one, 'off', within)).toEqual({ result: 'accepted' });
    expect(await pool.read(one, within)).toEqual({ power: 'off', source: 'x' });
    expect(await pool.health('bad', within)).toEqual({ ok: true, found: [] });
    await pool.close();
    expect(globalThis).toHaveProperty('closedBad', true);
    Object.assign(globalThis, { closedBad: undefined });
  });

  it('with nothing but traps that throw is unknown, whatever it is asked', async () => {
    const pool = await poolOf({
      open: bent(`new Proxy(plain, { get() { throw new Error('boom'); }, has() { throw new Error('boom'); } })`),
    });
    expect(await pool.order(one, 'off', within)).toMatchObject({ result: 'unknown', why: { code: 'driver-threw' } });
    expect(await pool.read(one, within)).toMatchObject({ power: 'unknown', why: { code: 'driver-threw' } });
    expect(await pool.list('bad', within)).toMatchObject({ code: 'driver-threw' });
    expect(pool.together?.('bad')).toBe(false);
    await expect(pool.close()).resolves.toBeUndefined();
  });

  it.each(['then() {},', 'get then() { throw new Error("boom"); },', 'code: "v2", says: "x", next: "y",'])(
    'whose module has %s is loaded like every other',
    async (module) => {
      const pool = await poolOf({ module });
      expect(await pool.read(one, within)).toMatchObject({ power: 'off' });
    },
  );
});

describe('a list with functions of its own', () => {
  const mapped = 'const list = [1, 2]; list.map = () => undefined; list[Symbol.iterator] = () => { throw new Error("boom"); };';

  it('is looked at place by place', async () => {
    const members = `async orderAll() { ${mapped} return list; }, async readAll() { ${mapped} return list; },
      async list() { const list = [{}]; list.flatMap = () => 'none'; return list; },
      async check() { const found = ['a line']; found.slice = () => 7; return { ok: true, found }; }`;
    const pool = await poolOf({ members });
    await pool.read(one, within);
    expect(await pool.orderAll?.('bad', ['1', '2'], 'off', within)).toMatchObject([{ result: 'unknown' }, { result: 'unknown' }]);
    expect(await pool.readAll?.('bad', ['1', '2'], within)).toMatchObject([{ power: 'unknown' }, { power: 'unknown' }]);
    expect(await pool.list('bad', within)).toMatchObject({ code: 'driver-malformed' });
    expect(await pool.health('bad', within)).toEqual({ ok: true, found: ['a line'] });
  });

  it('and without an end is no list of outlets', async () => {
    const pool = await poolOf({ members: `async list() { return new Array(4294967295); }` });
    expect(await pool.list('bad', within)).toMatchObject({ code: 'driver-malformed' });
  });
});

describe('a driver that makes things up', () => {
  it.each(['undefined', 'null', '"off"', '{ power: "OFF" }', '{ power: "off " }', '{ power: 0 }', '{ power: ["off"] }', '{}'])(
    'reads %s: never off',
    async (answer) => {
      const pool = await poolOf({ members: `async read() { return ${answer}; }` });
      expect(await pool.read(one, within)).toMatchObject({ power: 'unknown', why: { code: 'driver-malformed' } });
    },
  );

  it.each(['undefined', '{ result: "ok" }', 'true', '{ result: "Accepted" }'])(
    'answers an order with %s: never accepted',
    async (answer) => {
      const pool = await poolOf({ members: `async order() { return ${answer}; }` });
      expect(await pool.order(one, 'off', within)).toMatchObject({ result: 'unknown', why: { code: 'driver-malformed' } });
    },
  );

  it.each(['[]', '[{ power: "off", source: "x" }]', 'undefined', '[1, 2, 3]'])(
    'gives %s for two plugs: none of it counts',
    async (answer) => {
      const members = `async orderAll() { return []; }, async readAll() { return ${answer}; }`;
      const pool = await poolOf({ members });
      await pool.read(one, within);
      expect(await pool.readAll?.('bad', ['1', '2'], within)).toMatchObject([{ power: 'unknown' }, { power: 'unknown' }]);
    },
  );

  it.each(['undefined', 'true', '{ ok: true }', '{ found: [] }', '{ ok: "yes", found: [] }'])(
    'says of its health %s: never well',
    async (answer) => {
      const pool = await poolOf({ members: `async check() { return ${answer}; }` });
      expect(await pool.health('bad', within)).toMatchObject({ ok: false, problem: { code: 'driver-malformed' } });
    },
  );

  it('is well, and has a problem: it is not well', async () => {
    const pool = await poolOf({
      members: 'async check() { return { ok: true, found: [], problem: { code: "x", says: "y", next: "z" } }; }',
    });
    expect(await pool.health('bad', within)).toMatchObject({ ok: false, problem: { code: 'x' } });
  });

  it.each(['undefined', '[{}]', '[{ plug: 1 }]', '"1"'])('lists %s: no outlet of it counts', async (answer) => {
    const pool = await poolOf({ members: `async list() { return ${answer}; }` });
    expect(await pool.list('bad', within)).toMatchObject({ code: 'driver-malformed' });
  });

  it('lists outlets, a problem, or cannot', async () => {
    const listing = await poolOf({
      members: 'async list() { return [{ plug: "1", name: "db1", reading: { power: "on", source: "x" } }]; }',
    });
    expect(await listing.list('bad', within)).toEqual([{ plug: '1', name: 'db1', reading: { power: 'on', source: 'x' } }]);
  });

  it('bends what it gave back later: it was copied', async () => {
    const pool = await poolOf({
      top: 'const kept = { power: "on", source: "x", watts: NaN };',
      members: 'async read() { setTimeout(() => { kept.power = "off"; }); return kept; }',
    });
    const reading = await pool.read(one, within);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(reading).toEqual({ power: 'on', source: 'x' });
  });

  it('a refusal without a reason gets one', async () => {
    const pool = await poolOf({ members: 'async order() { return { result: "rejected" }; }' });
    expect(await pool.order(one, 'off', within)).toMatchObject({ result: 'rejected', why: { code: 'driver-malformed' } });
  });
});

it('a clock that is set back while a device is opened again gives no order more time', async () => {
  const clock = new VirtualClock(1_000_000);
  let back = 0;
  const wall: Clock = { now: () => clock.now() - back, after: (ms, run) => clock.after(ms, run) };
  // Its last session is not given back: it is opened again a second later.
  const pool = await poolOf({ members: 'close() { return new Promise(() => undefined); }' }, clock, wall);
  expect(await pool.read(one, within)).toMatchObject({ power: 'off' });
  pool.reopen?.('bad');
  const ordered = pool.order(one, 'off', { ms: 5000, notAfter: wall.now() + 100 });
  await settled();
  back = 3_600_000;
  clock.advance(1000);
  expect(await ordered).toMatchObject({ result: 'rejected', why: { code: 'order-too-late' } });
});
