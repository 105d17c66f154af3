/** Times and numbers for people: the clock of the journal without its milliseconds, how long ago it was or how long it still is. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `2026-11-28T12:03:04Z`: UTC, as everything in the journal is, so that a line can be found there. */
export const clockTime = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/** `just now`, `3 min ago`, `5 h ago`, `2 days ago`: rounded down. By a clock that was set back it has just happened. */
export function ago(ms: number): string {
  if (ms < MINUTE) return 'just now';
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ago`;
  return ms < 2 * DAY ? `${Math.floor(ms / HOUR)} h ago` : `${Math.floor(ms / DAY)} days ago`;
}

/** `112 s`, `5 min`, `23 h`: rounded down, so that nobody counts on more than there is. Not below 0. */
export function left(ms: number): string {
  if (ms < 2 * MINUTE) return `${Math.max(0, Math.floor(ms / 1000))} s`;
  return ms < 2 * HOUR ? `${Math.floor(ms / MINUTE)} min` : `${Math.floor(ms / HOUR)} h`;
}

export const counted = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
