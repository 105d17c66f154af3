import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../drivers/kit/contract.ts';
import { shownHostKeys } from '../../drivers/ssh/discover.ts';
import { driver, evidenceOf, plugsOf } from '../../drivers/ssh/driver.ts';
import { LoginPlan, PromptAnswers } from '../../drivers/ssh/login.ts';
import { freshKeyPair, type MockSshOptions } from '../../hardware-mocks/ssh/index.ts';
import { clock, hostKeyPair, PASSWORD, type Rack, rack, until } from './rack.ts';

const USUAL = { ms: 5_000 };
const undo: Array<() => Promise<unknown>> = [];
const start = async (dialect = 'apc-aos', options: Partial<MockSshOptions> = {}): Promise<Rack> => {
  const started = await rack(dialect, options);
  undo.push(() => started.close());
  return started;
};

afterEach(async () => {
  for (const each of undo.splice(0)) await each();
});

describe('the host key', () => {
  it('that has changed: nothing is sent, no login is tried, both fingerprints are shown', async () => {
    const { open, mock, lamp, settings } = await start();
    const pinned = mock.fingerprints[0] ?? '';
    mock.changeHostKeys([freshKeyPair().privateKey]);
    const opened = open();
    const order = await opened.order('1', 'off', USUAL);
    expect(order).toMatchObject({ result: 'rejected', why: { code: 'ssh-host-key-changed', lasting: true } });
    expect(order.result === 'rejected' ? order.why.says : '').toContain(pinned);
    expect(order.result === 'rejected' ? order.why.says : '').toContain(mock.fingerprints[0]);
    expect(await opened.read('1', USUAL)).toMatchObject({ power: 'unknown', why: { code: 'ssh-host-key-changed' } });
    expect((await opened.check(USUAL)).ok).toBe(false);
    expect([mock.count.logins, mock.log.length, lamp('1')]).toEqual([0, 0, 'on']);
    expect(settings['hostKey']).toEqual([pinned]);
  });

  it('that has changed its type, too: both fingerprints are shown', async () => {
    const { open, mock } = await start();
    const opened = open({ hostKey: [`ssh-rsa SHA256:${'A'.repeat(43)}`] });
    const order = await opened.order('1', 'off', USUAL);
    expect(order).toMatchObject({ result: 'rejected', why: { code: 'ssh-host-key-changed', lasting: true } });
    const says = order.result === 'rejected' ? order.why.says : '';
    for (const part of [`ssh-rsa SHA256:${'A'.repeat(43)}`, `ssh-ed25519 ${mock.fingerprints[0]}`]) expect(says).toContain(part);
    expect([mock.count.logins, mock.log.length]).toEqual([0, 0]);
  });

  it('is asked for in the type that is pinned', async () => {
    const ecdsa = freshKeyPair('ecdsa');
    const { open, mock } = await start('apc-aos', { hostKeys: [hostKeyPair.privateKey, ecdsa.privateKey] });
    const opened = open({ hostKey: [`ecdsa-sha2-nistp256 ${mock.fingerprints[1]}`] });
    expect(await opened.read('1', USUAL)).toMatchObject({ power: 'on' });
  });

  it('comes from a known_hosts file, read at each connection', async () => {
    const { open, mock } = await start();
    const folder = await mkdtemp(join(tmpdir(), 'ssh-'));
    undo.push(() => rm(folder, { recursive: true }));
    const file = join(folder, 'known_hosts');
    const opened = open({ hostKey: undefined, knownHosts: file });
    expect(await opened.read('1', USUAL)).toMatchObject({ power: 'unknown', why: { code: 'ssh-known-hosts-unreadable' } });
    await writeFile(file, '');
    expect(await opened.read('1', USUAL)).toMatchObject({ power: 'unknown', why: { code: 'ssh-host-key-unknown' } });
    await writeFile(file, `[127.0.0.1]:${mock.port} ${hostKeyPair.publicKey}\n`);
    expect(await opened.read('1', USUAL)).toMatchObject({ power: 'on' });
  });

  it('is shown by discover without a login', async () => {
    const rsa = freshKeyPair('rsa');
    const { mock } = await start('apc-aos', { hostKeys: [hostKeyPair.privateKey, rsa.privateKey] });
    const tools = {
      now: () => clock.now(),
      after: (ms: number, run: () => void) => clock.after(ms, run),
      random: () => 0.5,
      bytes: (n: number) => new Uint8Array(n),
      debug: () => undefined,
    };
    const shown = await shownHostKeys({ device: 'pdu-a', host: '127.0.0.1', port: mock.port }, tools, USUAL);
    expect(shown).toEqual([
      { type: 'ssh-ed25519', fingerprint: mock.fingerprints[0], pin: `ssh-ed25519 ${mock.fingerprints[0]}` },
      { type: 'ssh-rsa', fingerprint: mock.fingerprints[1], pin: `ssh-rsa ${mock.fingerprints[1]}` },
    ]);
    expect(mock.count.logins).toBe(0);
    await until(() => mock.open === 0);
    expect(mock.open).toBe(0);
    mock.manners.halfOpen = true;
    expect(await shownHostKeys({ device: 'pdu-a', host: '127.0.0.1', port: mock.port }, tools, { ms: 100 })).toMatchObject({
      code: 'ssh-deadline',
    });
  });
});

describe('the login', () => {
  it('by key', async () => {
    const pair = freshKeyPair();
    const { open } = await start('apc-aos', { users: [{ name: 'fencer', publicKey: pair.publicKey }] });
    const opened = open({ password: undefined, key: Secret.fixed(pair.privateKey) });
    expect(await opened.read('1', USUAL)).toMatchObject({ power: 'on' });
    const broken = open({
      password: undefined,
      key: Secret.fixed('-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n', 'secrets/k'),
    });
    expect(await broken.order('1', 'off', USUAL)).toMatchObject({ result: 'rejected', why: { code: 'ssh-key-unusable' } });
  });

  it.each(['password', 'keyboard-interactive', 'both'] as const)('by password, where the device takes it by %s', async (passwordBy) => {
    const { open, mock } = await start('apc-aos', { passwordBy });
    expect(await open().read('1', USUAL)).toMatchObject({ power: 'on' });
    expect(mock.count.logins).toBe(1);
  });

  it.each(['password', 'keyboard-interactive', 'both'] as const)(
    'with a wrong password (%s) is tried once, refused, and not hammered',
    async (passwordBy) => {
      const { open, mock } = await start('apc-aos', { passwordBy, faults: { seed: 1, faults: [{ kind: 'lock-out', after: 2 }] } });
      let password = 'wrong one';
      const opened = open({ password: new Secret('secrets/pdu', () => password) });
      expect(await opened.order('1', 'off', USUAL)).toMatchObject({
        result: 'rejected',
        why: { code: 'ssh-login-refused', lasting: true },
      });
      for (let times = 0; times < 5; times += 1) {
        expect(await opened.order('1', 'off', USUAL)).toMatchObject({
          result: 'rejected',
          why: { code: 'ssh-login-paused', lasting: true },
        });
        expect(await opened.read('1', USUAL)).toMatchObject({ power: 'unknown', why: { code: 'ssh-login-paused' } });
      }
      expect(mock.count.logins).toBe(1);
      password = PASSWORD;
      expect(await opened.read('1', USUAL)).toMatchObject({ power: 'on' });
    },
  );

  it('does not begin without a credential, a pinned key, or with settings that contradict each other', async () => {
    const { open, mock } = await start();
    for (const more of [
      { password: undefined },
      { hostKey: undefined },
      { hostKey: [] },
      { knownHosts: '/etc/ssh/known_hosts' },
      { passphrase: Secret.fixed('x') },
      { agentKey: mock.fingerprints[0] },
      { sudo: true },
      { evidence: 'device' },
    ]) {
      const opened = open(more);
      expect(await opened.order('1', 'off', USUAL), JSON.stringify(more)).toMatchObject({
        result: 'rejected',
        why: { code: 'ssh-settings' },
      });
      expect((await opened.check(USUAL)).problem?.code).toBe('ssh-settings');
    }
    expect(mock.count.connections).toBe(0);
  });

  it('to old firmware needs legacyAlgorithms', async () => {
    const rsa = freshKeyPair('rsa');
    const { open } = await start('apc-aos', { hostKeys: [rsa.privateKey], oldAlgorithms: true });
    expect(await open().read('1', USUAL)).toMatchObject({ power: 'unknown', why: { code: 'ssh-no-common-algorithm' } });
    expect(await open({ legacyAlgorithms: true }).read('1', USUAL)).toMatchObject({ power: 'on' });
  });

  it('says no secret anywhere', async () => {
    const { open, mock, lines } = await start('libvirt');
    const said: unknown[] = [];
    for (const secret of ['s3cr3t-wrong-password', PASSWORD]) {
      const opened = open({ password: Secret.fixed(secret) });
      said.push(
        await opened.order('db1', 'off', USUAL),
        await opened.read('db1', USUAL),
        await opened.check(USUAL),
        await opened.list?.(USUAL),
      );
      mock.faults.apply({ seed: 3, faults: [{ kind: 'garbage' }] });
      said.push(await opened.read('db1', { ms: 200 }));
      mock.faults.clear();
    }
    const everything = JSON.stringify(said) + lines.join('\n') + mock.log.join('\n');
    for (const secret of ['s3cr3t-wrong-password', PASSWORD]) expect(everything).not.toContain(secret);
  });
});

describe('the deadline', () => {
  it.each([
    ['half open', { halfOpen: true }],
    ['a banner that comes too late', { bannerDelayMs: 60_000 }],
    ['something else than SSH that says nothing more', { notSsh: Buffer.from('220 ready') }],
  ])('holds: %s', async (_title, manners) => {
    const { open, mock, liveTimers } = await start('apc-aos', { manners });
    const opened = open();
    expect(await opened.order('1', 'off', { ms: 150 })).toMatchObject({ result: 'unknown', why: { code: 'ssh-deadline' } });
    expect(await opened.read('1', { ms: 150 })).toMatchObject({ power: 'unknown', why: { code: 'ssh-deadline' } });
    await until(() => mock.open === 0);
    expect([mock.open, liveTimers()]).toEqual([0, 0]);
  });

  it('is met by a device that is slow to begin', async () => {
    const { open } = await start('apc-aos', { manners: { bannerDelayMs: 150 } });
    expect(await open().read('1', USUAL)).toMatchObject({ power: 'on' });
  });

  it('holds when the device talks garbage instead of SSH', async () => {
    const { open } = await start('apc-aos', { manners: { notSsh: createHash('sha512').update('x').digest() } });
    expect(await open().read('1', { ms: 300 })).toMatchObject({ power: 'unknown' });
  });

  it('is over at once on abort and on close, and nothing is left', async () => {
    const { open, mock, liveTimers } = await start('apc-aos', { manners: { halfOpen: true } });
    const opened = open();
    const abort = new AbortController();
    const reading = opened.read('1', { ms: 60_000, signal: abort.signal });
    await until(() => mock.open === 1);
    abort.abort();
    expect(await reading).toMatchObject({ power: 'unknown', why: { code: 'ssh-aborted' } });
    const order = opened.order('1', 'off', { ms: 60_000 });
    await until(() => mock.count.connections === 2);
    await opened.close();
    expect(await order).toMatchObject({ result: 'unknown', why: { code: 'ssh-closed' } });
    await opened.close();
    expect(await opened.read('1', USUAL)).toMatchObject({ power: 'unknown', why: { code: 'ssh-closed' } });
    await until(() => mock.open === 0);
    expect([mock.open, liveTimers()]).toEqual([0, 0]);
  });

  it('ends an idle connection with a goodbye', async () => {
    const { open, mock, liveTimers } = await start();
    const opened = open({ idle: '20ms' });
    expect(await opened.read('1', USUAL)).toMatchObject({ power: 'on' });
    await until(() => mock.open === 0);
    expect(mock.log.at(-1)).toBe('> exit');
    expect([mock.open, liveTimers()]).toEqual([0, 0]);
    expect(await opened.read('1', USUAL)).toMatchObject({ power: 'on' });
  });
});

describe('a plan of methods', () => {
  it('offers each credential once, and the password by one method only', () => {
    const plan = new LoginPlan({ username: 'u', key: 'k', password: 'p' });
    expect(plan.next(null)).toBe('none');
    expect(plan.next(['publickey', 'password', 'keyboard-interactive'])).toBe('publickey');
    expect(plan.next(['publickey', 'password', 'keyboard-interactive'])).toBe('password');
    expect(plan.next(['publickey', 'password', 'keyboard-interactive'])).toBeUndefined();
    expect(new LoginPlan({ username: 'u', key: 'k' }).next(null)).toBe('publickey');
    expect(new LoginPlan({ username: 'u', key: 'k' }).next(['password'])).toBeUndefined();
  });

  it('answers one hidden prompt, once', () => {
    const answers = new PromptAnswers('p');
    expect(answers.answer([{ prompt: 'Code:', echo: true }])).toBeUndefined();
    expect(answers.answer([{ prompt: 'Password:', echo: false }])).toEqual(['p']);
    expect(answers.answer([{ prompt: 'Password:', echo: false }])).toBeUndefined();
    expect(new PromptAnswers('p').answer([{ prompt: 'a' }, { prompt: 'b' }])).toBeUndefined();
  });
});

describe('the module', () => {
  it('tells what settings prove', () => {
    expect(evidenceOf({ dialect: 'libvirt' })).toBe('device');
    expect(evidenceOf({ dialect: 'target-sysrq' })).toBe('target');
    expect(evidenceOf({ dialect: 'generic' })).toBe('target');
    expect([plugsOf({ dialect: 'apc-aos' }), plugsOf({ dialect: 'idrac' })]).toEqual(['required', 'none']);
    expect(driver.name).toBe('ssh');
  });
});
