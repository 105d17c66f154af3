/** Foreign SNMP programs for tests: started on loopback with a folder of their own, ended by their own process id. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from '../snmp-pdu/stage.ts';
import { freePort } from './free-port.ts';

export interface Ran {
  readonly code: number;
  /** Both outputs together. */
  readonly text: string;
}

/** Runs to its end, with a bound. Without MIB files: everything is numbers. */
export function run(path: string, args: readonly string[], ms = 30_000): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(path, [...args], { timeout: ms, env: { ...process.env, MIBS: '' } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, text: `${stdout}${stderr}` });
    });
  });
}

export async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bailiff-snmp-'));
  await chmod(folder, 0o755);
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a program that goes on; it is ended with the test. */
export function start(path: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  const child = spawn(path, [...args], { stdio: 'ignore', env: { ...process.env, ...env } });
  const gone = once(child, 'exit');
  child.on('error', () => {});
  atEnd(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const forced = setTimeout(() => child.kill('SIGKILL'), 3000);
    await gone;
    clearTimeout(forced);
  });
}

/** Until `ready` says true, at most half a minute. */
export async function until(ready: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 150; tries += 1) {
    if (await ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('the program did not come up');
}

export interface SnmpdPdu {
  readonly port: number;
  /** The truth: one sign per outlet, 1 on, 0 off, ? unknown. */
  signs(): Promise<string>;
  write(signs: string): Promise<void>;
}

export interface SnmpdPaths {
  readonly snmpd: string;
  readonly snmpget: string;
  readonly python3: string;
}

/** net-snmp's own agent in front of eight outlets; users `NAME` for each line of `users`, all with the same two passwords. */
export async function startSnmpd(
  paths: SnmpdPaths,
  options: { readonly offAfterS?: number; readonly users?: readonly string[]; readonly sysObjectId?: string } = {},
): Promise<SnmpdPdu> {
  const folder = await ownFolder();
  const port = await freePort('udp');
  const truth = join(folder, 'outlets');
  await writeFile(truth, '11111111');
  await mkdir(join(folder, 'persist'));
  const script = join(import.meta.dirname, 'fixtures', 'apc_outlets.py');
  const configuration = [
    `agentAddress udp:127.0.0.1:${port}`,
    'rwcommunity private',
    'rocommunity public',
    ...(options.users ?? []),
    `sysObjectID ${options.sysObjectId ?? '.1.3.6.1.4.1.318.1.3.4.5'}`,
    'sysDescr APC rack PDU, played by snmpd',
    `pass_persist .1.3.6.1.4.1.318.1.1 ${paths.python3} ${script} ${truth} ${options.offAfterS ?? 0}`,
  ];
  await writeFile(join(folder, 'snmpd.conf'), `${configuration.join('\n')}\n`);
  start(paths.snmpd, ['-f', '-Lf', join(folder, 'log'), '-C', '-c', join(folder, 'snmpd.conf'), '-p', join(folder, 'pid'), '-I', '-smux'], {
    MIBS: '',
    SNMP_PERSISTENT_DIR: join(folder, 'persist'),
  });
  await until(
    async () =>
      (await run(paths.snmpget, ['-v2c', '-c', 'private', '-r', '0', '-t', '1', `127.0.0.1:${port}`, '.1.3.6.1.4.1.318.1.1.12.1.8.0']))
        .code === 0,
  );
  return {
    port,
    signs: async () => (await readFile(truth, 'utf8')).trim(),
    write: (signs) => writeFile(truth, signs),
  };
}
