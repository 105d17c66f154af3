/** OpenIPMI's ipmi_sim as a process of its own: one BMC on a free port, its chassis switched by a script that keeps the power in a file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boundSocket } from '../conformance/tap.ts';
import { freePort } from './free-port.ts';

export const SIM_USER = { name: 'op', password: 'op-secret-1' };

const READY_MS = 10_000;
const ASK_MS = 50;

/** `chassis.sh FILE get power` prints `power:0` or `power:1`; `set power 0|1` keeps it. */
const CHASSIS = `#!/bin/sh
file=$1; verb=$2; shift 2
if [ "$verb" = get ]; then
  for what in "$@"; do
    case $what in power) read -r power <"$file"; echo "power:$power" ;; boot) echo boot:default ;; esac
  done
else
  while [ $# -gt 0 ]; do
    [ "$1" = power ] && echo "$2" >"$file"
    shift 2
  done
fi
`;

const EMULATION = `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
mc_enable 0x20
`;

const configuration = (folder: string, port: number): string => `name "sim"
set_working_mc 0x20
startlan 1
  addr 127.0.0.1 ${port}
  priv_limit admin
  allowed_auths_callback none md2 md5 straight
  allowed_auths_user none md2 md5 straight
  allowed_auths_operator none md2 md5 straight
  allowed_auths_admin none md2 md5 straight
  guid "0123456789abcdef"
endlan
chassis_control "${join(folder, 'chassis.sh')} ${join(folder, 'power')}"
user 1 false "" "" user 10 none md2 md5 straight
user 2 true "${SIM_USER.name}" "${SIM_USER.password}" operator 10 none md2 md5 straight
`;

/** IPMI 1.5 Get Channel Authentication Capabilities, outside of any session: answered as soon as the simulator listens. */
const ARE_YOU_THERE = Buffer.from('0600ff07 00 00000000 00000000 09 2018c88100380e0435'.replaceAll(' ', ''), 'hex');

export class IpmiSim {
  readonly port: number;
  readonly #program: string;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  private constructor(program: string, folder: string, port: number) {
    this.#program = program;
    this.#folder = folder;
    this.port = port;
  }

  /** `program` is the path of ipmi_sim. The power is on. */
  static async start(program: string): Promise<IpmiSim> {
    const folder = mkdtempSync(join(tmpdir(), 'bailiff-sim-'));
    const sim = new IpmiSim(program, folder, await freePort('udp'));
    writeFileSync(join(folder, 'chassis.sh'), CHASSIS, { mode: 0o755 });
    writeFileSync(join(folder, 'sim.emu'), EMULATION);
    writeFileSync(join(folder, 'lan.conf'), configuration(folder, sim.port));
    sim.power = 'on';
    try {
      await sim.begin();
    } catch (error) {
      await sim.stop();
      throw error;
    }
    return sim;
  }

  get power(): 'on' | 'off' {
    return readFileSync(join(this.#folder, 'power'), 'utf8').trim() === '1' ? 'on' : 'off';
  }

  set power(power: 'on' | 'off') {
    writeFileSync(join(this.#folder, 'power'), power === 'on' ? '1\n' : '0\n');
  }

  /** Starts the process, once more after `end`, and waits until it answers. */
  async begin(): Promise<void> {
    const file = (name: string): string => join(this.#folder, name);
    const args = ['-n', '-p', '-s', this.#folder, '-c', file('lan.conf'), '-f', file('sim.emu')];
    this.#child = spawn(this.#program, args, { stdio: 'ignore' });
    await this.#answers();
  }

  /** Ends the process, sessions and all; the power stays as it is. */
  async end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<void> {
    const socket = await boundSocket();
    const ask = (): void => socket.send(ARE_YOU_THERE, this.port, '127.0.0.1', () => undefined);
    const again = setInterval(ask, ASK_MS);
    ask();
    try {
      await once(socket, 'message', { signal: AbortSignal.timeout(READY_MS) });
    } finally {
      clearInterval(again);
      socket.close();
    }
  }
}
