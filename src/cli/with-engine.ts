/** Runs a command on an engine in process: opens it, shows progress, and leaves a resumable journal behind when interrupted. */
import { isInTree } from '../../drivers/registry.ts';
import type { Configuration } from '../config/index.ts';
import type { Question } from '../coordinator/ports.ts';
import { type Operation, waitsFor } from '../core/index.ts';
import { Engine } from '../engine/engine.ts';
import { EXIT, type Problem } from '../vocabulary/index.ts';
import { interruption } from './interruption.ts';
import { type Io, printJson, printProblem } from './io.ts';
import { progress } from './progress.ts';
import { endedLines, openJson } from './result.ts';
import { weakEvidence } from './weak-evidence.ts';

/** Shells expect 128 + SIGINT. */
const INTERRUPTED = 130;

/** A little more than drivers have for closing their sessions. */
const CLOSE_WITHIN = 5500;

const STOPPED = 'It was stopped by Ctrl-C or a signal.';

export interface How {
  readonly json: boolean;
  readonly ahead?: Question;
  /** Whether the command itself is about this operation. What else is found open waits until the command has its answer. Absent: it is about all. */
  readonly own?: (operation: Operation) => boolean;
  /** Milliseconds for the command and all that it finishes with it. */
  readonly within?: number | undefined;
}

/** `found`: what an earlier process had left open, and the command is not about. */
type Run = (engine: Engine, found: readonly Operation[]) => Promise<void>;

export async function withEngine(io: Io, configuration: Configuration, how: How, run: Run): Promise<void> {
  io.hurries = true;
  const begun = performance.now();
  const interrupted = interruption(hasStrangers(configuration));
  const watch = how.json ? undefined : io.watched ? progress(io) : weakEvidence(io);
  const opening = Engine.open(configuration, {
    hold: how.own !== undefined,
    ...(watch === undefined ? {} : { watch }),
    ...(how.ahead === undefined ? {} : { ahead: how.ahead }),
  });
  let engine: Engine | undefined;
  try {
    const opened = await Promise.race([opening, interrupted.signal]);
    if (opened instanceof Engine) {
      engine = opened;
      await interrupted.armed;
      for (const warning of engine.warnings) printProblem(io, warning);
      const rest = how.within === undefined ? undefined : () => (how.within ?? 0) - (performance.now() - begun);
      const ended = await Promise.race([carryOut(io, engine, { ...how, rest }, run), interrupted.signal, engine.broken]);
      if (ended === 'interrupted') tellInterrupted(io, Object.values(engine.state.operations), how.json);
    } else if (opened === 'interrupted') tellInterrupted(io, undefined, how.json);
    else notStarted(io, opened, how.json);
  } finally {
    interrupted.end();
    if (engine !== undefined) await closed(engine);
  }
}

async function carryOut(io: Io, engine: Engine, how: How & { readonly rest: (() => number) | undefined }, run: Run): Promise<void> {
  const { own } = how;
  const left = own === undefined ? [] : engine.openAtStart;
  for (const id of left) for (const line of engine.state.ended.flatMap((one) => (one.id === id ? endedLines(io, one) : []))) io.err(line);
  const found = left.flatMap((id) => engine.state.operations[id] ?? []).filter((operation) => own?.(operation) === false);
  if (found.length > 0)
    io.err(`Found open, left by an earlier process: ${found.map(named).join(', ')}. This command comes first; then that goes on.`);
  await run(engine, found);
  if (found.length > 0) await finishOthers(io, engine, found, how.rest?.());
}

const named = ({ id, action, target, phase }: Operation): string => `${id} (${action} ${target}, ${phase})`;

/** Closes what can be closed in time. A disk that hangs, or a session that will not end, holds up nobody who has his answer. */
const closed = async (engine: Engine): Promise<void> => await inTime(engine.close(), CLOSE_WITHIN);

/** Waits for `work`, for at most so long where there is an end. */
async function inTime(work: Promise<void>, ms: number | undefined): Promise<void> {
  if (ms === undefined) {
    await work;
    return;
  }
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, ms));
  });
  await Promise.race([work, over]);
  clearTimeout(timer);
}

/** Drivers that did not come with bailiff. */
const hasStrangers = ({ devices }: Configuration): boolean => [...devices.values()].some(({ driver }) => !isInTree(driver));

/** Ends a command that a person stopped. `open` is undefined where the journal had not been read yet. */
export function tellInterrupted(io: Io, open: readonly Operation[] | undefined, json: boolean): void {
  io.ends(INTERRUPTED);
  const next = open?.length === 0 ? 'Nothing is open.' : 'bailiff resume finishes it; it reads the power before it orders anything again.';
  if (json) {
    printJson(io, { outcome: 'interrupted', code: 'interrupted', says: STOPPED, next, operations: (open ?? []).map(openJson) });
    return;
  }
  const all = open?.map(named).join(', ') ?? 'what an earlier process left';
  io.err('');
  io.err(`Interrupted. ${open?.length === 0 ? next : `Open, and safe in the journal: ${all}.`}`);
  if (open?.length !== 0) io.err(`  next: ${next}`);
}

/** What an earlier process left open was taken up with the state folder; leaving in the middle of it would only put it off again. */
async function finishOthers(io: Io, engine: Engine, found: readonly Operation[], ms: number | undefined): Promise<void> {
  engine.resume();
  await inTime(engine.quiet(), ms);
  const { operations, ended } = engine.state;
  for (const { id } of found) {
    const end = ended.find((one) => one.id === id);
    const open = operations[id];
    if (end !== undefined) for (const line of endedLines(io, end)) io.err(line);
    else if (open === undefined) continue;
    else if (waitsFor(engine.state, open) !== undefined) io.err(`${named(open)} waits for a person: bailiff pending`);
    else io.err(`${named(open)} is still open: bailiff resume`);
  }
}

/** Another process holds the state folder, or the journal is damaged: nothing was attempted. */
export function notStarted(io: Io, problem: Problem, json: boolean): void {
  // A journal that cannot be written withholds (S6); a state folder that cannot be had is a matter of set-up.
  io.ends(problem.code === 'journal-unwritable' ? EXIT.withheld : EXIT.usage);
  const outcome = problem.code === 'journal-unwritable' ? { outcome: 'withheld' } : {};
  if (json) printJson(io, { ...outcome, code: problem.code, says: problem.says, next: problem.next });
  else printProblem(io, problem);
}
