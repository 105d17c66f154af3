/** Strangers drive our SSH mock: OpenSSH's ssh by exec and on a terminal, and fence agents that log in with a password. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { realClock } from '../../hardware-mocks/clock.ts';
import { Machine } from '../../hardware-mocks/machine.ts';
import { Relay } from '../../hardware-mocks/relay.ts';
import { freshKeyPair, MockSsh, voiceNamed } from '../../hardware-mocks/ssh/index.ts';
import { describeWithStrangers } from './strangers.ts';

const clock = realClock();
const PASSWORD = 'lab-password';
const client = freshKeyPair();
const undo: Array<() => unknown> = [];

afterEach(async () => {
  for (const each of undo.splice(0)) await each();
});

interface Lab {
  readonly mock: MockSsh;
  readonly folder: string;
  readonly options: readonly string[];
}

async function lab(voiceName: string, plugs: readonly string[]): Promise<Lab> {
  const voice = voiceNamed(voiceName);
  if (voice === undefined) throw new TypeError(voiceName);
  const world = new Map(plugs.map((plug) => [plug, plug === '' ? new Machine({ name: 'm', clock }) : new Relay({ clock })] as const));
  const hostKeys = [freshKeyPair(), freshKeyPair('rsa')];
  const mock = await MockSsh.start({
    voice,
    world,
    users: [{ name: 'fencer', password: PASSWORD, publicKey: client.publicKey }],
    hostKeys: hostKeys.map(({ privateKey }) => privateKey),
    clock,
  });
  const folder = mkdtempSync(join(tmpdir(), 'mock-ssh-'));
  undo.push(
    () => mock.stop(),
    () => rmSync(folder, { recursive: true, force: true }),
  );
  writeFileSync(join(folder, 'known_hosts'), hostKeys.map(({ publicKey }) => `[127.0.0.1]:${mock.port} ${publicKey}\n`).join(''));
  writeFileSync(join(folder, 'id'), client.privateKey, { mode: 0o600 });
  const options = [
    '-F',
    'none',
    '-p',
    String(mock.port),
    '-i',
    join(folder, 'id'),
    '-l',
    'fencer',
    ...[
      'IdentitiesOnly=yes',
      'IdentityAgent=none',
      'BatchMode=yes',
      'StrictHostKeyChecking=yes',
      `UserKnownHostsFile=${join(folder, 'known_hosts')}`,
      'GlobalKnownHostsFile=none',
      'ConnectTimeout=10',
    ].flatMap((each) => ['-o', each]),
  ];
  return { mock, folder, options };
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(program: string, args: readonly string[], input = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { timeout: 60_000, killSignal: 'SIGKILL' });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (data: Buffer) => void out.push(data));
    child.stderr.on('data', (data: Buffer) => void err.push(data));
    child.on('close', (code) => resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

describeWithStrangers(['ssh'], 'ssh drives our mock', (path) => {
  it('by exec: racadm', async () => {
    const { mock, options } = await lab('idrac', ['']);
    const say = (command: string): Promise<Ended> => run(path('ssh'), [...options, '127.0.0.1', command]);
    expect(await say('racadm serveraction powerstatus')).toMatchObject({ code: 0, out: 'Server power status: ON\r\n' });
    expect(await say('racadm serveraction powerdown')).toMatchObject({ code: 0 });
    expect(mock.board.truth('')).toBe('off');
    expect(await say('racadm serveraction powerstatus')).toMatchObject({ code: 0, out: 'Server power status: OFF\r\n' });
    expect(await say('racadm serveraction powerdown')).toMatchObject({ code: 1 });
    expect(await say('racadm nonsense')).toMatchObject({ code: 2 });
  });

  it('on a terminal: an APC', async () => {
    const { mock, options } = await lab('apc-aos', ['1', '2', '3']);
    const ended = await run(path('ssh'), [...options, '-tt', '127.0.0.1'], 'olStatus all\rolOff 2\rolStatus 2\rexit\r');
    expect(ended.code, ended.err).toBe(0);
    expect(ended.out).toMatch(/apc>olStatus all\r\nE000: Success\r\n 1: Outlet 1: On\r\n 2: Outlet 2: On\r\n/);
    expect(ended.out).toMatch(/apc>olStatus 2\r\nE000: Success\r\n 2: Outlet 2: Off\r\n/);
    expect(['1', '2', '3'].map((plug) => mock.board.truth(plug))).toEqual(['on', 'off', 'on']);
  });

  it('on a terminal: a Raritan that asks first', async () => {
    const { mock, options } = await lab('raritan-px', ['1', '2']);
    const ended = await run(path('ssh'), [...options, '-tt', '127.0.0.1'], 'power outlets 1 off\rn\rpower outlets 2 off\ry\rexit\r');
    expect(ended.code, ended.err).toBe(0);
    expect(ended.out).toContain('Do you wish to turn outlet 2 off? [y/n] y');
    expect([mock.board.truth('1'), mock.board.truth('2')]).toEqual(['on', 'off']);
  });

  it('refuses a changed host key', async () => {
    const { mock, options } = await lab('idrac', ['']);
    mock.changeHostKeys([freshKeyPair().privateKey]);
    const ended = await run(path('ssh'), [...options, '127.0.0.1', 'racadm serveraction powerdown']);
    expect(ended.code).toBe(255);
    expect(ended.err).toContain('REMOTE HOST IDENTIFICATION HAS CHANGED');
    expect(mock.board.truth('')).toBe('on');
  });

  it('is refused with another key, and locked out by the fault of that name', async () => {
    const { mock, folder, options } = await lab('idrac', ['']);
    writeFileSync(join(folder, 'id'), freshKeyPair().privateKey, { mode: 0o600 });
    expect((await run(path('ssh'), [...options, '127.0.0.1', 'racadm serveraction powerdown'])).code).toBe(255);
    expect(mock.count.commands).toBe(0);
  });
});

describeWithStrangers(['fence_apc', 'ssh'], 'fence agents drive our mock', (path) => {
  const agent = (name: string): string => join(dirname(path('fence_apc')), name);
  const args = (mock: MockSsh, action: string, plug: string): readonly string[] => [
    `--ip=127.0.0.1`,
    `--ipport=${mock.port}`,
    '--username=fencer',
    `--password=${PASSWORD}`,
    '--ssh',
    '--power-wait=0',
    '--login-timeout=20',
    ...(plug === '' ? [] : [`--plug=${plug}`]),
    `--action=${action}`,
  ];

  describe.each([
    ['fence_ilo4_ssh', 'hpe-ilo', [''], 0],
    ['fence_cyberpower_ssh', 'cyberpower', ['1', '2', '3'], 0],
    // This one reads the outlets once per run and never again, so that it cannot see its own success.
    ['fence_raritan_px3', 'raritan-px', ['1', '2', '3'], 1],
  ] as const)('%s', (name, voice, plugs, offEndsWith) => {
    it('switches what our driver would switch', async () => {
      const { mock } = await lab(voice, plugs);
      const plug = plugs.at(-1) ?? '';
      const status = await run(agent(name), args(mock, 'status', plug));
      expect(status.code, status.out + status.err + mock.log.join('\n')).toBe(0);
      const off = await run(agent(name), args(mock, 'off', plug));
      expect(off.code, off.out + off.err + mock.log.join('\n')).toBe(offEndsWith);
      expect(plugs.map((each) => mock.board.truth(each))).toEqual(plugs.map((each) => (each === plug ? 'off' : 'on')));
    });
  });
});
