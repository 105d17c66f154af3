import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ProxyOptions, UdpProxy, VirtualClock } from '../../hardware-mocks/index.ts';
import { until } from './waiting.ts';

/** A device that answers every datagram with the same bytes, and remembers what it heard. */
let device: Socket;
let client: Socket;
let proxy: UdpProxy | undefined;
let heard: string[];
let came: string[];

beforeEach(async () => {
  heard = [];
  came = [];
  device = createSocket('udp4');
  device.on('message', (bytes, from) => {
    heard.push(bytes.toString());
    device.send(bytes, from.port, from.address);
  });
  client = createSocket('udp4');
  client.on('message', (bytes) => came.push(bytes.toString()));
  for (const socket of [device, client]) {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
  }
});

afterEach(async () => {
  await proxy?.close();
  device.close();
  client.close();
});

async function through(options: Omit<ProxyOptions, 'to'>): Promise<UdpProxy> {
  proxy = await UdpProxy.open({ to: { port: device.address().port }, ...options });
  return proxy;
}

const say = (text: string, port: number): void => client.send(text, port, '127.0.0.1');

describe('the UDP proxy', () => {
  it('carries both ways and counts round trips', async () => {
    const { port, count } = await through({});
    for (const text of ['a', 'b', 'c']) {
      say(text, port);
      await until(() => came.includes(text));
    }
    expect(came).toEqual(['a', 'b', 'c']);
    expect(count).toMatchObject({ roundTrips: 3, toDevice: { arrived: 3, lost: 0, bytes: 3 }, toClient: { arrived: 3 } });
    expect(proxy?.recount().roundTrips).toBe(3);
    expect(proxy?.count.roundTrips).toBe(0);
  });

  it('loses the same datagrams again with the same seed, whichever it began with', async () => {
    const lost = async (seed: number, reseeded = seed): Promise<string[]> => {
      const { port, count } = await through({ seed, toDevice: { loss: 0.5 } });
      proxy?.reseed(reseeded);
      heard = [];
      for (let turn = 0; turn < 40; turn += 1) {
        say(String(turn), port);
        await until(() => count.toDevice.arrived === turn + 1);
      }
      await until(() => heard.length === 40 - count.toDevice.lost);
      await proxy?.close();
      return heard;
    };
    const first = await lost(11);
    expect(first.length).toBeGreaterThan(5);
    expect(first.length).toBeLessThan(35);
    expect(await lost(11)).toEqual(first);
    expect(await lost(12)).not.toEqual(first);
    expect(await lost(12, 11)).toEqual(first);
  });

  it('loses nothing of the other way', async () => {
    const { port, count } = await through({ toClient: { loss: 1 } });
    say('x', port);
    await until(() => count.toClient.arrived === 1);
    expect([heard, came, count.toClient.lost]).toEqual([['x'], [], 1]);
  });

  it('doubles, delays and reorders in its own time', async () => {
    const clock = new VirtualClock();
    const { port, count } = await through({ clock, toDevice: { duplicate: 1, delayMs: 100 } });
    say('d', port);
    await until(() => clock.waiting === 2);
    clock.advance(100);
    await until(() => heard.length === 2);
    expect([heard, count.toDevice.doubled]).toEqual([['d', 'd'], 1]);
    if (proxy === undefined) throw new Error('no proxy');
    proxy.toDevice = { reorder: 1, reorderMs: 50 };
    say('late', port);
    await until(() => clock.waiting === 1);
    proxy.toDevice = {};
    say('early', port);
    await until(() => heard.includes('early'));
    clock.advance(50);
    await until(() => heard.includes('late'));
    expect(heard.slice(2)).toEqual(['early', 'late']);
  });

  it('forgets what it held when it is closed', async () => {
    const clock = new VirtualClock();
    const { port } = await through({ clock, toDevice: { delayMs: 100 } });
    say('x', port);
    await until(() => clock.waiting === 1);
    await proxy?.close();
    await proxy?.close();
    expect(clock.waiting).toBe(0);
  });
});
