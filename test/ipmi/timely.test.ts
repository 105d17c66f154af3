/** An order leaves in its time, and while somebody wants it, or not at all: copies, logins and names that are looked up included. */
import { describe, expect, test } from 'vitest';
import { AUTH_TYPE_RMCPPLUS, PAYLOAD } from '../../drivers/ipmi/codec/index.ts';
import type { OpenWire, WireEvents } from '../../drivers/ipmi/transport.ts';
import { bench } from './bench.ts';

const USUAL = { ms: 5_000 };

describe('an order without an answer', () => {
  test('is repeated while there is time, and not after it', async () => {
    const { driver, net, clock } = bench();
    await clock.wait(driver.read('', USUAL));
    net.filter = (datagram, way) => (way === 'to-console' ? undefined : datagram);
    const from = net.sent.length;
    const notAfter = clock.now() + 2_000;
    expect(await clock.wait(driver.order('', 'off', { ms: 8_000, notAfter }))).toMatchObject({ result: 'unknown' });
    // A login may follow: it switches nothing.
    const inSession = (datagram: Uint8Array): boolean => datagram[4] === AUTH_TYPE_RMCPPLUS && ((datagram[5] ?? 0) & 0x3f) === PAYLOAD.ipmi;
    const copies = net.sent.slice(from).filter(({ way, datagram }) => way === 'to-bmc' && inSession(datagram));
    expect(copies.length).toBeGreaterThan(1);
    expect(copies.every(({ at }) => at < notAfter)).toBe(true);
  });

  test('whose time is over while the login goes on was never sent', async () => {
    const { driver, net, clock } = bench();
    let login = true;
    net.filter = (datagram) => (login ? undefined : datagram);
    const notAfter = clock.now() + 1_000;
    const ordered = clock.wait(driver.order('', 'off', { ms: 8_000, notAfter }));
    clock.after(1_500, () => {
      login = false;
    });
    expect(await ordered).toMatchObject({ result: 'rejected', why: { code: 'order-too-late' } });
    expect(await clock.wait(driver.read('', USUAL))).toMatchObject({ power: 'on' });
  });

  test('is not repeated when it is called off', async () => {
    const { driver, net, clock } = bench();
    await clock.wait(driver.read('', USUAL));
    net.filter = (datagram, way) => (way === 'to-console' ? undefined : datagram);
    const abort = new AbortController();
    const ordered = clock.wait(driver.order('', 'off', { ms: 8_000, signal: abort.signal }));
    clock.after(700, () => abort.abort());
    expect(await ordered).toMatchObject({ result: 'unknown' });
    const sent = net.sent.length;
    await clock.advance(10_000);
    expect(net.sent.slice(sent)).toEqual([]);
  });
});

describe('an order that waits for the name of the BMC to be looked up', () => {
  /** A wire that holds everything while a name is looked up, as the one with sockets does. */
  function slowNames(through: OpenWire) {
    const held: (() => void)[] = [];
    let slow = false;
    let latest: WireEvents | undefined;
    const openWire: OpenWire = (host, port, events) => {
      latest = events;
      const wire = through(host, port, events);
      const lookedUp = !slow;
      return {
        close: () => wire.close(),
        send: (datagram, mayLeave = () => true) => {
          if (lookedUp) wire.send(datagram);
          else
            held.push(() => {
              if (mayLeave()) wire.send(datagram);
            });
        },
      };
    };
    return {
      openWire,
      held,
      /** The network fails, so that the next datagram needs a new socket, and so the name. */
      lose: () => {
        slow = true;
        latest?.failed('ENETUNREACH');
      },
    };
  }

  async function stage() {
    let names: ReturnType<typeof slowNames> | undefined;
    const openWire: OpenWire = (...args) => {
      names ??= slowNames(inner.net.openWire);
      return names.openWire(...args);
    };
    const inner = bench({ openWire });
    expect(await inner.clock.wait(inner.driver.read('', USUAL))).toMatchObject({ power: 'on' });
    if (names === undefined) throw new Error('nothing was opened');
    names.lose();
    return { ...inner, names };
  }

  test('leaves when it is found in time', async () => {
    const { driver, clock, names } = await stage();
    const ordered = clock.wait(driver.order('', 'off', { ms: 8_000, notAfter: clock.now() + 5_000 }));
    clock.after(10, () => {
      for (const send of names.held.splice(0)) send();
    });
    expect(await ordered).toEqual({ result: 'accepted' });
  });

  test.each(['its time is over', 'it was called off'] as const)('stays where %s', async (why) => {
    const { driver, clock, names, net } = await stage();
    const abort = new AbortController();
    const ordered = clock.wait(driver.order('', 'off', { ms: 20_000, signal: abort.signal, notAfter: clock.now() + 3_000 }));
    if (why === 'it was called off') clock.after(100, () => abort.abort());
    expect((await ordered).result).toBe('unknown');
    expect(names.held.length).toBeGreaterThan(0);
    const sent = net.sent.length;
    for (const send of names.held.splice(0)) send();
    expect(net.sent.slice(sent)).toEqual([]);
  });
});
