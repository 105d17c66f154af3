/** What `check` asks: everything once, with what it proves and what would stop a fencing. */
import { describe, expect, it } from 'vitest';
import type { Child } from '../../src/probes/child.ts';
import { type Link, probeEverything, type ReferenceIp } from '../../src/probes/index.ts';
import { HandClock, handConnect, handRun, realClock, routed, settled, noSockets, WITHOUT_SOCKETS } from './ports.ts';

const LINKS: readonly Link[] = [
  { node: 'db1', name: 'lan', kind: 'udp', address: '10.0.0.1:7101' },
  { node: 'db1', name: 'cross', kind: 'tcp', address: '10.1.0.1:7201' },
  { node: 'db2', name: 'cross', kind: 'tcp', address: '10.1.0.2:7201' },
  { node: 'db3', name: 'cross', kind: 'tcp', address: '10.1.0.3:7201' },
];
const ROUTER: ReferenceIp = { kind: 'icmp', address: '10.0.0.254' };
const OTHER: ReferenceIp = { kind: 'icmp', address: '10.0.0.253' };
const OURSELVES: ReferenceIp = { kind: 'icmp', address: '127.0.0.1' };

const NO_SOCKET = { way: 'icmp socket', usable: false, says: WITHOUT_SOCKETS };

const ask = (references: readonly ReferenceIp[], need: number) => {
  const clock = new HandClock();
  const { run, pings } = handRun(clock);
  const { connect, attempts } = handConnect();
  const ports = { clock, run, connect, udp: handConnect().connect, route: routed, native: noSockets };
  const asked = probeEverything({ ...ports, referenceIps: references, links: LINKS, self: { id: 'w', node: 'db3' }, need }, { ms: 1_000 });
  const version = () => pings.find(({ args }) => args.includes('-V'));
  const echo = (address: string) => pings.find(({ args }) => args.at(-1) === address);
  return { clock, version, echo, attempts, asked };
};

describe('everything', () => {
  it('asks each reference IP and each link of every node but our own, and says what it proves', async () => {
    const { clock, echo, version, attempts, asked } = ask([ROUTER], 1);
    await settled();
    version()?.finish({ code: 0, said: 'ping from iputils 20221126\n' });
    echo('10.0.0.254')?.finish({ code: 0 });
    expect(attempts.map(({ address }) => address)).toEqual(['10.1.0.1', '10.1.0.2']);
    attempts[0]?.emit('connect');
    attempts[1]?.fail('ECONNREFUSED');
    await clock.advance(1_000);
    const everything = await asked;
    expect(everything.ways).toEqual([NO_SOCKET, { way: 'ping', usable: true, says: 'ping (iputils 20221126)' }]);
    expect(everything.referenceIps).toMatchObject([{ address: '10.0.0.254', proves: 'answers itself (ping)' }]);
    expect(everything.links.map(({ node, link, proves }) => [node, link, proves])).toEqual([
      ['db1', 'lan', 'was not asked: needs the sentinel on db1, which is not running here'],
      ['db1', 'cross', 'the node answers (tcp connect)'],
      ['db2', 'cross', 'no sign of life: the connection was refused, by that address or by a firewall in its name'],
    ]);
    expect(everything.findings).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('finds silent addresses, and fewer answers than a fencing needs', async () => {
    const { clock, echo, version, asked } = ask([ROUTER, OTHER], 2);
    await settled();
    version()?.finish({ code: 1, complaint: 'BusyBox v1.35.0 (Debian 1:1.35.0-4+b3) multi-call binary.' });
    echo('10.0.0.254')?.finish({ code: 0 });
    await clock.advance(1_000);
    const { findings, ways } = await asked;
    expect(ways).toMatchObject([NO_SOCKET, { usable: true, says: 'ping (BusyBox v1.35.0)' }]);
    expect(findings).toMatchObject([
      { code: 'reference-silent', stops: false, says: expect.stringContaining('10.0.0.253') },
      { code: 'too-few-references', stops: true, says: expect.stringContaining('Only 1 of 2') },
    ]);
  });

  it('finds that ping is missing and weak answers alone are left', async () => {
    const { clock, echo, version, attempts, asked } = ask([ROUTER], 1);
    await settled();
    for (const child of [version(), echo('10.0.0.254')]) child?.finish({ failed: 'ENOENT' });
    await clock.advance(1);
    attempts.find(({ address, tcpPort }) => address === '10.0.0.254' && tcpPort === 22)?.fail('ECONNREFUSED');
    await clock.advance(1_000);
    const { findings, ways, referenceIps } = await asked;
    expect(ways).toEqual([NO_SOCKET, { way: 'ping', usable: false, says: 'ping is not installed (Debian package iputils-ping)' }]);
    expect(referenceIps[0]?.proves).toContain('something answers in its name (tcp refused)');
    expect(findings).toMatchObject([{ code: 'only-weak-answers', stops: false, next: expect.stringContaining('iputils-ping') }]);
  });

  it('finds what could not be asked', async () => {
    const { clock, version, echo, asked } = ask([ROUTER], 1);
    await settled();
    version()?.finish({ failed: 'EACCES' });
    echo('10.0.0.254')?.finish({ code: 2, complaint: 'ping: connect: Network is unreachable' });
    await clock.advance(1_000);
    const { findings, ways } = await asked;
    expect(ways).toMatchObject([NO_SOCKET, { usable: false, says: 'ping could not be run (EACCES)' }]);
    expect(findings.map(({ code }) => code)).toEqual(['reference-silent', 'too-few-references']);
  });

  it('says that this machine itself proves nothing, and is no weak witness', async () => {
    const run = (): Child => ({ ended: Promise.resolve({ failed: 'ENOENT', complaint: '', said: '' }), end: () => undefined });
    const settings = { clock: realClock, run, native: noSockets, referenceIps: [OURSELVES], links: [], self: { id: 'w' }, need: 1 };
    const { referenceIps, findings } = await probeEverything(settings, { ms: 20_000 });
    expect(referenceIps[0]?.proves).toBe(
      'answers (loopback): this machine itself, asked without ping: it proves nothing about the network',
    );
    expect(findings).toEqual([]);
  });
});
