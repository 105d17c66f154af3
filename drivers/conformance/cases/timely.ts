/** An order leaves in its time or not at all. */
import type { OrderResult } from '../../kit/contract.ts';
import { must } from '../broken.ts';
import { type Case, promise } from '../case.ts';
import { type Scene, told } from '../scene.ts';
import { switchedBackDuring } from './copies.ts';
import { STOPPED_MS, stoppedClock } from '../tools.ts';

/** The process is stopped at so many looks at the clock after the order was given: before anything, in a login, right before the order leaves. */
const STOPS: readonly number[] = [1, 2, 4, 8];

const C21 = promise(
  'C21',
  'an order leaves in its time',
  'Nothing of an order that acts leaves at or after its notAfter, whatever it waited for, also when the process was stopped in between; an order that never left is rejected as order-too-late.',
  { switches: 'always', needs: ['lamp'] },
  async (scene) => {
    await lateFromTheStart(scene);
    let late = 0;
    for (const stop of STOPS) if (await stoppedBefore(scene, stop)) late += 1;
    const repeated = await notRepeatedLate(scene);
    return `nothing was sent too late (${late} of ${STOPS.length} stops came before the order had left)${repeated}`;
  },
);

async function lateFromTheStart(scene: Scene): Promise<void> {
  const { driver, tools } = scene.openWatched();
  const result = await scene.order(driver, 'off', scene.plug, { notAfter: tools.now() });
  must(result.result === 'rejected', `an order whose time is over is ${told(result)}`);
  must(result.why.code === 'order-too-late', `an order whose time is over is rejected as ${result.why.code}`);
  await stillOn(scene, driver, 'an order whose time was over');
}

/** True where the order had not left when the process was stopped. */
async function stoppedBefore(scene: Scene, stop: number): Promise<boolean> {
  const fresh = await scene.fresh();
  const stopped = stoppedClock(fresh.clock, stop);
  const { driver, tools } = fresh.openWatched(undefined, undefined, stopped.clock);
  const notAfter = tools.now() + fresh.pace.usualMs;
  stopped.arm();
  const result = await fresh.order(driver, 'off', fresh.plug, { notAfter });
  if (result.result !== 'rejected' || result.why.code !== 'order-too-late') return false;
  await stillOn(fresh, driver, `an order that is said not to have left (stopped at look ${stop})`);
  return true;
}

/** The answer is lost, and the process is stopped while the driver would repeat itself: no copy may leave after that. */
async function notRepeatedLate(scene: Scene): Promise<string> {
  const fresh = await scene.fresh();
  const stopped = stoppedClock(fresh.clock, 1);
  const { driver, tools } = fresh.openWatched(undefined, undefined, stopped.clock);
  const abort = new AbortController();
  const { usualMs } = fresh.pace;
  // Its deadline is still to come when its notAfter is over: only the comparison right before each copy holds it back.
  const order = (): Promise<OrderResult> =>
    fresh.order(driver, 'off', fresh.plug, { ms: STOPPED_MS + usualMs * 2, notAfter: tools.now() + usualMs, signal: abort.signal });
  const what = 'a copy of an order that left after its time';
  const result = await switchedBackDuring(fresh, driver, order, { enough: () => stopped.arm(), end: () => abort.abort(), what });
  if (result === undefined) return '';
  must(result.result !== 'rejected', `an order that was carried out, and whose time was over before its answer came, is ${told(result)}`);
  return '; an order without an answer was not repeated too late';
}

/** Long enough for a datagram that was sent all the same to have acted. */
async function stillOn(scene: Scene, driver: ReturnType<Scene['open']>, what: string): Promise<void> {
  await scene.read(driver);
  await scene.pause(scene.pace.pollMs);
  must((await scene.stand.lamp?.(scene.plug)) === 'on', `${what} has switched the power off`);
}

export const timelyCases: readonly Case[] = [C21];
