import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Configuration,
  type DescribedDriver,
  driversFrom,
  explainConfiguration,
  formatProblem,
  lintConfiguration,
  type LoadOptions,
  loadConfiguration,
  parseConfiguration,
} from '../../src/config/index.ts';
import { Secret } from '../../src/vocabulary/index.ts';
import { sampleDrivers } from './sample-drivers.ts';
import { ENVIRONMENT, GOOD } from './wrong-cases.ts';

const EXAMPLE = fileURLToPath(new URL('fixtures/example.yaml', import.meta.url));
const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url));

async function configurationOf(file: string, options: Partial<LoadOptions> = {}): Promise<Configuration> {
  const loaded = await loadConfiguration(file, { drivers: sampleDrivers, files: 'leave', ...options });
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.configuration;
}

async function problemsOf(file: string, options: Partial<LoadOptions> = {}) {
  const loaded = await loadConfiguration(file, { drivers: sampleDrivers, ...options });
  return loaded.ok ? [] : loaded.problems;
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailiff-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the example of the guide', () => {
  it('resolves to absolute paths, milliseconds, parsed addresses and plug texts', async () => {
    const configuration = await configurationOf(EXAMPLE);
    expect(configuration.cluster).toBe('orders');
    expect(configuration.stateDir).toBe(join(FIXTURES, 'state'));
    expect(configuration.self).toEqual({ id: 'witness-1' });
    expect(configuration.nodes.get('db1')).toEqual({
      name: 'db1',
      votes: 1,
      links: [
        { name: 'lan', kind: 'udp', address: { host: '127.0.0.1', port: 7101 } },
        { name: 'cross', kind: 'tcp', address: { host: '127.0.0.1', port: 7201 } },
        { name: 'serial', kind: 'serial', device: '/dev/ttyS1' },
      ],
      fence: [
        [{ device: 'db1-bmc', outlet: '' }],
        [
          { device: 'pdu-a', outlet: '4' },
          { device: 'pdu-b', outlet: '4' },
        ],
      ],
    });
    expect(configuration.verify).toEqual({
      referenceIps: [{ kind: 'icmp', address: '127.0.0.1' }],
      need: 1,
      within: 3000,
      listenAgain: 2000,
    });
    expect(configuration.arbiters).toEqual([{ id: 'arb-1', publicKey: join(FIXTURES, 'keys/arb-1.pub'), runsOn: 'witness-1' }]);
    expect(configuration.listen).toEqual({ socket: join(FIXTURES, 'run/bailiff.sock') });
  });

  it('fills in every default of the policy', async () => {
    const { policy } = await configurationOf(EXAMPLE);
    expect(policy).toEqual({
      mode: 'automatic',
      delay: 0,
      timeout: 60_000,
      storm: { targets: 1, within: 600_000 },
      allowBiasedArbiter: false,
      approvalWindow: 3_600_000,
      confirm: { readings: 2, gap: 25, poll: 1000 },
      answerWithin: 5000,
      offTime: 5000,
      lease: 'none',
      leaseMargin: 2000,
    });
  });

  it('gives the driver checked settings with secrets in place of references', async () => {
    const { devices } = await configurationOf(EXAMPLE);
    const bmc = devices.get('db1-bmc');
    expect(bmc).toMatchObject({ driver: 'ipmi', evidence: 'device', poweredBy: 'target', confirm: { readings: 2, gap: 25 } });
    expect(bmc?.settings).toMatchObject({ host: '127.0.0.1', port: 6231, cipherSuites: [17, 3], patience: 2000 });
    expect(bmc?.settings['password']).toBeInstanceOf(Secret);
    const pdu = devices.get('pdu-b')?.settings as { version: string; auth: { key: Secret } };
    expect(pdu.version).toBe('3');
    expect(pdu.auth.key.origin).toBe(`file ${join(FIXTURES, 'secrets/b-auth')}`);
  });

  it('knows of each device how late an order may still act', async () => {
    const file = join(folder, 'bailiff.yaml');
    writeFileSync(
      file,
      GOOD.replace('poweredBy: target\n', 'poweredBy: target\n    lateness: 90s\n').replace('90s }', '90s, leaseMargin: 500ms }'),
    );
    const { devices, policy } = await configurationOf(file);
    expect([devices.get('db1-bmc')?.lateness, devices.get('db2-bmc')?.lateness]).toEqual([90_000, 5000]);
    expect(policy).toMatchObject({ lease: 'none', leaseMargin: 500 });
    expect(devices.get('db1-bmc')?.settings).not.toHaveProperty('lateness');
  });

  it('names every missing secret and key at once when files are checked', async () => {
    const file = join(folder, 'bailiff.yaml');
    writeFileSync(file, readFileSync(EXAMPLE, 'utf8'), { mode: 0o600 });
    const problems = await problemsOf(file, { environment: {} });
    expect(problems.map(({ line, code, path }) => `${line} ${code} ${path}`)).toEqual([
      '15 secret-missing devices.db1-bmc.password',
      '16 secret-missing devices.pdu-a.community',
      '18 secret-missing devices.pdu-b.auth.key',
      '18 secret-missing devices.pdu-b.priv.key',
      '22 key-missing arbiters[0].publicKey',
    ]);
  });

  it('is explained with every value in force and no secret', async () => {
    const file = join(folder, 'bailiff.yaml');
    writeFileSync(
      file,
      `${GOOD}listen: { socket: s, http: { address: '[::1]:7443', tls: { certificate: { file: c }, key: { file: k } } } }\n`,
    );
    const text = explainConfiguration(await configurationOf(file, { environment: ENVIRONMENT }));
    expect(text).toContain('cluster orders, state in ');
    expect(text).toContain('  level 2: outlet 4 of pdu-a and outlet 4 of pdu-b');
    expect(text).toContain('  password: (secret from variable BMC)');
    expect(text).toContain('  auth: { protocol: sha256, key: (secret from variable PDU) }');
    expect(text).toContain('  1 of 203.0.113.1, 203.0.113.2:53 (tcp) must answer');
    expect(text).toContain('hold 0s, entire operation within 90s, off for 5s in a reboot');
    expect(text).toContain(`  http [::1]:7443, TLS with ${join(folder, 'c')}, key (secret from file ${join(folder, 'k')})`);
    expect(text).not.toMatch(/secret-value|undefined|\[object/);
  });
});

describe('drivers of others', () => {
  it('are looked up by absolute path or package name', async () => {
    const file = join(folder, 'bailiff.yaml');
    writeFileSync(file, GOOD.replace('driver: ipmi\n', 'driver: ./mine.js\n').replace('driver: ipmi,', 'driver: some-package,'));
    const asked: string[] = [];
    const [ipmi] = [sampleDrivers.find('ipmi', undefined)];
    const configuration = await configurationOf(file, {
      drivers: {
        names: ['snmp-pdu'],
        find: async (word, module) => {
          if (module !== undefined) asked.push(`${word} ${module}`);
          return module === undefined ? sampleDrivers.find(word, module) : ipmi;
        },
      },
    });
    expect(asked).toEqual([`./mine.js ${join(folder, 'mine.js')}`, 'some-package some-package']);
    expect(configuration.devices.get('db1-bmc')?.module).toBe(join(folder, 'mine.js'));
    expect(configuration.devices.get('pdu-a')).not.toHaveProperty('module');
  });
});

describe('a driver for devices of several kinds', () => {
  const shell: DescribedDriver = {
    name: 'shell',
    plugs: 'required',
    evidence: 'device',
    kindOf: ({ dialect }) => (dialect === 'inside' ? { evidence: 'target', plugs: 'none' } : { evidence: 'device', plugs: 'required' }),
    settings: {
      dialect: { kind: 'string', says: 'what is at the other end', default: 'rack' },
      keys: { kind: 'string', says: 'known keys', isPath: true },
    },
  };
  const text = (outlet: string): string =>
    `cluster: c\nself: { id: s }\nnodes: { a: { fence: [ [ { device: d${outlet} } ] ] } }\ndevices: { d: { driver: shell, dialect: inside, keys: k/known } }\n`;

  it('says what holds for the settings at hand: evidence of the target is never taken for the device', async () => {
    const loaded = await parseConfiguration(text(''), join(folder, 'c.yaml'), { drivers: driversFrom([shell]) });
    const device = loaded.ok ? loaded.configuration.devices.get('d') : undefined;
    expect(device?.evidence).toBe('target');
    expect(device?.settings).toEqual({ dialect: 'inside', keys: join(folder, 'k/known') });
    expect(loaded.ok ? lintConfiguration(loaded.configuration, loaded.where).map(({ code }) => code) : []).toContain('no-confirming-level');
  });

  it('says whether outlets are named', async () => {
    const named = await parseConfiguration(text(', outlet: 1'), join(folder, 'c.yaml'), { drivers: driversFrom([shell]) });
    expect(named.ok ? [] : named.problems.map(({ code }) => code)).toEqual(['outlet-not-taken']);
  });
});

describe('secret files', () => {
  const withFile = (reference: string): string => {
    const file = join(folder, 'bailiff.yaml');
    writeFileSync(file, GOOD.replace('password: { env: BMC }\n    poweredBy', `password: ${reference}\n    poweredBy`));
    return file;
  };
  const passwordOf = ({ devices }: Configuration): Secret => {
    const secret = devices.get('db1-bmc')?.settings['password'];
    if (!(secret instanceof Secret)) throw new Error('no secret');
    return secret;
  };

  it.each([0o640, 0o604, 0o644, 0o620, 0o602, 0o610])('of mode %o are refused with the command that mends it', async (mode) => {
    writeFileSync(join(folder, 'bmc'), 'hunter2\n');
    chmodSync(join(folder, 'bmc'), mode);
    const problems = await problemsOf(withFile('{ file: bmc }'), { environment: ENVIRONMENT });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: 'secret-permissions', line: 23, next: `run: chmod 600 ${join(folder, 'bmc')}` });
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('quote a strange path so that the command can be pasted', async () => {
    writeFileSync(join(folder, "b m'c"), 'x', { mode: 0o644 });
    const [problem] = await problemsOf(withFile(`{ file: "b m'c" }`), { environment: ENVIRONMENT });
    expect(problem?.next).toBe(`run: chmod 600 '${join(folder, "b m'\\''c")}'`);
  });

  it.each([0o600, 0o400])('of mode %o are read at each use, without their last newline', async (mode) => {
    const path = join(folder, 'bmc');
    writeFileSync(path, 'first\n', { mode: 0o600 });
    chmodSync(path, mode);
    const secret = passwordOf(await configurationOf(withFile('{ file: bmc }'), { files: 'check', environment: ENVIRONMENT }));
    expect(secret.reveal()).toBe('first');
    rmSync(path);
    writeFileSync(path, ' second \r\n', { mode: 0o600 });
    expect(secret.reveal()).toBe(' second ');
    chmodSync(path, 0o644);
    expect(() => secret.reveal()).toThrow(/chmod 600/);
    rmSync(path);
    expect(() => secret.reveal()).toThrow(/does not exist/);
  });

  it.each([
    ['empty', (path: string) => writeFileSync(path, '\n', { mode: 0o600 }), /is empty/],
    ['too large', (path: string) => writeFileSync(path, 'x'.repeat(70_000), { mode: 0o600 }), /larger than 65536/],
    ['not text', (path: string) => writeFileSync(path, Uint8Array.of(0xff, 0xfe, 0x00), { mode: 0o600 }), /not UTF-8/],
    ['a folder', (path: string) => mkdirSync(path, { mode: 0o700 }), /not a regular file/],
  ])('that are %s are refused', async (_, make, says) => {
    make(join(folder, 'bmc'));
    const problems = await problemsOf(withFile('{ file: bmc }'), { environment: ENVIRONMENT });
    expect(problems.map(({ code }) => code)).toEqual(['secret-unreadable']);
    expect(problems[0]?.says).toMatch(says);
  });

  it('of systemd are found in its folder, whatever their mode', async () => {
    mkdirSync(join(folder, 'credentials'));
    writeFileSync(join(folder, 'credentials', 'bmc'), 'value\n', { mode: 0o440 });
    const environment = { ...ENVIRONMENT, CREDENTIALS_DIRECTORY: join(folder, 'credentials') };
    const secret = passwordOf(await configurationOf(withFile('{ credential: bmc }'), { files: 'check', environment }));
    expect(secret.reveal()).toBe('value');
    expect(secret.origin).toBe('credential bmc');
  });

  it('are not looked at when they are to be left alone', async () => {
    const configuration = await configurationOf(withFile('{ file: nowhere }'), { environment: {} });
    expect(() => passwordOf(configuration).reveal()).toThrow(/nowhere does not exist/);
  });
});

describe('files that are no configuration', () => {
  it.each([
    ['missing', () => undefined, 'config-unreadable', /does not exist/],
    ['a folder', (path: string) => mkdirSync(path), 'config-unreadable', /not a regular file/],
    ['not text', (path: string) => writeFileSync(path, Uint8Array.of(0xc3, 0x28)), 'config-unreadable', /not UTF-8/],
    ['too large', (path: string) => writeFileSync(path, ' '.repeat(8 * 1024 * 1024 + 1)), 'config-too-large', /larger than 8388608/],
    ['empty', (path: string) => writeFileSync(path, ''), 'wrong-value', /file is empty/],
    ['a list', (path: string) => writeFileSync(path, '- a\n'), 'wrong-value', /does not hold a map/],
  ])('%s', async (_, make, code, says) => {
    const path = join(folder, 'bailiff.yaml');
    make(path);
    const problems = await problemsOf(path);
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    expect(problems[0]).toMatchObject({ file: path, line: 1, column: 1 });
    expect(problems[0]?.says).toMatch(says);
  });
});
