/** Could operations be journalled now? Looked at without writing anything and without taking the state folder. */
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { Health } from '../../drivers/contract.ts';
import { verifyJournal } from '../store/index.ts';
import { ownerUnknown } from '../store/problems.ts';
import type { Problem } from '../vocabulary/index.ts';
import { counted } from './io.ts';

export interface StateFolder extends Health {
  readonly folder: string;
  /** Absent where the system does not tell. */
  readonly freeBytes?: number;
  readonly warnings: readonly Problem[];
}

/** Two segments of the journal as large as they may become. */
const LITTLE_ROOM = 64 * 1024 * 1024;
const MIB = 1024 * 1024;

/** Problems: `state-folder-unusable`, and those of reading the journal. Warning: `state-folder-nearly-full`, and a torn last line. */
export async function checkStateFolder(
  folder: string,
  freeAt: (place: string) => Promise<number | undefined> = freeBytes,
): Promise<StateFolder> {
  const place = await nearest(folder);
  const unusable = await unusableAt(folder, place);
  if (unusable !== undefined) return { folder, ok: false, found: [], problem: unusable, warnings: [] };
  if (!(await has('flock')))
    return { folder, ok: false, found: [], problem: ownerUnknown(folder, 'the command flock is not installed'), warnings: [] };
  const room = await freeAt(place);
  const warnings = room !== undefined && room < LITTLE_ROOM ? [nearlyFull(folder, room)] : [];
  const free = room === undefined ? {} : { freeBytes: room };
  if (place !== folder) return { folder, ok: true, found: ['it is made when it is needed'], ...free, warnings };
  const journal = await verifyJournal(folder);
  const events = counted(journal.entries, 'event');
  const told = journal.ok
    ? [`journal intact: ${events} in ${counted(journal.segments, 'segment')}`]
    : journal.problem?.code === 'journal-damaged'
      ? [`journal damaged: ${events} before the damage`]
      : [];
  return {
    folder,
    ok: journal.ok,
    found: told,
    ...free,
    ...(journal.problem === undefined ? {} : { problem: journal.problem }),
    warnings: [...warnings, ...journal.warnings],
  };
}

/** As a start of it would look: in the folders of PATH. */
async function has(program: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '/usr/bin:/bin').split(delimiter);
  const looks = folders.map(
    async (each) =>
      await access(join(each, program), constants.X_OK).then(
        () => true,
        () => false,
      ),
  );
  return (await Promise.all(looks)).includes(true);
}

/** The folder, or what is there of the way to it. */
async function nearest(folder: string): Promise<string> {
  for (let place = folder; ; place = dirname(place)) {
    const there = await stat(place).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
    );
    if (there || place === dirname(place)) return place;
  }
}

async function unusableAt(folder: string, place: string): Promise<Problem | undefined> {
  const journal = join(folder, 'journal');
  for (const each of place === folder ? [folder, journal] : [place]) {
    try {
      if (!(await stat(each)).isDirectory()) return unusable(folder, `${each} is not a folder`);
      await access(each, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (each === journal && code === 'ENOENT') continue;
      return unusable(folder, `${each} may not be written by this user (${code ?? String(error)})`);
    }
  }
  return undefined;
}

async function freeBytes(place: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(place);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

const unusable = (folder: string, says: string): Problem => ({
  code: 'state-folder-unusable',
  says: `The state folder ${folder} cannot be used: ${says}.`,
  next: 'Nothing can be fenced without a journal: give the folder to the user that bailiff runs as, or change stateDir.',
});

const nearlyFull = (folder: string, room: number): Problem => ({
  code: 'state-folder-nearly-full',
  says: `Only ${Math.floor(room / MIB)} MiB are free where the state folder ${folder} is.`,
  next: 'Free space there: nothing is ordered that cannot be journalled first.',
});
