/** How a driver carries itself: C17, C18, C20. */
import { checkSettings, type PowerDriver, settingsJsonSchema, type SettingsSchema } from '../../kit/contract.ts';
import type { RawSettings } from '../bench.ts';
import { must } from '../broken.ts';
import { type Case, promise } from '../case.ts';
import { checkDriverModule, secretPaths } from '../module.ts';
import { type Scene, told } from '../scene.ts';
import { LATE } from '../tools.ts';

const C17 = promise(
  'C17',
  'close is idempotent',
  'A driver may be closed twice, at once and unused; calls in flight and calls after it settle as unknown.',
  { switches: 'where-allowed', needs: [] },
  async (scene) => {
    const unused = scene.open();
    await scene.close(unused);
    await scene.close(unused);
    const used = scene.open();
    await scene.read(used);
    const inFlight = scene.read(used);
    await Promise.all([scene.close(used), scene.close(used)]);
    await inFlight;
    await scene.close(used);
    const reading = await scene.read(used, scene.plug, { ms: scene.pace.briefMs });
    must(reading.power === 'unknown', `after close a reading is ${told(reading)}`);
    if (scene.mayOrder) {
      const result = await scene.order(used, 'on', scene.plug, { ms: scene.pace.briefMs });
      must(result.result !== 'accepted', 'after close an order is accepted');
    }
    if (scene.stand.silence !== undefined) await closeWhileSilent(scene);
    return 'closed unused, twice, at once and with a call in flight';
  },
);

async function closeWhileSilent(scene: Scene): Promise<void> {
  const driver = scene.open();
  await scene.read(driver);
  await scene.stand.silence?.();
  const waiting = scene.read(driver, scene.plug, { ms: scene.pace.usualMs });
  await scene.close(driver);
  const first = await scene.orLate(waiting, scene.pace.slackMs);
  must(first !== LATE, 'a reading in flight was not settled by close');
  must(first.power === 'unknown', `a reading in flight at close is ${told(first)}`);
}

const C18 = promise(
  'C18',
  'the schema renders and validates',
  'The module has its form, its settings render as JSON Schema, take what is right and say what is wrong; the open driver says what the module says.',
  { switches: 'never', needs: [] },
  async (scene) => {
    const { module } = scene.bench;
    const checked = checkDriverModule(module, 'the module');
    must('open' in checked, 'says' in checked ? checked.says : '');
    const rendered: unknown = JSON.parse(JSON.stringify(settingsJsonSchema(module.settings)));
    must(everyPropertyExplained(rendered), 'a property of the rendered JSON Schema has no description');
    if (scene.stand.checked !== true) settingsAreJudged(module.settings, scene.stand.settings);
    const driver: PowerDriver = scene.open();
    must(driver.evidence === module.evidence, `the module's evidence is ${module.evidence}, the open driver's ${driver.evidence}`);
    for (const name of ['order', 'read', 'check', 'close'] as const) {
      must(typeof driver[name] === 'function', `the open driver has no function \`${name}\``);
    }
    must(driver.list === undefined || typeof driver.list === 'function', '`list` of the open driver is no function');
    await scene.close(driver);
    return `${Object.keys(module.settings).length} settings render and validate`;
  },
);

function everyPropertyExplained(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  const properties = 'properties' in schema ? schema.properties : undefined;
  if (typeof properties !== 'object' || properties === null) return false;
  return Object.values(properties).every((property: unknown) => {
    if (typeof property !== 'object' || property === null || !('description' in property) || typeof property.description !== 'string')
      return false;
    return !('properties' in property) || everyPropertyExplained(property);
  });
}

/** Right settings pass; an unknown name, a missing required setting and a secret in the clear do not. */
function settingsAreJudged(schema: SettingsSchema, right: RawSettings): void {
  const faults = (raw: RawSettings): readonly string[] => checkSettings(schema, raw).problems.map(({ path }) => path);
  const first = checkSettings(schema, right).problems[0];
  must(first === undefined, `right settings are refused: ${first?.path ?? ''} ${first?.says ?? ''}`);
  must(faults({ ...right, 'no-such-setting': 1 }).includes('no-such-setting'), 'an unknown setting is not noticed');
  for (const [name, setting] of Object.entries(schema)) {
    if (setting.required !== true) continue;
    const { [name]: _left, ...rest } = right;
    must(faults(rest).includes(name), `the required setting ${name} may be left out`);
  }
  for (const path of secretPaths(schema)) {
    must(faults(withValue(right, path, 'a literal')).includes(path.join('.')), `a literal secret is taken for ${path.join('.')}`);
  }
}

function withValue(settings: RawSettings, path: readonly string[], value: unknown): RawSettings {
  const [name = '', ...rest] = path;
  if (rest.length === 0) return { ...settings, [name]: value };
  const below = settings[name];
  return { ...settings, [name]: withValue(typeof below === 'object' && below !== null ? (below as RawSettings) : {}, rest, value) };
}

/** Any number does; it only has to be the same on every run. */
const SEED = 0x5eed;

const C20 = promise(
  'C20',
  'the bytes are the golden ones',
  'With its random bytes given, what the driver says for an off and one reading equals the kept transcript byte for byte.',
  { switches: 'always', needs: ['transcript', 'golden'] },
  async (scene) => {
    const { golden } = scene.bench;
    const found = await recorded(scene);
    const again = await recorded(await scene.fresh());
    must(again === found, `two runs with the same random bytes differ: ${firstDifference(found, again)}`);
    const kept = await golden?.load();
    if (golden?.save !== undefined) {
      await golden.save(found);
      return 'the transcript was kept as the new golden one';
    }
    must(kept !== undefined, 'there is no golden transcript yet: run once in rewrite mode and review what it keeps');
    must(found === kept, `the bytes differ from the golden transcript: ${firstDifference(kept, found)}`);
    return `${found.split('\n').length - 1} lines equal the golden transcript`;
  },
);

async function recorded(scene: Scene): Promise<string> {
  const driver = scene.open(scene.stand.settings, SEED);
  const result = await scene.order(driver, 'off');
  must(result.result === 'accepted', `an order of off was ${told(result)}`);
  const reading = await scene.read(driver);
  must(reading.power === 'off', `after an accepted off the reading is ${told(reading)}`);
  await scene.close(driver);
  return ((await scene.stand.transcript?.()) ?? []).map((line) => `${line}\n`).join('');
}

function firstDifference(before: string, after: string): string {
  const [left, right] = [before.split('\n'), after.split('\n')];
  const at = left.findIndex((line, index) => line !== right[index]);
  const line = at === -1 ? left.length : at;
  return `line ${line + 1} was '${left[line] ?? '(nothing)'}' and is '${right[line] ?? '(nothing)'}'`;
}

export const formCases: readonly Case[] = [C17, C18, C20];
