/** The journal for those who do not own the state folder: they read what another process may be writing, and change nothing. */
import type { Entry, Loaded } from '../coordinator/ports.ts';
import type { Problem } from '../vocabulary/index.ts';
import { toLoaded } from './disk-store.ts';
import { errorCode, type JournalDoor } from './door.ts';
import { LIMITS } from './open.ts';
import { unreadable } from './problems.ts';
import { isProblem, journalFolder, lastNumber, readFolder, walkHistory } from './scan.ts';
import { type Verification, verifyFolder } from './verify.ts';

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

/** Checks every kept line, its hash and its place in the chain; changes nothing and needs no ownership. */
export const verifyJournal = async (stateDir: string, door: JournalDoor = LIMITS.door): Promise<Verification> =>
  await verifyFolder(door, journalFolder(stateDir));
