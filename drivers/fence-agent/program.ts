/** Which file is run: found in fixed folders, and only one that nobody else may change. */
import { access, constants, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { Problem } from '../kit/contract.ts';
import { notRunnable, type Where } from './problems.ts';

/** Where distributions and operators install fence agents; also the PATH that an agent is given. */
export const FOLDERS: readonly string[] = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin'];

export const AGENT = /^(?:\/[^\0\n]*\/)?fence_[A-Za-z0-9_.-]+$/;

/** The agent's own name, without its folder. */
export const agentName = (agent: string): string => basename(agent);

const OTHERS_MAY_WRITE = 0o002;
const STICKY = 0o1000;

interface Program {
  readonly path: string;
  /** Name of the file itself, where the path is a symbolic link to it: some agents are installed under several names. */
  readonly name: string;
}

/** The agent's file, looked at again for each run: an upgrade may have replaced it. */
export async function findProgram(where: Where, agent: string): Promise<Program | Problem> {
  const candidates = isAbsolute(agent) ? [agent] : FOLDERS.map((folder) => join(folder, agent));
  for (const path of candidates) {
    const file = await stat(path).catch(() => undefined);
    if (file === undefined) continue;
    if (!file.isFile()) return notRunnable(where, `${path} is no regular file`);
    if ((file.mode & OTHERS_MAY_WRITE) !== 0) return notRunnable(where, `${path} may be changed by everybody`);
    const folder = await stat(dirname(path)).catch(() => undefined);
    if (folder === undefined || (folder.mode & (OTHERS_MAY_WRITE | STICKY)) === OTHERS_MAY_WRITE) {
      return notRunnable(where, `everybody may put files into ${dirname(path)}`);
    }
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    return runs ? { path, name: basename(await realpath(path)) } : notRunnable(where, `${path} may not be executed`);
  }
  return notRunnable(where, isAbsolute(agent) ? `${agent} does not exist` : `${agent} is in none of ${FOLDERS.join(', ')}`);
}
