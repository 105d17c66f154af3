import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/probes/probe.ts';
import { tcpConnect, tcpProbe } from '../../src/probes/tcp.ts';
import { HandClock, handConnect, realClock, routed, settled } from './ports.ts';

const begin = () => {
  const clock = new HandClock();
  const { connect, attempts } = handConnect();
  const abort = new AbortController();
  let result: Result | undefined;
  void tcpProbe('10.0.0.1', 443, { clock, connect, route: routed })({ ms: 1_000, signal: abort.signal }).then((got) => (result = got));
  const attempt = attempts[0];
  if (attempt === undefined) throw new Error('no attempt was made');
  return { clock, attempt, abort, result: () => result };
};

describe('a TCP probe', () => {
  it('hears an open port, and hangs up at once', async () => {
    const { clock, attempt, result } = begin();
    attempt.emit('connect');
    await settled();
    expect(result()).toEqual({ answer: 'heard', via: 'tcp connect' });
    expect(attempt.destroyed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['ECONNREFUSED', 'heard'],
    ['ECONNRESET', 'heard'],
    ['ETIMEDOUT', 'silent'],
    ['EHOSTUNREACH', 'silent'],
    ['EHOSTDOWN', 'silent'],
    ['ENETUNREACH', 'unable'],
    ['EACCES', 'unable'],
    ['EADDRNOTAVAIL', 'unable'],
    ['EMFILE', 'unable'],
    ['ENOTFOUND', 'unable'],
  ])('takes %s for %s', async (code, answer) => {
    const { attempt, clock, result } = begin();
    attempt.fail(code);
    await settled();
    expect(result()?.answer).toBe(answer);
    expect(attempt.destroyed).toBe(true);
    expect(clock.pending).toBe(0);
    attempt.fail('ECONNRESET');
    expect(result()?.answer).toBe(answer);
  });

  it('is silent at its deadline', async () => {
    const { clock, attempt, result } = begin();
    await clock.advance(1_000);
    expect(result()).toEqual({ answer: 'silent', via: 'tcp connect', says: 'no answer within 1000 ms' });
    expect(attempt.destroyed).toBe(true);
  });

  it('is called off by an abort', async () => {
    const { clock, attempt, abort, result } = begin();
    abort.abort();
    await settled();
    expect(result()).toMatchObject({ answer: 'unable' });
    expect(attempt.destroyed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('asks no address that is none', async () => {
    const { connect, attempts } = handConnect();
    const clock = new HandClock();
    const { signal } = new AbortController();
    expect(await tcpProbe('a b', 1, { clock, connect, route: routed })({ ms: 10, signal })).toMatchObject({ answer: 'unable' });
    expect(attempts).toEqual([]);
  });

  it('hears real ports of the loopback, open and closed', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const where = server.address();
    if (where === null || typeof where === 'string') throw new Error('no port');
    const ask = () =>
      tcpProbe('127.0.0.1', where.port, { clock: realClock, connect: tcpConnect, route: routed })({
        ms: 5_000,
        signal: new AbortController().signal,
      });
    expect(await ask()).toEqual({ answer: 'heard', via: 'tcp connect' });
    await new Promise((resolve) => server.close(resolve));
    expect(await ask()).toMatchObject({ answer: 'heard', grade: 'weak', via: 'tcp refused', says: expect.stringContaining('refused') });
  });
});
