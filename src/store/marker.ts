/**
 * `stateDir/marker`: how far the journal had come, outside of the journal. An older copy that was brought back, or a journal that lost its end,
 * is told from it. Two places are written in turn, so that a write that is cut short leaves the one before. See docs/guides/journal.md.
 */
import { join } from 'node:path';
import type { Problem } from '../vocabulary/index.ts';
import { blanks, errorCode, type JournalFiles, type KeptFile } from './files.ts';
import { parseLine, sealEvent } from './line.ts';
import { markerDamaged, older, unwritable } from './problems.ts';
import { type Journal, lastNumber } from './scan.ts';
import type { Joint } from './segment.ts';

/** One place: a sector, which a disk writes whole or not at all. */
const PLACE = 512;
const PLACES = 2;

const markerPath = (stateDir: string): string => join(stateDir, 'marker');

/** The journal had come to event `n`, and this was the hash of its last line. `turn` grows with each mark. */
export interface Mark extends Joint {
  readonly at: number;
  readonly turn: number;
  /** The epoch in force; absent as long as nobody has said it. */
  readonly epoch?: number;
}

const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0 || byte === 0x20 || byte === 0x0a);

const markIn = (place: Buffer): Mark | undefined => {
  const line = parseLine(place.subarray(0, Math.max(0, place.indexOf(0x0a))));
  if (typeof line === 'string' || line.kind !== 'event') return undefined;
  const { turn, epoch } = line.entry.event as { turn?: unknown; epoch?: unknown };
  if (typeof turn !== 'number') return undefined;
  return { n: line.entry.n, hash: line.prev, at: line.entry.at, turn, ...(typeof epoch === 'number' ? { epoch } : {}) };
};

const markOf = (bytes: Buffer): Mark | 'none' | 'damaged' => {
  const places = Array.from({ length: PLACES }, (_, place) => bytes.subarray(place * PLACE, (place + 1) * PLACE));
  const marks = places.flatMap((place) => markIn(place) ?? []);
  if (marks.length > 0) return marks.reduce((newest, mark) => (mark.turn > newest.turn ? mark : newest));
  return isBlank(bytes) ? 'none' : 'damaged';
};

/** Nothing where the file is missing or blank. Rejects with the system's error. */
export const readMark = async (files: JournalFiles, stateDir: string): Promise<Mark | 'none' | 'damaged'> => {
  try {
    return markOf(await files.read(markerPath(stateDir)));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'none';
    throw error;
  }
};

/** Problems: `journal-older`, `journal-marker-damaged`. What is older than the last snapshot cannot be compared, and need not be. */
export const judgeMark = (mark: Mark | 'none' | 'damaged', journal: Journal, stateDir: string): Problem | undefined => {
  if (mark === 'none') return undefined;
  if (mark === 'damaged') return markerDamaged(markerPath(stateDir));
  const last = lastNumber(journal);
  if (last < mark.n) return older(stateDir, `it ends at event ${last}, and it had come to event ${mark.n} already`, mark.epoch);
  const lines = journal.joints.filter(({ n }) => n === mark.n);
  if (lines.length === 0 || lines.some(({ hash }) => hash === mark.hash)) return undefined;
  return older(stateDir, `its event ${mark.n} is not the one that was there before`, mark.epoch);
};

export class Marker {
  readonly #file: KeptFile;
  readonly #path: string;
  #turn: number;
  #epoch: number | undefined;
  #marked: Joint | undefined;

  private constructor(file: KeptFile, path: string, mark: Mark | undefined) {
    this.#file = file;
    this.#path = path;
    this.#turn = mark?.turn ?? 0;
    this.#epoch = mark?.epoch;
    this.#marked = mark;
  }

  /** Problems: `journal-unwritable`. */
  static async open(files: JournalFiles, stateDir: string, mark: Mark | 'none' | 'damaged'): Promise<Marker | Problem> {
    const path = markerPath(stateDir);
    try {
      return new Marker(await files.keep(path, PLACE * PLACES), path, typeof mark === 'string' ? undefined : mark);
    } catch (error) {
      return unwritable(path, 'make', errorCode(error));
    }
  }

  /** The one that is marked; undefined as long as nobody has said it. */
  get epoch(): number | undefined {
    return this.#epoch;
  }

  /** Marks the last durable line, and the epoch where it is given. Problems: `journal-unwritable`; the mark before stays then. */
  async mark(last: Joint, at: number, epoch = this.#epoch): Promise<Problem | undefined> {
    // Nothing to say.
    if (last.n === 0 && epoch === undefined) return undefined;
    if (last.n === this.#marked?.n && last.hash === this.#marked.hash && epoch === this.#epoch) return undefined;
    const turn = this.#turn + 1;
    const event = { turn, ...(epoch === undefined ? {} : { epoch }) };
    const line = sealEvent(last.hash, { n: last.n, at, event }).bytes;
    // A failed attempt may have spoiled the place, and the next one must not spoil the other.
    const place = turn % PLACES;
    try {
      await this.#file.overwrite(Buffer.concat([line, blanks(PLACE - line.length)]), place * PLACE);
    } catch (error) {
      return unwritable(this.#path, 'mark', errorCode(error));
    }
    this.#turn = turn;
    this.#epoch = epoch;
    this.#marked = last;
    return undefined;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
