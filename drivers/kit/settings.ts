/**
 * A driver's settings as plain data: from one description come validation with readable errors, JSON Schema, and help.
 */
import { Secret } from './secret.ts';

interface Common {
  /** One line for people. */
  readonly says: string;
  readonly required?: boolean;
}

export type Setting =
  | (Common & {
      readonly kind: 'string';
      readonly default?: string;
      readonly pattern?: RegExp;
      readonly oneOf?: readonly string[];
      readonly maxBytes?: number;
      /** A path: a relative one starts from the configuration's folder; the driver is given an absolute one. */
      readonly isPath?: boolean;
    })
  | (Common & { readonly kind: 'integer'; readonly default?: number; readonly min: number; readonly max: number })
  | (Common & { readonly kind: 'boolean'; readonly default?: boolean })
  /** `1500ms`, `3s`, `2m`; given to the driver in milliseconds. */
  | (Common & { readonly kind: 'duration'; readonly default?: number; readonly min: number; readonly max: number })
  /** A reference in the configuration, a `Secret` for the driver. */
  | (Common & { readonly kind: 'secret' })
  /** A text, a number or true/false, for what is handed on unread; given to the driver as text. */
  | (Common & { readonly kind: 'scalar'; readonly maxBytes?: number })
  /** Names that only the device knows, each with a value of one kind. */
  | (Common & { readonly kind: 'map'; readonly of: Setting; readonly names: RegExp; readonly maxItems: number })
  | (Common & { readonly kind: 'list'; readonly of: Setting; readonly default?: readonly unknown[]; readonly maxItems: number })
  | (Common & { readonly kind: 'object'; readonly fields: SettingsSchema });

export type SettingsSchema = Readonly<Record<string, Setting>>;

/** `path` is dotted below the device: `auth.key`. */
export interface SettingsProblem {
  readonly path: string;
  readonly says: string;
}

export interface CheckedSettings {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly problems: readonly SettingsProblem[];
}

const DURATION = /^(\d{1,9})(ms|s|m|h)$/;
const FACTOR: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `3s`, or undefined where it is no duration with a unit. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  const factor = match?.[2] === undefined ? undefined : FACTOR[match[2]];
  return match === null || factor === undefined ? undefined : Number(match[1]) * factor;
}

/**
 * Checks raw settings (secrets already turned into `Secret`, everything else as parsed) and fills in defaults. Unknown names are
 * problems: a misspelt setting must not be silently without effect.
 */
export function checkSettings(schema: SettingsSchema, raw: Readonly<Record<string, unknown>>): CheckedSettings {
  const problems: SettingsProblem[] = [];
  const settings = checkObject(schema, raw, '', problems);
  return { settings, problems };
}

function checkObject(
  schema: SettingsSchema,
  raw: Readonly<Record<string, unknown>>,
  at: string,
  problems: SettingsProblem[],
): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const name of Object.keys(raw)) {
    if (!Object.hasOwn(schema, name))
      problems.push({ path: at + name, says: `is not a setting here; known are ${Object.keys(schema).join(', ')}` });
  }
  for (const [name, setting] of Object.entries(schema)) {
    const value = raw[name];
    if (value === undefined) {
      if (setting.required === true) problems.push({ path: at + name, says: `is missing: ${setting.says}` });
      else if ('default' in setting && setting.default !== undefined) settings[name] = setting.default;
      continue;
    }
    const checked = checkValue(setting, value, at + name, problems);
    if (checked !== undefined) settings[name] = checked;
  }
  return settings;
}

function checkValue(setting: Setting, value: unknown, path: string, problems: SettingsProblem[]): unknown {
  const wrong = (says: string): undefined => {
    problems.push({ path, says });
    return undefined;
  };
  switch (setting.kind) {
    case 'string': {
      // YAML reads an unquoted `version: 3` as a number; where the choices are listed it can only mean one of them.
      if (typeof value === 'number' && setting.oneOf?.includes(String(value)) === true) return String(value);
      if (typeof value !== 'string') return wrong('must be a text');
      if (setting.oneOf !== undefined && !setting.oneOf.includes(value)) return wrong(`must be one of ${setting.oneOf.join(', ')}`);
      if (setting.pattern !== undefined && !setting.pattern.test(value)) return wrong(`does not have the expected form (${setting.says})`);
      if (setting.maxBytes !== undefined && bytesOf(value) > setting.maxBytes) return wrong(`is longer than ${setting.maxBytes} bytes`);
      return value;
    }
    case 'integer':
      if (typeof value !== 'number' || !Number.isInteger(value)) return wrong('must be a whole number');
      return value < setting.min || value > setting.max ? wrong(`must be from ${setting.min} to ${setting.max}`) : value;
    case 'boolean':
      return typeof value === 'boolean' ? value : wrong('must be true or false');
    case 'duration': {
      const ms = typeof value === 'string' ? parseDuration(value) : undefined;
      if (ms === undefined) return wrong('must be a duration with its unit, such as 500ms, 3s or 2m');
      return ms < setting.min || ms > setting.max ? wrong(`must be from ${setting.min}ms to ${setting.max}ms`) : ms;
    }
    case 'secret':
      return value instanceof Secret
        ? value
        : wrong('must be a reference: { file: … }, { env: … } or { credential: … }; a literal secret is not accepted');
    case 'scalar': {
      const text = scalarText(value);
      if (text === undefined) return wrong('must be a text, a number, or true or false');
      return bytesOf(text) > (setting.maxBytes ?? Infinity) ? wrong(`is longer than ${setting.maxBytes} bytes`) : text;
    }
    case 'map': {
      if (!isMap(value)) return wrong('must be a map');
      const entries = Object.entries(value);
      if (entries.length > setting.maxItems) return wrong(`has more than ${setting.maxItems} entries`);
      const misnamed = entries.find(([name]) => !setting.names.test(name));
      if (misnamed !== undefined) return wrong(`has a name of the wrong form: ${JSON.stringify(misnamed[0].slice(0, 40))}`);
      return Object.fromEntries(entries.map(([name, item]) => [name, checkValue(setting.of, item, `${path}.${name}`, problems)]));
    }
    case 'list': {
      if (!Array.isArray(value)) return wrong('must be a list');
      if (value.length > setting.maxItems) return wrong(`has more than ${setting.maxItems} entries`);
      return value.map((item: unknown, index) => checkValue(setting.of, item, `${path}[${index}]`, problems));
    }
    case 'object':
      return isMap(value) ? checkObject(setting.fields, value, `${path}.`, problems) : wrong('must be a map');
  }
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret);

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

/** JSON Schema (draft 2020-12) of the settings, for editors and for `bailiff config schema`. */
export function settingsJsonSchema(schema: SettingsSchema): Record<string, unknown> {
  const required = Object.entries(schema).flatMap(([name, setting]) => (setting.required === true ? [name] : []));
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(Object.entries(schema).map(([name, setting]) => [name, settingJsonSchema(setting)])),
    ...(required.length > 0 ? { required } : {}),
  };
}

const SECRET_REFERENCE = {
  oneOf: ['file', 'env', 'credential'].map((key) => ({
    type: 'object',
    additionalProperties: false,
    properties: { [key]: { type: 'string', minLength: 1 } },
    required: [key],
  })),
};

/** Choices that look like numbers may be written as numbers. */
function choicesSchema(oneOf: readonly string[] | undefined): Record<string, unknown> {
  if (oneOf === undefined) return { type: 'string' };
  const numbers = oneOf.filter((choice) => /^\d+$/.test(choice)).map(Number);
  return numbers.length === 0 ? { type: 'string', enum: oneOf } : { enum: [...oneOf, ...numbers] };
}

function settingJsonSchema(setting: Setting): Record<string, unknown> {
  const description = setting.says;
  switch (setting.kind) {
    case 'string':
      return {
        ...choicesSchema(setting.oneOf),
        description,
        ...(setting.pattern === undefined ? {} : { pattern: setting.pattern.source }),
        ...(setting.default === undefined ? {} : { default: setting.default }),
      };
    case 'integer':
      return {
        type: 'integer',
        description,
        minimum: setting.min,
        maximum: setting.max,
        ...(setting.default === undefined ? {} : { default: setting.default }),
      };
    case 'boolean':
      return { type: 'boolean', description, ...(setting.default === undefined ? {} : { default: setting.default }) };
    case 'duration':
      return {
        type: 'string',
        description,
        pattern: DURATION.source,
        ...(setting.default === undefined ? {} : { default: `${setting.default}ms` }),
      };
    case 'secret':
      return { description, ...SECRET_REFERENCE };
    case 'scalar':
      return { type: ['string', 'number', 'boolean'], description };
    case 'map':
      return {
        type: 'object',
        description,
        maxProperties: setting.maxItems,
        propertyNames: { pattern: setting.names.source },
        additionalProperties: settingJsonSchema(setting.of),
      };
    case 'list':
      return {
        type: 'array',
        description,
        maxItems: setting.maxItems,
        items: settingJsonSchema(setting.of),
        ...(setting.default === undefined ? {} : { default: setting.default }),
      };
    case 'object':
      return { description, ...settingsJsonSchema(setting.fields) };
  }
}
