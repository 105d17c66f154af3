/** Runs a command on a service in this process: opens it, shows progress, and leaves a resumable journal behind when interrupted. */
import type { Configuration } from '../config/index.ts';
import { type Ahead, type OneShot, openOneShot } from '../main/oneshot.ts';
import type { OpenView } from '../service/views.ts';
import { EXIT, type Problem } from '../vocabulary/index.ts';
import { tellInterrupted, tellLate } from './cut-short.ts';
import { finishFound, tellFound } from './found-open.ts';
import { guard } from './guard.ts';
import { timer, inTime } from './in-time.ts';
import { interruption } from './interruption.ts';
import { type Io, printJson, printProblem, READER_WITHIN } from './io.ts';
import { progress } from './progress.ts';
import { weakEvidence } from './weak-evidence.ts';

/** A little more than drivers have for closing their sessions; and what they have where the time of the command is over. */
const CLOSE_WITHIN = 5500;
const CLOSE_LATE = 500;

/** The core keeps the deadline; so many milliseconds later nobody counts on it any more. */
const LATE = 1000;

export interface How {
  readonly json: boolean;
  readonly ahead?: Ahead;
  /** Whether the command itself is about this operation. What else is found open waits until the command has its answer. Absent: it is about all. */
  readonly own?: (operation: OpenView) => boolean;
  /** Milliseconds for the command and all that it finishes with it. */
  readonly within?: number | undefined;
}

/** `found`: what an earlier process had left open, and the command is not about. What is given back tells the answer. */
type Run = (opened: OneShot, found: readonly OpenView[]) => Promise<() => void>;

const isOpen = (opened: OneShot | Problem | 'interrupted' | 'late'): opened is OneShot => typeof opened === 'object' && 'service' in opened;

export async function withService(io: Io, configuration: Configuration, how: How, run: Run): Promise<void> {
  io.patience = READER_WITHIN;
  const late = timer(how.within === undefined ? undefined : how.within + LATE, 'late' as const);
  const rest = restOf(how.within);
  guard.expect({
    deaf: configuration.policy.timeout + LATE,
    within: how.within === undefined ? undefined : how.within + LATE + CLOSE_LATE,
  });
  const interrupted = interruption();
  const tell = how.json ? undefined : io.watched ? progress(io) : weakEvidence(io);
  const opening = openOneShot(configuration, {
    hold: how.own !== undefined,
    ...(tell === undefined ? {} : { tell }),
    ...(how.ahead === undefined ? {} : { ahead: how.ahead }),
  });
  const own = how.own ?? (() => true);
  let oneShot: OneShot | undefined;
  try {
    const opened = await Promise.race([
      opening,
      interrupted.signal,
      timer((how.within ?? configuration.policy.timeout) + LATE, 'late' as const).passed,
    ]);
    if (isOpen(opened)) {
      oneShot = opened;
      await interrupted.armed;
      const cutShort = Promise.race([interrupted.signal, late.passed]);
      for (const warning of opened.warnings) printProblem(io, warning);
      const found = how.own === undefined ? [] : tellFound(io, opened, how.own);
      const ended = await Promise.race([run(opened, found), cutShort, opened.broken]);
      if (ended === 'interrupted')
        tellInterrupted(
          io,
          opened.service.operations().open.map(({ shown }) => shown),
          how.json,
        );
      else if (ended === 'late') tellLate(io, opened.service.operations(), own, how.json);
      else {
        ended();
        await finishFound(io, opened, found, Promise.race([cutShort, timer(rest(), 'over').passed, opened.broken]));
      }
    } else if (opened === 'interrupted' || opened === 'late') {
      // Should it open after all, it does nothing any more.
      void opening.then(async (after) => await (isOpen(after) ? after.close() : undefined));
      if (opened === 'interrupted') tellInterrupted(io, undefined, how.json);
      else tellLate(io, undefined, own, how.json);
    } else notStarted(io, opened, how.json);
  } finally {
    late.forget();
    interrupted.end();
    // The guard stays: closing is a driver's code as well.
    guard.closing();
    // A disk that hangs, or a session that will not end, holds up nobody who has his answer.
    if (oneShot !== undefined) await inTime(oneShot.close(), leftOf(CLOSE_WITHIN, rest()));
    io.patience = leftOf(READER_WITHIN, rest());
  }
}

/** What is left of the time of the command. */
function restOf(within: number | undefined): () => number | undefined {
  const begun = performance.now();
  return () => (within === undefined ? undefined : within - (performance.now() - begun));
}

/** So many milliseconds, where the time of the command allows; never none at all. */
const leftOf = (ms: number, rest: number | undefined): number => Math.min(ms, Math.max(CLOSE_LATE, rest ?? ms));

/** Another process holds the state folder, or the journal is damaged: nothing was attempted. */
export function notStarted(io: Io, problem: Problem, json: boolean): void {
  // A journal that cannot be written withholds (S6); a state folder that cannot be had is a matter of set-up.
  io.ends(problem.code === 'journal-unwritable' ? EXIT.withheld : EXIT.usage);
  const outcome = problem.code === 'journal-unwritable' ? { outcome: 'withheld' } : {};
  if (json) printJson(io, { ...outcome, code: problem.code, says: problem.says, next: problem.next });
  else printProblem(io, problem);
}
