/**
 * One writer per state folder.
 *
 * Decision: a kernel flock(2) on `stateDir/owner`, taken by the `flock` command on a descriptor that it inherits from us. Such a claim
 * belongs to the open file, which we share with that short-lived child, so it stays ours when the child has ended and the kernel drops it
 * the moment we die, kill -9 included. There is no stale owner to detect and no pid reuse to fear, and two racing starters cannot both
 * get it. Considered and rejected: pid files (every take-over of a stale one is a race, however the pid's start time is compared), a
 * listening socket in the folder (needs an unlink after a crash: the same race), an abstract socket (any local user may squat its name,
 * and containers with networks of their own do not see each other's), native bindings (nothing else here needs a compiler).
 * The file's content only names the owner for people; it decides nothing.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join, resolve as absolute } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Problem } from '../vocabulary/index.ts';
import { createFolder, errorCode } from './door.ts';
import { inUse, ownerUnknown, unwritable } from './problems.ts';

export interface Ownership {
  /** Gives the folder back; idempotent. */
  release(): Promise<void>;
}

const OWNER_FILE = 'owner';
const FLOCK_DEADLINE_MS = 5_000;

/** Exit code of `flock -n` when another open file holds the claim (util-linux and BusyBox). */
const HELD_BY_ANOTHER = 1;

type Claim = 'ours' | 'taken' | { readonly failed: string };

const notRun = (command: string, code: string): string =>
  code === 'ENOENT' ? `the command ${command} is not installed` : `the command ${command} could not be run (${code})`;

const claim = (fd: number, command: string): Promise<Claim> =>
  new Promise((resolve) => {
    const child = spawn(command, ['-n', '-x', '3'], {
      stdio: ['ignore', 'ignore', 'ignore', fd],
      timeout: FLOCK_DEADLINE_MS,
      // Its locale would be read from a dozen files, for texts that nobody sees.
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' },
    });
    child.once('error', (error) => resolve({ failed: notRun(command, errorCode(error)) }));
    child.once('exit', (code, signal) => {
      if (code === 0) resolve('ours');
      else if (code === HELD_BY_ANOTHER) resolve('taken');
      else resolve({ failed: `the command ${command} ended with ${code ?? signal}` });
    });
  });

interface Named {
  readonly pid: number;
  readonly startedAt: number;
  /** Field 22 of /proc/PID/stat, see proc(5): tells a process from a later one with the same pid. */
  readonly ticks?: string;
}

/** Start time of a process in clock ticks since boot; undefined where there is no such process or no /proc. */
const startTicks = async (pid: number): Promise<string | undefined> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The second field is the command in brackets and may itself contain blanks and brackets.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
};

const readName = async (path: string): Promise<Named | undefined> => {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Partial<Named> | null;
    if (typeof value?.pid !== 'number' || typeof value.startedAt !== 'number') return undefined;
    return { pid: value.pid, startedAt: value.startedAt, ...(typeof value.ticks === 'string' ? { ticks: value.ticks } : {}) };
  } catch {
    return undefined;
  }
};

const writeName = async (file: FileHandle, startedAt: number): Promise<void> => {
  const ticks = await startTicks(process.pid);
  const name: Named = { pid: process.pid, startedAt, ...(ticks === undefined ? {} : { ticks }) };
  await file.truncate(0);
  await file.write(`${JSON.stringify(name)}\n`, 0);
};

/** A process that has just taken the folder needs a moment to write its name. */
const NAME_TRIES = 10;
const NAME_PAUSE_MS = 20;

const describeOwner = async (path: string): Promise<string> => {
  for (let tries = 1; tries <= NAME_TRIES; tries += 1) {
    const named = await readName(path);
    // Without matching ticks the name is that of an earlier owner, or of a process in another pid namespace.
    if (named?.ticks !== undefined && (await startTicks(named.pid)) === named.ticks) {
      return `process ${named.pid} (it has held it since ${new Date(named.startedAt).toISOString()})`;
    }
    await pause(NAME_PAUSE_MS);
  }
  const named = await readName(path);
  return named === undefined ? 'another process' : `another process, maybe ${named.pid} of another container (file ${path})`;
};

/**
 * Takes the folder for this process, creating it (mode 0700) where it is missing. Problems: `state-in-use`, `state-owner-unknown`,
 * `journal-unwritable`.
 */
export const takeOwnership = async (stateDir: string, now: number, command = 'flock'): Promise<Ownership | Problem> => {
  const path = join(stateDir, OWNER_FILE);
  let file: FileHandle;
  try {
    await createFolder(absolute(stateDir));
    file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  } catch (error) {
    return unwritable(path, 'open', errorCode(error));
  }
  const result = await claim(file.fd, command);
  if (result !== 'ours') {
    await file.close();
    return result === 'taken' ? inUse(stateDir, await describeOwner(path)) : ownerUnknown(stateDir, result.failed);
  }
  try {
    await writeName(file, now);
  } catch (error) {
    await file.close();
    return unwritable(path, 'write', errorCode(error));
  }
  let held = true;
  return {
    release: async () => {
      if (!held) return;
      held = false;
      // The name may stay when the disk is broken: closing is what gives the folder back. The file itself is never removed, else two
      // processes could each hold a claim on a different file of this name.
      await file.truncate(0).catch(() => undefined);
      await file.close();
    },
  };
};
