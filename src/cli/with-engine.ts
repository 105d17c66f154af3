/** Runs a command on an engine in process: opens it, shows progress, and leaves a resumable journal behind when interrupted. */
import type { Configuration } from '../config/index.ts';
import type { Question } from '../coordinator/ports.ts';
import { type Operation, waitsFor } from '../core/index.ts';
import { Engine } from '../engine/engine.ts';
import { EXIT, type Problem } from '../vocabulary/index.ts';
import { type Io, printJson, printProblem } from './io.ts';
import { progress } from './progress.ts';
import { openJson } from './result.ts';

/** Shells expect 128 + SIGINT. */
const INTERRUPTED = 130;

const STOPPED = 'It was stopped by Ctrl-C or a signal.';

export async function withEngine(
  io: Io,
  configuration: Configuration,
  how: { readonly json: boolean; readonly ahead?: Question },
  run: (engine: Engine) => Promise<void>,
): Promise<void> {
  const { json } = how;
  const watch = io.watched && !json ? progress(io) : undefined;
  const engine = await Engine.open(configuration, {
    ...(watch === undefined ? {} : { watch }),
    ...(how.ahead === undefined ? {} : { ahead: how.ahead }),
  });
  if (!(engine instanceof Engine)) {
    notStarted(io, engine, json);
    return;
  }
  for (const warning of engine.warnings) printProblem(io, warning);
  const interruption = interrupted();
  try {
    const work = run(engine).then(async () => await finishOthers(io, engine));
    const ended = await Promise.race([work, interruption.signal, engine.broken]);
    if (ended === 'done') return;
    tellInterrupted(io, Object.values(engine.state.operations), json);
  } finally {
    interruption.end();
    await engine.close();
  }
}

/** Ends a command that a person stopped. */
export function tellInterrupted(io: Io, open: readonly Operation[], json: boolean): void {
  io.exitCode = INTERRUPTED;
  const next = open.length === 0 ? 'Nothing is open.' : 'bailiff resume finishes it; it reads the power before it orders anything again.';
  if (json) {
    printJson(io, { outcome: 'interrupted', code: 'interrupted', says: STOPPED, next, operations: open.map(openJson) });
    return;
  }
  const named = open.map((one) => `${one.id} (${one.action} ${one.target}, ${one.phase})`).join(', ');
  io.err('');
  io.err(`Interrupted. ${open.length === 0 ? next : `Open, and safe in the journal: ${named}.`}`);
  if (open.length > 0) io.err(`  next: ${next}`);
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
  io.exitCode = problem.code === 'journal-unwritable' ? EXIT.withheld : EXIT.usage;
  const outcome = problem.code === 'journal-unwritable' ? { outcome: 'withheld' } : {};
  if (json) printJson(io, { ...outcome, code: problem.code, says: problem.says, next: problem.next });
  else printProblem(io, problem);
}

function interrupted(): { readonly signal: Promise<'interrupted'>; end(): void } {
  let stop: () => void = () => undefined;
  const signal = new Promise<'interrupted'>((resolve) => {
    stop = () => resolve('interrupted');
  });
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return {
    signal,
    end: () => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
