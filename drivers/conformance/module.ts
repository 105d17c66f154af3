/**
 * Is this value a driver's module? Asked of third-party code at run time, and of every module by C18.
 */
import { checkSettings, type DriverModule, type Problem, Secret, type Setting, type SettingsSchema } from '../kit/contract.ts';

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const OPTIONAL_HOOKS = ['kindOf', 'normalPlug', 'settingsProblem', 'discover'];
const KINDS = ['string', 'integer', 'boolean', 'duration', 'secret', 'scalar', 'map', 'list', 'object'];

/** The module, or a problem that names everything that is missing or wrong with it. `from` is where it was found, for the text. */
export function checkDriverModule(value: unknown, from: string): DriverModule | Problem {
  const faults = moduleFaults(value);
  if (faults.length === 0) return value as DriverModule;
  return {
    code: 'driver-module-invalid',
    says: `${from} does not export a usable driver: ${faults.join('; ')}`,
    next: 'mend the module: it must export `driver` as the DriverModule of bailiff/driver describes it',
    lasting: true,
  };
}

function moduleFaults(value: unknown): readonly string[] {
  if (!isMap(value)) return ['it has no export named `driver`'];
  const faults: string[] = [];
  if (typeof value['name'] !== 'string' || !NAME.test(value['name'])) faults.push('`name` must be a kebab-case word');
  if (typeof value['summary'] !== 'string' || value['summary'] === '') faults.push('`summary` must be a sentence');
  if (value['evidence'] !== 'device' && value['evidence'] !== 'target') faults.push("`evidence` must be 'device' or 'target'");
  if (value['plugs'] !== 'none' && value['plugs'] !== 'required') faults.push("`plugs` must be 'none' or 'required'");
  if (typeof value['open'] !== 'function') faults.push('`open` must be a function');
  for (const hook of OPTIONAL_HOOKS)
    if (value[hook] !== undefined && typeof value[hook] !== 'function') faults.push(`\`${hook}\`, where it is there, must be a function`);
  if (!isMap(value['settings'])) faults.push('`settings` must be a map of settings');
  else faults.push(...schemaFaults(value['settings'], ''));
  return faults;
}

/** What is wrong with a settings schema: one line per setting that could not be rendered, explained, or used with its own default. */
function schemaFaults(schema: Readonly<Record<string, unknown>>, at: string): readonly string[] {
  return Object.entries(schema).flatMap(([name, setting]) => settingFaults(setting, `setting \`${at}${name}\``, `${at}${name}`));
}

function settingFaults(setting: unknown, label: string, path: string): readonly string[] {
  if (!isMap(setting)) return [`${label} must be a map`];
  const kind = setting['kind'];
  if (typeof kind !== 'string' || !KINDS.includes(kind)) return [`${label} has no known kind (${KINDS.join(', ')})`];
  const faults: string[] = [];
  if (typeof setting['says'] !== 'string' || setting['says'] === '') faults.push(`${label} does not say what it is (\`says\`)`);
  if (
    (kind === 'integer' || kind === 'duration') &&
    !(finite(setting['min']) && finite(setting['max']) && setting['min'] <= setting['max'])
  ) {
    faults.push(`${label} needs numbers \`min\` and \`max\` in this order`);
  }
  if (kind === 'map' && !(setting['names'] instanceof RegExp)) faults.push(`${label} needs the pattern \`names\``);
  if ((kind === 'list' || kind === 'map') && !finite(setting['maxItems'])) faults.push(`${label} needs the number \`maxItems\``);
  if (kind === 'list' || kind === 'map') faults.push(...settingFaults(setting['of'], `${label}, its items`, `${path}[]`));
  if (kind === 'object')
    faults.push(...(isMap(setting['fields']) ? schemaFaults(setting['fields'], `${path}.`) : [`${label} needs \`fields\``]));
  if (setting['required'] === true && setting['default'] !== undefined) faults.push(`${label} is required and has a default`);
  if (faults.length === 0 && setting['default'] !== undefined) faults.push(...defaultFaults(setting as unknown as Setting, label));
  return faults;
}

/** A default must pass the setting's own checks, as if it had been written in the configuration. */
function defaultFaults(setting: Setting, label: string): readonly string[] {
  if (!('default' in setting) || setting.default === undefined) return [];
  const asWritten = setting.kind === 'duration' ? `${setting.default}ms` : setting.default;
  const { problems } = checkSettings({ it: setting }, { it: asWritten });
  return problems.map(({ says }) => `the default of ${label} ${says}`);
}

/** Every secret within settings, revealed: the values that must not be printed anywhere. */
export function secretsWithin(value: unknown): readonly string[] {
  if (value instanceof Secret) return [value.reveal()];
  if (Array.isArray(value)) return value.flatMap(secretsWithin);
  return isMap(value) ? Object.values(value).flatMap(secretsWithin) : [];
}

/** Dotted paths of all secrets of a schema that lie in maps, not in lists. */
export function secretPaths(schema: SettingsSchema): readonly (readonly string[])[] {
  return Object.entries(schema).flatMap(([name, setting]) => {
    if (setting.kind === 'secret') return [[name]];
    if (setting.kind === 'map' && setting.of.kind === 'secret') return [[name, 'any']];
    return setting.kind === 'object' ? secretPaths(setting.fields).map((path) => [name, ...path]) : [];
  });
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const finite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
