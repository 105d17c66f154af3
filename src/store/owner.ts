/**
 * One writer per state folder.
 *
 * Decision: a kernel flock(2) on `stateDir/owner`, taken by the `flock` command on a descriptor that it inherits from us. Such a claim
 * belongs to the open file, which we share with that short-lived child, so it stays ours when the child has ended and the kernel drops it
 * the moment we die, kill -9 included. There is no stale owner to detect and no pid reuse to fear, and two racing starters cannot both
 * get it. Considered and rejected: pid files (every take-over of a stale one is a race, however the pid's start time is compared), a
 * listening socket in the folder (needs an unlink after a crash: the same race), an abstract socket (any local user may squat its name,
 * and containers with networks of their own do not see each other's), native bindings (nothing else here needs a compiler).
 * The file's content only names the owner for people (src/store/owner-name.ts); it decides nothing.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join, resolve as absolute } from 'node:path';
import type { Problem } from '../vocabulary/index.ts';
import { createFolder, errorCode } from './files.ts';
import { describeOwner, nameOfThis, OWNER_FILE, writeName } from './owner-name.ts';
import { inUse, ownerUnknown, unwritable } from './problems.ts';

export interface Ownership {
  /** Gives the folder back; idempotent. */
  release(): Promise<void>;
}

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

/** A folder that is there already, as in all but the first start, is not made again. */
const openOwner = async (stateDir: string, path: string): Promise<FileHandle> => {
  const opened = (): Promise<FileHandle> => open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    return await opened();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    await createFolder(absolute(stateDir));
    return await opened();
  }
};

/**
 * Takes the folder for this process, creating it (mode 0700) where it is missing. Problems: `state-in-use`, `state-owner-unknown`,
 * `journal-unwritable`.
 */
export const takeOwnership = async (stateDir: string, now: number, command = 'flock'): Promise<Ownership | Problem> => {
  const path = join(stateDir, OWNER_FILE);
  let file: FileHandle;
  try {
    file = await openOwner(stateDir, path);
  } catch (error) {
    return unwritable(path, 'open', errorCode(error));
  }
  const claimed = claim(file.fd, command);
  // While the child is at work.
  const name = nameOfThis(now);
  const result = await claimed;
  if (result !== 'ours') {
    await file.close();
    return result === 'taken' ? inUse(stateDir, await describeOwner(path)) : ownerUnknown(stateDir, result.failed);
  }
  try {
    await writeName(file, name);
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
