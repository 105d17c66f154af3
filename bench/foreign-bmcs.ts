/** BMCs that others wrote (OpenIPMI's ipmi_sim, pyghmi's), each as a process of its own behind a lossy proxy, with a configuration for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { UdpProxy, type Weather } from '../hardware-mocks/index.ts';
import { program } from './measure.ts';
import { freePort } from '../test/foreign/free-port.ts';

export const FOREIGN = ['ipmi_sim', 'pyghmi'] as const;
export type Foreign = (typeof FOREIGN)[number];

export interface ForeignRack {
  readonly config: string;
  readonly proxy: UdpProxy;
  /** The lamp, as the simulator's own file has it. */
  on(): boolean;
  switchOn(): void;
  down(): Promise<void>;
}

/** ipmi_sim calls it as `FILE get power` or `FILE set power 0|1`. */
const CHASSIS = `#!/bin/sh
file=$1; verb=$2; shift 2
if [ "$verb" = get ]; then
  for what in "$@"; do case $what in power) read -r power <"$file"; echo "power:$power" ;; esac; done
else
  while [ $# -gt 1 ]; do [ "$1" = power ] && echo "$2" >"$file"; shift 2; done
fi
exit 0
`;

const PYGHMI = `import sys
import pyghmi.ipmi.bmc as bmc
lamp = sys.argv[2]
class Board(bmc.Bmc):
    def get_power_state(self): return 'on' if open(lamp).read().strip() == '1' else 'off'
    def power_off(self): open(lamp, 'w').write('0\\n')
    def power_on(self): open(lamp, 'w').write('1\\n')
    def is_active(self): return self.get_power_state() == 'on'
    def get_boot_device(self): return 'default'
Board({'admin': 'secret'}, port=int(sys.argv[1]), address='::ffff:127.0.0.1').listen()
`;

async function startIpmiSim(folder: string, port: number, lamp: string): Promise<ChildProcess> {
  const at = (name: string): string => join(folder, name);
  const auths = ['callback', 'user', 'operator', 'admin'].map((level) => `  allowed_auths_${level} none md2 md5 straight`).join('\n');
  await writeFile(at('chassis.sh'), CHASSIS, { mode: 0o755 });
  await mkdir(at('sim'));
  await writeFile(
    at('lan.conf'),
    `name "bmc"\nset_working_mc 0x20\nstartlan 1\n  addr 127.0.0.1 ${port}\n  priv_limit admin\n${auths}\n  guid "0123456789abcdef"\nendlan\n` +
      `chassis_control "${at('chassis.sh')} ${lamp}"\nuser 2 true "admin" "secret" admin 10 none md2 md5 straight\n`,
  );
  await writeFile(at('sim.emu'), 'mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr\nmc_enable 0x20\n');
  return spawn(program('ipmi_sim'), ['-n', '-p', '-s', at('sim'), '-c', at('lan.conf'), '-f', at('sim.emu')], { stdio: 'ignore' });
}

async function startPyghmi(folder: string, port: number, lamp: string): Promise<ChildProcess> {
  await writeFile(join(folder, 'bmc.py'), PYGHMI);
  return spawn(program('python3'), [join(folder, 'bmc.py'), String(port), lamp], { stdio: 'ignore' });
}

/** IPMI 1.5 Get Channel Authentication Capabilities, outside of any session: both answer it as soon as they listen. */
const ARE_YOU_THERE = Buffer.from('0600ff0700000000000000000009' + '2018c88100388e04b5', 'hex');

async function answers(port: number): Promise<void> {
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  const answered = once(socket, 'message').then(() => true);
  for (let tries = 0; tries < 200; tries += 1) {
    socket.send(ARE_YOU_THERE, port, '127.0.0.1', () => undefined);
    if (await Promise.race([answered, pause(50, false)])) {
      socket.close();
      return;
    }
  }
  throw new Error('the simulator did not come up');
}

export async function foreignRack(which: Foreign, weather: Weather, seed: number): Promise<ForeignRack> {
  const folder = await mkdtemp(join(tmpdir(), 'bailiff-bench-'));
  const lamp = join(folder, 'lamp');
  writeFileSync(lamp, '1\n');
  const port = await freePort('udp');
  const child = await (which === 'ipmi_sim' ? startIpmiSim : startPyghmi)(folder, port, lamp);
  await answers(port);
  const proxy = await UdpProxy.open({ to: { port }, seed, toDevice: weather, toClient: weather });
  await writeFile(join(folder, 'pw'), 'secret\n', { mode: 0o600 });
  const config = join(folder, 'bailiff.yaml');
  await writeFile(
    config,
    `cluster: orders
self: { id: witness-1 }
nodes: { db1: { fence: [[{ device: bmc }]] }, db2: { fence: [] } }
devices:
  bmc: { driver: ipmi, host: 127.0.0.1, port: ${proxy.port}, username: admin, password: { file: pw }, cipherSuites: [3] }
verify: { referenceIps: [127.0.0.1], need: 1 }
policy: { tieBreaker: reference-ips }
`,
  );
  return {
    config,
    proxy,
    on: () => readFileSync(lamp, 'utf8').trim() === '1',
    switchOn: () => writeFileSync(lamp, '1\n'),
    down: async () => {
      await proxy.close();
      const gone = once(child, 'exit');
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await gone;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
