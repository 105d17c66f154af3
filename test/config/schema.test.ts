import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatProblem, parseConfiguration } from '../../src/config/index.ts';
import { configurationJsonSchema } from '../../src/config/schema.ts';
import { accepts } from './json-schema-judge.ts';
import { sampleDrivers, sampleModules } from './sample-drivers.ts';
import { ENVIRONMENT, GOOD, WRONG } from './wrong-cases.ts';

const schema = configurationJsonSchema(sampleModules);
const EXAMPLE = readFileSync(new URL('fixtures/example.yaml', import.meta.url), 'utf8');

/** The random changes take the processor some seconds; how long that is depends on who else wants it. */
const LIMIT_MS = 180_000;

/** Codes that no schema can give: they look things up, or are lost before a schema sees the values. */
const BEYOND = new Set([
  'config-syntax',
  'duplicate-key',
  'duplicate-name',
  'unknown-reference',
  'unknown-driver',
  'driver-not-loadable',
  'driver-threw',
  'outlet-required',
  'outlet-not-taken',
  'secret-missing',
  'key-missing',
]);
const BEYOND_WORDS = /must be from .* to|not an IP(v[46])? address$|longer than 107/;

describe('the JSON Schema', () => {
  it('is draft 2020-12 and names every section, with defaults', () => {
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    const properties = schema['properties'] as Record<string, { properties?: Record<string, { default?: unknown }> }>;
    expect(Object.keys(properties)).toEqual(['cluster', 'stateDir', 'self', 'nodes', 'devices', 'verify', 'policy', 'arbiters', 'listen']);
    expect(schema['required']).toEqual(['cluster', 'self', 'nodes', 'devices']);
    expect(properties['policy']?.properties?.['timeout']?.default).toBe('60s');
  });

  it('accepts the example and the good file', () => {
    expect(accepts(schema, parse(EXAMPLE))).toBe(true);
    expect(accepts(schema, parse(GOOD))).toBe(true);
  });

  it('wants at least one node', () => {
    expect(accepts(schema, { ...(parse(GOOD) as object), nodes: {} })).toBe(false);
  });

  /** Lost in reading, told by bounds of durations, or left to the loader by the drivers' schema of a secret. */
  const ONLY_LOADER = /merge|prototype|no node|^duration out|^gap of|credential that climbs/;
  const byForm = WRONG.filter(
    ({ code, says, title }) => !BEYOND.has(code) && !/not an IP|longer than 107/.test(says.source) && !ONLY_LOADER.test(title),
  );

  it.each(byForm)('refuses too: $title', ({ change: [from, to] }) => {
    expect(accepts(schema, parse(GOOD.replace(from, to)))).toBe(false);
  });
});

type Part = null | boolean | number | string | Part[] | { [key: string]: Part };

/** Every place of a document: the map or list, and the key within it. */
function placesOf(value: Part): { holder: Part[] | { [key: string]: Part }; key: string | number }[] {
  if (typeof value !== 'object' || value === null) return [];
  const keys: (string | number)[] = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value);
  return keys.flatMap((key) => [{ holder: value, key }, ...placesOf((value as Record<string | number, Part>)[key] ?? null)]);
}

describe('schema and loader', () => {
  const replacement = fc.oneof(
    fc.constantFrom<Part>(
      null,
      true,
      0,
      1,
      -1,
      1.5,
      2,
      3,
      70_000,
      '',
      'x',
      'a b',
      '3s',
      '3',
      '1500ms',
      '10.0.0.1:99',
      '10.0.0.1',
      'udp',
      'target',
    ),
    fc.constantFrom<Part>(
      [],
      {},
      ['x'],
      { file: 'x' },
      { env: 'BMC' },
      { credential: 'x', file: 'y' },
      { kind: 'icmp', address: '10.0.0.9' },
    ),
  );
  const change = fc.record({ place: fc.nat(), how: fc.constantFrom('replace', 'remove', 'add'), value: replacement });

  it('agree on random changes to the values, but for what only a look-up can tell', { timeout: LIMIT_MS }, async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(change, async ({ place, how, value }) => {
        const document = parse(GOOD) as Part;
        const places = placesOf(document);
        const { holder, key } = places[place % places.length] ?? { holder: {}, key: '' };
        const target = holder as Record<string | number, Part>;
        if (how === 'replace') target[key] = value;
        else if (how === 'add' && !Array.isArray(holder)) target['extra'] = value;
        else if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else delete target[key];
        const loaded = await parseConfiguration(JSON.stringify(document), 'c', {
          drivers: sampleDrivers,
          files: 'leave',
          environment: ENVIRONMENT,
        });
        const formal = loaded.ok ? [] : loaded.problems.filter(({ code, says }) => !BEYOND.has(code) && !BEYOND_WORDS.test(says));
        if (formal.length > 0) refused += 1;
        const onlyDriver = !loaded.ok && loaded.problems.some(({ code }) => code === 'unknown-driver');
        if (onlyDriver) return;
        expect(accepts(schema, document), formal.map(formatProblem).join('\n')).toBe(formal.length === 0);
      }),
      { numRuns: 1500 },
    );
    expect(refused).toBeGreaterThan(300);
  });
});
