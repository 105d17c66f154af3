/** S3 and S10 from the promise alone: do these readings prove that a level is off, all of it, together, after the last orders? */
import type { Policy, PolicyOutlet } from '../../src/core/index.ts';
import { outletName, type TimedReading } from '../../src/vocabulary/index.ts';

/** What is known of one outlet of one operation. */
export interface Known {
  /** Number of its last order off. */
  number: number;
  /** When that order was given, answered, or left unanswered by a crash: whichever came last. */
  since: number;
  readings: TimedReading[];
}

/** The unbroken run of off readings at the end, of those that began after `cut`. */
function offRun(known: Known, cut: number): TimedReading[] {
  const counted = known.readings.filter((reading) => reading.startedAt >= cut);
  const run: TimedReading[] = [];
  for (let index = counted.length - 1; index >= 0; index -= 1) {
    const reading = counted[index];
    if (reading === undefined || reading.power !== 'off') break;
    run.unshift(reading);
  }
  return run;
}

function levelIsOff(level: readonly PolicyOutlet[], outlets: ReadonlyMap<string, Known>): boolean {
  const known = level.map((outlet) => outlets.get(outletName(outlet)));
  if (known.some((one) => one === undefined || one.number === 0)) return false;
  const cut = Math.max(...known.map((one) => one?.since ?? Number.POSITIVE_INFINITY));
  const runs = known.map((one) => (one === undefined ? [] : offRun(one, cut)));
  const enough = level.every((outlet, index) => outlet.evidence === 'device' && (runs[index]?.length ?? 0) >= Math.max(1, outlet.readings));
  if (!enough) return false;
  if (runs.length === 1) return true;
  // Off at the first look and at the last: off in between. All of them must share a moment.
  const begun = Math.max(...runs.map((run) => run[0]?.endedAt ?? Number.POSITIVE_INFINITY));
  const still = Math.min(...runs.map((run) => run.at(-1)?.startedAt ?? Number.NEGATIVE_INFINITY));
  return begun <= still;
}

/** Is one whole level of this node proven off? */
export function provenOff(policy: Policy, node: string, outlets: ReadonlyMap<string, Known>): boolean {
  return (policy.nodes[node]?.levels ?? []).some((level) => level.length > 0 && levelIsOff(level, outlets));
}
