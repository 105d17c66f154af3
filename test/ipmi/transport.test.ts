/** The one file with sockets, on loopback. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { realClock, watchedTools } from '../../drivers/conformance/tools.ts';
import { checkSettings, type PowerDriver, Secret } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/ipmi/driver.ts';
import { openUdp, type Wire } from '../../drivers/ipmi/transport.ts';

const opened: (Socket | Wire)[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

async function listening(): Promise<Socket> {
  const socket = createSocket('udp4');
  opened.push(socket);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

interface Events {
  readonly heard: string[];
  refused: number;
  readonly failed: string[];
}

function wireTo(host: string, port: number): { readonly wire: Wire; readonly events: Events; readonly next: () => Promise<void> } {
  const events: Events = { heard: [], refused: 0, failed: [] };
  let wake: () => void = () => undefined;
  const wire = openUdp(host, port, {
    datagram: (bytes) => {
      events.heard.push(Buffer.from(bytes).toString('utf8'));
      wake();
    },
    refused: () => {
      events.refused += 1;
      wake();
    },
    failed: (reason) => {
      events.failed.push(reason);
      wake();
    },
  });
  opened.push(wire);
  return {
    wire,
    events,
    next: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
  };
}

function openDriver(host: string): PowerDriver {
  const raw = { host, username: 'fence', password: Secret.fixed('pw') };
  return driver.open('bmc-a', checkSettings(driver.settings, raw).settings, watchedTools(realClock));
}

const from = (text: string): Uint8Array => new TextEncoder().encode(text);

test('what is sent before the socket is connected goes out, and answers come in', async () => {
  const bmc = await listening();
  const { wire, events, next } = wireTo('127.0.0.1', bmc.address().port);
  wire.send(from('ping'));
  const [bytes, sender] = (await once(bmc, 'message')) as [Buffer, { port: number; address: string }];
  expect(bytes.toString()).toBe('ping');
  const heard = next();
  bmc.send('pong', sender.port, sender.address);
  await heard;
  expect(events.heard).toEqual(['pong']);
});

test('before the socket is connected eight datagrams are held, and no more', async () => {
  const bmc = await listening();
  const heard: string[] = [];
  bmc.on('message', (bytes) => void heard.push(bytes.toString()));
  const { wire } = wireTo('127.0.0.1', bmc.address().port);
  for (let each = 0; each < 20; each += 1) wire.send(from(String(each)));
  await once(bmc, 'message');
  wire.send(from('last'));
  while (heard.at(-1) !== 'last') await once(bmc, 'message');
  expect(heard).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', 'last']);
});

test('a datagram that was held may say right before it goes out that it will not', async () => {
  const bmc = await listening();
  const heard: string[] = [];
  bmc.on('message', (bytes) => void heard.push(bytes.toString()));
  const { wire } = wireTo('127.0.0.1', bmc.address().port);
  wire.send(from('off'), () => false);
  wire.send(from('on'), () => true);
  wire.send(from('last'));
  while (heard.at(-1) !== 'last') await once(bmc, 'message');
  expect(heard).toEqual(['on', 'last']);
});

test('datagrams from another port are not heard', async () => {
  const bmc = await listening();
  const impostor = await listening();
  const { wire, events, next } = wireTo('127.0.0.1', bmc.address().port);
  wire.send(from('ping'));
  const [, sender] = (await once(bmc, 'message')) as [Buffer, { port: number; address: string }];
  const heard = next();
  await new Promise((resolve) => impostor.send('off', sender.port, sender.address, resolve));
  bmc.send('on', sender.port, sender.address);
  await heard;
  expect(events.heard).toEqual(['on']);
});

test('a port where nothing listens is told as refused, and a name that does not exist as failed', async () => {
  const gone = await listening();
  const { port } = gone.address();
  opened.splice(opened.indexOf(gone), 1);
  gone.close();
  await once(gone, 'close');
  const { wire, events, next } = wireTo('127.0.0.1', port);
  const told = next();
  wire.send(from('ping'));
  await told;
  expect(events.refused).toBe(1);
  const nowhere = wireTo('no-such-bmc.invalid', 623);
  nowhere.wire.send(from('ping'));
  await nowhere.next();
  expect(nowhere.events.failed).toHaveLength(1);
});

// Linux refuses to connect to the broadcast address (EACCES) as it refuses an address without a route (ENETUNREACH), on any machine.
test('an address that the system does not connect to is told as failed, and sending there does not throw', async () => {
  const { wire, events, next } = wireTo('255.255.255.255', 623);
  wire.send(from('ping'));
  await next();
  wire.send(from('ping'));
  expect(events.failed).toEqual(['EACCES']);
});

test('a fence over it ends: unknown, with a next step', async () => {
  const device = openDriver('255.255.255.255');
  const order = await device.order('', 'off', { ms: 2000 });
  expect(order).toMatchObject({ result: 'unknown', why: { code: 'ipmi-cannot-send', says: expect.stringContaining('EACCES') } });
  expect(await device.read('', { ms: 2000 })).toMatchObject({ power: 'unknown', why: { code: 'ipmi-cannot-send' } });
  await device.close();
});

test('close lets out what was sent, says nothing more, and may be called twice', async () => {
  const bmc = await listening();
  const { wire, next } = wireTo('127.0.0.1', bmc.address().port);
  wire.send(from('first'));
  const [, sender] = (await once(bmc, 'message')) as [Buffer, { port: number; address: string }];
  const heard = next();
  bmc.send('pong', sender.port, sender.address);
  await heard;
  wire.send(from('last'));
  wire.close();
  wire.close();
  wire.send(from('never'));
  const [bytes] = (await once(bmc, 'message')) as [Buffer];
  expect(bytes.toString()).toBe('last');
});
