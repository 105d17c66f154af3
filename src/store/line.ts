/**
 * One line of the journal as bytes. The hash is SHA-256 over every byte of the line before `,"hash":"`; those bytes contain `prev`, the
 * hash of the line before. So the chain is checked on what is on the disk, never on a re-serialised copy.
 *
 *   {"n":8,"at":1735689600000,"event":{...},"prev":"<64 hex digits>","hash":"<64 hex digits>"}
 *   {"n":9,"at":1735689600000,"event":{...},"since":8,"prev":"...","hash":"..."}                      written together with number 8
 *   {"journal":1,"segment":2,"n":8,"at":1735689600000,"snapshot":{...},"prev":"...","hash":"..."}     first line of a segment
 */
import { hash as digest } from 'node:crypto';
import type { Entry, Json } from '../coordinator/ports.ts';

/** What the first line of the first segment names as its predecessor. */
export const GENESIS = '0'.repeat(64);

const FORMAT = 1;

/** `n` is the number of the last event before this segment. Without a snapshot the segment continues the one before it. */
export interface Head {
  readonly segment: number;
  readonly n: number;
  readonly at: number;
  readonly snapshot?: Json;
}

interface Chained {
  readonly prev: string;
  readonly hash: string;
}

export type Line = (
  | { readonly kind: 'event'; readonly entry: Entry; readonly since?: number }
  | { readonly kind: 'head'; readonly head: Head }
) &
  Chained;

export interface Sealed {
  /** The line with its newline. */
  readonly bytes: Buffer;
  readonly hash: string;
}

const BEFORE_HASH = ',"hash":"';
const TAIL_LENGTH = BEFORE_HASH.length + 64 + '"}'.length;

const sha256 = (bytes: Uint8Array | string): string => digest('sha256', bytes, 'hex');

const seal = (covered: string): Sealed => {
  const hash = sha256(covered);
  return { bytes: Buffer.from(`${covered}${BEFORE_HASH}${hash}"}\n`, 'utf8'), hash };
};

const jsonText = (value: Json, what: string): string => {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`${what} has no JSON form`);
  return text;
};

const timeText = (at: number): string => {
  if (!Number.isFinite(at)) throw new TypeError(`the time of a journal line must be a finite number, not ${at}`);
  return String(at);
};

/** `since`: the number of the first event of the same write, where there are others before it. */
export const sealEvent = (prev: string, entry: Entry, since?: number): Sealed => {
  const together = since === undefined ? '' : `"since":${since},`;
  return seal(`{"n":${entry.n},"at":${timeText(entry.at)},"event":${jsonText(entry.event, 'an event')},${together}"prev":"${prev}"`);
};

export const sealHead = (prev: string, head: Head): Sealed => {
  const snapshot = head.snapshot === undefined ? '' : `"snapshot":${jsonText(head.snapshot, 'a snapshot')},`;
  return seal(`{"journal":${FORMAT},"segment":${head.segment},"n":${head.n},"at":${timeText(head.at)},${snapshot}"prev":"${prev}"`);
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const parseChecked = (text: string, hash: string): Line | string => {
  const value = JSON.parse(text) as Record<string, unknown> | null;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return 'is not a JSON object';
  const { n, at, prev } = value;
  if (!isCount(n) || typeof at !== 'number' || typeof prev !== 'string') return 'lacks n, at or prev';
  if ('journal' in value) {
    if (value.journal !== FORMAT) return `is of format ${String(value.journal)}, and this program reads format ${FORMAT}`;
    if (!isCount(value.segment)) return 'lacks its segment number';
    const snapshot = 'snapshot' in value ? { snapshot: value.snapshot as Json } : {};
    return { kind: 'head', head: { segment: value.segment, n, at, ...snapshot }, prev, hash };
  }
  if (!('event' in value)) return 'carries no event';
  const together = isCount(value.since) ? { since: value.since } : {};
  return { kind: 'event', entry: { n, at, event: value.event as Json }, ...together, prev, hash };
};

/** The line without its newline, or what is wrong with it in words that follow "the line ...". */
export const parseLine = (bytes: Buffer): Line | string => {
  const covered = bytes.length - TAIL_LENGTH;
  const tail = covered > 0 ? bytes.toString('latin1', covered) : '';
  if (!tail.startsWith(BEFORE_HASH) || !tail.endsWith('"}')) return 'does not end in its hash';
  const hash = tail.slice(BEFORE_HASH.length, -2);
  if (sha256(bytes.subarray(0, covered)) !== hash) return 'does not match its hash';
  try {
    return parseChecked(bytes.toString('utf8'), hash);
  } catch {
    return 'is not JSON';
  }
};
