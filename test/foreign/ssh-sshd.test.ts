/** Our SSH driver drives OpenSSH's sshd: exec and a real terminal, keys, an agent, pinned host keys. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkSettings, type DriverTools, type PowerDriver, Secret } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/ssh/driver.ts';
import { shownHostKeys } from '../../drivers/ssh/discover.ts';
import { realClock } from '../../hardware-mocks/clock.ts';
import { freePort } from './free-port.ts';
import { describeWithStrangers } from './strangers.ts';

const USUAL = { ms: 20_000 };
const clock = realClock();
const lines: string[] = [];
const tools: DriverTools = {
  now: () => clock.now(),
  after: (ms, run) => clock.after(ms, run),
  random: Math.random,
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  debug: (says) => void lines.push(says),
};

/** A power strip in a shell: one command per channel. */
const STRIP = `#!/bin/sh
set -f
set -- $SSH_ORIGINAL_COMMAND
[ "$1" = outlet ] || { echo "unknown command" >&2; exit 2; }
file="$(dirname "$0")/outlet.$3"
[ -f "$file" ] || { echo "no outlet" >&2; exit 3; }
case "$2" in
  off|on) echo "$2" > "$file" ;;
  show) echo "outlet $3 is $(cat "$file")" ;;
  hang) sleep 60 ;;
  *) exit 2 ;;
esac
`;

/** The same with the words of an APC, on a terminal of the kernel: it echoes and turns line ends by itself. */
const APC = `#!/bin/sh
set -f
printf 'American Power Conversion\\n\\napc>'
while read -r verb plug rest; do
  file="$(dirname "$0")/outlet.$plug"
  case "$verb" in
    olOff|olOn|olStatus) if [ -n "$plug" ] && [ -f "$file" ]; then echo 'E000: Success'; else echo 'E102: Parameter Error'; verb=none; fi ;;
    exit) exit 0 ;;
  esac
  case "$verb" in
    olOff) echo off > "$file" ;;
    olOn) echo on > "$file" ;;
    olStatus) if [ "$(cat "$file")" = on ]; then echo " $plug: Outlet $plug: On"; else echo " $plug: Outlet $plug: Off"; fi ;;
  esac
  printf 'apc>'
done
`;

interface Sshd {
  readonly folder: string;
  readonly port: number;
  readonly child: ChildProcess;
}

async function listening(port: number): Promise<void> {
  for (let left = 200; left > 0; left -= 1) {
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('sshd did not come up');
}

async function startSshd(sshd: string, keygen: string): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'sshd-'));
  const port = await freePort('tcp');
  const at = (name: string): string => join(folder, name);
  for (const type of ['ed25519', 'ecdsa', 'rsa']) execFileSync(keygen, ['-q', '-t', type, '-N', '', '-f', at(`host_${type}`)]);
  for (const [name, passphrase] of [
    ['strip', ''],
    ['apc', ''],
    ['locked', 'open sesame'],
    ['stranger', ''],
  ] as const) {
    execFileSync(keygen, ['-q', '-t', 'ed25519', '-N', passphrase, '-C', name, '-f', at(name)]);
  }
  writeFileSync(at('strip.sh'), STRIP);
  writeFileSync(at('apc.sh'), APC);
  for (const name of ['strip.sh', 'apc.sh']) chmodSync(at(name), 0o755);
  for (const plug of ['1', '2']) writeFileSync(at(`outlet.${plug}`), 'on\n');
  const allow = (script: string, key: string, more = ''): string =>
    `command="${at(script)}",restrict${more} ${readFileSync(at(`${key}.pub`), 'utf8')}`;
  writeFileSync(at('authorized_keys'), allow('strip.sh', 'strip') + allow('strip.sh', 'locked') + allow('apc.sh', 'apc', ',pty'));
  const config = [
    `ListenAddress 127.0.0.1:${port}`,
    ...['ed25519', 'ecdsa', 'rsa'].map((type) => `HostKey ${at(`host_${type}`)}`),
    `AuthorizedKeysFile ${at('authorized_keys')}`,
    `PidFile ${at('pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'PrintMotd no',
    'PrintLastLog no',
  ];
  writeFileSync(at('sshd_config'), `${config.join('\n')}\n`);
  // Root's sshd wants its separation folder; anybody else's does without.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn(sshd, ['-D', '-e', '-f', at('sshd_config')], { stdio: 'ignore' });
  await listening(port);
  return { folder, port, child };
}

describeWithStrangers(['sshd', 'ssh-keygen', 'ssh'], 'our driver drives sshd', (path) => {
  let sshd: Sshd;
  const opened: PowerDriver[] = [];
  const file = (name: string): string => readFileSync(join(sshd.folder, name), 'utf8');
  const pin = (type: string): string =>
    execFileSync(path('ssh-keygen'), ['-lf', join(sshd.folder, `host_${type}.pub`)], { encoding: 'utf8' }).split(' ')[1] ?? '';
  const outlet = (plug: string): string => file(`outlet.${plug}`).trim();

  const open = (more: Readonly<Record<string, unknown>>): PowerDriver => {
    const raw = {
      host: '127.0.0.1',
      port: sshd.port,
      username: userInfo().username,
      dialect: 'generic',
      evidence: 'device',
      outlets: true,
      commands: { off: 'outlet off {plug}', on: 'outlet on {plug}', read: 'outlet show {plug}' },
      says: { on: 'outlet (?<plug>\\w+) is on', off: 'outlet (?<plug>\\w+) is off' },
      hostKey: [pin('ed25519')],
      key: new Secret('strip', () => file('strip')),
      ...more,
    };
    const checked = checkSettings(driver.settings, Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined)));
    expect(checked.problems).toEqual([]);
    const device = driver.open('strip', checked.settings, tools);
    opened.push(device);
    return device;
  };

  beforeAll(async () => {
    sshd = await startSshd(path('sshd'), path('ssh-keygen'));
  });

  afterAll(async () => {
    for (const each of opened) await each.close();
    sshd.child.kill('SIGTERM');
    await new Promise((resolve) => sshd.child.once('exit', resolve));
    rmSync(sshd.folder, { recursive: true, force: true });
  });

  it('by key and forced command: off, on, one connection, the other outlet untouched', async () => {
    const strip = open({});
    expect(await strip.read('1', USUAL)).toMatchObject({ power: 'on' });
    for (const wanted of ['off', 'off', 'on'] as const) {
      expect(await strip.order('1', wanted, USUAL)).toEqual({ result: 'accepted' });
      expect(await strip.read('1', USUAL)).toMatchObject({ power: wanted });
      expect([outlet('1'), outlet('2')]).toEqual([wanted, 'on']);
    }
    expect(await strip.order('9', 'off', USUAL)).toMatchObject({ result: 'rejected', why: { code: 'ssh-command-failed' } });
    expect(await strip.read('9', USUAL)).toMatchObject({ power: 'unknown' });
    expect(lines.filter((line) => line.includes('logged in')).length).toBe(1);
  });

  it('on a terminal of the kernel, with its echo', async () => {
    const apc = open({
      dialect: 'apc-aos',
      evidence: undefined,
      commands: undefined,
      says: undefined,
      outlets: false,
      key: new Secret('apc', () => file('apc')),
    });
    expect(await apc.read('2', USUAL)).toMatchObject({ power: 'on' });
    expect(await apc.order('2', 'off', USUAL)).toEqual({ result: 'accepted' });
    expect(await apc.read('2', USUAL)).toMatchObject({ power: 'off' });
    expect([outlet('1'), outlet('2')]).toEqual(['on', 'off']);
    expect(await apc.order('7', 'off', USUAL)).toMatchObject({ result: 'rejected', why: { code: 'no-such-plug' } });
    expect(await apc.order('2', 'on', USUAL)).toEqual({ result: 'accepted' });
    expect(await apc.read('2', USUAL)).toMatchObject({ power: 'on' });
  });

  it('with a wrong host key refuses, shows both fingerprints, and sends nothing', async () => {
    const other = execFileSync(path('ssh-keygen'), ['-lf', join(sshd.folder, 'stranger.pub')], { encoding: 'utf8' }).split(' ')[1] ?? '';
    const order = await open({ hostKey: [other] }).order('1', 'off', USUAL);
    expect(order).toMatchObject({ result: 'rejected', why: { code: 'ssh-host-key-changed', lasting: true } });
    const says = order.result === 'rejected' ? order.why.says : '';
    expect(says).toContain(other);
    expect(says).toContain(pin('ed25519'));
    expect(outlet('1')).toBe('on');
  });

  it.each(['ed25519', 'ecdsa', 'rsa'])('takes a pinned %s key where several are offered', async (type) => {
    const blobType = { ed25519: 'ssh-ed25519', ecdsa: 'ecdsa-sha2-nistp256', rsa: 'ssh-rsa' }[type];
    expect(await open({ hostKey: [`${blobType} ${pin(type)}`] }).read('1', USUAL)).toMatchObject({ power: 'on' });
  });

  it('takes known_hosts as ssh-keygen writes and hashes it', async () => {
    const known = join(sshd.folder, 'known_hosts');
    writeFileSync(known, `[127.0.0.1]:${sshd.port} ${file('host_rsa.pub')}`);
    execFileSync(path('ssh-keygen'), ['-q', '-H', '-f', known], { stdio: 'ignore' });
    expect(file('known_hosts')).toMatch(/^\|1\|/);
    expect(await open({ hostKey: undefined, knownHosts: known }).read('1', USUAL)).toMatchObject({ power: 'on' });
  });

  it('opens an encrypted key with its passphrase, and says so when it is wrong or missing', async () => {
    const key = new Secret('locked', () => file('locked'));
    expect(await open({ key, passphrase: Secret.fixed('open sesame') }).read('1', USUAL)).toMatchObject({ power: 'on' });
    for (const passphrase of [undefined, Secret.fixed('wrong one')]) {
      expect(await open({ key, passphrase }).order('1', 'off', USUAL)).toMatchObject({
        result: 'rejected',
        why: { code: 'ssh-key-unusable' },
      });
    }
  });

  it('refuses the login of a key that is not allowed, once', async () => {
    const stranger = open({ key: new Secret('stranger', () => file('stranger')) });
    expect(await stranger.order('1', 'off', USUAL)).toMatchObject({
      result: 'rejected',
      why: { code: 'ssh-login-refused', lasting: true },
    });
    expect(await stranger.order('1', 'off', USUAL)).toMatchObject({ result: 'rejected', why: { code: 'ssh-login-paused' } });
  });

  it('uses an ssh-agent, and is told when there is none', async () => {
    const socket = join(sshd.folder, 'agent.sock');
    const folder = dirname(path('ssh'));
    const agent = spawn(join(folder, 'ssh-agent'), ['-D', '-a', socket], { stdio: 'ignore' });
    try {
      let added = false;
      for (let left = 100; left > 0 && !added; left -= 1) {
        try {
          execFileSync(join(folder, 'ssh-add'), ['-q', join(sshd.folder, 'strip')], { env: { SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
          added = true;
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 25));
        }
      }
      expect(await open({ key: undefined, agent: socket }).read('1', USUAL)).toMatchObject({ power: 'on' });
      expect(await open({ key: undefined, agent: socket, agentKey: pin('rsa') }).read('1', USUAL)).toMatchObject({
        power: 'unknown',
        why: { code: 'ssh-login-refused' },
      });
    } finally {
      agent.kill('SIGTERM');
      await new Promise((resolve) => agent.once('exit', resolve));
    }
    expect(await open({ key: undefined, agent: join(sshd.folder, 'nobody') }).read('1', USUAL)).toMatchObject({
      power: 'unknown',
      why: { code: 'ssh-login-refused' },
    });
  });

  it('keeps the deadline when a command hangs, and goes on with a new connection', async () => {
    const strip = open({ commands: { off: 'outlet hang {plug}', on: 'outlet on {plug}', read: 'outlet show {plug}' } });
    expect(await strip.read('1', USUAL)).toMatchObject({ power: 'on' });
    expect(await strip.order('1', 'off', { ms: 500 })).toMatchObject({ result: 'unknown', why: { code: 'ssh-deadline' } });
    expect(await strip.read('1', USUAL)).toMatchObject({ power: 'on' });
  });

  it('is shown the same host keys as ssh-keygen shows', async () => {
    const shown = await shownHostKeys({ device: 'strip', host: '127.0.0.1', port: sshd.port }, tools, USUAL);
    expect('code' in shown ? shown : shown.map((key) => key.fingerprint)).toEqual([pin('ed25519'), pin('ecdsa'), pin('rsa')]);
  });
});
