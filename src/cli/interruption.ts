/**
 * What ends a command before its answer: Ctrl-C and SIGTERM. The first signal stops in order: what is open stays in the journal. Any further one
 * meets the system's own way with signals and ends the process at once, which the journal survives as it survives a crash.
 *
 * Where a driver of others lets nothing else run, the guard sees the second signal. Node offers signals to its main thread only; the binding that
 * it is made of works in all. Where that is missing, SIGKILL ends such a process.
 */
import { guard } from './guard.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface Interruption {
  readonly signal: Promise<'interrupted'>;
  /** Resolves when no code in this process can keep a second signal from ending it; at the latest after a moment. */
  readonly armed: Promise<void>;
  end(): void;
}

/** Begins to listen at once. */
export function interruption(): Interruption {
  let stop: () => void = () => undefined;
  const signal = new Promise<'interrupted'>((resolve) => {
    stop = () => resolve('interrupted');
  });
  for (const name of SIGNALS) process.once(name, stop);
  return {
    signal,
    armed: guard.watchSignals(),
    end: () => {
      for (const name of SIGNALS) process.off(name, stop);
      void guard.leaveSignals();
    },
  };
}
