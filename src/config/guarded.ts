/**
 * May somebody else change a file that decides who is fenced? As sshd's StrictModes asks of authorized_keys: not the file, and not the
 * folder in which it stands, for who may write there may put another file in its place.
 */
import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const GROUP = 0o020;
const OTHERS = 0o002;
/** In such a folder (/tmp) only its owner may take a file away (chmod(2), S_ISVTX). */
const STICKY = 0o1000;

export interface Changeable {
  readonly says: string;
  readonly next: string;
}

/**
 * Undefined: nobody else may. A group counts as somebody else unless it is root's, our own, or the owner's private one, which has the
 * owner's number: where each user has such a group, files are group-writable by default (umask 002). On Windows modes say nothing. A file
 * that is not there is no matter of this.
 */
export function changeableByOthers(file: string): Changeable | undefined {
  if (process.platform === 'win32') return undefined;
  try {
    const real = realpathSync(file);
    const folder = dirname(real);
    return fault(real, statSync(real), false) ?? fault(folder, statSync(folder), true);
  } catch {
    return undefined;
  }
}

interface Facts {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

function fault(path: string, { mode, uid, gid }: Facts, isFolder: boolean): Changeable | undefined {
  if (isFolder && (mode & STICKY) !== 0) return undefined;
  const byOthers = (mode & OTHERS) !== 0;
  const byGroup = (mode & GROUP) !== 0 && ![0, uid, process.getegid?.()].includes(gid);
  if (!byOthers && !byGroup) return undefined;
  const who = byOthers ? 'everybody' : `group ${gid}`;
  const what = isFolder ? `the folder ${path}, in which it stands, may be written by ${who}` : `${path} may be changed by ${who}`;
  const shownMode = (mode & 0o7777).toString(8).padStart(3, '0');
  return { says: `${what} (mode ${shownMode})`, next: `run: chmod ${byOthers ? 'go-w' : 'g-w'} ${shellWord(path)}` };
}

/** A path as one word of a shell. */
export const shellWord = (path: string): string => (/^[A-Za-z0-9._/+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);
