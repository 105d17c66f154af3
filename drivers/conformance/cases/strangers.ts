/** Replies that are not what they seem: C07, C08, C12. */
import { must } from '../broken.ts';
import { type Case, promise } from '../case.ts';
import { type Scene, told } from '../scene.ts';

const C07 = promise(
  'C07',
  'a late reply answers nothing',
  'A reply to an earlier request that arrives late is not taken for the reply to this one.',
  { switches: 'never', needs: ['keepBackReplies', 'turn'] },
  async (scene) => {
    const { stand } = scene;
    const driver = scene.open();
    const before = await scene.read(driver);
    must(before.power === 'on', `a device that is on reads ${told(before)}`);
    for (const [past, present] of [
      ['off', 'on'],
      ['on', 'off'],
    ] as const) {
      await stand.turn?.(scene.plug, past);
      const deliver = await stand.keepBackReplies?.();
      const unheard = await scene.read(driver, scene.plug, { ms: scene.pace.briefMs });
      must(unheard.power === 'unknown', `the reply was kept back, and the reading is ${told(unheard)}`);
      await stand.turn?.(scene.plug, present);
      await deliver?.();
      const reading = await scene.read(driver);
      must(reading.power !== past, `the power is ${present}; a late reply said ${past}, and so does the reading`);
      const settled = await scene.readUntil(driver, present);
      must(settled.power === present, `the power is ${present}; after a late reply it reads ${told(settled)}`);
    }
    return 'late replies in both directions were not believed';
  },
);

const C08 = promise(
  'C08',
  'strangers are not believed',
  'A reply about another plug, of another session or from another address is ignored.',
  { switches: 'never', needs: ['impostors'] },
  async (scene) => {
    const names = Object.keys(scene.stand.impostors ?? {});
    for (const name of names) {
      const stage = await scene.fresh();
      const warm = stage.open();
      const before = await stage.read(warm);
      must(before.power === 'on', `a device that is on reads ${told(before)}`);
      await stage.stand.impostors?.[name]?.();
      for (const [driver, when] of [
        [warm, 'logged in'],
        [stage.open(), 'not yet logged in'],
      ] as const) {
        for (let round = 1; round <= 2; round += 1) {
          const reading = await stage.read(driver);
          must(reading.power !== 'off', `the power is on; ${name} says off, and the reading (${when}) is off`);
        }
      }
    }
    return `not believed: ${names.join(', ')}`;
  },
);

const C12 = promise(
  'C12',
  'unusable bytes read unknown',
  'Truncated, oversized or garbage replies read unknown and make no order accepted; nothing throws, and the driver recovers.',
  { switches: 'where-allowed', needs: ['garble'] },
  async (scene) => {
    const names = Object.keys(scene.stand.garble ?? {});
    for (const name of names) {
      const warm = await scene.fresh();
      const driver = warm.open();
      const before = await warm.read(driver);
      must(before.power === 'on', `a device that is on reads ${told(before)}`);
      await warm.stand.garble?.[name]?.();
      await unusable(warm, driver, name, ['unknown']);
      await unusable(warm, warm.open(), `${name}, from the first byte on`, ['unknown', 'rejected']);
      if (warm.stand.heal === undefined || warm.stand.lamp === undefined) continue;
      await warm.stand.heal();
      const lamp = await warm.stand.lamp(warm.plug);
      const after = await warm.readUntil(driver, lamp);
      must(after.power === lamp, `after ${name} had ended the lamp is ${lamp} and the reading ${told(after)}`);
    }
    return `unknown: ${names.join(', ')}`;
  },
);

async function unusable(scene: Scene, driver: ReturnType<Scene['open']>, name: string, orders: readonly string[]): Promise<void> {
  const ms = scene.pace.briefMs;
  const reading = await scene.read(driver, scene.plug, { ms });
  must(reading.power === 'unknown', `replies are unusable (${name}), and the reading is ${told(reading)}`);
  await scene.check(driver, { ms });
  await scene.list(driver, { ms });
  if (!scene.mayOrder) return;
  const result = await scene.order(driver, 'on', scene.plug, { ms });
  must(orders.includes(result.result), `replies are unusable (${name}), and an order is ${told(result)}`);
}

export const strangerCases: readonly Case[] = [C07, C08, C12];
