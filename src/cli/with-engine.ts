/** Runs a command on an engine in process: opens it, shows progress, and leaves a resumable journal behind when interrupted. */
import { isInTree } from '../../drivers/registry.ts';
import type { Configuration } from '../config/index.ts';
import type { Question } from '../coordinator/ports.ts';
import { type Operation, waitsFor } from '../core/index.ts';
import { Engine } from '../engine/engine.ts';
import { EXIT, type Problem } from '../vocabulary/index.ts';
import { type Interruption, interruption } from './interruption.ts';
import { type Io, printJson, printProblem } from './io.ts';
import { progress } from './progress.ts';
import { openJson } from './result.ts';
import { weakEvidence } from './weak-evidence.ts';

/** Shells expect 128 + SIGINT. */
const INTERRUPTED = 130;

/** A little more than drivers have for closing their sessions. */
const CLOSE_WITHIN = 5500;

const STOPPED = 'It was stopped by Ctrl-C or a signal.';

export async function withEngine(
  io: Io,
  configuration: Configuration,
  how: { readonly json: boolean; readonly ahead?: Question },
  run: (engine: Engine) => Promise<void>,
): Promise<void> {
  const { json } = how;
  io.hurries = true;
  const interrupted = interruption(hasStrangers(configuration));
  const watch = json ? undefined : io.watched ? progress(io) : weakEvidence(io);
  const opening = Engine.open(configuration, {
    ...(watch === undefined ? {} : { watch }),
    ...(how.ahead === undefined ? {} : { ahead: how.ahead }),
  });
  let engine: Engine | undefined;
  try {
    const opened = await Promise.race([opening, interrupted.signal]);
    if (opened instanceof Engine) {
      engine = opened;
      await interrupted.armed;
      await carryOut(io, engine, json, interrupted, run);
    } else if (opened === 'interrupted') tellInterrupted(io, undefined, json);
    else notStarted(io, opened, json);
  } finally {
    interrupted.end();
    if (engine !== undefined) await closed(engine);
  }
}

async function carryOut(
  io: Io,
  engine: Engine,
  json: boolean,
  interrupted: Interruption,
  run: (engine: Engine) => Promise<void>,
): Promise<void> {
  for (const warning of engine.warnings) printProblem(io, warning);
  const work = run(engine).then(async () => await finishOthers(io, engine));
  const ended = await Promise.race([work, interrupted.signal, engine.broken]);
  if (ended === 'interrupted') tellInterrupted(io, Object.values(engine.state.operations), json);
}

/** Closes what can be closed in time. A disk that hangs, or a session that will not end, holds up nobody who has his answer. */
async function closed(engine: Engine): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_WITHIN);
  });
  await Promise.race([engine.close(), over]);
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
  const named = open?.map((one) => `${one.id} (${one.action} ${one.target}, ${one.phase})`).join(', ') ?? 'what an earlier process left';
  io.err('');
  io.err(`Interrupted. ${open?.length === 0 ? next : `Open, and safe in the journal: ${named}.`}`);
  if (open?.length !== 0) io.err(`  next: ${next}`);
}

/** What an earlier process left open was taken up with the state folder; leaving in the middle of it would only put it off again. */
async function finishOthers(io: Io, engine: Engine): Promise<'done'> {
  const others = Object.values(engine.state.operations).filter((one) => waitsFor(engine.state, one) === undefined);
  if (others.length > 0)
    io.err(
      `Also finishing what an earlier process left open: ${others.map((one) => `${one.id} (${one.action} ${one.target})`).join(', ')}`,
    );
  await engine.quiet();
  return 'done';
}

/** Another process holds the state folder, or the journal is damaged: nothing was attempted. */
export function notStarted(io: Io, problem: Problem, json: boolean): void {
  // A journal that cannot be written withholds (S6); a state folder that cannot be had is a matter of set-up.
  io.ends(problem.code === 'journal-unwritable' ? EXIT.withheld : EXIT.usage);
  const outcome = problem.code === 'journal-unwritable' ? { outcome: 'withheld' } : {};
  if (json) printJson(io, { ...outcome, code: problem.code, says: problem.says, next: problem.next });
  else printProblem(io, problem);
}
