/** Reading a whole journal folder: which segments there are, and whether they join into one chain. Changes nothing. */
import { join } from 'node:path';
import type { Entry, Json } from '../coordinator/ports.ts';
import type { Problem } from '../vocabulary/index.ts';
import { errorCode, type JournalDoor } from './door.ts';
import { damaged, segmentMissing, torn, unreadable } from './problems.ts';
import { type Joint, type SegmentScan, scanSegment, segmentName, segmentNumber } from './segment.ts';

export const journalFolder = (stateDir: string): string => join(stateDir, 'journal');

/** Numbers of the segments present, oldest first; none where the folder is missing. Rejects with the system's error. */
export const listSegments = async (door: JournalDoor, folder: string): Promise<readonly number[]> => {
  try {
    const numbers = (await door.list(folder)).map(segmentNumber).filter((segment) => segment !== undefined);
    return numbers.sort((a, b) => a - b);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
};

export interface Scanned {
  readonly segment: number;
  readonly path: string;
  readonly scan: SegmentScan;
}

/** A journal's segments one after another, each checked against the one before it; a problem ends the walk. */
export async function* walkSegments(door: JournalDoor, folder: string): AsyncGenerator<Scanned | Problem, void> {
  const segments = await listSegments(door, folder);
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
      bytes = await door.read(path);
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
export async function* walkHistory(door: JournalDoor, folder: string): AsyncGenerator<Entry, void> {
  for await (const step of walkSegments(door, folder)) {
    if (isProblem(step)) throw new Error(`${step.code}: ${step.says}`);
    yield* step.scan.entries;
  }
}

export const isProblem = (value: object): value is Problem => 'code' in value;

/** The newest segment of a sound journal: where a writer goes on. */
export interface End {
  readonly segment: number;
  readonly path: string;
  readonly good: number;
  readonly torn: number;
  readonly entries: number;
  readonly joint: Joint;
}

export interface Journal {
  readonly snapshot?: Json;
  /** Number of the last event that the snapshot contains; 0 without one. */
  readonly snapshotN: number;
  /** Segment whose head carries the snapshot; what is older is history only. */
  readonly snapshotSegment: number;
  /** Events after the snapshot. */
  readonly entries: readonly Entry[];
  readonly warnings: readonly Problem[];
  /** Absent on a fresh folder. */
  readonly end?: End;
  readonly segments: number;
  /** Events in all kept segments. */
  readonly events: number;
}

/** Number of the last event; 0 where there is none. */
export const lastNumber = (journal: Journal): number => journal.snapshotN + journal.entries.length;

const tornWarning = ({ path, scan }: Scanned): Problem[] =>
  scan.torn === 0 ? [] : [torn(path, scan.entries.length + 2, scan.good, scan.torn)];

const endOf = ({ segment, path, scan }: Scanned): End => ({
  segment,
  path,
  good: scan.good,
  torn: scan.torn,
  entries: scan.entries.length,
  joint: scan.joint,
});

const readOnce = async (door: JournalDoor, folder: string): Promise<Journal | Problem> => {
  let snapshot: { readonly state?: Json; readonly n: number; readonly segment: number } | undefined;
  let entries: Entry[] = [];
  let last: Scanned | undefined;
  let segments = 0;
  let events = 0;
  for await (const step of walkSegments(door, folder)) {
    if (isProblem(step)) return step;
    const { head } = step.scan;
    if (head === undefined) continue; // the walk's next step is the damage
    segments += 1;
    events += step.scan.entries.length;
    if (head.snapshot !== undefined || (segments === 1 && step.segment === 1)) {
      snapshot = { ...(head.snapshot === undefined ? {} : { state: head.snapshot }), n: head.n, segment: step.segment };
      entries = [];
    }
    for (const entry of step.scan.entries) entries.push(entry);
    last = step;
  }
  if (last !== undefined && snapshot === undefined) {
    return segmentMissing(join(folder, segmentName(1)), 'no kept segment carries a snapshot, so the state cannot be rebuilt');
  }
  return {
    ...(snapshot?.state === undefined ? {} : { snapshot: snapshot.state }),
    snapshotN: snapshot?.n ?? 0,
    snapshotSegment: snapshot?.segment ?? 1,
    entries,
    warnings: last === undefined ? [] : tornWarning(last),
    ...(last === undefined ? {} : { end: endOf(last) }),
    segments,
    events,
  };
};

/** How often a folder is listed in which a writer rotates faster than we read: then something else is wrong with it. */
const MOST_LISTINGS = 20;

/** Everything in the folder, checked from the oldest kept line to the newest. */
export const readFolder = async (door: JournalDoor, folder: string): Promise<Journal | Problem> => {
  for (let listing = 1; ; listing += 1) {
    try {
      return await readOnce(door, folder);
    } catch (error) {
      // A writer removed listed segments while we read those before them: what is there now is another list. A real gap shows in it.
      if (errorCode(error) !== 'ENOENT' || listing === MOST_LISTINGS) return unreadable(folder, errorCode(error));
    }
  }
};
