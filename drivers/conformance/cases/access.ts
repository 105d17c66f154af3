/** Credentials and what may be asked for: C09, C13, C14. */
import { must } from '../broken.ts';
import { type Case, promise } from '../case.ts';
import { secretsWithin } from '../module.ts';
import { type Scene, told } from '../scene.ts';
import { overhear, spellings, textOf } from '../overhear.ts';

/** Devices lock an account after three to five failures; one call may try a second way to log in, not a third. */
const LOGINS_PER_CALL = 2;

const C09 = promise(
  'C09',
  'wrong credentials are not hammered',
  `Wrong credentials are rejected as a lasting problem, after at most ${LOGINS_PER_CALL} logins per call; the right ones work afterwards.`,
  { switches: 'where-allowed', needs: ['wrongCredentials', 'logins'] },
  async (scene) => {
    const { stand } = scene;
    const driver = scene.open(stand.wrongCredentials);
    const counted = async (what: string, call: () => Promise<unknown>): Promise<void> => {
      const before = (await stand.logins?.()) ?? 0;
      await call();
      const tries = ((await stand.logins?.()) ?? 0) - before;
      must(tries <= LOGINS_PER_CALL, `${what} with a wrong password logged in ${tries} times`);
    };
    await counted('a reading', async () => {
      const reading = await scene.read(driver);
      must(reading.power === 'unknown', `with a wrong password the reading is ${told(reading)}`);
      must(reading.why?.lasting === true, `the reading does not say that trying again cannot help: ${told(reading)}`);
    });
    await counted('a check', async () => {
      const health = await scene.check(driver);
      must(!health.ok && health.problem !== undefined, 'with a wrong password the device is called healthy');
    });
    if (scene.mayOrder) {
      await counted('an order', async () => {
        const result = await scene.order(driver, 'off');
        must(result.result === 'rejected', `with a wrong password an order is ${told(result)}`);
        must(result.why.lasting === true, `the order does not say that trying again cannot help: ${told(result)}`);
      });
      must(((await stand.lamp?.(scene.plug)) ?? 'on') === 'on', 'with a wrong password the power went off');
    }
    const right = await scene.read(scene.open());
    must(right.power === 'on', `after it the right credentials read ${told(right)}`);
    return `rejected as lasting, at most ${LOGINS_PER_CALL} logins per call, not locked out`;
  },
);

const C13 = promise(
  'C13',
  'no secret is told',
  'No secret appears in a log line, a reading, a result, an error, the health or anything that others can overhear; not encoded either.',
  { switches: 'where-allowed', needs: [] },
  async (scene) => {
    const { stand } = scene;
    const secrets = [...new Set([...secretsWithin(stand.settings), ...secretsWithin(stand.wrongCredentials)])].filter(
      (secret) => secret.length >= 4,
    );
    const ears = overhear();
    try {
      await talk(scene);
    } finally {
      ears.end();
    }
    const texts = [...scene.everythingSaid.map(textOf), ...scene.lines, ...ears.heard, ...((await stand.overheard?.()) ?? [])];
    for (const secret of secrets) {
      const spelt = spellings(secret).find(({ text }) => texts.some((line) => line.includes(text)));
      must(spelt === undefined, `a secret is told (${spelt?.as ?? ''}) in one of ${texts.length} texts`);
    }
    return secrets.length === 0
      ? `the settings hold no secret of four characters or more; ${texts.length} texts were looked at`
      : `${secrets.length} secrets, looked for in ${texts.length} texts`;
  },
);

/** Everything that makes a driver talk, good days and bad. */
async function talk(scene: Scene): Promise<void> {
  const { stand, plug } = scene;
  const ms = scene.pace.briefMs;
  const round = async (stage: Scene, driver: ReturnType<Scene['open']>, deadline: number): Promise<void> => {
    await stage.read(driver, plug, { ms: deadline });
    await stage.check(driver, { ms: deadline });
    await stage.list(driver, { ms: deadline });
    if (stage.mayOrder) await stage.order(driver, 'off', plug, { ms: deadline });
    stage.said.push(driver);
  };
  await round(scene, scene.open(), scene.pace.usualMs);
  await scene.read(scene.open(), 'no such plug');
  if (stand.wrongCredentials !== undefined) await round(scene, scene.open(stand.wrongCredentials), scene.pace.usualMs);
  for (const name of Object.keys(stand.garble ?? {})) {
    const stage = await scene.fresh();
    const driver = stage.open();
    await stage.read(driver);
    await stage.stand.garble?.[name]?.();
    await round(stage, driver, ms);
  }
  if (stand.silence === undefined) return;
  await stand.silence();
  await round(scene, scene.open(), ms);
}

async function allOn(scene: Scene, driver: ReturnType<Scene['open']>, plugs: readonly string[]): Promise<void> {
  for (const plug of plugs) {
    const power = (await scene.stand.lamp?.(plug)) ?? (await scene.read(driver, plug)).power;
    if (power !== 'on') await scene.bring(driver, 'on', plug);
  }
}

const C14 = promise(
  'C14',
  'a plug that does not exist',
  'A plug that the device does not have is rejected: never mapped to another, never "already off".',
  { switches: 'where-allowed', needs: ['missingPlugs'] },
  async (scene) => {
    const { bench, stand } = scene;
    const missing = bench.missingPlugs ?? ['1', 'no such plug'];
    const others = [bench.plug, ...(bench.secondPlug === undefined ? [] : [bench.secondPlug])];
    const driver = scene.open();
    // What is off already cannot be seen to go off.
    if (scene.mayOrder) await allOn(scene, driver, others);
    for (const plug of missing) {
      const reading = await scene.read(driver, plug);
      must(reading.power === 'unknown', `plug '${plug}' does not exist and reads ${told(reading)}`);
      if (!scene.mayOrder) continue;
      const result = await scene.order(driver, 'off', plug);
      must(result.result === 'rejected', `plug '${plug}' does not exist and an order of it off is ${told(result)}`);
      for (const other of others) {
        const power = (await stand.lamp?.(other)) ?? told(await scene.read(driver, other));
        must(power === 'on', `plug '${plug}' does not exist; '${other}' was on, and after an order of '${plug}' off it is ${power}`);
      }
    }
    const names = missing.map((plug) => JSON.stringify(plug)).join(', ');
    return scene.mayOrder ? `rejected and read unknown: ${names}` : `read unknown: ${names} (orders were not tried: power is not allowed)`;
  },
);

export const accessCases: readonly Case[] = [C09, C13, C14];
