/** Orders and readings on a device that behaves: C01, C02, C03, C06, C15, C19. */
import { must } from '../broken.ts';
import { type Case, promise } from '../case.ts';
import { type Scene, told } from '../scene.ts';

const C01 = promise(
  'C01',
  'off means off',
  'An accepted off is followed by a reading of off, and the lamp is out.',
  { switches: 'always', needs: [] },
  async (scene) => {
    const driver = scene.open();
    await scene.bring(driver, 'on');
    await scene.bring(driver, 'off');
    await scene.lampMustShow('off', 'after an accepted off and a reading of off');
    return `accepted, read off${scene.stand.lamp === undefined ? '; there is no lamp to compare with' : ', lamp out'}`;
  },
);

/** Ordering what already is must neither be refused nor switch anything. */
async function twice(scene: Scene, wanted: 'on' | 'off'): Promise<string> {
  const driver = scene.open();
  await scene.bring(driver, wanted);
  for (let round = 2; round <= 3; round += 1) {
    const again = await scene.order(driver, wanted);
    must(again.result !== 'rejected', `order number ${round} of ${wanted} was ${told(again)}, although the power already is ${wanted}`);
    const reading = await scene.readUntil(driver, wanted);
    must(reading.power === wanted, `after order number ${round} of ${wanted} the reading is ${told(reading)}`);
    await scene.lampMustShow(wanted, `after order number ${round} of ${wanted}`);
  }
  return `ordered ${wanted} three times: it stays ${wanted}`;
}

const C02 = promise(
  'C02',
  'off is idempotent',
  'Off ordered again leaves the power off and is not refused.',
  { switches: 'always', needs: [] },
  (scene) => twice(scene, 'off'),
);

const C03 = promise(
  'C03',
  'on is idempotent',
  'On ordered again leaves the power on and is not refused.',
  { switches: 'always', needs: [] },
  (scene) => twice(scene, 'on'),
);

const C06 = promise(
  'C06',
  'a reading shows the relay',
  'A reading shows the relay as it is now, not the last order.',
  { switches: 'always', needs: ['lamp', ['ignoreOrders', 'turn']] },
  async (scene) => {
    const { stand } = scene;
    const driver = scene.open();
    const found: string[] = [];
    if (stand.turn !== undefined) {
      await scene.bring(driver, 'off');
      await stand.turn(scene.plug, 'on');
      const reading = await scene.read(driver);
      must(reading.power === 'on', `a hand switched on after our off, and the reading is ${told(reading)}`);
      found.push('a hand on the switch is seen');
    }
    if (stand.ignoreOrders !== undefined) {
      await scene.bring(driver, 'on');
      await stand.ignoreOrders();
      await scene.order(driver, 'off');
      const reading = await scene.read(driver);
      must((await stand.lamp?.(scene.plug)) === 'on', 'the bench is wrong: the lamp went out although orders are to be ignored');
      must(reading.power === 'on', `the device accepted off and did not act, and the reading is ${told(reading)}`);
      found.push('an order that was accepted and not acted upon is seen');
    }
    return found.join('; ');
  },
);

const C15 = promise(
  'C15',
  'polarity is proven by the lamp',
  'Off ordered is a lamp out and on ordered a lamp lit; a lit lamp reads on and a dark one off.',
  { switches: 'always', needs: ['lamp'] },
  async (scene) => {
    const { stand } = scene;
    const driver = scene.open();
    for (const wanted of ['off', 'on', 'off', 'on'] as const) {
      const result = await scene.order(driver, wanted);
      must(result.result === 'accepted', `an order of ${wanted} was ${told(result)}`);
      await scene.lampMustShow(wanted, `after an accepted order of ${wanted}`);
      const reading = await scene.readUntil(driver, wanted);
      must(reading.power === wanted, `the lamp shows ${wanted} and the reading is ${told(reading)}`);
    }
    if (stand.turn === undefined) return 'orders and readings agree with the lamp in both directions';
    for (const power of ['off', 'on'] as const) {
      await stand.turn(scene.plug, power);
      const reading = await scene.read(driver);
      must(reading.power === power, `a hand switched ${power} and the reading is ${told(reading)}`);
    }
    return 'orders, readings and a hand on the switch agree with the lamp in both directions';
  },
);

const C19 = promise(
  'C19',
  'no cross-talk between plugs',
  'Two plugs of one device, ordered and read at the same time, do not answer for each other.',
  { switches: 'always', needs: ['secondPlug'] },
  async (scene) => {
    const first = scene.plug;
    const second = scene.bench.secondPlug ?? '';
    const driver = scene.open();
    await scene.bring(driver, 'on', first);
    await scene.bring(driver, 'on', second);
    for (const [dark, lit] of [
      [first, second],
      [second, first],
    ] as const) {
      const [result] = await Promise.all([scene.order(driver, 'off', dark), scene.read(driver, lit)]);
      must(result.result === 'accepted', `an order of '${dark}' off was ${told(result)}`);
      const settled = await scene.readUntil(driver, 'off', dark);
      must(settled.power === 'off', `after an accepted off the reading of '${dark}' is ${told(settled)}`);
      await scene.lampMustShow('off', `after '${dark}' was ordered off`, dark);
      await scene.lampMustShow('on', `after '${dark}' was ordered off`, lit);
      const readings = await Promise.all([
        scene.read(driver, dark),
        scene.read(driver, lit),
        scene.read(driver, dark),
        scene.read(driver, lit),
      ]);
      const told4 = readings.map((reading) => reading.power).join(', ');
      must(told4 === 'off, on, off, on', `'${dark}' is off and '${lit}' is on; read together, in turn, they are ${told4}`);
      await scene.bring(driver, 'on', dark);
    }
    return `'${first}' and '${second}' were switched and read at the same time, each for itself`;
  },
);

export const powerCases: readonly Case[] = [C01, C02, C03, C06, C15, C19];
