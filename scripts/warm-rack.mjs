/**
 * A simulated rack for the warm-up of the code cache: a real fence is run against it, so that what V8 compiles on that path is in the
 * cache when it matters. The rack is the bundle's own `lab up`, on loopback, and ends with the build.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 10_000;

/** Starts `lab up` in `folder`/rack. Resolves when the rack takes orders; rejects when it does not within its time. */
export async function startRack(bundle, folder) {
  const child = spawn(process.execPath, [bundle, 'lab', 'up', '--folder', 'rack'], { cwd: folder, stdio: 'ignore' });
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
