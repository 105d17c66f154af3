/** A discovered device as lines for the configuration, and what they still lack: said here, not when the configuration is loaded. */
import { checkSettings, type DriverModule, Secret, type Setting, type SettingsSchema } from '../../drivers/kit/contract.ts';
import type { Reference } from './given.ts';

export interface Pasted {
  /** Settings as the configuration writes them: durations with their unit, secrets as references. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** `password is missing: password of the user`; none: these settings load as they are. */
  readonly lacks: readonly string[];
}

export function pasted(
  module: DriverModule,
  host: string,
  configuration: Readonly<Record<string, unknown>>,
  references: ReadonlyMap<Secret, Reference>,
): Pasted {
  const whole = writtenIn(module.settings, { host, ...configuration });
  const { settings, problems } = checkSettings(module.settings, whole);
  const together = problems.length === 0 ? module.settingsProblem?.(settings) : undefined;
  return {
    settings: withReferences({ driver: module.name, ...whole }, references) as Readonly<Record<string, unknown>>,
    lacks: together === undefined ? problems.map(({ path, says }) => `${path} ${says}`) : [together],
  };
}

/** Lines to stand under `devices:`, indented as they are to be pasted. */
export function yamlLines(name: string, settings: Readonly<Record<string, unknown>>): readonly string[] {
  return [`  ${name}:`, ...Object.entries(settings).map(([key, value]) => `    ${key}: ${flow(value)}`)];
}

function writtenIn(schema: SettingsSchema, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, written(Object.hasOwn(schema, name) ? schema[name] : undefined, value)]),
  );
}

function written(setting: Setting | undefined, value: unknown): unknown {
  if (setting?.kind === 'duration' && typeof value === 'number') return `${value}ms`;
  return setting?.kind === 'object' && isMap(value) ? writtenIn(setting.fields, value) : value;
}

function withReferences(value: unknown, references: ReadonlyMap<Secret, Reference>): unknown {
  if (value instanceof Secret) return references.get(value) ?? { file: 'PATH' };
  if (Array.isArray(value)) return value.map((item) => withReferences(item, references));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withReferences(item, references)]));
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret);

/** Words that YAML, or an older reader of it, takes for something else than a text. */
const NOT_A_TEXT = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

function flow(value: unknown): string {
  if (typeof value === 'string')
    return /^[A-Za-z/][A-Za-z0-9_./-]*$/.test(value) && !NOT_A_TEXT.test(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (!isMap(value)) return String(value);
  const pairs = Object.entries(value).map(([key, item]) => `${key}: ${flow(item)}`);
  return `{ ${pairs.join(', ')} }`;
}
