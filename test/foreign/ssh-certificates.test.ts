/**
 * Host certificates as ssh-keygen signs them, shown by OpenSSH's sshd and fetched by its ssh-keyscan: our driver takes and refuses the same
 * ones as OpenSSH's own ssh, which is asked beside it.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { checkSettings, type DriverTools, type PowerDriver, Secret } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/ssh/driver.ts';
import { realClock } from '../../hardware-mocks/clock.ts';
import { freePort } from './free-port.ts';
import { describeWithStrangers } from './strangers.ts';

const USUAL = { ms: 20_000 };
const clock = realClock();
const tools: DriverTools = {
  now: () => clock.now(),
  after: (ms, run) => clock.after(ms, run),
  random: Math.random,
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  debug: () => undefined,
};
const TYPES = ['ed25519', 'ecdsa', 'rsa'] as const;
type KeyType = (typeof TYPES)[number];

interface Wanted {
  readonly by?: string;
  readonly key?: KeyType;
  /** Arguments of ssh-keygen -s; `-h` (a host) and the principal 127.0.0.1 unless told otherwise. */
  readonly args?: readonly string[];
}

describeWithStrangers(['sshd', 'ssh-keygen', 'ssh-keyscan', 'ssh'], 'host certificates of OpenSSH', (path) => {
  let folder = '';
  let sshd: ChildProcess | undefined;
  let port = 0;
  /** Lines of sshd's log. */
  let log = '';
  const ourKnocks = new Set<number | undefined>();
  const opened: PowerDriver[] = [];
  const at = (name: string): string => join(folder, name);
  const file = (name: string): string => readFileSync(at(name), 'utf8').trim();
  const keygen = (...args: readonly string[]): void => void execFileSync(path('ssh-keygen'), ['-q', ...args], { stdio: 'ignore' });
  const fingerprint = (name: string): string =>
    execFileSync(path('ssh-keygen'), ['-lf', at(`${name}.pub`)], { encoding: 'utf8' }).split(' ')[1] ?? '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssh-ca-'));
    for (const type of TYPES) {
      keygen('-t', type, '-N', '', '-f', at(`host_${type}`));
      keygen('-t', type, '-N', '', '-f', at(`ca_${type}`));
    }
    for (const name of ['other_ca', 'client']) keygen('-t', 'ed25519', '-N', '', '-f', at(name));
    writeFileSync(at('outlet.sh'), `#!/bin/sh\necho "outlet is on"\n`);
    chmodSync(at('outlet.sh'), 0o755);
    writeFileSync(at('authorized_keys'), `command="${at('outlet.sh')}",restrict ${file('client.pub')}\n`);
    if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  });

  const stop = async (): Promise<void> => {
    for (const each of opened.splice(0)) await each.close();
    await stopSshd();
  };
  const stopSshd = async (): Promise<void> => {
    const child = sshd;
    sshd = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  };
  afterEach(stop);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function certify({ by = 'ca_ed25519', key = 'ed25519', args = [] }: Wanted): string {
    copyFileSync(at(`host_${key}.pub`), at('signed.pub'));
    const usual = ['-h', '-n', '127.0.0.1'];
    keygen('-s', at(by), '-I', 'strip', '-z', '42', ...(args.length === 0 ? usual : args), at('signed.pub'));
    const name = `host_${key}-cert.pub`;
    copyFileSync(at('signed-cert.pub'), at(name));
    return name;
  }

  async function start(certificates: readonly string[], keys: readonly KeyType[] = TYPES, on?: number): Promise<void> {
    port = on ?? (await freePort('tcp'));
    log = '';
    ourKnocks.clear();
    const config = [
      `ListenAddress 127.0.0.1:${port}`,
      ...keys.map((type) => `HostKey ${at(`host_${type}`)}`),
      ...certificates.map((name) => `HostCertificate ${at(name)}`),
      `AuthorizedKeysFile ${at('authorized_keys')}`,
      `PidFile ${at('pid')}`,
      ...['StrictModes no', 'UsePAM no', 'PasswordAuthentication no', 'PermitRootLogin prohibit-password', 'LogLevel VERBOSE'],
    ];
    writeFileSync(at('sshd_config'), `${config.join('\n')}\n`);
    const child = spawn(path('sshd'), ['-D', '-e', '-f', at('sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (data: Buffer) => {
      // One that was stopped may still have a word to say of its last connection.
      if (child !== sshd) return;
      log = (log + data.toString('utf8')).slice(-100_000);
    });
    sshd = child;
    for (let left = 400; left > 0 && !(await answers()); left -= 1) await new Promise((resolve) => setTimeout(resolve, 25));
  }

  const answers = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', () => resolve(false));
      socket.once('connect', () => {
        ourKnocks.add(socket.localPort);
        socket.destroy();
        resolve(true);
      });
    });

  const logged = async (so: () => boolean): Promise<void> => {
    for (let left = 400; left > 0 && !so(); left -= 1) await new Promise((resolve) => setTimeout(resolve, 25));
  };
  const goodbye = (): Promise<void> => logged(() => log.includes('Disconnected from user'));

  /** Connections that sshd has seen besides our knocks, once it has let so many logins in. */
  async function connections(logins: number): Promise<number> {
    await logged(() => log.split('Accepted publickey').length > logins);
    // Each knock accounts for one line: its port may come again later.
    const knocks = new Set(ourKnocks);
    return [...log.matchAll(/Connection from 127\.0\.0\.1 port (\d+)/g)].filter(([, from]) => !knocks.delete(Number(from))).length;
  }

  function open(more: Readonly<Record<string, unknown>>): PowerDriver {
    const raw = {
      host: '127.0.0.1',
      port,
      username: userInfo().username,
      dialect: 'generic',
      evidence: 'device',
      commands: { off: 'off', read: 'show' },
      says: { on: 'outlet is on', off: 'outlet is off' },
      key: new Secret('client', () => `${file('client')}\n`),
      ...more,
    };
    const checked = checkSettings(driver.settings, raw);
    expect(checked.problems).toEqual([]);
    const device = driver.open('strip', checked.settings, tools);
    opened.push(device);
    return device;
  }

  /** OpenSSH's own judgement, with certificates alone. */
  function sshTakesIt(knownHosts: string): boolean {
    const options = ['StrictHostKeyChecking=yes', `UserKnownHostsFile=${knownHosts}`, 'GlobalKnownHostsFile=none', 'BatchMode=yes'];
    const more = ['IdentitiesOnly=yes', 'IdentityAgent=none', 'UpdateHostKeys=no', 'LogLevel=ERROR'];
    const args = [
      '-F',
      'none',
      '-p',
      String(port),
      '-i',
      at('client'),
      ...[...options, ...more].flatMap((each) => ['-o', each]),
      '127.0.0.1',
      'show',
    ];
    const run = spawnSync(path('ssh'), args, { encoding: 'utf8', timeout: 20_000 });
    return run.status === 0 && run.stdout.trim() === 'outlet is on';
  }

  function knownHosts(...lines: readonly string[]): string {
    writeFileSync(at('known_hosts'), lines.map((line) => `${line}\n`).join(''));
    return at('known_hosts');
  }

  const caLine = (name: string): string => `@cert-authority * ${file(`${name}.pub`)}`;
  const readOf = async (more: Readonly<Record<string, unknown>>) => await open(more).read('', USUAL);

  it.each<[string, Wanted]>([
    ['of an Ed25519 CA', {}],
    ['of an ECDSA CA', { by: 'ca_ecdsa' }],
    ['of an RSA CA', { by: 'ca_rsa' }],
    ['of an RSA CA with SHA-256', { by: 'ca_rsa', args: ['-t', 'rsa-sha2-256', '-h', '-n', '127.0.0.1'] }],
    ['for an ECDSA key', { key: 'ecdsa' }],
    ['for an RSA key', { key: 'rsa' }],
    ['for several names', { args: ['-h', '-n', 'strip.example,127.0.0.1', '-V', '-1h:+1h'] }],
  ])('%s: taken', async (_title, wanted) => {
    const by = wanted.by ?? 'ca_ed25519';
    await start([certify(wanted)]);
    const known = knownHosts(caLine(by));
    expect(sshTakesIt(known)).toBe(true);
    const device = open({ knownHosts: known });
    expect(await device.read('', USUAL)).toMatchObject({ power: 'on' });
    const [found = ''] = (await device.check(USUAL)).found;
    expect(found).toContain('host key vouched for by the certificate "strip" (serial 42) of the CA ');
    expect(found).toContain(fingerprint(by));
  });

  it('from a file: taken, from a device that offers none; and by hostCa', async () => {
    const certificate = certify({ key: 'rsa' });
    await start([]);
    const authorities = [file('ca_ecdsa.pub'), file('ca_ed25519.pub')];
    expect(await readOf({ hostCa: authorities, hostCertificate: at(certificate) })).toMatchObject({ power: 'on' });
    expect(await readOf({ hostCa: authorities })).toMatchObject({
      power: 'unknown',
      why: { code: 'ssh-host-certificate-missing', says: expect.stringContaining('it offers none') },
    });
  });

  it.each<[string, Wanted, string]>([
    ['for another name', { args: ['-h', '-n', 'strip.example'] }, 'it does not name "127.0.0.1"'],
    ['that has expired', { args: ['-h', '-n', '127.0.0.1', '-V', '20200101:20200102'] }, 'it has expired'],
    ['that is not yet valid', { args: ['-h', '-n', '127.0.0.1', '-V', '+1d:+2d'] }, 'it is not yet valid'],
    ['of another CA', { by: 'other_ca' }, 'its authority is not trusted'],
    ['of an RSA CA with SHA-1', { by: 'ca_rsa', args: ['-t', 'ssh-rsa', '-h', '-n', '127.0.0.1'] }, 'it is signed with SHA-1'],
    ['with a critical option', { args: ['-h', '-n', '127.0.0.1', '-O', 'critical:verify-required'] }, 'critical option "verify-required"'],
  ])('%s: refused, and everything that was offered is named', async (_title, wanted, why) => {
    await start([certify(wanted)]);
    const known = knownHosts(...TYPES.map((type) => caLine(`ca_${type}`)));
    expect(sshTakesIt(known)).toBe(false);
    const result = await open({ knownHosts: known }).order('', 'off', USUAL);
    expect(result).toMatchObject({ result: 'rejected', why: { code: 'ssh-host-certificate-refused', lasting: true } });
    const says = result.result === 'rejected' ? result.why.says : '';
    for (const part of [
      why,
      fingerprint('host_ed25519'),
      fingerprint(wanted.by ?? 'ca_ed25519'),
      'certificate "strip" (serial 42)',
      'valid from',
    ])
      expect(says).toContain(part);
    expect(log).not.toContain('Accepted');
  });

  it.each([
    ['without a principal', ['-h'], 'it names no principal'],
    ['for a pattern of names', ['-h', '-n', '127.0.0.*'], 'it does not name "127.0.0.1"'],
  ])('%s: refused by us, whatever this version of OpenSSH thinks', async (_title, args, why) => {
    await start([certify({ args })]);
    expect(await readOf({ hostCa: [file('ca_ed25519.pub')] })).toMatchObject({
      power: 'unknown',
      why: { code: 'ssh-host-certificate-refused', says: expect.stringContaining(why) },
    });
  });

  it('of a user: refused, from a file as sshd does not show it', async () => {
    const certificate = certify({ args: ['-n', '127.0.0.1'] });
    await start([]);
    expect(await readOf({ hostCa: [file('ca_ed25519.pub')], hostCertificate: at(certificate) })).toMatchObject({
      power: 'unknown',
      why: { code: 'ssh-host-certificate-refused', says: expect.stringContaining('of the kind user') },
    });
  });

  it('revoked, the CA or the key: refused', async () => {
    await start([certify({})], ['ed25519']);
    for (const [revoked, code] of [
      ['ca_ed25519', 'ssh-host-certificate-refused'],
      ['host_ed25519', 'ssh-host-key-revoked'],
    ] as const) {
      const known = knownHosts(caLine('ca_ed25519'), `@revoked * ${file(`${revoked}.pub`)}`);
      expect(sshTakesIt(known), revoked).toBe(false);
      expect(await readOf({ knownHosts: known }), revoked).toMatchObject({ power: 'unknown', why: { code } });
      expect((await readOf({ knownHosts: known })).why?.says).toContain('@revoked');
    }
  });

  it('of a CA that is trusted for other names only: refused', async () => {
    await start([certify({})], ['ed25519']);
    const known = knownHosts(`@cert-authority *.example ${file('ca_ed25519.pub')}`);
    expect(sshTakesIt(known)).toBe(false);
    expect(await readOf({ knownHosts: known })).toMatchObject({ power: 'unknown', why: { code: 'ssh-host-key-unknown' } });
  });

  it('are not asked for where the key is pinned; where it has changed they are, within the same call', async () => {
    await start([certify({})]);
    const pinned = { hostCa: [file('ca_ed25519.pub')], hostKey: [fingerprint('host_ed25519')] };
    expect(await readOf(pinned)).toMatchObject({ power: 'on' });
    expect(await connections(1)).toBe(1);
    const changed = { ...pinned, hostKey: [`ssh-rsa ${fingerprint('other_ca')}`] };
    expect(await readOf(changed)).toMatchObject({ power: 'on' });
    expect(await connections(2)).toBe(1 + 1 + TYPES.length + 1);
  });

  it('are remembered: another connection asks for none', async () => {
    await start([certify({})]);
    const device = open({ hostCa: [file('ca_ed25519.pub')], idle: '0ms' });
    expect(await device.read('', USUAL)).toMatchObject({ power: 'on' });
    expect(await connections(1)).toBe(TYPES.length + 1);
    await goodbye();
    expect(await device.read('', USUAL)).toMatchObject({ power: 'on' });
    expect(await connections(2), log).toBe(TYPES.length + 2);
  });

  it('of a key that was renewed meanwhile are asked for again, within the same call', async () => {
    await start([certify({})], ['ed25519']);
    const device = open({ hostCa: [file('ca_ed25519.pub')], idle: '0ms' });
    expect(await device.read('', USUAL)).toMatchObject({ power: 'on' });
    await goodbye();
    await stopSshd();
    for (const name of ['host_ed25519', 'host_ed25519.pub']) rmSync(at(name));
    keygen('-t', 'ed25519', '-N', '', '-f', at('host_ed25519'));
    await start([certify({})], ['ed25519'], port);
    expect(await device.read('', USUAL)).toMatchObject({ power: 'on' });
    expect(await connections(1), log).toBe(1 + TYPES.length + 1);
  });

  it('are shown by discover, which pins nothing where a given CA vouches for them', async () => {
    await start([certify({})]);
    const ask = async (given: Readonly<Record<string, unknown>>) => await driver.discover?.('127.0.0.1', { port, ...given }, tools, USUAL);
    const shown = `certificate "strip" (serial 42) of the CA ssh-ed25519 ${fingerprint('ca_ed25519')} for "127.0.0.1"`;
    const unasked = await ask({});
    expect(unasked).toMatchObject({ warnings: [], configuration: { hostKey: expect.arrayContaining([expect.any(String)]) } });
    expect(JSON.stringify(unasked)).toContain(JSON.stringify(shown).slice(1, -1));
    expect(JSON.stringify(unasked)).toContain('in hostCa no key needs to be pinned');
    const vouched = await ask({ hostCa: [file('ca_ed25519.pub')] });
    expect(vouched).toMatchObject({ warnings: [], configuration: { hostCa: [file('ca_ed25519.pub')] } });
    expect(vouched).not.toHaveProperty('configuration.hostKey');
    expect(JSON.stringify(vouched)).toContain(': it vouches for this key');
    expect(JSON.stringify(vouched)).not.toContain('compare the keys');
    const wrong = await ask({ hostCa: [file('other_ca.pub')] });
    expect(wrong).toMatchObject({
      warnings: [expect.stringContaining('its authority is not trusted')],
      configuration: { hostKey: expect.any(Array) },
    });
  });
});
