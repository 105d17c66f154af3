/**
 * One segment: its name, and what its bytes say. The scan stops at the first thing that is not as the writer writes it, and tells
 * a torn end (the last write was cut short by a crash) from damage (anything else).
 */
import type { Entry } from '../coordinator/ports.ts';
import { type Head, type Line, parseLine } from './line.ts';

const NEWLINE = 0x0a;

/** Numbers up to 99999999 sort as text; a segment per second would last three years. */
export const segmentName = (segment: number): string => `journal-${String(segment).padStart(8, '0')}.jsonl`;

export const segmentNumber = (name: string): number | undefined => {
  const digits = /^journal-(\d{8})\.jsonl$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
};

/** The number that a segment gives itself in its head; undefined where there is none. */
export const segmentIn = (bytes: Buffer): number | undefined => {
  const line = parseLine(bytes.subarray(0, Math.max(0, bytes.indexOf(NEWLINE))));
  return typeof line !== 'string' && line.kind === 'head' ? line.head.segment : undefined;
};

/** Where a segment must join on; absent for the oldest one kept. */
export interface Joint {
  readonly n: number;
  readonly hash: string;
}

export interface Damage {
  readonly line: number;
  readonly offset: number;
  /** Follows "line 7 at byte 512 ...". */
  readonly says: string;
}

export interface SegmentScan {
  readonly head?: Head;
  readonly entries: readonly Entry[];
  /** The last line before the segment, its head, and each of `entries`, with the number of the last event by then. */
  readonly joints: readonly Joint[];
  /** Bytes up to the end of the last good line. */
  readonly good: number;
  /** How many bytes follow `good` because a write was cut short; only looked for in the newest segment. */
  readonly torn: number;
  readonly joint: Joint;
  readonly damage?: Damage;
}

/** No disk writes less than this at once. */
const SECTOR = 512;

const wrongPlace = (line: Line, first: boolean, segment: number, before: Joint | undefined): string | undefined => {
  if (first !== (line.kind === 'head')) return first ? 'is not the head of a segment' : 'is a second head';
  if (line.kind === 'head' && line.head.segment !== segment) return `says that it begins segment ${line.head.segment}`;
  if (before === undefined) return undefined;
  const n = line.kind === 'head' ? line.head.n : line.entry.n - 1;
  if (n !== before.n) return `does not follow number ${before.n}`;
  return line.prev === before.hash ? undefined : 'is not chained to the line before it';
};

/** Whether a segment seems to begin with a snapshot, told from its first bytes alone; the scan judges it. */
export const seemsSnapshot = (bytes: Buffer): boolean =>
  /^\{"journal":\d+,"segment":\d+,"n":\d+,"at":[^,"]+,"snapshot":/.test(bytes.toString('latin1', 0, SECTOR));

/** Whether the zeros in `rest` (which begins at `offset` of the file) are such as sectors leave that were never written. */
const hasUnwrittenSectors = (rest: Buffer, offset: number): boolean => {
  let from = rest.indexOf(0);
  if (from === -1) return false;
  while (from !== -1) {
    let to = from;
    while (rest[to] === 0) to += 1;
    const begins = from === 0 || (offset + from) % SECTOR === 0;
    const ends = to === rest.length || (offset + to) % SECTOR === 0;
    if (!begins || !ends) return false;
    from = rest.indexOf(0, to);
  }
  return true;
};

/**
 * Only the end of a write that never returned may be torn: bytes without their newline, or (after a power failure, where the length
 * reached the disk and the content did not) a last line with unwritten sectors in it; JSON itself never has a zero byte. Lines that were
 * written together say so: those after the bad one are torn with it. Any other complete line that does not match its hash was acknowledged once:
 * that is damage. `n`: the number that the bad line should have.
 */
const isTorn = (rest: Buffer, offset: number, n: number): boolean => {
  const newline = rest.indexOf(NEWLINE);
  if (newline === -1) return true;
  if (!hasUnwrittenSectors(rest, offset) || !rest.subarray(0, newline).includes(0)) return false;
  return newline === rest.length - 1 || areOneWrite(rest, newline + 1, n);
};

/** By the word of those that are whole, and there is one, all lines from `from` on were written together with number `n`. */
const areOneWrite = (rest: Buffer, from: number, n: number): boolean => {
  let said = false;
  for (let at = from; at < rest.length; ) {
    const newline = rest.indexOf(NEWLINE, at);
    if (newline === -1) break;
    const bytes = rest.subarray(at, newline);
    const line = parseLine(bytes);
    if (typeof line !== 'string') {
      if (line.kind !== 'event' || line.since === undefined || line.since > n) return false;
      said = true;
    } else if (!bytes.includes(0)) return false;
    at = newline + 1;
  }
  return said;
};

export const scanSegment = (bytes: Buffer, segment: number, newest: boolean, before: Joint | undefined): SegmentScan => {
  let head: Head | undefined;
  const entries: Entry[] = [];
  const joints: Joint[] = [];
  let joint = before ?? { n: 0, hash: '' };
  let good = 0;
  let count = 0;
  const end = (rest: { torn?: number; damage?: string }): SegmentScan => ({
    ...(head === undefined ? {} : { head }),
    entries,
    joints,
    good,
    torn: rest.torn ?? 0,
    joint,
    ...(rest.damage === undefined ? {} : { damage: { line: count + 1, offset: good, says: rest.damage } }),
  });
  if (bytes.length === 0) return end({ damage: 'is missing: the file is empty' });
  while (good < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, good);
    const line = newline === -1 ? 'has no end' : parseLine(bytes.subarray(good, newline));
    if (typeof line === 'string') {
      // A head is made durable before its file gets its name, so it cannot be torn.
      const torn = newest && head !== undefined && isTorn(bytes.subarray(good), good, joint.n + 1);
      return end(torn ? { torn: bytes.length - good } : { damage: line });
    }
    const misplaced = wrongPlace(line, head === undefined, segment, head === undefined ? before : joint);
    if (misplaced !== undefined) return end({ damage: misplaced });
    if (line.kind === 'head') {
      head = line.head;
      joints.push({ n: line.head.n, hash: line.prev });
    } else entries.push(line.entry);
    joint = { n: line.kind === 'head' ? line.head.n : line.entry.n, hash: line.hash };
    joints.push(joint);
    good = newline + 1;
    count += 1;
  }
  return end({});
};
