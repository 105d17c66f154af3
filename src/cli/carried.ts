/** What came of a command or verdict: its answer, or for whom it waits. */
import { type CarriedView, pendingJson, type PendingView } from '../service/views.ts';
import { clockTime } from '../service/words.ts';
import { EXIT } from '../vocabulary/index.ts';
import { type Io, printJson, styleOf } from './io.ts';
import { foundJson, printProblemLines, report, type Told } from './result.ts';

export function tellCarried(io: Io, carried: CarriedView, told: Told): void {
  if ('pending' in carried) reportPending(io, carried, told);
  else report(io, carried, told);
}

/** Exit 4 says that nothing was switched; an operation that has ordered a device anything exits 5 until the person has spoken. */
function reportPending(io: Io, waits: PendingView, told: Told): void {
  const { outcome, problem, pending } = waits;
  io.ends(EXIT[outcome]);
  if (told.json) {
    printJson(io, { ...pendingJson(waits), ...foundJson(told) });
    return;
  }
  io.out(io.paint(styleOf(outcome), `${outcome === 'withheld' ? 'withheld' : 'unconfirmed so far'}: waiting for a person`));
  printProblemLines(io, problem);
  const ends = pending.flatMap(({ until }) => until ?? []);
  if (ends.length > 0) io.out(`  until: ${clockTime(Math.min(...ends))}`);
}
