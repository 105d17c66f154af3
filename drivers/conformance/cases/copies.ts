/** Looking for copies of an order: a hand switches back on what the order has switched off, and a late copy would switch it off again. */
import type { OrderResult, PowerDriver } from '../../kit/contract.ts';
import { must } from '../broken.ts';
import type { Scene } from '../scene.ts';
import { LATE } from '../tools.ts';

/**
 * Gives an order of off whose answer is lost; when it has acted `enough` is called, after which no copy of it may leave; when what had left by
 * then has arrived the power is switched back on by hand, and stays on. `end` ends the call, if nothing has. Its result; undefined where the bench lacks a control, or nothing was cut.
 */
export async function switchedBackDuring(
  scene: Scene,
  driver: PowerDriver,
  order: () => Promise<OrderResult>,
  when: { enough(): void; end(): void; readonly what: string },
): Promise<OrderResult | undefined> {
  const { stand, plug, pace } = scene;
  if (stand.lamp === undefined || stand.loseReplies === undefined || stand.turn === undefined) return undefined;
  await scene.bring(driver, 'on');
  await stand.loseReplies();
  const result = order();
  let acted = false;
  for (let waited = 0; !acted && waited < pace.briefMs * 2; waited += pace.pollMs) {
    await scene.pause(pace.pollMs);
    acted = (await stand.lamp(plug)) === 'off';
  }
  when.enough();
  if (acted) {
    await scene.pause(pace.briefMs);
    await stand.turn(plug, 'on');
    await shownOn(scene, when.what);
  }
  when.end();
  const found = await scene.orLate(result, pace.usualMs + pace.slackMs);
  return acted && found !== LATE ? found : undefined;
}

/** For as long as a driver may take until it repeats itself. */
async function shownOn(scene: Scene, what: string): Promise<void> {
  const { pace, plug, stand } = scene;
  for (let waited = 0; waited < pace.slackMs; waited += pace.pollMs) {
    must((await stand.lamp?.(plug)) === 'on', `${what} has switched the power off again`);
    await scene.pause(pace.pollMs);
  }
}
