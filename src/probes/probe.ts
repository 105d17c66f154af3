/** One probe: a question that is asked once and comes back by its deadline with what was heard. */
import type { Heard } from '../vocabulary/index.ts';

export interface Result {
  readonly answer: Heard;
  /** Why, where `answer` alone does not tell. */
  readonly says?: string;
}

export interface Deadline {
  /** The probe must have come back by then. */
  readonly ms: number;
  /** Aborted when nobody waits any more; the probe gives up its sockets, timers and children at once. */
  readonly signal: AbortSignal;
}

export type Probe = (deadline: Deadline) => Promise<Result>;

export const heard: Result = { answer: 'heard' };
export const silent = (says: string): Result => ({ answer: 'silent', says });
export const unable = (says: string): Result => ({ answer: 'unable', says });
