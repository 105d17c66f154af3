/** One probe: a question that is asked once and comes back by its deadline with what was heard. */
import type { Clock } from '../coordinator/ports.ts';
import type { Heard } from '../vocabulary/index.ts';

export interface Result {
  readonly answer: Heard;
  /** `weak` where somebody answered, and nobody knows who; absent: full. */
  readonly grade?: 'weak';
  /** What asked or answered: `ping`, `tcp connect`, `tcp refused`. */
  readonly via?: string;
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

export const heard = (via: string): Result => ({ answer: 'heard', via });
export const heardWeakly = (via: string, says: string): Result => ({ answer: 'heard', grade: 'weak', via, says });
export const silent = (via: string, says: string): Result => ({ answer: 'silent', via, says });
export const unable = (says: string, via?: string): Result => ({ answer: 'unable', ...(via === undefined ? {} : { via }), says });
export const calledOff: Result = unable('the probe was called off');

/** What a promise brings by the deadline; undefined when nobody waits any more. */
export const atMost = <T>(asked: Promise<T>, clock: Clock, { ms, signal }: Deadline): Promise<T | undefined> =>
  new Promise((resolve) => {
    const end = (value: T | undefined): void => {
      cancel();
      signal.removeEventListener('abort', stop);
      resolve(value);
    };
    const stop = (): void => end(undefined);
    const cancel = clock.after(ms, stop);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    void asked.then(end);
  });
