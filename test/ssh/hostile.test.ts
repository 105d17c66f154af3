/** A device that floods, callers that crowd, and outlets with names that would like to be commands. */
import { execFileSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../drivers/ssh/connection.ts';
import { fill, shellQuoted } from '../../drivers/ssh/dialect.ts';
import { DIALECTS } from '../../drivers/ssh/dialects/index.ts';
import { RunningDeadline } from '../../drivers/kit/deadline.ts';
import { deadlineTexts } from '../../drivers/ssh/problems.ts';
import { linesOf } from '../../drivers/ssh/screen.ts';
import { MAX_ANSWER, Terminal } from '../../drivers/ssh/session.ts';
import { type MockSshOptions, type Voice, voiceNamed } from '../../hardware-mocks/ssh/index.ts';
import { clock, PASSWORD, type Rack, rack, until } from './rack.ts';

const USUAL = { ms: 10_000 };
const tools = { now: () => clock.now(), random: () => 0.5, bytes: (length: number) => new Uint8Array(length), debug: () => undefined };
const racks: Rack[] = [];
afterEach(async () => {
  for (const each of racks.splice(0)) await each.close();
});
const start = async (dialect: string, options: Partial<MockSshOptions> = {}): Promise<Rack> => {
  const started = await rack(dialect, options);
  racks.push(started);
  return started;
};
const voice = (name: string): Voice => {
  const found = voiceNamed(name);
  if (found === undefined) throw new TypeError(name);
  return found;
};
const LINES = 'no word of power\r\n'.repeat(Math.ceil((2 * MAX_ANSWER) / 18));

describe('a device that says too much', () => {
  it.each([
    ['to a command', 'libvirt', 'db1'],
    ['on a terminal', 'apc-aos', '1'],
  ])('%s is cut off, and the next call begins anew', async (_title, dialect, plug) => {
    const { open, mock } = await start(dialect);
    const opened = open();
    mock.manners.slipIn = LINES;
    expect(await opened.read(plug, USUAL)).toMatchObject({ power: 'unknown', why: { code: 'ssh-answer-too-long' } });
    await until(() => mock.open === 0);
    expect(mock.open).toBe(0);
    mock.manners.slipIn = '';
    expect(await opened.read(plug, USUAL)).toMatchObject({ power: 'on' });
    expect(mock.count.connections).toBe(2);
  });

  it('on the error stream is cut off as well', async () => {
    const loud: Voice = { ...voice('libvirt'), answer: () => ({ out: ['running'], err: LINES.split('\r\n'), tells: true }) };
    const { open } = await start('libvirt', { voice: loud });
    expect(await open().read('db1', USUAL)).toMatchObject({ power: 'unknown', why: { code: 'ssh-answer-too-long' } });
  });

  it('before its prompt is cut off as well', async () => {
    const { open, mock } = await start('apc-aos', { voice: { ...voice('apc-aos'), greeting: LINES.split('\r\n') } });
    expect(await open().read('1', USUAL)).toMatchObject({ power: 'unknown', why: { code: 'ssh-answer-too-long' } });
    await until(() => mock.open === 0);
    expect(mock.open).toBe(0);
  });
});

it.each([
  ['libvirt', 'db1'],
  ['apc-aos', '1'],
])('a device (%s) that repeats the password does not get it into our words', async (dialect, plug) => {
  const parrot: Voice = { ...voice(dialect), answer: () => ({ out: [`E999: ${PASSWORD} is wrong`], code: 1 }) };
  const { open } = await start(dialect, { voice: parrot });
  const opened = open();
  const said = JSON.stringify([await opened.read(plug, USUAL), await opened.order(plug, 'off', USUAL), await opened.check(USUAL)]);
  expect(said).toContain('(secret) is wrong');
  expect(said).not.toContain(PASSWORD);
});

it('a device that claims to be off already is read: while it reads on, the order was not taken', async () => {
  const liar: Voice = {
    ...voice('libvirt'),
    answer: (line) =>
      line.includes('destroy')
        ? { out: [], err: ['error: Requested operation is not valid: domain is not running'], code: 1 }
        : { out: ['running'] },
  };
  const { open } = await start('libvirt', { voice: liar });
  expect(await open().order('db1', 'off', USUAL)).toMatchObject({
    result: 'rejected',
    why: { code: 'ssh-order-refused', says: expect.stringContaining('while the reading is on') },
  });
});

it('the right words of a command that failed are neither a reading nor an order taken', async () => {
  const failing: Voice = {
    ...voice('libvirt'),
    answer: (line) => ({ out: [line.includes('destroy') ? "Domain 'db1' destroyed" : 'shut off'], code: 1 }),
  };
  const { open } = await start('libvirt', { voice: failing });
  const opened = open();
  expect(await opened.read('db1', USUAL)).toMatchObject({ power: 'unknown', why: { code: 'ssh-command-failed' } });
  expect(await opened.order('db1', 'off', USUAL)).toMatchObject({ result: 'rejected', why: { code: 'ssh-command-failed' } });
});

it('a connection on which a call went unanswered is not used again', async () => {
  const { open, mock } = await start('libvirt');
  const opened = open({ keepalive: '0s' });
  expect(await opened.read('db1', USUAL)).toMatchObject({ power: 'on' });
  mock.freeze();
  expect(await opened.read('db1', { ms: 300 })).toMatchObject({ power: 'unknown', why: { code: 'ssh-deadline' } });
  expect(await opened.read('db1', USUAL)).toMatchObject({ power: 'on' });
  expect(mock.count.connections).toBe(2);
});

it('a terminal that said something unasked is not used again; another prompt, or the end of its colour, is harmless', async () => {
  const access = DIALECTS.find(({ name }) => name === 'apc-aos')?.access;
  if (access?.kind !== 'terminal') throw new Error('no terminal');
  for (const [unasked, fit] of [
    ['\r\napc>', true],
    ['\u001b[0m', true],
    ['\r\nW001: outlet 1 overloaded\r\napc>', false],
    [' 1: Outlet 1: Off\r\napc>', false],
  ] as const) {
    const heard = new PassThrough();
    const channel = Object.assign(Duplex.from({ readable: heard, writable: new PassThrough() }), { stderr: new PassThrough() });
    const connection = { alive: true, usable: true, onGone: () => () => undefined } as unknown as Connection;
    const terminal = new Terminal(connection, channel, access, () => []);
    heard.write('apc>');
    const deadline = new RunningDeadline({ ...tools, after: () => () => undefined }, { device: 'd', address: 'a' }, USUAL, deadlineTexts);
    expect(await terminal.awaitPrompt(deadline)).toBeUndefined();
    expect(terminal.fit).toBe(true);
    heard.write(unasked);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(terminal.fit, JSON.stringify(unasked)).toBe(fit);
    channel.destroy();
  }
});

it('a line too long to be one is no line, not the beginning of one', () => {
  expect(linesOf(`on\r\n${'off'.padEnd(513, 'x')}\r\n${'y'.repeat(512)}\r\n`)).toEqual([
    'on',
    '(a line too long to be read)',
    'y'.repeat(512),
  ]);
});

it('a device that hangs up after each login is not logged in to again and again', async () => {
  const { open, mock } = await start('libvirt', { manners: { dropsAfterLogin: true } });
  const opened = open();
  for (const calls of [1, 2]) {
    expect(await opened.order('db1', 'off', USUAL)).toMatchObject({ result: 'unknown', why: { code: 'ssh-connection-lost' } });
    expect(mock.count.connections).toBe(calls);
  }
});

it('callers that crowd are turned away beyond a number, and all of them are answered', async () => {
  const { open, mock, liveTimers } = await start('apc-aos', { manners: { halfOpen: true } });
  const opened = open();
  const aborts = Array.from({ length: 70 }, () => new AbortController());
  const calls = aborts.map(({ signal }) => opened.read('1', { ms: 60_000, signal }));
  await until(() => mock.open === 1);
  for (const abort of aborts) abort.abort();
  const codes = (await Promise.all(calls)).map(({ why }) => why?.code);
  // One speaks, 64 wait.
  expect(codes.filter((code) => code === 'ssh-busy')).toHaveLength(70 - 1 - 64);
  expect(codes.filter((code) => code === 'ssh-aborted')).toHaveLength(65);
  expect([mock.count.connections, liveTimers()]).toEqual([1, 0]);
});

it('the socket has TCP_NODELAY: small packets are not held back', async () => {
  const { open, mock } = await start('apc-aos');
  const sockets: Socket[] = [];
  const keep = (message: unknown): void => void sockets.push((message as { readonly socket: Socket }).socket);
  subscribe('net.client.socket', keep);
  try {
    expect(await open().read('1', USUAL)).toMatchObject({ power: 'on' });
  } finally {
    unsubscribe('net.client.socket', keep);
  }
  const [socket] = sockets.filter(({ remotePort }) => remotePort === mock.port);
  if (socket === undefined) throw new Error('no socket was seen');
  // Node keeps what it was asked for under a symbol of its own.
  const asked = Object.getOwnPropertySymbols(socket).filter((symbol) => symbol.description === 'kSetNoDelay');
  expect(asked.map((symbol) => (socket as unknown as Record<symbol, unknown>)[symbol])).toEqual([true]);
});

const NASTY = [
  "1'; reboot; '",
  '1; reboot',
  '1 && reboot',
  '$(reboot)',
  '`reboot`',
  '"1"',
  '1\nolOff 2',
  '1\rolOff 2',
  '1\r\n2',
  '1\u0000',
  '1\u0003',
  '\u001b[A',
  ' 1',
  '1 ',
  '1 2',
  '1,2',
  '1-4,6',
  '-1',
  '-c',
  '--all',
  '--domain=db2',
  '*',
  '?',
  '[1-4]',
  '../1',
  '$HOME',
  '~',
  '１',
  '1\u2028',
  'db1\u00a0',
  '1'.repeat(300),
  '{plug}',
  '$&',
];

describe('an outlet with a nasty name', () => {
  it.each(DIALECTS.map(({ name }) => name))('is no outlet of %s, and no byte of it is sent', async (dialect) => {
    const { open, mock, plugs, lamp } = await start(dialect);
    const opened = open();
    for (const plug of NASTY) {
      const shown = JSON.stringify(plug);
      expect(await opened.order(plug, 'off', USUAL), shown).toMatchObject({
        result: 'rejected',
        why: { code: 'no-such-plug', lasting: true },
      });
      expect(await opened.read(plug, USUAL), shown).toMatchObject({ power: 'unknown', why: { code: 'no-such-plug' } });
    }
    expect([mock.count.connections, mock.log]).toEqual([0, []]);
    for (const plug of plugs) expect(lamp(plug)).toBe('on');
  });

  it('stays one word in a real shell, whatever it is', () => {
    const words = [...NASTY.filter((word) => !word.includes('\u0000')), "'", "''", "'\\''", '\\', '!', '', '#', '\n'];
    const exec = { kind: 'exec', quoting: 'shell', exit: 'needed', atOnce: 1 } as const;
    const script = words.map((word) => fill("printf '%s\\0' {plug}", word, exec)).join('\n');
    const printed = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
    expect(printed.split('\0').slice(0, -1)).toEqual(words);
    expect(shellQuoted('')).toBe("''");
  });
});
