/**
 * Processes that an agent started and that left its process group (pexpect gives each program a session of its own). They inherit the
 * agent's environment, and with it a mark that is different for each run: by that they are found in /proc and ended.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';

export const MARK = 'BAILIFF_RUN';
/** However many processes are in the middle of something. */
const MOST_LOOKS = 6;

/**
 * Ends every process that carries the mark. Only on Linux, only processes that we may look at; gives back how many it ended. One that is
 * just being forked is not listed yet, so an agent that was ended in the middle is worth a second look; and one that is just becoming
 * another program (execve) shows no environment at all, so it is looked at again.
 */
export async function endMarked(mark: string, looks: number): Promise<number> {
  if (process.platform !== 'linux') return 0;
  const wanted = Buffer.from(`${MARK}=${mark}\0`);
  let ended = 0;
  let most = looks;
  for (let look = 1; look <= most; look += 1) {
    const names = await readdir('/proc').catch(() => []);
    for (const name of names) {
      const pid = Number(name);
      if (!Number.isInteger(pid) || pid === process.pid) continue;
      const environment = await readFile(`/proc/${name}/environ`).catch(() => undefined);
      if (environment?.length === 0 && (await isProgram(name))) most = Math.min(Math.max(looks, look + 1), MOST_LOOKS);
      if (environment === undefined || !environment.includes(wanted)) continue;
      try {
        process.kill(pid, 'SIGKILL');
        ended += 1;
      } catch {
        // The process ended by itself in between.
      }
    }
  }
  return ended;
}

/** Threads of the kernel have no environment either, and no program. */
const isProgram = (name: string): Promise<boolean> =>
  readlink(`/proc/${name}/exe`).then(
    () => true,
    () => false,
  );
