/**
 * The tools that a driver under judgement is given: real or virtual time, and every timer, log line and random byte accounted for.
 */
import type { DriverTools } from '../kit/contract.ts';
import type { BenchClock } from './bench.ts';

/** Milliseconds that never go backwards, anchored at the present once. */
export const realClock: BenchClock = {
  now: () => performance.timeOrigin + performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Time that goes by ten times slower: nothing is said twice because the machine was busy for a moment. */
export function unhurried(clock: BenchClock): BenchClock {
  const start = clock.now();
  return { now: () => start + (clock.now() - start) / 10, after: (ms, run) => clock.after(ms * 10, run) };
}

/** What `orLate` gives where the time came first. */
export const LATE = Symbol('late');

/** The value, or LATE where `ms` have passed first. Leaves no timer; what rejects after that is nobody's concern any more. */
export async function orLate<T>(clock: BenchClock, value: Promise<T>, ms: number): Promise<T | typeof LATE> {
  let cancel = (): void => undefined;
  const tooLate = new Promise<typeof LATE>((resolve) => {
    cancel = clock.after(ms, () => resolve(LATE));
  });
  try {
    const first = await Promise.race([value, tooLate]);
    if (first === LATE) value.catch(() => undefined);
    return first;
  } finally {
    cancel();
  }
}

export interface WatchedTools extends DriverTools {
  /** Timers set through `after` that have neither fired nor been cancelled. */
  liveTimers(): number;
  /** Every line given to `debug`. */
  readonly lines: readonly string[];
}

/** `seed` given: bytes and random repeat on every run (C20); absent: they are real. */
export function watchedTools(clock: BenchClock, seed?: number): WatchedTools {
  const live = new Set<symbol>();
  const lines: string[] = [];
  const next = seed === undefined ? undefined : sequence(seed);
  return {
    now: () => clock.now(),
    after: (ms, run) => {
      const timer = Symbol('timer');
      live.add(timer);
      const cancel = clock.after(ms, () => {
        live.delete(timer);
        run();
      });
      return () => {
        live.delete(timer);
        cancel();
      };
    },
    random: next === undefined ? Math.random : () => 0.5,
    bytes: (length) => {
      const bytes = new Uint8Array(length);
      if (next === undefined) return crypto.getRandomValues(bytes);
      return bytes.map(() => next() & 0xff);
    },
    debug: (says) => void lines.push(says),
    liveTimers: () => live.size,
    lines,
  };
}

/**
 * The clock of a process that was stopped: at the `stop`th look at it, counted from `arm` on, it has leapt by a minute, and no timer has run
 * meanwhile. That is what SIGSTOP and SIGCONT, or a loop that was blocked, look like from within.
 */
export function stoppedClock(clock: BenchClock, stop: number): { readonly clock: BenchClock; arm(): void } {
  let looks = Number.NEGATIVE_INFINITY;
  const now = (): number => {
    looks += 1;
    return clock.now() + (looks >= stop ? STOPPED_MS : 0);
  };
  const arm = (): void => {
    looks = 0;
  };
  return { clock: { now, after: (ms, run) => clock.after(ms, run) }, arm };
}

export const STOPPED_MS = 60_000;

/** xorshift32: repeatable bytes for a transcript, of no cryptographic worth. */
function sequence(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Handles that keep a Node process alive and that a driver could leave behind. */
const HANDLES = /^(TCP|UDP|TLS|Pipe|Process|ChildProcess|Timeout|GetAddrInfo)/i;

/** How many of each handle this process holds now; only those a driver could have opened. */
export function openHandles(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) {
    if (HANDLES.test(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** What there is now beyond what there was, in words; empty where nothing was left behind. */
export function leftBehind(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): readonly string[] {
  return [...now].flatMap(([name, count]) => {
    const more = count - (before.get(name) ?? 0);
    return more > 0 ? [`${more} ${name}`] : [];
  });
}
