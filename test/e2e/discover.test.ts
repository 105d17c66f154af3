/** `bailiff discover` as an operator uses it: what it prints is pasted into a configuration, which then loads and logs in. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_FAULTS } from '../../hardware-mocks/index.ts';
import { TestRack } from './rack.ts';

const BASE = { cluster: 'orders', stateDir: './other-state', self: { id: 'witness-1' } };
let rack: TestRack;

beforeAll(async () => {
  rack = await TestRack.up({
    cluster: 'orders',
    nodes: [{ name: 'db1', feeds: ['pdu-a/1'] }, { name: 'db2', feeds: ['pdu-b/1'] }, { name: 'db3', feeds: ['strip/1'] }, { name: 'db4' }],
    devices: [
      { name: 'db1-bmc', kind: 'bmc', node: 'db1' },
      { name: 'db2-bmc', kind: 'bmc', node: 'db2', cipherSuites: [3, 0], insecureSuites: true, kg: 'lab-kg' },
      { name: 'pdu-a', kind: 'pdu', outlets: 2 },
      { name: 'pdu-b', kind: 'pdu', outlets: 2, version: '3', family: 'raritan-px2' },
      { name: 'strip', kind: 'ssh', outlets: 2, oldAlgorithms: true },
      { name: 'db4-rf', kind: 'redfish', node: 'db4' },
    ],
  });
});
afterAll(async () => await rack.down());

const portOf = (device: string): number => rack.lab.devices.get(device)?.endpoint.port ?? -1;

/** The block under `devices:`, as a person would copy it. */
function blockIn(out: string): string {
  const lines = out.split('\n');
  const from = lines.indexOf('devices:');
  expect(from).toBeGreaterThan(0);
  return lines.slice(from, lines.indexOf('', from)).join('\n');
}

async function configurationWith(block: string, name: string, outlet: string): Promise<string> {
  const head = Object.entries(BASE).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const node = `nodes:\n  db1: { fence: [ [ { device: ${name}${outlet === '' ? '' : `, outlet: ${outlet}`} } ] ] }`;
  return await rack.file('pasted.yaml', [...head, node, block, ''].join('\n'));
}

const CASES = [
  {
    device: 'db1-bmc',
    driver: 'ipmi',
    outlet: '',
    set: ['username=fencer', 'password=file:secrets/db1-bmc'],
    says: /logged in with cipher suite 17/,
  },
  {
    device: 'db2-bmc',
    driver: 'ipmi',
    outlet: '',
    set: ['username=fencer', 'password=file:secrets/db2-bmc', 'kg=file:secrets/db2-bmc-kg'],
    says: /logged in with cipher suite 3[\s\S]*warning: the BMC offers cipher suite 0[\s\S]*cipherSuites: \[3\]/,
  },
  {
    device: 'pdu-a',
    driver: 'snmp-pdu',
    outlet: '1',
    set: ['community=file:secrets/pdu-a'],
    says: /warning: .*in the clear[\s\S]*OUTLET +NAME +POWER +LOAD\n +1 +.* on [\s\S]*profile: apc-rpdu2/,
  },
  {
    device: 'pdu-b',
    driver: 'snmp-pdu',
    outlet: '1',
    set: [
      'user=fencer',
      'auth.protocol=sha256',
      'auth.key=file:secrets/pdu-b-auth',
      'priv.protocol=aes',
      'priv.key=file:secrets/pdu-b-priv',
    ],
    says: /profile: raritan-px2[\s\S]*auth: \{ protocol: sha256, key: \{ file: secrets\/pdu-b-auth \} \}/,
  },
  {
    device: 'strip',
    driver: 'ssh',
    outlet: '1',
    set: ['username=fencer', 'password=file:secrets/strip', 'dialect=apc-aos', 'idle=5s'],
    says: /old algorithms only[\s\S]*idle: "5000ms"[\s\S]*hostKey: \["ssh-rsa SHA256:/,
  },
  {
    device: 'db4-rf',
    driver: 'redfish',
    outlet: '',
    set: ['username=fencer', 'password=file:secrets/db4-rf'],
    says: /SHA-256 fingerprint ([0-9A-F:]{95})[\s\S]*tls: \{ pins: \["\1"\] \}/,
  },
] as const;

describe('what it prints is pasted', () => {
  test.each(CASES)('$device: the block loads, and the device is fit', async ({ device, driver, outlet, set, says }) => {
    const { code, out, err } = await rack.bailiff('discover', '127.0.0.1', '--driver', driver, '--set', `port=${portOf(device)}`, ...set);
    expect(code, out + err).toBe(0);
    expect(out).toMatch(says);
    expect(out + err).not.toMatch(/lab-password|lab-community|lab-auth|lab-priv|lab-kg|\(secret\)/);
    expect(out).not.toContain('still to be added');
    const file = await configurationWith(blockIn(out), `my-${driver}`, outlet);
    const checked = await rack.json('check', '--config', file);
    const devices = checked.value.devices as { health: { ok: boolean; problem?: unknown } }[];
    expect(devices).toMatchObject([{ device: `my-${driver}`, driver, health: { ok: true } }]);
  });

  test.each([
    ['db1-bmc', 'ipmi', ['username is missing', 'password is missing']],
    ['strip', 'ssh', ['username is missing', 'dialect is missing']],
    ['db4-rf', 'redfish', ['username is missing', 'password is missing']],
  ] as const)('%s, asked without a login: the block says what it lacks', async (device, driver, lacks) => {
    const set = `port=${portOf(device)}`;
    const { code, out } = await rack.bailiff('discover', '127.0.0.1', '--driver', driver, '--set', set);
    expect(code).toBe(0);
    const { value } = await rack.json('discover', '127.0.0.1', '--driver', driver, '--set', set);
    const [result] = value.results as { lacks: string[]; settings: Record<string, unknown> }[];
    expect(result?.settings).toMatchObject({ driver, host: '127.0.0.1', port: portOf(device) });
    expect(result?.lacks).toHaveLength(lacks.length);
    for (const [index, lack] of lacks.entries()) {
      expect(out).toContain(`  #   ${lack}`);
      expect(result?.lacks[index]).toContain(lack);
    }
    const loaded = await rack.bailiff('check', '--offline', '--config', await configurationWith(blockIn(out), `my-${driver}`, ''));
    expect(loaded.code).toBe(2);
    for (const lack of lacks) expect(loaded.out + loaded.err).toContain(lack.replace(' is ', ': is '));
  });
});

test('a PDU without a login is not asked, and what to give is said', async () => {
  const { code, out } = await rack.bailiff('discover', '127.0.0.1', '--driver', 'snmp-pdu', '--set', `port=${portOf('pdu-a')}`);
  expect(code).toBe(1);
  expect(out).toMatch(/not snmp-pdu: 127\.0\.0\.1 was not asked[\s\S]*next: .*--set community=env:NAME/);
});

test('a device that does not answer is told, exit 1', async () => {
  rack.lab.fault('db1-bmc', { seed: 1, faults: [{ kind: 'mute' }] });
  const { code, out } = await rack.bailiff('discover', '127.0.0.1', '--driver', 'ipmi', '--set', `port=${portOf('db1-bmc')}`);
  rack.lab.fault('db1-bmc', NO_FAULTS);
  expect(code).toBe(1);
  expect(out).toMatch(/not ipmi: .*did not answer[\s\S]*next: check address/);
});

describe('words that do not fit are told before anything is asked, exit 2', () => {
  test.each([
    ['a secret in the open', ['--driver', 'ipmi', '--set', 'password=hunter2'], /literal-secret/],
    ['a secret in place of a name', ['--driver', 'ipmi', '--set', 'hunter2'], /not name=value/],
    ['a secret that is not there', ['--driver', 'ipmi', '--set', 'password=file:nowhere'], /nowhere does not exist/],
    ['a port of nobody', ['--set', 'port=623'], /--driver/],
    ['a misspelt name', ['--driver', 'ipmi', '--set', 'prot=623'], /no such setting[\s\S]*host, port, username/],
    ['a name of no driver', ['--set', '__proto__=1'], /no such setting/],
    ['a value of a wrong type', ['--driver', 'ipmi', '--set', 'insecure=yes'], /insecure must be true or false/],
    ['a driver that cannot', ['--driver', 'manual'], /cannot discover/],
    ['no driver', ['--driver', 'impi'], /driver-not-found/],
  ])('%s', async (_what, words, says) => {
    const { code, out, err } = await rack.bailiff('discover', '127.0.0.1', ...words);
    expect(code).toBe(2);
    expect(out + err).toMatch(says);
    expect(out + err).not.toContain('hunter2');
  });
});
