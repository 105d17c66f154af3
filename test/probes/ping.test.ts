import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type Run, runChild } from '../../src/probes/child.ts';
import { pingProbe, pingArguments } from '../../src/probes/ping.ts';
import type { Result } from '../../src/probes/probe.ts';
import { describeWithStrangers } from '../foreign/strangers.ts';
import { HandClock, handRun, realClock, settled } from './ports.ts';

const never = new AbortController().signal;

const begin = (ms: number, address = '10.0.0.1') => {
  const clock = new HandClock();
  const { run, pings } = handRun(clock);
  const abort = new AbortController();
  let result: Result | undefined;
  void pingProbe(address, { clock, run })({ ms, signal: abort.signal }).then((got) => (result = got));
  return { clock, pings, abort, result: () => result };
};

describe('arguments of ping', () => {
  it('are an array of their own, whole seconds, and the address last', () => {
    expect(pingArguments('10.0.0.1', 2_100)).toEqual(['-n', '-q', '-c1', '-W3', '--', '10.0.0.1']);
    expect(pingArguments('fe80::1%eth0', 10)).toEqual(['-6', '-n', '-q', '-c1', '-W1', '--', 'fe80::1%eth0']);
  });

  it('never contain what is no address', async () => {
    const clock = new HandClock();
    for (const bad of ['-f', '', 'a b', '10.0.0.1;reboot', '$(id)', '--', 'x\n-f', 'fe80::1%', 'fe80::1%a b', `${'a'.repeat(64)}.b`]) {
      const { run, pings } = handRun(clock);
      expect(await pingProbe(bad, { clock, run })({ ms: 100, signal: never })).toMatchObject({ answer: 'unable' });
      expect(pings).toEqual([]);
    }
    for (const good of ['10.0.0.1', '::1', 'fe80::1%eth0', 'gw-1.example.net', 'gateway', 'a.b.']) {
      const { run, pings } = handRun(clock);
      void pingProbe(good, { clock, run })({ ms: 100, signal: never });
      expect(pings[0]?.args.at(-1)).toBe(good);
    }
  });
});

describe('a round of echoes', () => {
  it('sends several, a little apart, and the first answer settles it and ends the others', async () => {
    const { clock, pings, result } = begin(3_000);
    expect(pings).toHaveLength(1);
    await clock.advance(650);
    expect(pings.map((ping) => ping.at - 1_000_000)).toEqual([0, 300, 600]);
    expect(result()).toBeUndefined();
    pings[1]?.finish({ code: 0 });
    await settled();
    expect(result()).toEqual({ answer: 'heard', via: 'ping' });
    expect([pings[0]?.over, pings[2]?.over]).toEqual([true, true]);
    expect(clock.pending).toBe(0);
  });

  it('sends no second echo once the first is answered', async () => {
    const { clock, pings, result } = begin(3_000);
    pings[0]?.finish({ code: 0 });
    await clock.advance(3_000);
    expect(result()).toEqual({ answer: 'heard', via: 'ping' });
    expect(pings).toHaveLength(1);
  });

  it('is silent at the deadline, and leaves no child', async () => {
    const { clock, pings, result } = begin(1_000);
    await clock.advance(999);
    expect(result()).toBeUndefined();
    await clock.advance(1);
    expect(result()).toEqual({ answer: 'silent', via: 'ping', says: 'no answer to 3 echoes within 1000 ms' });
    expect(pings.every((ping) => ping.over)).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('is silent as soon as every echo went unanswered', async () => {
    const { clock, pings, result } = begin(3_000);
    await clock.advance(700);
    for (const ping of pings) ping.finish({ code: 1 });
    await settled();
    expect(result()).toEqual({ answer: 'silent', via: 'ping', says: 'no answer to 3 echoes' });
  });

  it('is unable, not silent, when no echo could be sent, and tells why', async () => {
    const { clock, pings, result } = begin(3_000);
    await clock.advance(700);
    for (const ping of pings) ping.finish({ code: 2, complaint: 'ping: connect: Network is unreachable\nmore\n' });
    await settled();
    expect(result()).toEqual({ answer: 'unable', via: 'ping', says: 'ping: connect: Network is unreachable' });
  });

  it.each([
    [
      'BusyBox, where the network is down',
      { code: 1, complaint: 'ping: sendto: Network is unreachable' },
      'ping: sendto: Network is unreachable',
    ],
    [
      'BusyBox, where our own firewall drops',
      { code: 1, complaint: 'ping: sendto: Operation not permitted' },
      'ping: sendto: Operation not permitted',
    ],
    ['a program that is no ping', { code: 0, said: 'pong' }, /told of no answer/],
    ['a summary without an answer', { code: 0, said: '1 packets transmitted, 0 received, 100% packet loss' }, /told of no answer/],
    ['a signal', {}, 'ping ended with a signal'],
  ] as const)('is unable, not silent and not heard: %s', async (_, ended, says) => {
    const { pings, result } = begin(299);
    pings[0]?.finish(ended);
    await settled();
    expect(result()).toMatchObject({ answer: 'unable', via: 'ping', says: typeof says === 'string' ? says : expect.stringMatching(says) });
  });

  it('understands the summary of BusyBox', async () => {
    const { pings, result } = begin(299);
    pings[0]?.finish({ code: 0, said: '--- 10.0.0.1 ping statistics ---\n1 packets transmitted, 1 packets received, 0% packet loss\n' });
    await settled();
    expect(result()).toEqual({ answer: 'heard', via: 'ping' });
  });

  it('is silent when one echo could be sent and was not answered', async () => {
    const { clock, pings, result } = begin(3_000);
    await clock.advance(700);
    pings[0]?.finish({ code: 2, complaint: 'ping: sendmsg: Network is unreachable' });
    pings[1]?.finish({ code: 1 });
    pings[2]?.finish({ code: 2, complaint: '' });
    await settled();
    expect(result()).toMatchObject({ answer: 'silent' });
  });

  it('is heard though an earlier echo failed locally', async () => {
    const { clock, pings, result } = begin(3_000);
    pings[0]?.finish({ code: 2, complaint: 'ping: connect: Network is unreachable' });
    await clock.advance(300);
    pings[1]?.finish({ code: 0 });
    await settled();
    expect(result()).toEqual({ answer: 'heard', via: 'ping' });
  });

  it('has one echo only where there is no time for more', async () => {
    const { clock, pings, result } = begin(200);
    await clock.advance(200);
    expect(pings).toHaveLength(1);
    expect(result()).toEqual({ answer: 'silent', via: 'ping', says: 'no answer to 1 echo within 200 ms' });
  });

  it('is called off by an abort, and leaves no child and no timer', async () => {
    const { clock, pings, abort, result } = begin(3_000);
    await clock.advance(300);
    abort.abort();
    await settled();
    expect(result()).toEqual({ answer: 'unable', says: 'the probe was called off' });
    expect(pings.map((ping) => ping.over)).toEqual([true, true]);
    expect(clock.pending).toBe(0);
  });
});

/** Real pings in a network of their own, set up by a shell that then becomes the ping. */
const inNetwork =
  (setUp: string): Run =>
  (command, args) =>
    runChild('unshare', ['-n', 'sh', '-c', `${setUp}; exec "$@"`, 'sh', command, ...args]);

const deaf = 'ip link set lo up && echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all';
/** Containers may have /proc/sys for reading only, or no right to a network of their own. */
const canUnshare = spawnSync('unshare', ['-n', 'sh', '-c', deaf]).status === 0;

const ask = (address: string, run: Run, ms: number, command = 'ping') =>
  pingProbe(address, { clock: realClock, run, command })({ ms, signal: never });

describeWithStrangers(['ping', 'ip'], 'real pings', () => {
  it('hear the loopback', async () => {
    expect(await ask('127.0.0.1', runChild, 5_000)).toEqual({ answer: 'heard', via: 'ping' });
  });

  it.runIf(canUnshare)('hear nothing where echoes are ignored, and stop at the deadline', async () => {
    expect(await ask('127.0.0.1', inNetwork(deaf), 900)).toMatchObject({ answer: 'silent' });
  });

  it.runIf(canUnshare)('tell a network that is down from silence', async () => {
    expect(await ask('127.0.0.1', inNetwork('true'), 5_000)).toEqual({
      answer: 'unable',
      via: 'ping',
      says: 'ping: connect: Network is unreachable',
    });
  });
});

describe('a machine without ping', () => {
  it('tells a missing command from silence', async () => {
    expect(await ask('127.0.0.1', runChild, 1_000, 'no-such-ping')).toEqual({
      answer: 'unable',
      via: 'ping',
      says: 'ping could not be run: it is not installed (install the Debian package iputils-ping)',
    });
  });
});
