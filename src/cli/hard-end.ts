/**
 * The end of a process past its threads: `_exit(2)` of the C library, which Node does not offer. By koffi, where it is installed and a child has
 * shown that it can be loaded here.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { findKoffi } from '../probes/icmp-socket.ts';
import { trialWithin } from '../probes/trial.ts';

const TRIAL_MS = 2000;
const TRIED = 7;
const TRIAL = trialWithin(TRIAL_MS, `require(process.argv[1]).load(null).func('void _exit(int)')(${TRIED})`);

/** What is used of koffi. */
interface Library {
  func(definition: string): (code: number) => void;
}

/** Comes back only where it cannot be done. */
export function endHard(code: number): void {
  const koffi = process.platform === 'win32' ? undefined : findKoffi();
  if (koffi === undefined) return;
  const { status } = spawnSync(process.execPath, ['-e', TRIAL, koffi.path], { stdio: 'ignore', timeout: TRIAL_MS, killSignal: 'SIGKILL' });
  if (status !== TRIED) return;
  const native = createRequire(koffi.path)(koffi.path) as { load(path: null): Library };
  native.load(null).func('void _exit(int)')(code);
}
