/** One PDU with eight outlets behind a counting proxy: simulated by us, or net-snmp's snmpd in front of outlets that are not ours. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { UdpProxy } from '../hardware-mocks/index.ts';
import { MockPdu } from '../hardware-mocks/pdu/index.ts';
import { program, ROOT, type Stopwatch } from './measure.ts';
import { freePort } from '../test/foreign/free-port.ts';

export const OUTLET = 5;
const [AUTH, PRIV] = ['auth-password', 'priv-password'];

export type Version = '2c' | '3';

export interface PduRack {
  readonly proxy: UdpProxy;
  /** Configuration of this version whose journal lies in a folder `state`. */
  configuration(version: Version, state: string): Promise<string>;
  agent(version: Version): readonly string[];
  tools(version: Version): readonly string[];
  switchOn(): Promise<void>;
  /** The truth: is outlet OUTLET cut, and no other? */
  cut(): Promise<boolean>;
  down(): Promise<void>;
}

interface Outlets {
  readonly port: number;
  switchOn(): Promise<void>;
  cut(): Promise<boolean>;
  stop(): Promise<void>;
}

/** The folder of the rack holds configurations and passwords, and goes with it. */
export async function pduRack(kind: 'mock' | 'snmpd', watch: Stopwatch): Promise<PduRack> {
  const folder = await mkdtemp(join(tmpdir(), 'bailiff-bench-'));
  const outlets = kind === 'mock' ? await mockOutlets() : await snmpdOutlets(folder, watch);
  const proxy = await UdpProxy.open({ to: { port: outlets.port } });
  for (const [name, secret] of Object.entries({ community: 'private', auth: AUTH, priv: PRIV }))
    await writeFile(join(folder, name), `${secret}\n`, { mode: 0o600 });
  const at = `127.0.0.1:${proxy.port}`;
  return {
    proxy,
    configuration: async (version, state) => {
      const file = join(folder, `bailiff-${version}-${state}.yaml`);
      await writeFile(file, configurationOf(version, state, proxy.port));
      return file;
    },
    agent: (version) => [program('fence_apc_snmp'), '--ip=127.0.0.1', `--ipport=${proxy.port}`, `--plug=${OUTLET}`, ...agentLogin(version)],
    tools: (version) => {
      const login = version === '2c' ? '-v2c -c private' : `-v3 -l authPriv -u shaaes -a SHA -A ${AUTH} -x AES -X ${PRIV}`;
      const set = `${program('snmpset')} ${login} ${at} .1.3.6.1.4.1.318.1.1.12.3.3.1.1.4.${OUTLET} i 2`;
      return ['sh', '-c', `${set} && ${program('snmpget')} ${login} ${at} .1.3.6.1.4.1.318.1.1.12.3.5.1.1.4.${OUTLET}`];
    },
    switchOn: async () => await outlets.switchOn(),
    cut: () => outlets.cut(),
    down: async () => {
      await proxy.close();
      await outlets.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const agentLogin = (version: Version): readonly string[] =>
  version === '2c'
    ? ['-d', '2c', '-c', 'private', '-o', 'off']
    : [
        ...['-d', '3', '-l', 'shaaes', '-p', AUTH, '-P', PRIV],
        ...['--snmp-auth-prot=SHA', '--snmp-priv-prot=AES', '--snmp-sec-level=authPriv', '-o', 'off'],
      ];

/** The settings of a login, as flow mapping entries; secrets are files beside the configuration. */
export const LOGIN: Readonly<Record<Version, string>> = {
  '2c': 'version: "2c", community: { file: community }',
  '3': 'version: "3", user: shaaes, auth: { protocol: sha, key: { file: auth } }, priv: { protocol: aes, key: { file: priv } }',
};

export const MOCK_USER = {
  name: 'shaaes',
  auth: { digest: 'sha', password: AUTH },
  priv: { cipher: 'aes', password: PRIV },
} as const;

export const SECRETS: Readonly<Record<string, string>> = { community: 'private', auth: AUTH, priv: PRIV };

const configurationOf = (version: Version, state: string, port: number): string => `cluster: orders
self: { id: witness-1 }
stateDir: ./${state}-${version}
nodes: { db1: { fence: [[{ device: pdu, outlet: ${OUTLET} }]] }, db2: { fence: [] } }
devices:
  pdu: { driver: snmp-pdu, profile: apc-rpdu, host: 127.0.0.1, port: ${port}, ${LOGIN[version]} }
verify: { referenceIps: [127.0.0.1], need: 1 }
policy: { tieBreaker: reference-ips }
`;

async function mockOutlets(): Promise<Outlets> {
  const pdu = await MockPdu.start({ families: ['apc-rpdu'], users: [MOCK_USER] });
  return {
    port: pdu.port,
    switchOn: async () => {
      for (const { relay } of pdu.outlets.all) if (!relay.closed) relay.order('on');
    },
    cut: async () => pdu.outlets.all.every(({ row, relay }) => relay.closed === (row !== OUTLET)),
    stop: async () => await pdu.stop(),
  };
}

async function snmpdOutlets(folder: string, watch: Stopwatch): Promise<Outlets> {
  const port = await freePort('udp');
  const truth = join(folder, 'outlets');
  await writeFile(truth, '11111111');
  await mkdir(join(folder, 'persist'));
  const script = join(ROOT, 'test', 'foreign', 'fixtures', 'apc_outlets.py');
  await writeFile(
    join(folder, 'snmpd.conf'),
    `agentAddress udp:127.0.0.1:${port}
rwcommunity private
createUser shaaes SHA ${AUTH} AES ${PRIV}
rwuser shaaes priv
sysObjectID .1.3.6.1.4.1.318.1.3.4.5
pass_persist .1.3.6.1.4.1.318.1.1 ${program('python3')} ${script} ${truth} 0
`,
  );
  const child = spawn(
    program('snmpd'),
    ['-f', '-Lf', join(folder, 'log'), '-C', '-c', join(folder, 'snmpd.conf'), '-p', join(folder, 'pid'), '-I', '-smux'],
    { stdio: 'ignore', env: { ...process.env, MIBS: '', SNMP_PERSISTENT_DIR: join(folder, 'persist') } },
  );
  const ask = [program('snmpget'), '-v2c', '-c', 'private', '-r', '0', '-t', '1', `127.0.0.1:${port}`, '.1.3.6.1.4.1.318.1.1.12.1.8.0'];
  for (let tries = 0; (await watch.run(ask)).code !== 0; tries += 1) {
    if (tries > 50) throw new Error('snmpd did not come up');
    await pause(200);
  }
  const expected = Array.from({ length: 8 }, (_, at) => (at === OUTLET - 1 ? '0' : '1')).join('');
  return {
    port,
    switchOn: async () => await writeFile(truth, '11111111'),
    cut: async () => (await readFile(truth, 'utf8')).trim() === expected,
    stop: async () => await ended(child),
  };
}

/** Ends a program that we started, politely first. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const forced = setTimeout(() => child.kill('SIGKILL'), 3000);
  await gone;
  clearTimeout(forced);
}
