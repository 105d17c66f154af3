/** The journal for those who do not own the state folder: they read what another process may be writing, and change nothing. */
import type { Entry, Loaded } from '../coordinator/ports.ts';
import type { Problem } from '../vocabulary/index.ts';
import { toLoaded } from './disk-store.ts';
import { errorCode, type JournalDoor } from './door.ts';
import { LIMITS } from './open.ts';
import { unreadable } from './problems.ts';
import { isProblem, journalFolder, lastNumber, readFolder, walkHistory, walkSegments } from './scan.ts';

/** What a reader gets who does not own the folder. */
export interface JournalView extends Loaded {
  /** `entries`, and after them the last words that the next life will append first: what is open is what a start would find open. */
  readonly told: readonly Entry[];
  /** Every kept event, oldest first; rejects with an Error where the journal is damaged. */
  history(): AsyncIterable<Entry>;
}

/**
 * Reads a journal that another process may be writing; changes nothing. An empty or missing folder is an empty journal.
 * Problems: `journal-damaged`, `journal-unreadable`.
 */
export const readJournal = async (stateDir: string, door: JournalDoor = LIMITS.door): Promise<JournalView | Problem> => {
  const folder = journalFolder(stateDir);
  const journal = await readFolder(door, folder);
  if (isProblem(journal)) return journal;
  try {
    const loaded = await toLoaded(journal, stateDir, { ...LIMITS, door });
    const words = loaded.reserved === undefined ? [] : [{ n: lastNumber(journal) + 1, ...loaded.reserved }];
    return { ...loaded, told: [...loaded.entries, ...words], history: () => walkHistory(door, folder) };
  } catch (error) {
    return unreadable(stateDir, errorCode(error));
  }
};

export interface Verification {
  readonly ok: boolean;
  /** Events and segments in order up to the first damage. */
  readonly entries: number;
  readonly segments: number;
  /** The first damage: file, line, byte and what to do. */
  readonly problem?: Problem;
  /** A torn last line: harmless, see `journal-torn-line`. */
  readonly warnings: readonly Problem[];
}

/** Checks every kept line, its hash and its place in the chain; changes nothing and needs no ownership. */
export const verifyJournal = async (stateDir: string, door: JournalDoor = LIMITS.door): Promise<Verification> => {
  const folder = journalFolder(stateDir);
  const journal = await readFolder(door, folder);
  if (!isProblem(journal)) return { ok: true, entries: journal.events, segments: journal.segments, warnings: journal.warnings };
  let entries = 0;
  let segments = 0;
  try {
    for await (const step of walkSegments(door, folder)) {
      if (isProblem(step)) continue;
      entries += step.scan.entries.length;
      segments += step.scan.damage === undefined ? 1 : 0;
    }
  } catch {
    // What could be counted before the disk failed is counted; the problem is told either way.
  }
  return { ok: false, entries, segments, problem: journal, warnings: [] };
};
