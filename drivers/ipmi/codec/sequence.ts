/**
 * Session sequence numbers (IPMI 2.0, section 6.12.13). One counter per direction; 0 means "outside a session" and is skipped on wrap.
 * The window is a plain value: `admit` gives the next one, or undefined where the packet must be dropped.
 */
export interface ReceiveWindow {
  /** Highest number admitted so far; 0 before the first. */
  readonly highest: number;
  /** Bit i: `highest - i` was seen, i from 0 to 16. */
  readonly seen: number;
}

/** How far ahead and behind a number may be. */
export const AHEAD = 15;
export const BEHIND = 16;

const MASK = 0x1ffff;

/** Nothing seen yet: numbers from 1 to 15 are taken (clients and BMCs are known to start at 2 or 3), none from before. */
export const freshWindow: ReceiveWindow = { highest: 0, seen: MASK };

/** The window after `sequence` was received; undefined: a duplicate, too old, or too far ahead. */
export function admit(window: ReceiveWindow, sequence: number): ReceiveWindow | undefined {
  if (sequence === 0) return undefined;
  const difference = (sequence - window.highest) | 0;
  if (difference > AHEAD || difference < -BEHIND) return undefined;
  if (difference > 0) return { highest: sequence, seen: ((window.seen << difference) | 1) & MASK };
  const bit = 1 << -difference;
  return (window.seen & bit) === 0 ? { highest: window.highest, seen: window.seen | bit } : undefined;
}

export const nextSequence = (sequence: number): number => (sequence >= 0xffff_ffff ? 1 : sequence + 1);
