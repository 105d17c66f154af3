import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatProblem, lintConfiguration, parseConfiguration } from '../../src/config/index.ts';
import { configurationJsonSchema } from '../../src/config/schema.ts';
import { sampleDrivers } from './sample-drivers.ts';

const GUIDE = readFileSync(new URL('../../docs/guides/configuration.md', import.meta.url), 'utf8');

type Shape = {
  properties?: Record<string, Shape>;
  additionalProperties?: Shape;
  items?: Shape;
  anyOf?: Shape[];
  oneOf?: Shape[];
  default?: unknown;
};

/** Every key of the schema and its default, without the drivers' settings. */
function keysOf(shape: Shape, path: readonly string[] = []): { key: string; default?: unknown }[] {
  if (path[0] === 'devices' && path.length > 1) return [];
  const inner = [shape.additionalProperties, shape.items, ...(shape.anyOf ?? []), ...(shape.oneOf ?? [])].filter(
    (one) => typeof one === 'object',
  );
  const own = Object.entries(shape.properties ?? {}).flatMap(([key, property]) => [
    { key, ...(property.default === undefined ? {} : { default: property.default }) },
    ...keysOf(property, [...path, key]),
  ]);
  return [...own, ...inner.flatMap((one) => keysOf(one, [...path, '*']))];
}

describe('the guide', () => {
  const keys = keysOf(configurationJsonSchema([]));

  it('has an example that loads and leaves nothing to say', async () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(GUIDE)?.[1] ?? '';
    const loaded = await parseConfiguration(example, 'bailiff.yaml', { drivers: sampleDrivers, files: 'leave', environment: {} });
    expect(
      loaded.ok ? lintConfiguration(loaded.configuration, loaded.where).map(formatProblem) : loaded.problems.map(formatProblem),
    ).toEqual([]);
  });

  it('names every key', () => {
    expect(keys.length).toBeGreaterThan(40);
    const words = new Set([...GUIDE.matchAll(/[A-Za-z]+/g)].map(([word]) => word));
    expect(keys.map(({ key }) => key).filter((key) => !words.has(key))).toEqual([]);
  });

  it('gives every default that is a single value as the schema does', () => {
    const rows = GUIDE.split('\n').filter((line) => line.startsWith('| `'));
    const wrong = keys
      .filter((one) => one.default !== undefined && typeof one.default !== 'object')
      .filter(
        (one) =>
          !rows.some(
            (row) =>
              new RegExp(`\\b${one.key}\\b`).test(row.split('|')[1] ?? '') &&
              (row.split('|')[2] ?? '').includes(`\`${String(one.default)}\``),
          ),
      );
    expect(wrong).toEqual([]);
  });
});
