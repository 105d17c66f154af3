/** Who holds a state folder, in words for people: its name in the file `owner`, and what the system tells of claims. Decides nothing. */
import { readFileSync } from 'node:fs';
import { type FileHandle, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export const OWNER_FILE = 'owner';

interface Named {
  readonly pid: number;
  readonly startedAt: number;
  /** Field 22 of /proc/PID/stat, see proc(5): tells a process from a later one with the same pid. */
  readonly ticks?: string;
}

/**
 * Start time of a process in clock ticks since boot; undefined where there is no such process, only what a dead one left, or no /proc. Read at
 * once: what stands in /proc comes from the kernel's memory and waits for no disk, and five ways to a thread and back would take longer.
 */
const startTicks = (pid: number): string | undefined => {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the command in brackets and may itself contain blanks and brackets.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
};

/** Without matching ticks the name is that of an earlier owner, or of a process in another pid namespace. */
const isHere = ({ pid, ticks }: Named): boolean => ticks !== undefined && startTicks(pid) === ticks;

const heldBy = ({ pid, startedAt }: Named): string => `process ${pid} (it has held it since ${new Date(startedAt).toISOString()})`;

const readName = async (path: string): Promise<Named | undefined> => {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Partial<Named> | null;
    if (typeof value?.pid !== 'number' || typeof value.startedAt !== 'number') return undefined;
    return { pid: value.pid, startedAt: value.startedAt, ...(typeof value.ticks === 'string' ? { ticks: value.ticks } : {}) };
  } catch {
    return undefined;
  }
};

export const nameOfThis = (startedAt: number): Named => {
  const ticks = startTicks(process.pid);
  return { pid: process.pid, startedAt, ...(ticks === undefined ? {} : { ticks }) };
};

export const writeName = async (file: FileHandle, name: Named): Promise<void> => {
  await file.truncate(0);
  await file.write(`${JSON.stringify(name)}\n`, 0);
};

/** A process that has just taken the folder needs a moment to write its name. */
const NAME_TRIES = 10;
const NAME_PAUSE_MS = 20;

export const describeOwner = async (path: string): Promise<string> => {
  for (let tries = 1; tries <= NAME_TRIES; tries += 1) {
    const named = await readName(path);
    if (named !== undefined && isHere(named)) return heldBy(named);
    await pause(NAME_PAUSE_MS);
  }
  const named = await readName(path);
  return named === undefined ? 'another process' : `another process, maybe ${named.pid} of another container (file ${path})`;
};

/** `since`: milliseconds since 1970, where it is known. */
interface Holder {
  readonly who: string;
  readonly since?: number;
}

/** `left`: nobody here holds the folder, and this name stands in it still. */
export type Holding = { readonly holder: Holder } | { readonly left: Named } | 'nobody';

/**
 * Looks without claiming: a claim of a moment would turn away a fencing that begins in it. An owner takes its name out when it gives the
 * folder back. `table`: the claims that the system knows, see proc_locks(5).
 */
export const holdingOf = async (stateDir: string, table = '/proc/locks'): Promise<Holding> => {
  const path = join(stateDir, OWNER_FILE);
  const named = await readName(path);
  if (named !== undefined && isHere(named)) return { holder: { who: heldBy(named), since: named.startedAt } };
  if (await isClaimed(path, table)) return { holder: { who: 'another process, which is not named' } };
  return named === undefined ? 'nobody' : { left: named };
};

/** `1: FLOCK  ADVISORY  WRITE 4711 08:01:131234 0 EOF`: the device in hex, the inode in decimal. Claims of other pid namespaces are not shown. */
const isClaimed = async (path: string, table: string): Promise<boolean> => {
  try {
    const [known, { dev, ino }] = await Promise.all([readFile(table, 'latin1'), stat(path, { bigint: true })]);
    const hex = (number: bigint): string => number.toString(16).padStart(2, '0');
    const [major, minor] = [((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn), (dev & 0xffn) | ((dev >> 12n) & ~0xffn)];
    const place = ` ${hex(major)}:${hex(minor)}:${ino} `;
    return known.split('\n').some((line) => line.includes(' FLOCK ') && !line.includes(' -> ') && line.includes(place));
  } catch {
    return false;
  }
};
