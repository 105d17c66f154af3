/**
 * Ctrl-C and SIGTERM. The first one stops in order: what is open stays in the journal. Any further one meets the system's own way with
 * signals and ends the process at once, which the journal survives as it survives a crash.
 */
import type { Worker } from 'node:worker_threads';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface Interruption {
  readonly signal: Promise<'interrupted'>;
  /** Resolves when no code in this process can keep a second signal from ending it. */
  readonly armed: Promise<void>;
  end(): void;
}

/** `strangers`: code of somebody else runs in this process, and may keep it from ever looking at a signal. Begins to listen at once. */
export function interruption(strangers: boolean): Interruption {
  const guard = strangers ? guardSignals() : undefined;
  let stop: () => void = () => undefined;
  const signal = new Promise<'interrupted'>((resolve) => {
    stop = () => resolve('interrupted');
  });
  for (const name of SIGNALS) process.once(name, stop);
  return {
    signal,
    armed: guard === undefined ? Promise.resolve() : guard.then(({ armed }) => armed),
    end: () => {
      for (const name of SIGNALS) process.off(name, stop);
      void guard?.then(({ worker }) => worker.terminate());
    },
  };
}

/**
 * A driver in an endless loop lets no JavaScript of this thread run, so not even a second signal would be seen. A thread of its own sees
 * them too: libuv tells every thread that watches. Node offers signals to its main thread only; the binding that it is made of works in all.
 * Where that is missing, SIGKILL ends such a process, as before.
 */
async function guardSignals(): Promise<{ readonly worker: Worker; readonly armed: Promise<void> }> {
  // Only here: every start of every command would load it.
  const { Worker } = await import('node:worker_threads');
  const worker = new Worker(GUARD, { eval: true, workerData: [2, 15], resourceLimits: { maxOldGenerationSizeMb: 16 } });
  const armed = new Promise<void>((resolve) => {
    for (const event of ['message', 'error', 'exit']) worker.once(event, () => resolve());
  });
  return { worker, armed: armed.then(() => worker.unref()) };
}

const GUARD = `
const { writeSync } = require('node:fs');
const { workerData: numbers, parentPort } = require('node:worker_threads');
process.noDeprecation = true;
const { Signal } = process.binding('signal_wrap');
let seen = 0;
for (const number of numbers) {
  const watcher = new Signal();
  watcher.onsignal = () => {
    seen += 1;
    if (seen < 2) return;
    try {
      writeSync(2, 'bailiff was ended at once by a second signal. What was ordered is in the journal: bailiff resume.\\n');
    } catch {}
    process.kill(process.pid, 'SIGKILL');
  };
  watcher.start(number);
}
parentPort.on('message', () => undefined);
parentPort.postMessage('armed');
`;
