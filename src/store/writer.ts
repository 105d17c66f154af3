/** The end of the journal: durable appends, rotation, and taking back what could not be written whole. Calls must not overlap. */
import { join } from 'node:path';
import type { Json, Unnumbered } from '../coordinator/ports.ts';
import type { Problem } from '../vocabulary/index.ts';
import { errorCode, type JournalFiles, type SegmentFile } from './files.ts';
import { GENESIS, type Sealed, sealEvent, sealHead } from './line.ts';
import { broken, tooLarge, unwritable } from './problems.ts';
import type { Journal } from './scan.ts';
import { type Joint, segmentName } from './segment.ts';

/** Bounds of a journal. */
export interface Bounds {
  /** A segment with this many events is followed by a new one, snapshot or not; what is written together stays together. */
  readonly maxEntriesPerSegment: number;
  readonly maxBytesPerSegment: number;
  readonly maxBytesPerLine: number;
  /** A snapshot tells all that is open, so that it may be longer than any event. */
  readonly maxBytesPerSnapshot: number;
  /** Segments kept for history; those after the last snapshot are kept beyond it, since the state needs them. */
  readonly keepSegments: number;
}

/** A segment under construction; it gets its real name once its head is durable. */
const UNFINISHED = '.new';

interface Current {
  readonly file: SegmentFile;
  readonly segment: number;
  readonly path: string;
  size: number;
  entries: number;
}

export const writeWhole = async (file: SegmentFile, bytes: Uint8Array): Promise<void> => {
  for (let from = 0; from < bytes.length; ) {
    const written = await file.write(bytes, from);
    if (written === 0) throw new Error('nothing was written');
    from += written;
  }
};

export class JournalWriter {
  readonly #files: JournalFiles;
  readonly #folder: string;
  readonly #bounds: Bounds;
  #current: Current;
  #joint: Joint;
  #oldest: number;
  #snapshotSegment: number;
  #snapshotN: number;
  #broken: Problem | undefined;
  #maybeThere = 0;

  private constructor(files: JournalFiles, folder: string, bounds: Bounds, current: Current, journal: Journal) {
    this.#files = files;
    this.#folder = folder;
    this.#bounds = bounds;
    this.#current = current;
    this.#joint = journal.end?.joint ?? { n: 0, hash: GENESIS };
    this.#oldest = journal.oldest;
    this.#snapshotSegment = journal.snapshotSegment;
    this.#snapshotN = journal.snapshotN;
  }

  /**
   * Goes on where the journal ends, or begins one; cuts a torn last line off. `folder` must exist and be ours.
   * Problems: `journal-unwritable`.
   */
  static async open(files: JournalFiles, folder: string, bounds: Bounds, journal: Journal, now: number): Promise<JournalWriter | Problem> {
    try {
      for (const name of await files.list(folder)) if (name.endsWith(UNFINISHED)) await files.remove(join(folder, name));
    } catch (error) {
      return unwritable(folder, 'remove unfinished segments', errorCode(error));
    }
    const { end } = journal;
    if (end === undefined) {
      const head = sealHead(GENESIS, { segment: 1, n: 0, at: now });
      const begun = await beginSegment(files, folder, 1, head);
      if ('problem' in begun) return begun.problem;
      const writer = new JournalWriter(files, folder, bounds, begun.current, journal);
      writer.#joint = { n: 0, hash: head.hash };
      return writer;
    }
    let file: SegmentFile | undefined;
    try {
      file = await files.open(end.path, 'append');
      if (end.torn > 0) {
        await file.truncate(end.good);
        await file.sync();
      }
    } catch (error) {
      await file?.close().catch(() => undefined);
      return unwritable(end.path, 'open', errorCode(error));
    }
    const current = { file, segment: end.segment, path: end.path, size: end.good, entries: end.entries };
    return new JournalWriter(files, folder, bounds, current, journal);
  }

  get sinceSnapshot(): number {
    return this.#joint.n - this.#snapshotN;
  }

  /** The last line that is durable, and the number of the last event. */
  get last(): Joint {
    return this.#joint;
  }

  /** So many events after the last may be on the disk although their write did not come back, or could not be taken back. */
  get maybeThere(): number {
    return this.#maybeThere;
  }

  get path(): string {
    return this.#current.path;
  }

  /** From now on every write says this. */
  breakOff(because: string): Problem {
    this.#broken ??= broken(this.#current.path, because);
    return this.#broken;
  }

  /** One write for all of them: they are all there, or none is. */
  async append(events: readonly Unnumbered[]): Promise<Problem | undefined> {
    if (this.#broken !== undefined) return this.#broken;
    const sealed = this.#seal(events);
    if ('code' in sealed) return sealed;
    if (!this.#isFull(bytesOf(sealed))) return await this.#write(sealed);
    const rotated = await this.#rotate(events[0]?.at ?? 0, undefined);
    // A segment that cannot be begun is no reason to lose the events: the old one may still take them.
    if (rotated !== undefined) return this.#broken ?? (await this.#write(sealed));
    return await this.append(events);
  }

  #seal(events: readonly Unnumbered[]): readonly Sealed[] | Problem {
    const { maxBytesPerLine, maxBytesPerSegment } = this.#bounds;
    const first = this.#joint.n + 1;
    const lines: Sealed[] = [];
    let { hash } = this.#joint;
    for (const [index, { at, event }] of events.entries()) {
      const line = sealEvent(hash, { n: first + index, at, event }, index === 0 ? undefined : first);
      if (line.bytes.length > maxBytesPerLine) return tooLarge(line.bytes.length, maxBytesPerLine);
      lines.push(line);
      ({ hash } = line);
    }
    const bytes = bytesOf(lines);
    return lines.length > 1 && bytes > maxBytesPerSegment ? tooLarge(bytes, maxBytesPerSegment) : lines;
  }

  async snapshot(at: number, state: Json): Promise<Problem | undefined> {
    return this.#broken ?? (await this.#rotate(at, state));
  }

  async close(): Promise<void> {
    this.#broken ??= broken(this.#current.path, 'it was closed');
    await this.#current.file.close();
  }

  #isFull(more: number): boolean {
    const { entries, size } = this.#current;
    if (entries === 0) return false;
    return entries >= this.#bounds.maxEntriesPerSegment || size + more > this.#bounds.maxBytesPerSegment;
  }

  async #write(lines: readonly Sealed[]): Promise<Problem | undefined> {
    const { file, path, size } = this.#current;
    const bytes = Buffer.concat(lines.map((line) => line.bytes));
    this.#maybeThere = lines.length;
    try {
      await writeWhole(file, bytes);
    } catch (error) {
      return await this.#takeBack(path, size, errorCode(error));
    }
    if (this.#broken !== undefined) return this.#broken; // declared broken while we were writing
    this.#maybeThere = 0;
    this.#current.size += bytes.length;
    this.#current.entries += lines.length;
    this.#joint = { n: this.#joint.n + lines.length, hash: lines.at(-1)?.hash ?? this.#joint.hash };
    return undefined;
  }

  /** A part of the line, or all of it without a promise that it lasts, may be in the file: it must go, or the next line would follow it. */
  async #takeBack(path: string, size: number, code: string): Promise<Problem> {
    try {
      await this.#current.file.truncate(size);
      await this.#current.file.sync();
    } catch (error) {
      return this.breakOff(`a write failed (${code}), and its remains could not be cut off (${errorCode(error)})`);
    }
    if (this.#broken !== undefined) return this.#broken;
    this.#maybeThere = 0;
    return unwritable(path, 'append', code);
  }

  async #rotate(at: number, state: Json | undefined): Promise<Problem | undefined> {
    const old = this.#current;
    const segment = old.segment + 1;
    const head = { segment, n: this.#joint.n, at, ...(state === undefined ? {} : { snapshot: state }) };
    const sealed = sealHead(this.#joint.hash, head);
    const { maxBytesPerSnapshot } = this.#bounds;
    if (sealed.bytes.length > maxBytesPerSnapshot) return tooLarge(sealed.bytes.length, maxBytesPerSnapshot);
    const begun = await beginSegment(this.#files, this.#folder, segment, sealed);
    if ('problem' in begun) {
      return begun.maybeThere ? this.breakOff(`${segmentName(segment)} may or may not have been begun (${begun.code})`) : begun.problem;
    }
    if (this.#broken !== undefined) {
      await begun.current.file.close().catch(() => undefined);
      return this.#broken;
    }
    this.#current = begun.current;
    this.#joint = { ...this.#joint, hash: sealed.hash };
    if (state !== undefined) {
      this.#snapshotSegment = segment;
      this.#snapshotN = this.#joint.n;
    }
    // Everything in it is durable already; nothing is lost when closing it fails.
    await old.file.close().catch(() => undefined);
    await this.#prune();
    return undefined;
  }

  /** Oldest first, each removal durable before the next, so that no crash leaves a gap. What fails is tried again at the next rotation. */
  async #prune(): Promise<void> {
    const newest = this.#current.segment;
    while (newest - this.#oldest >= this.#bounds.keepSegments && this.#oldest < this.#snapshotSegment) {
      try {
        await this.#files.remove(join(this.#folder, segmentName(this.#oldest)));
        await this.#files.syncFolder(this.#folder);
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') return;
      }
      this.#oldest += 1;
    }
  }
}

const bytesOf = (lines: readonly Sealed[]): number => lines.reduce((sum, { bytes }) => sum + bytes.length, 0);

type Begun =
  | { readonly current: Current }
  /** `maybeThere`: the folder may show the new segment after a crash, so nothing may be added to the old one any more. */
  | { readonly problem: Problem; readonly maybeThere: boolean; readonly code: string };

/** A segment appears under its name whole or not at all: head written and durable, then renamed, then the folder made durable. */
const beginSegment = async (files: JournalFiles, folder: string, segment: number, head: Sealed): Promise<Begun> => {
  const path = join(folder, segmentName(segment));
  const unfinished = path + UNFINISHED;
  let file: SegmentFile | undefined;
  let renaming = false;
  // What an earlier failed attempt could not remove.
  await files.remove(unfinished).catch(() => undefined);
  try {
    file = await files.open(unfinished, 'create');
    await writeWhole(file, head.bytes);
    await file.sync();
    renaming = true;
    await files.rename(unfinished, path);
    await files.syncFolder(folder);
    return { current: { file, segment, path, size: head.bytes.length, entries: 0 } };
  } catch (error) {
    const code = errorCode(error);
    await file?.close().catch(() => undefined);
    if (!renaming) await files.remove(unfinished).catch(() => undefined);
    return { problem: unwritable(path, 'begin a segment', code), maybeThere: renaming, code };
  }
};
