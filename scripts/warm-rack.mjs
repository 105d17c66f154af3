/**
 * A simulated rack for the warm-up of the code cache: a real fence is run against it, so that what V8 compiles on that path is in the
 * cache when it matters. The rack is the bundle's own `lab up`, on loopback, and ends with the build.
 */
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 10_000;

/** db1 is fenced by its BMC, db2 by an outlet (SNMP v2c), db3 by an outlet (v3); the others are there so that nobody is the last. */
const RACK = {
  cluster: 'warm-up',
  nodes: [
    { name: 'db1' },
    { name: 'db2', feeds: ['pdu-a/1'] },
    { name: 'db3', feeds: ['pdu-b/1'] },
    { name: 'db4', feeds: ['pdu-a/2'] },
    { name: 'db5', feeds: ['pdu-a/3'] },
    { name: 'db6', feeds: ['pdu-a/4'] },
    { name: 'db7', feeds: ['pdu-a/5'] },
  ],
  devices: [
    { name: 'db1-bmc', kind: 'bmc', node: 'db1' },
    { name: 'pdu-a', kind: 'pdu', family: 'apc-rpdu2', outlets: 8 },
    { name: 'pdu-b', kind: 'pdu', family: 'apc-rpdu2', outlets: 8, version: '3' },
  ],
};

/** Starts `lab up` in `folder`/rack. Resolves when the rack takes orders; rejects when it does not within its time. */
export async function startRack(bundle, folder) {
  writeFileSync(join(folder, 'rack.json'), JSON.stringify(RACK));
  const child = spawn(process.execPath, [bundle, 'lab', 'up', '--folder', 'rack', '--rack', 'rack.json'], { cwd: folder, stdio: 'ignore' });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await gone;
  };
  const until = Date.now() + PATIENCE_MS;
  while (!existsSync(join(folder, 'rack', 'lab.sock'))) {
    if (Date.now() > until || child.exitCode !== null) {
      await stop();
      throw new Error('the rack for the warm-up did not start');
    }
    await pause(20);
  }
  return stop;
}
