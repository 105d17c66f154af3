/** What came of a command or verdict: its answer, or for whom it waits. */
import type { Awaiting } from '../service/awaiting.ts';
import type { Carried } from '../service/replies.ts';
import { waitsFor } from '../core/index.ts';
import { EXIT } from '../vocabulary/index.ts';
import { type Io, printJson, styleOf } from './io.ts';
import { foundJson, openJson, printProblemLines, report, type Told } from './result.ts';
import { clockTime } from './times.ts';
import { type Waiting, waitingIn } from './waiting.ts';

export function tellCarried(io: Io, carried: Carried, told: Told): void {
  if ('answer' in carried) report(io, carried.answer, told);
  else reportPending(io, carried, told);
}

/** Exit 4 says that nothing was switched; an operation that has ordered a device anything exits 5 until the person has spoken. */
function reportPending(io: Io, { pending, outcome, problem }: Awaiting, told: Told): void {
  io.ends(EXIT[outcome]);
  const { code, says, next } = problem;
  const waits = waitingIn(told.state, Date.now()).filter(({ operation }) => pending.includes(operation.id));
  if (told.json) {
    const open = pending.flatMap((id) => told.state.operations[id] ?? []);
    const operations = open.map((one) => ({ ...openJson(one), waitsFor: waitsFor(told.state, one), ...untilJson(waits, one.id) }));
    printJson(io, { outcome, code, says, next, operations, ...foundJson(told) });
    return;
  }
  io.out(io.paint(styleOf(outcome), `${outcome === 'withheld' ? 'withheld' : 'unconfirmed so far'}: waiting for a person`));
  printProblemLines(io, problem);
  const ends = waits.flatMap(({ until }) => until ?? []);
  if (ends.length > 0) io.out(`  until: ${clockTime(Math.min(...ends))}`);
}

const untilJson = (waits: readonly Waiting[], id: string): object => {
  const until = waits.find(({ operation }) => operation.id === id)?.until;
  return until === undefined ? {} : { until: new Date(until).toISOString() };
};
