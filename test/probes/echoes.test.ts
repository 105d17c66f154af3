/** ICMP echoes by sockets of our own: the bytes, and which replies count. */
import { describe, expect, it } from 'vitest';
import type { Family } from '../../src/probes/address.ts';
import { checksum, echoRequest, NONCE_BYTES, nonceOfReply, withoutIpHeader } from '../../src/probes/echo.ts';
import { Echoes } from '../../src/probes/echoes.ts';
import type { EchoSockets, Received } from '../../src/probes/icmp-socket.ts';
import type { Result } from '../../src/probes/probe.ts';
import { HandClock, settled } from './ports.ts';

const NONCE = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
const bytesOf = (address: string): Buffer => Buffer.from(address.padEnd(16, ' '));
const replyTo = (request: Buffer, family: Family = 4): Buffer => {
  const reply = Buffer.from(request);
  reply.writeUInt8(family === 4 ? 0 : 129, 0);
  return reply;
};

describe('an echo request', () => {
  it('is as RFC 792 has it, with the checksum of RFC 1071', () => {
    const request = echoRequest(4, 0x1234, 2, NONCE);
    expect(request.toString('hex')).toBe('0800ad8912340002000102030405060708090a0b0c0d0e0f');
    expect(checksum(request)).toBe(0);
  });

  it('leaves the checksum of ICMPv6 to the kernel', () => {
    expect(echoRequest(6, 1, 0, NONCE).subarray(0, 8).toString('hex')).toBe('8000000000010000');
  });

  it('is no reply, as a raw socket on the loopback sees it', () => {
    expect(nonceOfReply(4, echoRequest(4, 1, 0, NONCE))).toBeUndefined();
    expect(nonceOfReply(6, echoRequest(6, 1, 0, NONCE))).toBeUndefined();
  });
});

describe('a reply', () => {
  const reply = replyTo(echoRequest(4, 1, 0, NONCE));

  it('is known by its type and code, and gives its nonce', () => {
    expect(nonceOfReply(4, reply)).toEqual(NONCE);
    expect(nonceOfReply(6, reply)).toBeUndefined();
    const coded = Buffer.from(reply);
    coded.writeUInt8(1, 1);
    expect(nonceOfReply(4, coded)).toBeUndefined();
    for (let length = 0; length < 8 + NONCE_BYTES; length += 1) expect(nonceOfReply(4, reply.subarray(0, length))).toBeUndefined();
  });

  it('stands behind an IP header of any length', () => {
    for (const words of [5, 6, 15]) {
      const header = Buffer.alloc(words * 4);
      header.writeUInt8(0x40 | words, 0);
      expect(withoutIpHeader(Buffer.concat([header, reply]))).toEqual(reply);
    }
    expect(withoutIpHeader(Buffer.alloc(0))).toHaveLength(0);
  });
});

const begin = (failing: (nth: number) => string | undefined = () => undefined) => {
  const clock = new HandClock();
  const sent: { message: Buffer; address: string; at: number }[] = [];
  let received: Received = () => undefined;
  let opened = 0;
  let closed = 0;
  let tries = 0;
  const sockets: EchoSockets = {
    bytesOf: (address) => bytesOf(address),
    open: (family, to) => {
      opened += 1;
      if (family === 6) return 'no ICMP socket (EACCES)';
      received = to;
      return {
        kind: 'raw',
        send: (message, address) => {
          const fault = failing(tries);
          tries += 1;
          if (fault === undefined) sent.push({ message, address, at: clock.now() - 1_000_000 });
          return fault;
        },
        close: () => {
          closed += 1;
        },
      };
    },
  };
  const echoes = new Echoes(sockets, clock);
  const abort = new AbortController();
  const ask = (address: string, ms = 3_000): (() => Result | undefined) => {
    const probe = echoes.probe(address);
    let result: Result | undefined;
    if (typeof probe === 'function') void probe({ ms, signal: abort.signal }).then((got) => (result = got));
    return () => result;
  };
  return {
    clock,
    sent,
    echoes,
    ask,
    abort,
    hear: (message: Buffer, from: string) => received(message, bytesOf(from)),
    counts: () => [opened, closed],
  };
};

const VIA = 'icmp (raw socket)';

describe('the echoes of a round', () => {
  it('share one socket, a few echoes each, and the first reply settles one address alone', async () => {
    const { clock, sent, ask, hear, echoes, counts } = begin();
    const [one, other] = [ask('10.0.0.1'), ask('10.0.0.2')];
    await clock.advance(650);
    expect(sent.map(({ address, at }) => [address, at])).toEqual([
      ['10.0.0.1', 0],
      ['10.0.0.2', 0],
      ['10.0.0.1', 300],
      ['10.0.0.2', 300],
      ['10.0.0.1', 600],
      ['10.0.0.2', 600],
    ]);
    hear(replyTo(sent[0]?.message ?? Buffer.alloc(0)), '10.0.0.1');
    await settled();
    expect([one(), other()]).toEqual([{ answer: 'heard', via: VIA }, undefined]);
    await clock.advance(3_000);
    expect(other()).toEqual({ answer: 'silent', via: VIA, says: 'no answer to 3 echoes within 3000 ms' });
    expect(clock.pending).toBe(0);
    echoes.close();
    echoes.close();
    expect(counts()).toEqual([1, 1]);
  });

  it('take nothing for a reply but a reply with our nonce from that very address', async () => {
    const { clock, sent, ask, hear } = begin();
    const result = ask('10.0.0.1');
    const request = sent[0]?.message ?? Buffer.alloc(0);
    hear(request, '10.0.0.1');
    hear(replyTo(request), '10.0.0.9');
    hear(replyTo(echoRequest(4, 1, 0, NONCE)), '10.0.0.1');
    hear(Buffer.alloc(0), '10.0.0.1');
    const unreachable = Buffer.from(replyTo(request));
    unreachable.writeUInt8(3, 0);
    hear(unreachable, '10.0.0.1');
    await clock.advance(1_000);
    expect(result()).toBeUndefined();
    const rewritten = replyTo(request);
    rewritten.writeUInt16BE(0xbeef, 4);
    hear(rewritten, '10.0.0.1');
    await settled();
    expect(result()).toEqual({ answer: 'heard', via: VIA });
    hear(rewritten, '10.0.0.1');
  });

  it('are unable where the kernel sent none of them, and silent where it sent one', async () => {
    const none = begin(() => 'ENETUNREACH');
    const result = none.ask('10.0.0.1');
    await none.clock.advance(600);
    expect(result()).toEqual({ answer: 'unable', via: VIA, says: 'our own kernel sends no echo there (ENETUNREACH)' });
    expect(none.clock.pending).toBe(0);
    const one = begin((nth) => (nth === 1 ? undefined : 'EPERM'));
    const other = one.ask('10.0.0.1');
    await one.clock.advance(3_000);
    expect(other()).toMatchObject({ answer: 'silent', says: 'no answer to 1 echo within 3000 ms' });
  });

  it('are called off by an abort, and leave no timer', async () => {
    const { clock, ask, abort } = begin();
    const result = ask('10.0.0.1');
    abort.abort();
    await settled();
    expect(result()).toMatchObject({ answer: 'unable' });
    expect(clock.pending).toBe(0);
  });

  it('say why there is no socket, and ask for it once', () => {
    const { echoes, counts } = begin();
    for (let i = 0; i < 2; i += 1) expect(echoes.probe('2001:db8::1')).toEqual({ unusable: 'no ICMP socket (EACCES)' });
    expect(counts()).toEqual([1, 0]);
  });
});
