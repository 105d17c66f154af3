/** The journal for those who do not own the state folder: they read what another process may be writing, and change nothing. */
import type { Entry, Loaded } from '../coordinator/ports.ts';
import type { Problem } from '../vocabulary/index.ts';
import { toLoaded } from './disk-store.ts';
import { errorCode, type JournalFiles } from './files.ts';
import { judgeMark, readMark } from './marker.ts';
import { LIMITS } from './open.ts';
import { unreadable } from './problems.ts';
import { isProblem, journalFolder, lastNumber, type Past, readFolder, walkHistory, walkPast } from './scan.ts';
import { type Verification, verifyFolder } from './verify.ts';

/** What a reader gets who does not own the folder. */
export interface JournalView extends Loaded {
  /** `entries`, and after them the last words that the next life will append first: what is open is what a start would find open. */
  readonly told: readonly Entry[];
  /** Every kept event, oldest first; rejects with an Error where the journal is damaged. */
  history(): AsyncIterable<Entry>;
  /** As `history`, with the facts that the events met, and the last words that are still to be told. */
  past(): AsyncIterable<Past>;
}

/**
 * Reads a journal that another process may be writing; changes nothing. An empty or missing folder is an empty journal.
 * Problems: `journal-damaged`, `journal-older`, `journal-marker-damaged`, `journal-unreadable`.
 */
export const readJournal = async (stateDir: string, files: JournalFiles = LIMITS.files): Promise<JournalView | Problem> => {
  const folder = journalFolder(stateDir);
  try {
    // Before the journal, which may grow meanwhile.
    const mark = await readMark(files, stateDir);
    const journal = await readFolder(files, folder);
    if (isProblem(journal)) return journal;
    const not = judgeMark(mark, journal, stateDir);
    if (not !== undefined) return not;
    const loaded = await toLoaded(journal, stateDir, { ...LIMITS, files });
    const words = loaded.reserved === undefined ? [] : [{ n: lastNumber(journal) + 1, ...loaded.reserved }];
    return {
      ...loaded,
      told: [...loaded.entries, ...words],
      history: () => walkHistory(files, folder),
      past: () => pastOf(files, folder, words),
    };
  } catch (error) {
    return unreadable(stateDir, errorCode(error));
  }
};

async function* pastOf(files: JournalFiles, folder: string, words: readonly Entry[]): AsyncGenerator<Past, void> {
  yield* walkPast(files, folder);
  for (const entry of words) yield { kind: 'event', entry };
}

/** Checks every kept line, its hash, its place in the chain, and the marker; changes nothing and needs no ownership. */
export const verifyJournal = async (stateDir: string, files: JournalFiles = LIMITS.files): Promise<Verification> => {
  const found = await verifyFolder(files, journalFolder(stateDir));
  if (!found.ok) return found;
  const view = await readJournal(stateDir, files);
  if (isProblem(view)) return { ...found, ok: false, problem: view };
  return { ...found, warnings: view.warnings };
};
