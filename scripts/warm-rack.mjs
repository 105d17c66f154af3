/**
 * Simulated racks for the warm-up of the code cache: a real fence is run against each, so that what V8 compiles on that path is in the
 * cache when it matters. A rack is the command's own `lab up`, on loopback, and ends with the build.
 */
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 10_000;

/** db1 is fenced; the others are there so that nobody is the last. */
const OTHERS = [{ name: 'db2' }, { name: 'db3' }];
const pdu = (more) => ({
  cluster: 'warm-up',
  nodes: [{ name: 'db1', feeds: ['pdu-a/1'] }, ...OTHERS],
  devices: [{ name: 'pdu-a', kind: 'pdu', family: 'apc-rpdu2', outlets: 2, ...more }],
});

/** One rack for each way of fencing that is in a hurry, with no other device: what a rack does not need is not warmed by it. */
export const racks = {
  bmc: {
    cluster: 'warm-up',
    nodes: [{ name: 'db1' }, ...OTHERS],
    devices: [{ name: 'db1-bmc', kind: 'bmc', node: 'db1' }],
  },
  'snmp-v2c': pdu({}),
  'snmp-v3': pdu({ version: '3' }),
};

/** Starts `lab up` in `folder`/`name`. Resolves when the rack takes orders; rejects when it does not within its time. */
export async function startRack(loader, folder, name) {
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(racks[name]));
  const words = [loader, 'lab', 'up', '--folder', name, '--rack', `${name}.json`];
  const child = spawn(process.execPath, words, { cwd: folder, stdio: 'ignore' });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await gone;
  };
  const until = Date.now() + PATIENCE_MS;
  while (!existsSync(join(folder, name, 'lab.sock'))) {
    if (Date.now() > until || child.exitCode !== null) {
      await stop();
      throw new Error(`the rack ${name} for the warm-up did not start`);
    }
    await pause(20);
  }
  return stop;
}
