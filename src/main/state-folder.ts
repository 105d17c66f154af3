/** Could operations be journalled now? Looked at without writing anything and without taking the state folder. */
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { type Holding, holdingOf, verifyJournal } from '../store/index.ts';
import { inUse, ownerUnknown } from '../store/problems.ts';
import type { Health, Problem } from '../vocabulary/index.ts';
import { clockTime, counted, left } from '../service/words.ts';

export interface StateFolder extends Health {
  readonly folder: string;
  /** Absent where the system does not tell. */
  readonly freeBytes?: number;
  readonly warnings: readonly Problem[];
}

/** Two segments of the journal as large as they may become. */
const LITTLE_ROOM = 64 * 1024 * 1024;
const MIB = 1024 * 1024;

export interface Looking {
  /** Milliseconds that a fencing may hold the folder: what holds it longer keeps every fencing from beginning. Absent: no longer is too long. */
  readonly longest?: number;
  readonly now?: () => number;
  readonly freeAt?: (place: string) => Promise<number | undefined>;
  readonly holding?: (folder: string) => Promise<Holding>;
}

/**
 * Problems: `state-folder-unusable`, `state-in-use` (for longer than a fencing takes), and those of reading the journal. Warnings:
 * `state-folder-nearly-full`, `state-in-use` (a fencing may be under way), and a torn last line.
 */
export async function checkStateFolder(folder: string, looking: Looking = {}): Promise<StateFolder> {
  const { freeAt = freeBytes, holding = holdingOf } = looking;
  const place = await nearest(folder);
  const cannot = await unusableAt(folder, place);
  if (cannot !== undefined) return { folder, ok: false, found: [], problem: cannot, warnings: [] };
  if (!(await has('flock')))
    return { folder, ok: false, found: [], problem: ownerUnknown(folder, 'the command flock is not installed'), warnings: [] };
  const room = await freeAt(place);
  const warnings = room !== undefined && room < LITTLE_ROOM ? [nearlyFull(folder, room)] : [];
  const free = room === undefined ? {} : { freeBytes: room };
  if (place !== folder) return { folder, ok: true, found: ['it is made when it is needed'], ...free, warnings };
  const held = heldIn(folder, await holding(folder), looking);
  const journal = await verifyJournal(folder);
  const events = counted(journal.entries, 'event');
  const told = journal.ok
    ? [`journal intact: ${events} in ${counted(journal.segments, 'segment')}`]
    : journal.problem?.code === 'journal-damaged'
      ? [`journal damaged: ${events} before the damage`]
      : [];
  const problem = journal.problem ?? held.problem;
  return {
    folder,
    ok: journal.ok && problem === undefined,
    found: [...told, ...held.found],
    ...free,
    ...(problem === undefined ? {} : { problem }),
    warnings: [
      ...warnings,
      ...held.warnings,
      ...(journal.problem !== undefined && held.problem !== undefined ? [held.problem] : []),
      ...journal.warnings,
    ],
  };
}

interface Held {
  readonly found: readonly string[];
  readonly problem?: Problem;
  readonly warnings: readonly Problem[];
}

/** Whoever fences while another process holds the folder is turned away. A fencing that is under way is no fault, and ends in its time. */
function heldIn(folder: string, holding: Holding, { longest, now = Date.now }: Looking): Held {
  if (holding === 'nobody') return { found: [], warnings: [] };
  if ('left' in holding) {
    const { pid, startedAt } = holding.left;
    const says = `its file owner still names process ${pid} of ${clockTime(startedAt)}, which does not run here: it was killed, or runs in another container`;
    return { found: [says], warnings: [] };
  }
  const { who, since } = holding.holder;
  const problem = inUse(folder, who);
  const ms = since === undefined ? undefined : now() - since;
  if (ms === undefined || longest === undefined || ms <= longest) return { found: [], warnings: [problem] };
  const says = `${problem.says}: ${left(ms)}, and a whole fencing has ${left(longest)}; every other command that fences ends at once until then`;
  return { found: [], problem: { ...problem, says }, warnings: [] };
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
