/**
 * What ends a command before its answer: Ctrl-C and SIGTERM, and the end of its time where a driver of others lets nothing else run. The first
 * signal stops in order: what is open stays in the journal. Any further one meets the system's own way with signals and ends the process at
 * once, which the journal survives as it survives a crash.
 */
import type { Worker } from 'node:worker_threads';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface Interruption {
  readonly signal: Promise<'interrupted'>;
  /** Resolves when no code in this process can keep a second signal from ending it. */
  readonly armed: Promise<void>;
  end(): void;
}

/** How long code of others may keep this process from doing anything else. */
export interface Patience {
  /** Milliseconds from now until nobody waits for the command any more; absent: nobody said. */
  readonly within?: number | undefined;
  /** Milliseconds without a sign of life until the process is given up. */
  readonly deaf: number;
}

/** `strangers`: code of somebody else runs in this process, and may keep it from ever looking at a signal or a clock. Begins to listen at once. */
export function interruption(strangers: Patience | undefined): Interruption {
  const alive = new Int32Array(new SharedArrayBuffer(4));
  const guard = strangers === undefined ? undefined : guarded(strangers, alive);
  const beat = guard === undefined ? undefined : setInterval(() => Atomics.add(alive, 0, 1), BEAT_MS).unref();
  let stop: () => void = () => undefined;
  const signal = new Promise<'interrupted'>((resolve) => {
    stop = () => resolve('interrupted');
  });
  for (const name of SIGNALS) process.once(name, stop);
  return {
    signal,
    armed: guard === undefined ? Promise.resolve() : guard.then(({ armed }) => armed),
    end: () => {
      clearInterval(beat);
      for (const name of SIGNALS) process.off(name, stop);
      void guard?.then(({ worker }) => worker.terminate());
    },
  };
}

/** A sign of life, and how often the guard looks for one. */
const BEAT_MS = 100;

/**
 * A driver in an endless loop lets no JavaScript of this thread run, so not even a second signal or the end of its time would be seen. A
 * thread of its own sees them: libuv tells every thread that watches for signals, and whether this thread still beats is in shared memory.
 * It counts its own looks and no clock, so that a process that was stopped or suspended is not given up for it. Node offers signals to its
 * main thread only; the binding that it is made of works in all. Where that is missing, SIGKILL ends such a process, as before.
 */
async function guarded({ within, deaf }: Patience, alive: Int32Array): Promise<{ readonly worker: Worker; readonly armed: Promise<void> }> {
  // Only here: every start of every command would load it.
  const { Worker } = await import('node:worker_threads');
  const worker = new Worker(GUARD, {
    eval: true,
    workerData: { numbers: [2, 15], alive, beat: BEAT_MS, within, deaf, endless: `${ENDLESS.code}: ${ENDLESS.says} ${ENDLESS.next}` },
    resourceLimits: { maxOldGenerationSizeMb: 16 },
  });
  const armed = new Promise<void>((resolve) => {
    for (const event of ['message', 'error', 'exit']) worker.once(event, () => resolve());
  });
  return { worker, armed: armed.then(() => worker.unref()) };
}

const ENDLESS = {
  code: 'driver-endless',
  says: 'A driver keeps this process busy, and the time is over: it is ended.',
  next: 'NOT proven off. What was ordered is in the journal: bailiff resume. Take that driver out of the configuration.',
} as const;

const GUARD = `
const { writeSync } = require('node:fs');
const { workerData: { numbers, alive, beat, within, deaf, endless }, parentPort } = require('node:worker_threads');
process.noDeprecation = true;
const { Signal } = process.binding('signal_wrap');
const end = (says) => {
  try {
    writeSync(2, says + '\\n');
  } catch {}
  process.kill(process.pid, 'SIGKILL');
};
let seen = 0;
for (const number of numbers) {
  const watcher = new Signal();
  watcher.onsignal = () => {
    seen += 1;
    if (seen > 1) end('bailiff was ended at once by a second signal. What was ordered is in the journal: bailiff resume.');
  };
  watcher.start(number);
}
let looks = 0;
let last = Atomics.load(alive, 0);
let silent = 0;
setInterval(() => {
  looks += 1;
  const now = Atomics.load(alive, 0);
  silent = now === last ? silent + 1 : 0;
  last = now;
  const given = within !== undefined && looks * beat >= within && silent * beat >= 1000;
  if (given || silent * beat >= deaf) end(endless);
}, beat);
parentPort.on('message', () => undefined);
parentPort.postMessage('armed');
`;
