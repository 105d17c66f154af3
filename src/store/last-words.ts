/**
 * `stateDir/last-words`: room that was set aside for what a life says when its journal takes no more. It holds one line, the one that should
 * have come next in the journal; the next life appends it before anything else, so what was told as given up is not taken up again.
 * See docs/guides/journal.md.
 */
import { join } from 'node:path';
import type { Entry, Json } from '../coordinator/ports.ts';
import type { Problem } from '../vocabulary/index.ts';
import { blanks, errorCode, type JournalFiles, type KeptFile } from './files.ts';
import { parseLine, sealEvent } from './line.ts';
import { lastWordsDamaged, tooLarge, unwritable } from './problems.ts';
import { type Journal, lastNumber } from './scan.ts';
import type { Joint } from './segment.ts';

const SIZE = 4_096;

/** No disk writes less than this at once: whether the first sector is blank tells whether anything was said. */
const SECTOR = 512;

const NEWLINE = 0x0a;

const lastWordsPath = (stateDir: string): string => join(stateDir, 'last-words');

/** What the file holds: nothing, the line that should have come next, or bytes that are no such line. */
type Words = 'none' | 'damaged' | Entry;

const isBlank = (bytes: Buffer): boolean => bytes.subarray(0, SECTOR).every((byte) => byte === 0 || byte === 0x20 || byte === NEWLINE);

const wordsOf = (bytes: Buffer): Words => {
  if (isBlank(bytes)) return 'none';
  const end = bytes.indexOf(NEWLINE);
  const line = end === -1 ? 'has no end' : parseLine(bytes.subarray(0, end));
  return typeof line !== 'string' && line.kind === 'event' ? line.entry : 'damaged';
};

/** What is kept for the next life; nothing where the file is missing. Rejects with the system's error. */
export const readLastWords = async (files: JournalFiles, stateDir: string): Promise<Words> => {
  try {
    return wordsOf(await files.read(lastWordsPath(stateDir)));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'none';
    throw error;
  }
};

/** Texts of an event that would not fit are cut to this many letters. */
const LETTERS = 300;

const shortened = (value: Json): Json => {
  if (typeof value === 'string') return value.length <= LETTERS ? value : `${value.slice(0, LETTERS)}…`;
  if (Array.isArray(value)) return value.map(shortened);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shortened(part)]));
};

export class LastWords {
  readonly #file: KeptFile;
  readonly #path: string;
  /** Something may stand in the file. */
  #said: boolean;

  private constructor(file: KeptFile, path: string, said: boolean) {
    this.#file = file;
    this.#path = path;
    this.#said = said;
  }

  /** Sets the room aside where it is not yet. Problems: `journal-unwritable`. */
  static async open(files: JournalFiles, stateDir: string): Promise<LastWords | Problem> {
    const path = lastWordsPath(stateDir);
    let file: KeptFile | undefined;
    try {
      file = await files.keep(path, SIZE);
      const bytes = await files.read(path);
      // A power failure while it was made.
      if (bytes.length < SIZE) await file.overwrite(blanks(SIZE - bytes.length), bytes.length);
      return new LastWords(file, path, wordsOf(bytes) !== 'none');
    } catch (error) {
      await file?.close().catch(() => undefined);
      return unwritable(path, 'set room aside', errorCode(error));
    }
  }

  /**
   * `maybeThere`: so many events after that one may be on the disk although nobody was told so; the words stand for the last of them.
   * Problems: `journal-unwritable`, `journal-entry-too-large`.
   */
  async keep(after: Joint, maybeThere: number, at: number, event: Json): Promise<Problem | undefined> {
    const n = after.n + Math.max(1, maybeThere);
    const whole = sealEvent(after.hash, { n, at, event }).bytes;
    const line = whole.length <= SIZE ? whole : sealEvent(after.hash, { n, at, event: shortened(event) }).bytes;
    if (line.length > SIZE) return tooLarge(line.length, SIZE);
    this.#said = true;
    try {
      await this.#file.overwrite(line, 0);
      return undefined;
    } catch (error) {
      return unwritable(this.#path, 'overwrite', errorCode(error));
    }
  }

  /** The last words stand in the journal now. Where the file cannot be blanked, `unsaid` still sees that they do. */
  async forget(): Promise<void> {
    if (!this.#said) return;
    try {
      await this.#file.overwrite(blanks(SECTOR), 0);
      this.#said = false;
    } catch {
      // Tried again with the next event.
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

interface Unsaid {
  readonly reserved?: { readonly at: number; readonly event: Json };
  readonly warnings: readonly Problem[];
}

export const sameWords = (one: Omit<Entry, 'n'>, other: Omit<Entry, 'n'>): boolean =>
  one.at === other.at && JSON.stringify(one.event) === JSON.stringify(other.event);

/**
 * Do these words still have to be told to this journal? Not where they stand in it, or where it went on without them. The events up to their
 * number may be the write that failed and reached the disk all the same, whole or in part: their senders were told that it was given up.
 */
const isUnsaid = (words: Entry, journal: Journal): boolean => {
  const last = lastNumber(journal);
  if (last > words.n || journal.snapshotN >= words.n) return false;
  return !journal.entries.some((entry) => sameWords(entry, words));
};

/** What the next life must append first. Words that cannot be read were words: something was given up. */
export const unsaid = (words: Words, journal: Journal, stateDir: string, now: number): Unsaid => {
  if (words === 'none') return { warnings: [] };
  if (words !== 'damaged') {
    return isUnsaid(words, journal) ? { reserved: { at: words.at, event: words.event }, warnings: [] } : { warnings: [] };
  }
  const problem = lastWordsDamaged(lastWordsPath(stateDir));
  return { reserved: { at: now, event: { kind: 'journal-failed', problem: { ...problem } } }, warnings: [problem] };
};
