/** One simulated BMC behind a lossy proxy, with a configuration and password file in a folder of its own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Machine, MockBmc, realClock, UdpProxy, type Weather } from '../hardware-mocks/index.ts';

export interface BmcRack {
  readonly folder: string;
  readonly machine: Machine;
  readonly bmc: MockBmc;
  readonly proxy: UdpProxy;
  down(): Promise<void>;
}

export async function bmcRack(weather: Weather = {}, seed = 1): Promise<BmcRack> {
  const folder = await mkdtemp(join(tmpdir(), 'bailiff-bench-'));
  const clock = realClock();
  const machine = new Machine({ clock, name: 'db1' });
  const bmc = await MockBmc.start({
    machine,
    clock,
    users: [{ name: 'fencer', password: 'pw', privilege: 'administrator' }],
    maxSessions: 64,
    idleExpiresMs: 5000,
  });
  const proxy = await UdpProxy.open({ to: { port: bmc.port }, seed, toDevice: weather, toClient: weather });
  await writeFile(join(folder, 'pw'), 'pw\n', { mode: 0o600 });
  await writeFile(
    join(folder, 'bailiff.yaml'),
    `cluster: orders
self: { id: witness-1 }
nodes: { db1: { fence: [[{ device: bmc }]] }, db2: { fence: [] } }
devices:
  bmc: { driver: ipmi, host: 127.0.0.1, port: ${proxy.port}, username: fencer, password: { file: pw } }
verify: { referenceIps: [127.0.0.1], need: 1 }
policy: { tieBreaker: reference-ips }
`,
  );
  return {
    folder,
    machine,
    bmc,
    proxy,
    down: async () => {
      await proxy.close();
      await bmc.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Power back on, at once, without asking the BMC. */
export function switchOn(rack: BmcRack): void {
  if (!rack.machine.lamp) rack.machine.press('on');
}
