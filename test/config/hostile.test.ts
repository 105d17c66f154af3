import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProblem, parseConfiguration } from '../../src/config/index.ts';
import { sampleDrivers } from './sample-drivers.ts';
import { ENVIRONMENT, GOOD } from './wrong-cases.ts';

const load = (text: string) => parseConfiguration(text, 'bailiff.yaml', { drivers: sampleDrivers, environment: ENVIRONMENT });

const codesOf = async (text: string): Promise<readonly string[]> => {
  const loaded = await load(text);
  return loaded.ok ? [] : [...new Set(loaded.problems.map(({ code }) => code))];
};

describe('text made to do harm', () => {
  const letters = [...'abcdefghij'];
  const bomb = letters.map(
    (letter, index) =>
      `${letter}: &${letter} [${Array(10)
        .fill(index === 0 ? '1' : `*${letters[index - 1]}`)
        .join(', ')}]`,
  );

  it.each([
    ['an alias bomb', bomb.join('\n')],
    ['an alias within itself', 'cluster: &x [*x, *x]'],
    ['lists in lists', `cluster: ${'['.repeat(300_000)}`],
    ['lists in lists behind a quoted bracket', `cluster: ${'[ "]", '.repeat(100_000)}`],
    ['maps in maps', `cluster: ${'{a: '.repeat(100_000)}`],
    ['lists on one line', '- '.repeat(300_000)],
    ['keys on one line', '? '.repeat(300_000)],
    ['indentation without end', Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('%s ends with one clear problem', async (_, text) => {
    expect(await codesOf(text)).toEqual(['config-too-large']);
  });

  it('gives at most 200 problems and says how many more there are', async () => {
    const loaded = await load(Array.from({ length: 5000 }, (_, index) => `key${index}: 1`).join('\n'));
    const problems = loaded.ok ? [] : loaded.problems;
    expect(problems).toHaveLength(201);
    expect(problems.at(-1)?.says).toBe('4804 more problems are not shown');
  });

  it('bounds nodes and devices', async () => {
    const nodes = Array.from({ length: 10_001 }, (_, index) => `  n${index}: { fence: [] }`).join('\n');
    const devices = Array.from({ length: 20_481 }, (_, index) => `  d${index}: { driver: ssh-target, host: h }`).join('\n');
    const loaded = await load(`cluster: c\nself: { id: s }\nnodes:\n${nodes}\ndevices:\n${devices}\n`);
    expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([
      'bailiff.yaml:3:1 nodes: has more than 10000 entries. Split the cluster',
      'bailiff.yaml:10005:1 devices: has more than 20480 entries. Split the cluster',
    ]);
  });

  it('shares what an anchor names', async () => {
    const text = GOOD.replace('password: { env: BMC }\n    poweredBy', 'password: &bmc { env: BMC }\n    poweredBy').replace(
      'password: { env: BMC }, poweredBy',
      'password: *bmc, poweredBy',
    );
    expect(text).toContain('*bmc');
    expect(await codesOf(text)).toEqual([]);
  });
});

/** Some seconds of the processor; how long that is depends on who else wants it. */
const LIMIT_MS = 180_000;

describe('random mutations of a good file', () => {
  const alphabet = fc.constantFrom(...'{}[]:,-&*!|>\'"%@`#? \n\ta0é\u0000');
  const edit = fc.record({ at: fc.nat(GOOD.length), remove: fc.nat(6), insert: fc.string({ unit: alphabet, maxLength: 6 }) });
  const mutate = (text: string, { at, remove, insert }: { at: number; remove: number; insert: string }): string =>
    text.slice(0, at) + insert + text.slice(at + remove);

  it('never throw; each problem has a place within the file, plain words and a next step', { timeout: LIMIT_MS }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
        const text = edits.reduce(mutate, GOOD);
        const lines = text.split('\n');
        const loaded = await load(text);
        if (loaded.ok) return;
        expect(loaded.problems.length).toBeGreaterThan(0);
        let before = 0;
        for (const problem of loaded.problems) {
          expect(problem.line).toBeGreaterThanOrEqual(Math.max(before, 1));
          before = problem.line;
          expect(problem.line).toBeLessThanOrEqual(lines.length);
          expect(problem.column).toBeGreaterThanOrEqual(1);
          expect(problem.column).toBeLessThanOrEqual((lines[problem.line - 1] ?? '').length + 1);
          expect(problem.says.length).toBeGreaterThan(5);
          expect(problem.next.length).toBeGreaterThan(2);
          expect(formatProblem(problem)).not.toMatch(/Invalid input|undefined|secret-value/);
        }
      }),
      { numRuns: 600 },
    );
  });

  it('never quote a secret that was written in place of its reference, however it is written', { timeout: LIMIT_MS }, async () => {
    const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9!*&%@:=#_-]{9,20}$/).map((text) => `Zq7${text}`);
    const shapes = [
      (secret: string) => secret,
      (secret: string) => `*${secret}`,
      (secret: string) => `!${secret}`,
      (secret: string) => `&${secret}`,
      (secret: string) => `@${secret}`,
      (secret: string) => `"${secret}`,
      (secret: string) => `'${secret}'`,
      (secret: string) => `[${secret}]`,
      (secret: string) => `{ ${secret} }`,
      (secret: string) => `{ file: [${secret}] }`,
      (secret: string) => `{ value: '${secret}' }`,
      (secret: string) => `|\n      ${secret}`,
      (secret: string) => `\n      ${secret}:`,
    ];
    await fc.assert(
      fc.asyncProperty(word, fc.constantFrom(...shapes), async (secret, shape) => {
        const text = GOOD.replace('password: { env: BMC }\n    poweredBy', () => `password: ${shape(secret)}\n    poweredBy`);
        const loaded = await load(text);
        expect(loaded.ok).toBe(false);
        if (!loaded.ok) expect(loaded.problems.map(formatProblem).join('\n')).not.toContain('Zq7');
      }),
      { numRuns: 400 },
    );
  });
});
