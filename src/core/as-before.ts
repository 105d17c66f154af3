/** What of a level shows that the node is as it was before the orders, and not only that they cannot be proven. */
import type { LevelRun, OutletRun } from './state.ts';

const hasActed = (outlet: OutletRun): boolean => outlet.number > 0 && outlet.order !== 'rejected';

/** No device has taken an order of this level. */
export const allRefused = (run: LevelRun): boolean => !run.outlets.some(hasActed);

/** Its controller took an order, and was not read on after it: then no feed tells how the node is. */
const mayHaveCutTheMachine = ({ outlets }: LevelRun): boolean =>
  outlets.some((outlet) => outlet.plug === '' && hasActed(outlet) && outlet.readings.at(-1)?.power !== 'on');

/**
 * The outlets that were read so last, and by which the node is so. A feed that reads on runs the node whatever the other feeds say, and a
 * node is off where all of its feeds are; what the machine's own controller said counts where no order beside it or after it may have acted.
 */
export function stillSo(runs: readonly LevelRun[], power: 'on' | 'off'): readonly OutletRun[] {
  return runs.flatMap((run, index) => {
    if (run.result === 'confirmed' || !runs.slice(index + 1).every(allRefused)) return [];
    if (power === 'on' && runs.slice(0, index).some(mayHaveCutTheMachine)) return [];
    const so = run.outlets.filter((outlet) => outlet.readings.at(-1)?.power === power);
    const others = run.outlets.filter((outlet) => !so.includes(outlet) && hasActed(outlet));
    if (power === 'off') return others.length === 0 ? so : so.filter(({ plug }) => plug === '');
    return so.filter((one) => others.every((other) => one.plug !== '' && other.plug !== ''));
  });
}
