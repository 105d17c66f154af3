/**
 * A thread that watches whether the main thread still lives, wherever code of somebody else runs in this process. A driver in an endless loop lets
 * no JavaScript of the main thread run, so no clock and no signal would be seen there. The guard sees them: libuv tells every thread that watches
 * for signals, and whether the main thread still beats is in shared memory. It stays until the process has ended, for closing may loop as well.
 *
 * It counts its own looks and no clock, so that a process that was stopped or suspended is not given up for it. It ends the process by the main
 * thread itself: the inspector, which any thread of Node may connect to, runs one call there in the middle of the loop, so that the outcome is
 * said and the exit code is a true one. Where that does not come through (a loop in native code), SIGKILL ends the process. Node's own last step
 * waits for threads, the guard does not outlive its beginning, and whether a thread is stuck cannot be told from a loop: so a child is there that
 * sends SIGKILL to its parent if that is still its parent after a few seconds, and ends with it.
 */
import type { Worker } from 'node:worker_threads';
import type { Problem } from '../vocabulary/index.ts';

/** How long code of others may keep this process from doing anything else. */
export interface Patience {
  /** Milliseconds from now until nobody waits for the command any more; absent: nobody said. */
  readonly within?: number | undefined;
  /** Milliseconds without a sign of life until the process is given up. */
  readonly deaf: number;
}

/** While modules are loaded and asked about their settings, and in commands that have no time of their own. */
export const DEAF_AT_MOST = 10_000;

/** Once the answer was said. */
const CLOSING_DEAF = 4_000;

/** A sign of life, and how often the guard looks for one. */
const BEAT_MS = 100;
/** A thread that is not there by then is not waited for: fencing without it is better than none. */
const ARMED_WITHIN = 2_000;

export const ENDLESS: Problem = {
  code: 'driver-endless',
  says: 'A driver keeps this process busy, and the time is over: it is ended.',
  next: 'NOT proven off. What was ordered is in the journal: bailiff resume. Take that driver out of the configuration.',
};

export const NO_GUARD: Problem = {
  code: 'guard-not-started',
  says: 'The thread that ends a driver in an endless loop could not be started.',
  next: 'The command goes on without it. Look at the limits of this process (ulimit -u, TasksMax of systemd).',
};

/** What the threads share: signs of life, looks taken, the limits in looks, and whether the main thread waits for what is ours. */
const WORDS = { beats: 0, looks: 1, deaf: 2, over: 3, waiting: 4 } as const;
/** By this symbol of `process` the guard has the main thread end itself. */
const HOOK = 'bailiff.endless';

class Guard {
  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * Object.keys(WORDS).length));
  #started: Promise<Worker | undefined> | undefined;

  /** Before anything of a stranger runs. False: there is no guard, and the command goes on without. */
  async begin(patience: Patience): Promise<boolean> {
    this.expect(patience);
    this.#started ??= this.#start();
    return (await this.#started) !== undefined;
  }

  /** From now on this patience counts. */
  expect({ deaf, within }: Patience): void {
    this.#set('deaf', looksIn(deaf));
    this.#set('over', within === undefined ? 0 : Atomics.load(this.#shared, WORDS.looks) + looksIn(within));
  }

  /** The answer was said: what is left is closing. */
  closing(): void {
    this.#set('deaf', Math.min(Atomics.load(this.#shared, WORDS.deaf), looksIn(CLOSING_DEAF)));
  }

  /** A terminal that is stopped, a disk that hangs, a child that is waited for: a main thread that waits for what is ours is in nobody's loop. */
  whileWaiting(wait: () => void): void {
    this.#set('waiting', 1);
    try {
      wait();
    } finally {
      this.#set('waiting', 0);
    }
  }

  /** Until `leaveSignals` the second signal ends the process. Resolves when no code of the main thread can keep it from that. */
  async watchSignals(): Promise<void> {
    const worker = await this.#started;
    if (worker === undefined) return;
    const watching = soon((resolve) => worker.once('message', resolve));
    worker.postMessage('watch');
    await watching;
  }

  /** Signals have the system's own way again. */
  async leaveSignals(): Promise<void> {
    (await this.#started)?.postMessage('leave');
  }

  /** What the main thread does when it is found in a loop. `endsForSure`: threads that do not come back do not keep it. Strangers cannot replace it. */
  onEndless(run: (endsForSure: boolean) => void): void {
    Object.defineProperty(process, Symbol.for(HOOK), { value: run });
  }

  #set(word: keyof typeof WORDS, value: number): void {
    Atomics.store(this.#shared, WORDS[word], value);
  }

  async #start(): Promise<Worker | undefined> {
    setInterval(() => Atomics.add(this.#shared, WORDS.beats, 1), BEAT_MS).unref();
    try {
      // Only here: every start of every command would load it.
      const threads = await import('node:worker_threads');
      const worker = new threads.Worker(GUARD, {
        eval: true,
        workerData: {
          numbers: [2, 15],
          shared: this.#shared,
          words: WORDS,
          beat: BEAT_MS,
          hook: `process[Symbol.for('${HOOK}')]`,
          reaper: REAPER,
          endless: `${ENDLESS.code}: ${ENDLESS.says} ${ENDLESS.next}`,
        },
        resourceLimits: { maxOldGenerationSizeMb: 16 },
      });
      const failed = new Promise<'failed'>((resolve) => {
        for (const event of ['error', 'exit']) worker.on(event, () => resolve('failed'));
      });
      const armed = await Promise.race([failed, soon((resolve) => worker.once('message', resolve))]);
      worker.unref();
      return armed === 'armed' ? worker : undefined;
    } catch {
      return undefined;
    }
  }
}

/** One for the process, as there is one main thread. */
export const guard = new Guard();

const looksIn = (ms: number): number => Math.min(Math.ceil(ms / BEAT_MS), 1_000_000_000);

/** What is told, or undefined when it takes too long. */
async function soon(listen: (told: (word: unknown) => void) => unknown): Promise<unknown> {
  return await new Promise((resolve) => {
    const late = setTimeout(() => resolve(undefined), ARMED_WITHIN);
    listen((word) => {
      clearTimeout(late);
      resolve(word);
    });
  });
}

/** Looks twenty times a second, for three seconds. */
const REAPER = `
const parent = Number(process.argv[1]);
let looks = 0;
setInterval(() => {
  looks += 1;
  if (process.ppid !== parent || looks > 100) process.exit();
  if (looks > 60) process.kill(parent, 'SIGKILL');
}, 50);
`;

const GUARD = `
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const { Session } = require('node:inspector');
const { workerData: { numbers, shared, words, beat, hook, reaper, endless }, parentPort } = require('node:worker_threads');
process.noDeprecation = true;
const { Signal } = process.binding('signal_wrap');
const told = (name) => Atomics.load(shared, words[name]);
// A stopped terminal takes nothing: it is opened anew, so as not to wait for it.
const tell = (says) => {
  try {
    const fd = fs.fstatSync(2).isCharacterDevice()
      ? fs.openSync('/proc/self/fd/2', fs.constants.O_WRONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY)
      : 2;
    fs.writeSync(fd, says + '\\n');
  } catch {}
};
const kill = (says) => {
  tell(says);
  process.kill(process.pid, 'SIGKILL');
};
let ending = false;
const end = () => {
  if (ending) return;
  ending = true;
  setTimeout(kill, 1000, endless);
  try {
    const child = spawn(process.execPath, ['-e', reaper, String(process.pid)], { stdio: 'ignore', detached: true, env: {} });
    child.on('error', () => undefined);
    child.unref();
    const session = new Session();
    session.connectToMainThread();
    session.post('Runtime.evaluate', { expression: hook + '(' + (child.pid !== undefined) + ')' });
  } catch {}
};
let watchers = [];
const watch = () => {
  let seen = 0;
  watchers = numbers.map((number) => {
    const watcher = new Signal();
    watcher.onsignal = () => {
      seen += 1;
      if (seen > 1) kill('bailiff was ended at once by a second signal. What was ordered is in the journal: bailiff resume.');
    };
    watcher.start(number);
    return watcher;
  });
  parentPort.postMessage('watching');
};
const leave = () => {
  for (const watcher of watchers.splice(0)) watcher.close();
};
let last = told('beats');
let silent = 0;
setInterval(() => {
  const looks = Atomics.add(shared, words.looks, 1) + 1;
  const beats = told('beats');
  silent = beats === last && told('waiting') === 0 ? silent + 1 : 0;
  last = beats;
  const over = told('over') > 0 && looks >= told('over');
  if (silent >= told('deaf') || (over && silent * beat >= 1000)) end();
}, beat);
parentPort.on('message', (word) => (word === 'watch' ? watch() : leave()));
parentPort.postMessage('armed');
`;
