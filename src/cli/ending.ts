/**
 * The end of the process, and the one place that gives it an exit code. It counts as failed until a command has said its outcome: a driver
 * that calls `process.exit()`, a promise that nobody settles, an exception from nowhere end it with a sentence and never with 0.
 */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { BrokenPromise, type Problem, withoutSecrets } from '../vocabulary/index.ts';
import { ENDLESS, guard } from './guard.ts';
import { type Io, printJson, printProblem } from './io.ts';
import { escaped } from './terminal.ts';

/** EX_SOFTWARE of sysexits.h. */
export const NO_OUTCOME = 70;

/** What of `process` the end is made of. */
export interface Life {
  exitCode?: number | string | null | undefined;
  on(event: 'exit', listener: () => void): unknown;
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown;
  exit(): unknown;
  /** From now on whoever calls `process.exit()` gets an error instead. */
  forbidExit(code: () => number): void;
  /** Ends the process with this code without waiting for any thread, where it can; else it comes back. */
  endHard(code: number): Promise<void>;
  /** The guard found the main thread in a loop of somebody else, and has it run this in the middle of it. */
  onEndless(run: (endsForSure: boolean) => void): void;
  /** Node's own last step, from the middle of a loop. */
  endInLoop(code: number): void;
  /** Node's own last step: no listener hears of it. */
  lastStep(code: number): void;
  /** SIGKILL to this process. */
  endAtOnce(): unknown;
  /** What is under way, by Node's names for it. */
  underWay(): readonly string[];
  after(ms: number, run: () => void): unknown;
}

const lastStep = (process as unknown as { reallyExit(code: number): never }).reallyExit.bind(process);

export const realLife: Life = {
  get exitCode() {
    return process.exitCode;
  },
  set exitCode(code) {
    process.exitCode = code;
  },
  on: (event: string, listener: (error: unknown) => void) => process.on(event, listener),
  exit: process.exit.bind(process),
  forbidExit: (code) => {
    process.exit = () => {
      throw new Error('process.exit() was called: nobody but the command itself ends this process');
    };
    // Node's own last step, without listeners: whoever takes it ends the process with the code that is true.
    Object.assign(process, { reallyExit: () => lastStep(code()) });
  },
  endHard: async (code) => {
    const { endHard } = await import('./hard-end.ts');
    guard.whileWaiting(() => endHard(code));
  },
  onEndless: (run) => guard.onEndless(run),
  endInLoop: (code) => {
    // Node tells a person with a debugger that it waits for the debugger to leave. There is only the guard, which leaves by itself.
    closeSync(2);
    openSync(devNull, 'w');
    lastStep(code);
  },
  lastStep,
  endAtOnce: () => process.kill(process.pid, 'SIGKILL'),
  underWay: () => process.getActiveResourcesInfo(),
  after: (ms, run) => setTimeout(run, ms),
};

/**
 * `process.exit()` waits for Node's threads, and a thread that waits for a disk or a name server is out of anybody's reach. After the first of these
 * times the process is ended past them; where that cannot be done, it is killed after the second: late is no better than never for whoever counts
 * on its `--timeout`.
 */
const THREADS_WITHIN = 300;
const THREADS_AT_MOST = 4000;
const LOOK_AGAIN = 20;
const ON_A_THREAD = /^(?:FSReq|GetAddrInfo|GetNameInfo)/;

/** Of errors that nobody caught so many are told, each once. */
const MOST_STRAYS = 10;

export class Ending {
  readonly #io: Io;
  readonly #life: Life;
  readonly #json: boolean;
  readonly #strays = new Set<string>();
  #told = false;

  constructor(io: Io, json: boolean, life: Life = realLife) {
    this.#io = io;
    this.#json = json;
    this.#life = life;
  }

  /** From here on no way out of the process leads past this file. */
  watch(): void {
    this.#life.exitCode = NO_OUTCOME;
    // To a driver it is an error like any other: its device is out of order, and the next level has its turn.
    this.#life.forbidExit(() => this.#codeAtLast());
    // Also where somebody called process.exit(0): what is set here counts.
    this.#life.on('exit', () => {
      this.#life.exitCode = this.#codeAtLast();
    });
    this.#life.onEndless((endsForSure) => this.#endless(endsForSure));
    this.#life.on('uncaughtException', (error) => this.#stray(error));
    this.#life.on('unhandledRejection', (error) => this.#stray(error));
  }

  /** The command has come back. */
  async end(): Promise<void> {
    guard.closing();
    await this.#within(this.#io.patience, this.#io.taken());
    const threads = this.#threadsBack();
    await this.#within(THREADS_WITHIN, threads.back);
    if (this.#occupied()) await this.#life.endHard(this.#code() ?? NO_OUTCOME);
    if (this.#occupied()) await this.#within(THREADS_AT_MOST, threads.back);
    threads.forget();
    if (this.#occupied()) this.#life.endAtOnce();
    else this.#exit();
  }

  /** A listener of somebody else that throws on the way out does not keep the process. */
  #exit(): void {
    try {
      this.#life.exit();
    } catch (error) {
      this.#stray(error);
      this.#life.lastStep(this.#codeAtLast());
    }
  }

  /** A defect, or a broken promise: nothing more is decided in this process. */
  async stop(error: unknown): Promise<void> {
    const says = withoutSecrets(error instanceof Error ? (error.stack ?? error.message) : String(error));
    for (const line of `bailiff stopped: ${says}`.split('\n')) this.#io.err(escaped(line));
    this.#io.err('This is a defect. What was ordered is in the journal: bailiff resume, then report it.');
    this.#io.ends(NO_OUTCOME);
    await this.end();
  }

  /** Whoever asks first is told, where nothing was said. */
  #codeAtLast(): number {
    const code = this.#code();
    if (code === undefined && !this.#told) this.#tell(noOutcome);
    else if (code !== this.#io.ended && !this.#told) printProblem(this.#io, notWritten(this.#io.lost ?? ''));
    this.#told = true;
    return code ?? NO_OUTCOME;
  }

  /** A yes that nobody can read is none. */
  #code(): number | undefined {
    return this.#io.ended === 0 && this.#io.lost !== undefined ? NO_OUTCOME : this.#io.ended;
  }

  #tell(problem: Problem): void {
    if (this.#json && this.#io.mute) printJson(this.#io, problem);
    else printProblem(this.#io, problem);
  }

  /** What was answered stands; else a driver kept us from an answer. Where a thread would be waited for, the guard's SIGKILL comes. */
  #endless(endsForSure: boolean): void {
    if (this.#code() === undefined) this.#tell(ENDLESS);
    else printProblem(this.#io, endlessAfterwards);
    this.#told = true;
    if (endsForSure || !this.#occupied()) this.#life.endInLoop(this.#code() ?? NO_OUTCOME);
  }

  /** An exception from a timer or a socket that nobody asked for: it belongs to no request, so no request fails by it. */
  #stray(error: unknown): void {
    if (error instanceof BrokenPromise) {
      void this.stop(error);
      return;
    }
    const says = escaped(withoutSecrets(error instanceof Error ? `${error.name}: ${error.message}` : String(error)));
    if (this.#strays.has(says) || this.#strays.size >= MOST_STRAYS) return;
    this.#strays.add(says);
    printProblem(this.#io, strayError(says));
  }

  #occupied(): boolean {
    return this.#life.underWay().some((what) => ON_A_THREAD.test(what));
  }

  #threadsBack(): { readonly back: Promise<void>; forget(): void } {
    let given = false;
    const back = new Promise<void>((resolve) => {
      const look = (): void => {
        if (given || !this.#occupied()) resolve();
        else this.#life.after(LOOK_AGAIN, look);
      };
      look();
    });
    return {
      back,
      forget: () => {
        given = true;
      },
    };
  }

  async #within(ms: number | undefined, work: Promise<void>): Promise<void> {
    if (ms === undefined) await work;
    else await Promise.race([work, new Promise<void>((resolve) => void this.#life.after(ms, resolve))]);
  }
}

const noOutcome: Problem = {
  code: 'no-outcome',
  says: 'The command ended in the middle, before it had said an outcome: something in this process ended it, or nothing was left that it could wait for.',
  next: 'Nothing is proven by it. What was ordered is in the journal: bailiff resume. A driver of your own is the usual cause: bailiff conform.',
};

const endlessAfterwards: Problem = {
  ...ENDLESS,
  says: 'A driver keeps this process busy after the answer: it is ended.',
  next: 'The answer stands. Take that driver out of the configuration.',
};

const notWritten = (why: string): Problem => ({
  code: 'output-not-written',
  says: `The command came to its end, and standard output took not all of what it printed (${why}).`,
  next: 'Make room where it is written to, and ask again: bailiff history, bailiff status. The same request with its --id does nothing twice.',
});

const strayError = (says: string): Problem => ({
  code: 'stray-error',
  says: `Something failed that belongs to no request: ${says}`,
  next: 'What is under way goes on without it. A driver of your own is the usual cause: a timer or a socket that nobody waits for.',
});
