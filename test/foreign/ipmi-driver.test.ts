/** Our IPMI driver against BMCs that others wrote (ipmi_sim, pyghmi), with ipmitool as the witness of every result. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkSettings, type DriverTools, Secret } from '../../drivers/kit/contract.ts';
import { PAYLOAD } from '../../drivers/ipmi/codec/index.ts';
import { driver, IpmiDriver } from '../../drivers/ipmi/driver.ts';
import { type OpenWire, openUdp } from '../../drivers/ipmi/transport.ts';
import { freePort } from './free-port.ts';
import { describeWithStrangers } from './strangers.ts';

const run = promisify(execFile);
const within = { ms: 8000 };
const PASSWORD = 'secret';

const tools = (lines: string[]): DriverTools => ({
  now: () => performance.timeOrigin + performance.now(),
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
  bytes: (length) => Uint8Array.from(randomBytes(length)),
  debug: (says) => void lines.push(says),
});

interface Bmc {
  readonly port: number;
  /** The chassis power as the simulator's own file has it. */
  power(): 'on' | 'off';
  stop(): Promise<void>;
}

async function stopped(child: ChildProcess, folder: string): Promise<void> {
  const gone = once(child, 'exit');
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
}

const powerIn = (file: string) => (): 'on' | 'off' => (readFileSync(file, 'utf8').trim() === '1' ? 'on' : 'off');

/** ipmi_sim calls it as `FILE get power` or `FILE set power 0|1`. */
const CHASSIS = `#!/bin/sh
file=$1; op=$2; shift 2
if [ "$op" = get ]; then
  for what in "$@"; do [ "$what" = power ] && echo "power:$(cat "$file")"; done
else
  while [ $# -gt 1 ]; do [ "$1" = power ] && echo "$2" > "$file"; shift 2; done
fi
exit 0
`;

async function startIpmiSim(ipmiSim: string): Promise<Bmc> {
  const folder = mkdtempSync(join(tmpdir(), 'ipmi-sim-'));
  const port = await freePort('udp');
  const power = join(folder, 'power');
  writeFileSync(power, '1\n');
  writeFileSync(join(folder, 'chassis.sh'), CHASSIS, { mode: 0o755 });
  mkdirSync(join(folder, 'state'));
  const auths = ['callback', 'user', 'operator', 'admin'].map((level) => `  allowed_auths_${level} none md2 md5 straight`).join('\n');
  writeFileSync(
    join(folder, 'lan.conf'),
    `name "bmc"\nset_working_mc 0x20\nstartlan 1\n  addr 127.0.0.1 ${port}\n  priv_limit admin\n${auths}\n  guid "a-test-of-ours__"\nendlan\n` +
      `chassis_control "${join(folder, 'chassis.sh')} ${power}"\nuser 2 true "admin" "${PASSWORD}" admin 10 none md2 md5 straight\n`,
  );
  const emu =
    'mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr\nsel_enable 0x20 1000 0x0a\nmc_enable 0x20\n';
  writeFileSync(join(folder, 'sim.emu'), emu);
  const args = ['-n', '-p', '-s', join(folder, 'state'), '-c', join(folder, 'lan.conf'), '-f', join(folder, 'sim.emu')];
  const child = spawn(ipmiSim, args, { stdio: 'ignore' });
  return { port, power: powerIn(power), stop: () => stopped(child, folder) };
}

const PYGHMI = `
import sys
import pyghmi.ipmi.bmc as bmc
F = sys.argv[2]
class B(bmc.Bmc):
    def get_power_state(self): return "on" if open(F).read().strip() == "1" else "off"
    def power_off(self): open(F, "w").write("0\\n")
    def power_on(self): open(F, "w").write("1\\n")
    def power_reset(self): pass
    def power_cycle(self): pass
    def power_shutdown(self): pass
    def is_active(self): return self.get_power_state() == "on"
    def cold_reset(self): pass
    def get_boot_device(self): return "default"
    def set_boot_device(self, device): pass
B({"admin": "${PASSWORD}"}, port=int(sys.argv[1]), address="::ffff:127.0.0.1").listen()
`;

async function startPyghmi(python: string): Promise<Bmc> {
  const folder = mkdtempSync(join(tmpdir(), 'pyghmi-bmc-'));
  const port = await freePort('udp');
  const power = join(folder, 'power');
  writeFileSync(power, '1\n');
  writeFileSync(join(folder, 'bmc.py'), PYGHMI);
  const child = spawn(python, [join(folder, 'bmc.py'), String(port), power], { stdio: 'ignore' });
  return { port, power: powerIn(power), stop: () => stopped(child, folder) };
}

function open(port: number, lines: string[], more: Readonly<Record<string, unknown>> = {}, openWire?: OpenWire): IpmiDriver {
  const raw = { host: '127.0.0.1', port, username: 'admin', password: Secret.fixed(PASSWORD), ...more };
  const { settings, problems } = checkSettings(driver.settings, raw);
  expect(problems).toEqual([]);
  return new IpmiDriver('bmc-a', settings, tools(lines), openWire);
}

/** The driver's socket, which loses the first answer of this payload type. */
function losing(type: number): OpenWire {
  let lost = false;
  return (host, port, events) =>
    openUdp(host, port, {
      ...events,
      datagram: (bytes) => {
        if (lost || ((bytes[5] ?? 0) & 0x3f) !== type) events.datagram(bytes);
        else lost = true;
      },
    });
}

/** "on" or "off", in ipmitool's own words. */
async function witness(ipmitool: string, port: number): Promise<string> {
  const args = [
    '-I',
    'lanplus',
    '-H',
    '127.0.0.1',
    '-p',
    String(port),
    '-U',
    'admin',
    '-P',
    PASSWORD,
    '-C',
    '3',
    'chassis',
    'power',
    'status',
  ];
  const { stdout } = await run(ipmitool, args, { timeout: 30_000 });
  return /is (on|off)/.exec(stdout)?.[1] ?? stdout;
}

/** A simulator needs a moment to start; until then nothing listens. */
async function firstReading(bmc: Bmc): Promise<void> {
  const waiting = open(bmc.port, [], { cipherSuites: [3] });
  try {
    const end = performance.now() + 30_000;
    while (performance.now() < end) {
      if ((await waiting.read('', { ms: 2000 })).power !== 'unknown') return;
    }
    throw new Error('the simulator has not started');
  } finally {
    await waiting.close();
  }
}

function agreement(start: () => Promise<Bmc>, ipmitool: () => string): void {
  let bmc: Bmc;
  beforeAll(async () => {
    bmc = await start();
    await firstReading(bmc);
  }, 60_000);
  afterAll(async () => {
    await bmc.stop();
  });

  it('is read, cut, and switched on again; ipmitool and the simulator agree each time', async () => {
    const lines: string[] = [];
    const ours = open(bmc.port, lines);
    try {
      for (const wanted of ['off', 'off', 'on', 'on', 'off', 'on'] as const) {
        expect(await ours.order('', wanted, within)).toEqual({ result: 'accepted' });
        const readings = [await ours.read('', within), await ours.read('', within)];
        expect(readings.map(({ power }) => power)).toEqual([wanted, wanted]);
        expect(bmc.power()).toBe(wanted);
        expect(await witness(ipmitool(), bmc.port)).toBe(wanted);
      }
      // 17 is refused, 3 is what both simulators speak; one session for everything.
      expect(lines).toEqual(['bmc-a: logged in with cipher suite 3']);
    } finally {
      await ours.close();
    }
  });

  it.each([
    ['Open Session', PAYLOAD.openSessionResponse],
    ['RAKP 1', PAYLOAD.rakp2],
    ['RAKP 3', PAYLOAD.rakp4],
    ['Set Session Privilege Level', PAYLOAD.ipmi],
  ])('is cut by the first order although its answer to %s is lost once', async (_, type) => {
    for (const wanted of ['off', 'on'] as const) {
      const ours = open(bmc.port, [], { cipherSuites: [3] }, losing(type));
      try {
        expect(await ours.order('', wanted, within)).toEqual({ result: 'accepted' });
        expect((await ours.read('', within)).power).toBe(wanted);
        expect(bmc.power()).toBe(wanted);
      } finally {
        await ours.close();
      }
    }
  });

  it('passes the check', async () => {
    const ours = open(bmc.port, []);
    try {
      const health = await ours.check(within);
      expect(health.problem).toBeUndefined();
      expect(health).toMatchObject({ ok: true });
      expect(health.found.join('; ')).toMatch(/cipher suite 3 .*may switch the power; power is on.*IPMI 2\.0/);
    } finally {
      await ours.close();
    }
  });

  it('a wrong password is rejected as lasting and switches nothing', async () => {
    const ours = open(bmc.port, [], { password: Secret.fixed('not the password'), cipherSuites: [3] });
    try {
      const result = await ours.order('', 'off', within);
      expect(result).toMatchObject({ result: 'rejected', why: { code: 'ipmi-password-wrong', lasting: true } });
      expect(JSON.stringify(result)).not.toContain('not the password');
      expect(bmc.power()).toBe('on');
    } finally {
      await ours.close();
    }
  });
}

describeWithStrangers(['ipmi_sim', 'ipmitool'], 'the IPMI driver and ipmi_sim', (path) => {
  agreement(
    () => startIpmiSim(path('ipmi_sim')),
    () => path('ipmitool'),
  );
});

describeWithStrangers(['pyghmi', 'ipmitool'], "the IPMI driver and pyghmi's BMC", (path) => {
  agreement(
    () => startPyghmi(path('pyghmi')),
    () => path('ipmitool'),
  );
});
