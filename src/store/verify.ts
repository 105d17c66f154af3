/** Every kept line of a journal, its hash and its place in the chain: what a start leaves out, since the state does not need it. */
import type { Problem } from '../vocabulary/index.ts';
import { errorCode, type JournalFiles } from './files.ts';
import { unreadable } from './problems.ts';
import { isProblem, readFolder, tornWarning, walkSegments } from './scan.ts';

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

/** Listings of a folder in which a writer rotates faster than we read. */
const MOST_LISTINGS = 20;

const walkOnce = async (files: JournalFiles, folder: string): Promise<Verification & { readonly gone: boolean }> => {
  let entries = 0;
  let segments = 0;
  let warnings: readonly Problem[] = [];
  const failed = (problem: Problem, gone = false) => ({ ok: false, entries, segments, problem, warnings: [], gone });
  try {
    for await (const step of walkSegments(files, folder)) {
      if (isProblem(step)) return failed(step);
      entries += step.scan.entries.length;
      segments += step.scan.damage === undefined ? 1 : 0;
      warnings = tornWarning(step);
    }
  } catch (error) {
    return failed(unreadable(folder, errorCode(error)), errorCode(error) === 'ENOENT');
  }
  return { ok: true, entries, segments, warnings, gone: false };
};

/** Problems: `journal-damaged`, `journal-unreadable`. */
export const verifyFolder = async (files: JournalFiles, folder: string): Promise<Verification> => {
  for (let listing = 1; ; listing += 1) {
    const { gone, ...found } = await walkOnce(files, folder);
    // A writer removed listed segments while we read those before them: what is there now is another list. A real gap shows in it.
    if (gone && listing < MOST_LISTINGS) continue;
    if (!found.ok) return found;
    // The chain is whole; that a state can be made of it is another question.
    const state = await readFolder(files, folder);
    return isProblem(state) ? { ...found, ok: false, problem: state, warnings: [] } : found;
  }
};
