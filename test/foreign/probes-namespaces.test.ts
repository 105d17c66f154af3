/**
 * Probes before the real kernel: two machines (network namespaces) on one wire, and every way in which our own firewall and our own routing
 * table can answer in the name of somebody who is not there. What is asked here must never be called heard.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Observation } from '../../src/vocabulary/index.ts';
import { root } from '../tidy/project.ts';
import { describeWithStrangers } from './strangers.ts';

const OURS = `bailiff-${process.pid}-a`;
const THEIRS = `bailiff-${process.pid}-b`;
const PEER = '10.9.0.2';
const PEER_V6 = 'fd00:9::2';

/** Which way to a reference IP is left on the machine. */
type Way = 'socket' | 'ping' | 'busybox' | 'weak' | 'proxied';
const PROXY_PORT = 9_999;

/** Runs inside of a namespace: one round, its observations as JSON. */
const ROUND = `
const [probes, way, references] = JSON.parse(process.argv[1]);
const { createPanel } = await import(probes + 'index.js');
const { NativeSockets } = await import(probes + 'native-proof.js');
const { runChild } = await import(probes + 'child.js');
const { createServer } = await import('node:net');
const proxy = way === 'proxied' ? createServer((one) => one.on('error', () => undefined)).listen(${PROXY_PORT}) : undefined;
const clock = { now: () => performance.now(), after: (ms, run) => { const t = setTimeout(run, ms); return () => clearTimeout(t); } };
const none = 'no ICMP socket in this test';
const native = way === 'socket' ? new NativeSockets({ run: runChild, after: clock.after }) : { known: none, settled: async () => none };
// The child that tries native code has its own time, so that a busy machine does not change the way that is tested.
await native.settled();
const panel = createPanel({ clock, native, referenceIps: references, links: [], self: { id: 'w' } });
const { observations } = await panel.assess({ claim: 'dead', target: 'x', survivors: [] }, { ms: 2000 });
process.stdout.write(JSON.stringify(observations), () => process.exit(0));
`;

const run = (command: string, args: readonly string[], env: Record<string, string> = {}): string => {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 60_000,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status ?? error?.message}: ${stderr}`);
  return stdout;
};

/** Containers may have no right to namespaces. */
const canUnshare = spawnSync('unshare', ['-n', 'true']).status === 0;

describeWithStrangers(['ip', 'nft', 'ping', 'busybox'], 'probes before the real kernel', (path) => {
  let folder = '';
  const within = (namespace: string, script: string): string => run(path('ip'), ['netns', 'exec', namespace, 'sh', '-ec', script]);

  /** `before`: words that go before node, such as setpriv. */
  const ask = (
    way: Way,
    addresses: readonly (string | { address: string; port: number })[],
    before: readonly string[] = [],
  ): Observation[] => {
    const references = addresses.map((one) => (typeof one === 'string' ? { kind: 'icmp', address: one } : { kind: 'tcp', ...one }));
    const told = JSON.stringify([pathToFileURL(join(root, 'dist/src/probes/')).href, way, references]);
    const node = [process.execPath, '--input-type=module', '-e', ROUND, told];
    const words = ['netns', 'exec', OURS, 'env', `PATH=${join(folder, way)}`, ...before, ...node];
    return JSON.parse(run(path('ip'), words)) as Observation[];
  };
  const answers = (seen: readonly Observation[]): string[] =>
    seen.map(({ answer, grade }) => (grade === 'weak' ? `${answer} weakly` : answer));

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bailiff-ways-'));
    for (const way of ['socket', 'weak', 'ping', 'busybox', 'proxied']) run('mkdir', [join(folder, way)]);
    symlinkSync(path('ping'), join(folder, 'ping', 'ping'));
    symlinkSync(path('busybox'), join(folder, 'busybox', 'ping'));
    if (!canUnshare) return;
    for (const name of [OURS, THEIRS]) run(path('ip'), ['netns', 'add', name]);
    run(path('ip'), ['-n', OURS, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1', 'netns', THEIRS]);
    within(OURS, `ip link set lo up; ip addr add 10.9.0.1/24 dev v0; ip addr add fd00:9::1/64 dev v0 nodad; ip link set v0 up`);
    within(THEIRS, `ip link set lo up; ip addr add ${PEER}/24 dev v1; ip addr add ${PEER_V6}/64 dev v1 nodad; ip link set v1 up`);
    within(OURS, `ip route add default via ${PEER}; ip -6 route add default via ${PEER_V6}`);
    within(OURS, `nft add table inet own; nft 'add chain inet own output { type filter hook output priority 0; }'`);
  });
  afterAll(() => {
    for (const name of [OURS, THEIRS]) spawnSync(path('ip'), ['netns', 'del', name]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** With rules of our own firewall for what leaves by the wire. */
  const withRules = <T>(rules: readonly string[], what: () => T): T => {
    for (const rule of rules) within(OURS, `nft add rule inet own output oifname v0 ${rule}`);
    try {
      return what();
    } finally {
      within(OURS, 'nft flush chain inet own output');
    }
  };

  it.runIf(canUnshare)('hear a machine that lives, by each way, and nobody where nobody is', () => {
    const NOBODY_THERE = '10.9.0.77';
    expect(ask('socket', [PEER, PEER_V6, NOBODY_THERE]).map(({ answer, via }) => [answer, via])).toEqual([
      ['heard', 'icmp (raw socket)'],
      ['heard', 'icmp (raw socket)'],
      ['silent', 'icmp (raw socket)'],
    ]);
    for (const way of ['ping', 'busybox'] as const)
      expect(answers(ask(way, [PEER, PEER_V6, NOBODY_THERE]))).toEqual(['heard', 'heard', 'silent']);
    expect(answers(ask('weak', [PEER, PEER_V6, NOBODY_THERE]))).toEqual(['heard weakly', 'heard weakly', 'silent']);
  });

  it.runIf(canUnshare)('hear it by a datagram socket where the raw one is not allowed, and by nothing where neither is', () => {
    const withoutRaw = ['/usr/bin/setpriv', '--bounding-set=-net_raw', '--inh-caps=-net_raw'];
    within(OURS, 'echo "0 0" > /proc/sys/net/ipv4/ping_group_range');
    expect(ask('socket', [PEER, PEER_V6], withoutRaw).map(({ answer, via }) => [answer, via])).toEqual([
      ['heard', 'icmp (datagram socket)'],
      ['heard', 'icmp (datagram socket)'],
    ]);
    within(OURS, 'echo "1 0" > /proc/sys/net/ipv4/ping_group_range');
    const [seen] = ask('socket', [PEER], withoutRaw);
    expect(seen).toMatchObject({ answer: 'heard', grade: 'weak', says: expect.stringContaining('no ICMP socket (EACCES)') });
    expect(seen?.says).toContain('install the Debian package iputils-ping');
  });

  it.runIf(canUnshare)('hear nobody where our own firewall refuses in the name of everybody', () => {
    const service = { address: PEER, port: 22 };
    const refusing = ['meta l4proto tcp reject with tcp reset', 'reject'];
    withRules(refusing, () => {
      for (const seen of [...ask('weak', [PEER, PEER_V6, service]), ...ask('ping', [service, PEER]), ...ask('socket', [PEER, service])])
        expect(seen.answer).not.toBe('heard');
    });
    withRules(['reject with icmpx type host-unreachable'], () => {
      expect(answers(ask('weak', [PEER, service]))).not.toContain('heard');
      expect(answers(ask('weak', [PEER, service]))).not.toContain('heard weakly');
    });
  });

  it.runIf(canUnshare)('hear nobody where a proxy of this machine accepts for everybody', () => {
    within(OURS, "nft add table ip proxy; nft 'add chain ip proxy output { type nat hook output priority -100; }'");
    within(OURS, `nft add rule ip proxy output oifname v0 meta l4proto tcp redirect to :${PROXY_PORT}`);
    within(THEIRS, 'ip link set v1 down');
    try {
      expect(answers(ask('proxied', [PEER, { address: PEER, port: 22 }]))).toEqual(['unable', 'unable']);
    } finally {
      within(THEIRS, 'ip link set v1 up');
      within(OURS, 'nft delete table ip proxy');
    }
  });

  it.runIf(canUnshare)('hear nobody where our own firewall drops', () => {
    withRules(['drop'], () => {
      for (const way of ['socket', 'ping', 'busybox', 'weak'] as const)
        for (const { answer } of ask(way, [PEER])) expect(answer).not.toBe('heard');
      expect(ask('socket', [PEER])).toMatchObject([{ answer: 'unable', says: 'our own kernel sends no echo there (EPERM)' }]);
      expect(ask('busybox', [PEER])[0]?.says).toContain('Operation not permitted');
    });
  });

  it.runIf(canUnshare)('take a route of our own that leads nowhere for a fault of ours, not for silence', () => {
    for (const [kind, code] of [
      ['unreachable', 'EHOSTUNREACH'],
      ['prohibit', 'EACCES'],
      ['blackhole', 'EINVAL'],
    ] as const) {
      within(OURS, `ip route add ${kind} ${PEER}/32`);
      try {
        for (const way of ['socket', 'ping', 'busybox', 'weak'] as const)
          expect([way, answers(ask(way, [PEER, { address: PEER, port: 22 }]))]).toEqual([way, ['unable', 'unable']]);
        expect(ask('socket', [PEER])[0]?.says).toContain(code);
      } finally {
        within(OURS, `ip route del ${kind} ${PEER}/32`);
      }
    }
  });

  it.runIf(canUnshare)('count no refusal where no control can be sent, for nothing tells who refuses', () => {
    within(OURS, 'ip route del default');
    try {
      const [seen] = ask('weak', [PEER]);
      expect(seen).toMatchObject({
        answer: 'unable',
        says: expect.stringContaining('no control probe could be sent to 192.0.2.1 (ENETUNREACH)'),
      });
    } finally {
      within(OURS, `ip route add default via ${PEER}`);
    }
  });

  describe('on a machine whose wire is cut', () => {
    it.runIf(canUnshare)('hear nobody by any way', () => {
      within(THEIRS, 'ip link set v1 down');
      try {
        for (const way of ['socket', 'ping', 'busybox', 'weak'] as const) expect(answers(ask(way, [PEER]))[0]).not.toMatch(/^heard/);
      } finally {
        within(THEIRS, 'ip link set v1 up');
      }
    });
  });
});
