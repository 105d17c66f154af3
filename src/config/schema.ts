/**
 * JSON Schema (draft 2020-12) of the entire file, for editors and for `bailiff config schema`. It accepts what the loader accepts in form;
 * the loader also looks references up, and knows the bounds of durations.
 */
import { toJSONSchema } from 'zod/mini';
import { type Setting, type SettingsSchema, settingsJsonSchema } from '../../drivers/kit/settings.ts';
import { LIMITS } from './defaults.ts';
import type { DescribedDriver } from './told.ts';
import { deviceCommon, writtenSchema } from './written.ts';

type JsonSchema = Record<string, unknown>;

/** `drivers` are the ones whose settings are spelt out; devices of third-party drivers are accepted with any settings. */
export function configurationJsonSchema(drivers: readonly DescribedDriver[]): JsonSchema {
  const schema = toJSONSchema(writtenSchema, { io: 'input', target: 'draft-2020-12' }) as JsonSchema;
  const properties = schema['properties'] as Record<string, JsonSchema>;
  const common = (toJSONSchema(deviceCommon, { io: 'input' }) as JsonSchema)['properties'] as JsonSchema;
  return {
    ...schema,
    title: 'bailiff configuration',
    properties: {
      ...properties,
      nodes: { ...properties['nodes'], minProperties: 1, maxProperties: LIMITS.nodes },
      devices: {
        ...properties['devices'],
        maxProperties: LIMITS.devices,
        additionalProperties: {
          anyOf: [...drivers.map((driver) => deviceOf(driver, common)), thirdParty(drivers, common)],
        },
      },
    },
  };
}

function deviceOf(driver: DescribedDriver, common: JsonSchema): JsonSchema {
  const settings = settingsJsonSchema(driver.settings);
  const required = (settings['required'] ?? []) as readonly string[];
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      driver: { const: driver.name },
      ...common,
      ...numeric(driver.settings, settings['properties'] as Record<string, JsonSchema>),
    },
    required: ['driver', ...required],
  };
}

/** The word that the loader imports: what is none of the known names. */
function thirdParty(drivers: readonly DescribedDriver[], common: JsonSchema): JsonSchema {
  return {
    type: 'object',
    properties: { driver: { type: 'string', minLength: 1, maxLength: 256, not: { enum: drivers.map(({ name }) => name) } }, ...common },
    required: ['driver'],
  };
}

/** `version: 3` is a number to YAML; the loader takes it for the text, so the schema names both. */
function numeric(settings: SettingsSchema, properties: Record<string, JsonSchema>): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => {
      const setting = settings[name];
      return [name, setting === undefined ? property : widened(setting, property)];
    }),
  );
}

function widened(setting: Setting, property: JsonSchema): JsonSchema {
  if (setting.kind === 'string' && setting.oneOf !== undefined) {
    const numbers = setting.oneOf.filter((word) => String(Number(word)) === word).map(Number);
    return numbers.length === 0 ? property : { ...property, type: ['string', 'integer'], enum: [...setting.oneOf, ...numbers] };
  }
  if (setting.kind === 'object')
    return { ...property, properties: numeric(setting.fields, property['properties'] as Record<string, JsonSchema>) };
  if (setting.kind === 'list') return { ...property, items: widened(setting.of, property['items'] as JsonSchema) };
  return property;
}
