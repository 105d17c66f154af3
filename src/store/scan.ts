/** Reading a whole journal folder: which segments there are, and whether they join into one chain. Changes nothing. */
import { join } from 'node:path';
import type { Entry, Json } from '../coordinator/ports.ts';
import type { Problem } from '../vocabulary/index.ts';
import { errorCode, type JournalFiles } from './files.ts';
import { damaged, segmentMissing, torn, unreadable } from './problems.ts';
import { type Joint, type SegmentScan, scanSegment, seemsSnapshot, segmentName, segmentNumber } from './segment.ts';

export const journalFolder = (stateDir: string): string => join(stateDir, 'journal');

/** Numbers of the segments present, oldest first; none where the folder is missing. Rejects with the system's error. */
export const listSegments = async (files: JournalFiles, folder: string): Promise<readonly number[]> => {
  try {
    const numbers = (await files.list(folder)).map(segmentNumber).filter((segment) => segment !== undefined);
    return numbers.sort((a, b) => a - b);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
};

interface Scanned {
  readonly segment: number;
  readonly path: string;
  readonly scan: SegmentScan;
}

/** A journal's segments one after another, each checked against the one before it; a problem ends the walk. */
export async function* walkSegments(files: JournalFiles, folder: string): AsyncGenerator<Scanned | Problem, void> {
  yield* walk(folder, await listSegments(files, folder), (path) => files.read(path));
}

async function* walk(folder: string, segments: readonly number[], read: JournalFiles['read']): AsyncGenerator<Scanned | Problem, void> {
  let before: Joint | undefined;
  for (const [index, segment] of segments.entries()) {
    const path = join(folder, segmentName(segment));
    const earlier = segments[index - 1];
    if (earlier !== undefined && segment !== earlier + 1) {
      yield segmentMissing(join(folder, segmentName(earlier + 1)), `${segmentName(earlier)} and ${segmentName(segment)} are there`);
      return;
    }
    const newest = index === segments.length - 1;
    let bytes: Buffer;
    try {
      bytes = await read(path);
    } catch (error) {
      // A writer removed the oldest segment under our eyes: the next one is the oldest now.
      if (errorCode(error) === 'ENOENT' && before === undefined && !newest) continue;
      throw error;
    }
    const scan = scanSegment(bytes, segment, newest, before);
    yield { segment, path, scan };
    if (scan.damage !== undefined) {
      yield damaged(path, scan.damage);
      return;
    }
    before = scan.joint;
  }
}

/** Every kept event, oldest first; rejects with an Error at the first damage. */
export async function* walkHistory(files: JournalFiles, folder: string): AsyncGenerator<Entry, void> {
  for await (const step of walkSegments(files, folder)) {
    if (isProblem(step)) throw new Error(`${step.code}: ${step.says}`);
    yield* step.scan.entries;
  }
}

/** The state as it was after event `n`, and what came after it. Without a snapshot: nothing had happened yet. */
export type Past =
  | { readonly kind: 'facts'; readonly n: number; readonly at: number; readonly snapshot?: Json }
  | { readonly kind: 'event'; readonly entry: Entry };

/**
 * The past as it can be told: from the beginning, or from the oldest kept snapshot on; facts again at each later one. Kept events before the first
 * snapshot are left out: nobody knows what they met. Rejects with an Error at the first damage.
 */
export async function* walkPast(files: JournalFiles, folder: string): AsyncGenerator<Past, void> {
  let known = false;
  for await (const step of walkSegments(files, folder)) {
    if (isProblem(step)) throw new Error(`${step.code}: ${step.says}`);
    const { head, entries } = step.scan;
    if (head !== undefined && (head.snapshot !== undefined || head.n === 0)) {
      known = true;
      yield { kind: 'facts', n: head.n, at: head.at, ...(head.snapshot === undefined ? {} : { snapshot: head.snapshot }) };
    }
    if (known) for (const entry of entries) yield { kind: 'event', entry };
  }
}

export const isProblem = (value: object): value is Problem => 'code' in value;

/** The newest segment of a sound journal: where a writer goes on. */
interface End {
  readonly segment: number;
  readonly path: string;
  readonly good: number;
  readonly torn: number;
  readonly entries: number;
  readonly joint: Joint;
}

/** The part of a journal that the state is made of: from the newest snapshot on. What is older is history; `journal verify` checks it. */
export interface Journal {
  readonly snapshot?: Json;
  /** Number of the last event that the snapshot contains; 0 without one. */
  readonly snapshotN: number;
  /** Segment whose head carries the snapshot; what is older is history only. */
  readonly snapshotSegment: number;
  /** Events after the snapshot. */
  readonly entries: readonly Entry[];
  /** Every line that was read, and the one before them: a mark of the journal is one of these, or older. */
  readonly joints: readonly Joint[];
  readonly warnings: readonly Problem[];
  /** Absent on a fresh folder. */
  readonly end?: End;
  /** The oldest segment that is kept; 1 on a fresh folder. */
  readonly oldest: number;
}

/** Number of the last event; 0 where there is none. */
export const lastNumber = (journal: Journal): number => journal.snapshotN + journal.entries.length;

export const tornWarning = ({ path, scan }: Scanned): Problem[] =>
  scan.torn === 0 ? [] : [torn(path, scan.entries.length + 2, scan.good, scan.torn)];

const endOf = ({ segment, path, scan }: Scanned): End => ({
  segment,
  path,
  good: scan.good,
  torn: scan.torn,
  entries: scan.entries.length,
  joint: scan.joint,
});

/** The segments from the newest one on that begins with a snapshot; what was read on the way is not read again. */
const sinceSnapshot = async (files: JournalFiles, folder: string, segments: readonly number[]) => {
  const seen = new Map<string, Buffer>();
  let from = segments.length;
  while (from > 0) {
    from -= 1;
    const segment = segments[from];
    if (segment === undefined) break;
    const path = join(folder, segmentName(segment));
    const bytes = await files.read(path);
    seen.set(path, bytes);
    if (seemsSnapshot(bytes)) break;
  }
  const read = (path: string): Promise<Buffer> => {
    const bytes = seen.get(path);
    return bytes === undefined ? files.read(path) : Promise.resolve(bytes);
  };
  return { wanted: segments.slice(from), read };
};

const readOnce = async (files: JournalFiles, folder: string): Promise<Journal | Problem> => {
  const segments = await listSegments(files, folder);
  const { wanted, read } = await sinceSnapshot(files, folder, segments);
  let first: Scanned | undefined;
  let last: Scanned | undefined;
  const entries: Entry[] = [];
  const joints: Joint[] = [];
  for await (const step of walk(folder, wanted, read)) {
    if (isProblem(step)) return step;
    first ??= step;
    last = step;
    for (const entry of step.scan.entries) entries.push(entry);
    for (const joint of step.scan.joints) joints.push(joint);
  }
  const head = first?.scan.head;
  if (first !== undefined && first.segment !== 1 && head?.snapshot === undefined) {
    return segmentMissing(join(folder, segmentName(1)), 'no kept segment carries a snapshot, so the state cannot be rebuilt');
  }
  return {
    ...(head?.snapshot === undefined ? {} : { snapshot: head.snapshot }),
    snapshotN: head?.n ?? 0,
    snapshotSegment: first?.segment ?? 1,
    entries,
    joints,
    warnings: last === undefined ? [] : tornWarning(last),
    ...(last === undefined ? {} : { end: endOf(last) }),
    oldest: segments[0] ?? 1,
  };
};

/** How often a folder is listed in which a writer rotates faster than we read: then something else is wrong with it. */
const MOST_LISTINGS = 20;

/** What the state is made of, checked from the newest snapshot to the last line. Problems: `journal-damaged`, `journal-unreadable`. */
export const readFolder = async (files: JournalFiles, folder: string): Promise<Journal | Problem> => {
  for (let listing = 1; ; listing += 1) {
    try {
      return await readOnce(files, folder);
    } catch (error) {
      // A writer removed listed segments while we read those before them: what is there now is another list. A real gap shows in it.
      if (errorCode(error) !== 'ENOENT' || listing === MOST_LISTINGS) return unreadable(folder, errorCode(error));
    }
  }
};
