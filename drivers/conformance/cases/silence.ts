/** A device that says nothing, too late, or not now: C04, C05, C10, C11, C16. */
import type { OrderResult } from '../../kit/contract.ts';
import { must } from '../broken.ts';
import { type Case, promise } from '../case.ts';
import { type Scene, told } from '../scene.ts';
import { isList } from '../shapes.ts';
import { LATE, leftBehind, openHandles, realClock, type WatchedTools } from '../tools.ts';
import { switchedBackDuring } from './copies.ts';

const C04 = promise(
  'C04',
  'silence reads unknown',
  'A device that says nothing reads unknown, whether it was heard before or not.',
  { switches: 'never', needs: ['silence'] },
  async (scene) => {
    const ms = scene.pace.briefMs;
    const warm = scene.open();
    const before = await scene.read(warm);
    must(before.power === 'on', `a device that is on reads ${told(before)}`);
    await scene.stand.silence?.();
    for (const [driver, when] of [
      [warm, 'after it was heard'],
      [scene.open(), 'never heard before'],
    ] as const) {
      const reading = await scene.read(driver, scene.plug, { ms });
      must(reading.power === 'unknown', `a silent device, ${when}, reads ${told(reading)}`);
      const listed = await scene.list(driver, { ms });
      if (listed !== undefined && isList(listed)) {
        must(
          listed.every((outlet) => outlet.reading.power === 'unknown'),
          `a silent device, ${when}, lists readings that are not unknown`,
        );
      }
      const health = await scene.check(driver, { ms });
      must(!health.ok, `a silent device, ${when}, is called healthy`);
    }
    return 'unknown, heard before or not';
  },
);

const C05 = promise(
  'C05',
  'silence after an order is unknown',
  'When the answer to an order is lost the order is unknown: neither accepted nor rejected; a reading settles it.',
  { switches: 'always', needs: ['loseReplies', 'heal'] },
  async (scene) => {
    const driver = scene.open();
    await scene.bring(driver, 'on');
    await scene.stand.loseReplies?.();
    const result = await scene.order(driver, 'off', scene.plug, { ms: scene.pace.briefMs });
    must(result.result === 'unknown', `the answer to an off was lost, and the order is ${told(result)}`);
    await scene.stand.heal?.();
    const shown = async (): Promise<'on' | 'off'> => (await scene.stand.lamp?.(scene.plug)) ?? 'off';
    let lamp = await shown();
    let reading = await scene.readUntil(driver, lamp);
    if (reading.power !== lamp) {
      // The order itself may have been on its way still when the lamp was looked at: once more, when nothing is on its way any more.
      lamp = await shown();
      reading = await scene.readUntil(driver, lamp);
    }
    must(reading.power === lamp, `the lamp is ${lamp}, and once the device is heard again the reading is ${told(reading)}`);
    return `unknown; once heard again it reads ${lamp}`;
  },
);

const C10 = promise(
  'C10',
  'the deadline holds',
  'Every call settles when its deadline has passed, also when the device takes the connection and then says nothing.',
  { switches: 'where-allowed', needs: [] },
  async (scene) => {
    const { stand } = scene;
    const tried = ['a deadline that has passed'];
    await deadlinesHold(scene, 0, 'with no time left');
    if (stand.silence !== undefined) {
      const silent = await scene.fresh();
      await silent.stand.silence?.();
      await deadlinesHold(silent, scene.pace.briefMs, 'while the device is silent');
      tried.push('silence');
    }
    if (stand.halfOpen !== undefined) {
      await stand.halfOpen();
      await deadlinesHold(scene, scene.pace.briefMs, 'while the connection is half open');
      tried.push('a half-open connection');
    }
    return `settled unknown and in time: ${tried.join(', ')}${tried.length === 1 ? ' (no control over the device, so no more could be tried)' : ''}`;
  },
);

/** Each call on a driver of its own, so that one that hangs does not hide the next. */
async function deadlinesHold(scene: Scene, ms: number, when: string): Promise<void> {
  const reading = await scene.read(scene.open(), scene.plug, { ms });
  must(reading.power === 'unknown', `${when} the reading is ${told(reading)}`);
  await scene.check(scene.open(), { ms });
  await scene.list(scene.open(), { ms });
  if (!scene.mayOrder) return;
  const result = await scene.order(scene.open(), 'on', scene.plug, { ms });
  must(result.result !== 'accepted', `${when} an order is accepted`);
}

const C11 = promise(
  'C11',
  'an abort leaves nothing behind',
  'An aborted call settles at once as unknown; when the driver is closed no socket and no timer of it is left. Aborted before it began, it switches nothing; aborted under way, no copy of it leaves.',
  { switches: 'where-allowed', needs: [] },
  async (scene) => {
    const { stand } = scene;
    const before = openHandles();
    const { driver, tools } = scene.openWatched();
    if (stand.silence !== undefined) {
      await scene.read(driver);
      await stand.silence();
    }
    await abortedCallsSettle(scene, driver);
    await scene.close(driver);
    await nothingIsLeft(scene, tools, before);
    await abortedBeforehand(scene);
    await abortedUnderWay(scene);
    return `${stand.silence === undefined ? 'aborted at once' : 'aborted while the device was silent'}: settled, nothing left behind`;
  },
);

/** Waits in real time, also on a bench with a virtual clock: sockets and the process's own timers are real. */
async function nothingIsLeft(scene: Scene, tools: WatchedTools, before: ReturnType<typeof openHandles>): Promise<void> {
  const end = realClock.now() + scene.pace.slackMs;
  for (;;) {
    const left = [...leftBehind(before, openHandles())];
    if (tools.liveTimers() > 0) left.push(`${tools.liveTimers()} timers`);
    const connections = (await scene.stand.connections?.()) ?? 0;
    if (connections > 0) left.push(`${connections} connections at the device`);
    if (left.length === 0) return;
    must(realClock.now() < end, `after an abort and a close this is left: ${left.join(', ')}`);
    await new Promise<void>((resolve) => void realClock.after(20, resolve));
  }
}

async function abortedCallsSettle(scene: Scene, driver: ReturnType<Scene['open']>): Promise<void> {
  const abort = new AbortController();
  const ms = scene.pace.usualMs + scene.pace.slackMs;
  const calls: Promise<unknown>[] = [
    scene.read(driver, scene.plug, { ms, signal: abort.signal }),
    scene.check(driver, { ms, signal: abort.signal }),
  ];
  if (scene.mayOrder) calls.push(scene.order(driver, 'on', scene.plug, { ms, signal: abort.signal }));
  const all = Promise.all(calls);
  if (scene.stand.silence !== undefined) await scene.pause(scene.pace.pollMs);
  abort.abort();
  const first = await scene.orLate(all, scene.pace.slackMs);
  must(first !== LATE, `aborted calls had not settled ${scene.pace.slackMs} ms after the abort`);
}

async function abortedBeforehand(scene: Scene): Promise<void> {
  if (!scene.mayOrder || scene.stand.lamp === undefined) return;
  const fresh = await scene.fresh();
  const driver = fresh.open();
  const signal = AbortSignal.abort();
  const result = await fresh.order(driver, 'off', fresh.plug, { signal });
  must(result.result !== 'accepted', 'an order that was aborted before it began is accepted');
  await fresh.read(driver);
  must((await fresh.stand.lamp?.(fresh.plug)) === 'on', 'an order that was aborted before it began has switched the power off');
}

/** The answer is lost and the caller gives up: no copy may leave after that. */
async function abortedUnderWay(scene: Scene): Promise<void> {
  if (!scene.mayOrder) return;
  const fresh = await scene.fresh();
  const driver = fresh.open();
  const abort = new AbortController();
  const order = (): Promise<OrderResult> => fresh.order(driver, 'off', fresh.plug, { signal: abort.signal });
  const what = 'a copy of an order that left after it was called off';
  const result = await switchedBackDuring(fresh, driver, order, { enough: () => abort.abort(), end: () => undefined, what });
  if (result === undefined) return;
  must(result.result === 'unknown', `an order that was carried out, and called off before its answer came, is ${told(result)}`);
}

const C16 = promise(
  'C16',
  'a reboot of the device',
  'A device that reboots in the middle is unknown until it is back, and is then read and ordered again without reopening the driver.',
  { switches: 'where-allowed', needs: ['reboot'] },
  async (scene) => {
    const ms = scene.pace.briefMs;
    const driver = scene.open();
    const before = await scene.read(driver);
    must(before.power === 'on', `a device that is on reads ${told(before)}`);
    const comeBack = await scene.stand.reboot?.();
    const away = await scene.read(driver, scene.plug, { ms });
    must(away.power === 'unknown', `while the device is away it reads ${told(away)}`);
    if (scene.mayOrder) {
      const result = await scene.order(driver, 'off', scene.plug, { ms });
      must(result.result !== 'accepted', 'while the device is away an order is accepted');
    }
    await comeBack?.();
    const back = await scene.readUntil(driver, (await scene.stand.lamp?.(scene.plug)) ?? 'on');
    must(back.power !== 'unknown', `after the device came back it still reads ${told(back)}`);
    if (scene.mayOrder) {
      await scene.bring(driver, 'off');
      await scene.lampMustShow('off', 'after the reboot, an accepted off and a reading of off');
    }
    return 'unknown while away, then recovered';
  },
);

export const silenceCases: readonly Case[] = [C04, C05, C10, C11, C16];
