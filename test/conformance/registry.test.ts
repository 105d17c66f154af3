/** Drivers by name, by file and by package; what is not a driver is told so, by what it lacks. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DriverModule, Problem } from '../../drivers/kit/contract.ts';
import { driverNames, isDriverModule, isInTree, loadDriver } from '../../drivers/registry.ts';

const root = join(import.meta.dirname, '../..');
const DRIVER = `{ name: 'lamp', summary: 'A lamp.', evidence: 'device', plugs: 'none', settings: {}, open: () => ({}) }`;

const FILES: Readonly<Record<string, string>> = {
  'good.mjs': `export const driver = ${DRIVER};`,
  'common.cjs': `exports.driver = ${DRIVER};`,
  'nothing.mjs': 'export const other = 1;',
  'lacking.mjs': `export const driver = { name: 'Lamp 1', evidence: 'both', settings: { port: { kind: 'integer', min: 1, max: 9, default: 10, says: 'x' } } };`,
  'hooked.mjs': `export const driver = { ...${DRIVER}, kindOf: () => ({}), settingsProblem: () => undefined, discover: async () => ({}) };`,
  'hookless.mjs': `export const driver = { ...${DRIVER}, kindOf: {}, settingsProblem: 'none', discover: true };`,
  'untold.mjs': `export const driver = { ...${DRIVER}, settings: { host: { kind: 'string' }, at: { kind: 'date', says: 'when' } } };`,
  'syntax.mjs': 'export const driver = {',
  'node_modules/with-exports/package.json': JSON.stringify({
    name: 'with-exports',
    exports: { '.': { types: './t.d.ts', import: './lib/in.mjs' } },
  }),
  'node_modules/with-exports/lib/in.mjs': `export const driver = ${DRIVER};`,
  'node_modules/with-main/package.json': JSON.stringify({ name: 'with-main', main: './main.cjs' }),
  'node_modules/with-main/main.cjs': `exports.driver = ${DRIVER};`,
  'node_modules/@scope/plain/package.json': JSON.stringify({ name: '@scope/plain' }),
  'node_modules/@scope/plain/index.js': `exports.driver = ${DRIVER};`,
  'node_modules/empty/package.json': JSON.stringify({ name: 'empty', exports: './gone.js' }),
};

const tell = (found: DriverModule | Problem): string => (isDriverModule(found) ? `driver ${found.name}` : `${found.code}: ${found.says}`);

describe('the registry of drivers', () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bailiff-registry-'));
    for (const [name, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    mkdirSync(join(folder, 'etc/deep'), { recursive: true });
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('loads every in-tree driver under its own name', async () => {
    for (const name of driverNames) {
      const found = await loadDriver(name, folder);
      expect(tell(found)).toBe(`driver ${name}`);
      expect(isInTree(name)).toBe(true);
    }
    expect(isInTree('constructor')).toBe(false);
  });

  it.each(['./good.mjs', './hooked.mjs', './common.cjs', 'with-exports', 'with-main', '@scope/plain', 'with-main/main.cjs'])(
    'loads %s',
    async (name) => {
      expect(tell(await loadDriver(name, folder))).toBe('driver lamp');
    },
  );

  it('finds packages in folders above, and paths from the folder itself', async () => {
    expect(tell(await loadDriver('with-main', join(folder, 'etc/deep')))).toBe('driver lamp');
    expect(tell(await loadDriver('../../good.mjs', join(folder, 'etc/deep')))).toBe('driver lamp');
  });

  it.each([
    ['./gone.mjs', /^driver-not-found: .*there is no file .*gone\.mjs$/],
    ['no-such-package', /^driver-not-found: .*no package of this name is installed/],
    ['empty', /^driver-not-found: .*names no entry file that exists/],
    ['What is this', /^driver-not-found: .*neither a path/],
    ['./nothing.mjs', /^driver-module-invalid: .*no export named `driver`$/],
    [
      './lacking.mjs',
      /`name` must.*`summary` must.*`evidence` must.*`plugs` must.*`open` must.*default of setting `port` must be from 1 to 9/,
    ],
    ['./hookless.mjs', /`kindOf`, where it is there, must be a function.*`settingsProblem`, where.*`discover`, where/],
    ['./untold.mjs', /setting `host` does not say what it is.*setting `at` has no known kind/],
    ['./syntax.mjs', /^driver-not-loadable: /],
  ])('says what is wrong with %s', async (name, says) => {
    expect(tell(await loadDriver(name, folder))).toMatch(says);
  });

  it('loads what was mended or installed since it was asked for, and keeps what it has loaded', async () => {
    const file = join(folder, 'mended.mjs');
    expect(tell(await loadDriver('./mended.mjs', folder))).toMatch(/^driver-not-found: /);
    writeFileSync(file, 'throw new Error("half an update");');
    expect(tell(await loadDriver('./mended.mjs', folder))).toMatch(/^driver-not-loadable: .*half an update/);
    writeFileSync(file, `export const driver = ${DRIVER};`);
    utimesSync(file, 1000, 1000);
    const first = await loadDriver('./mended.mjs', folder);
    expect(tell(first)).toBe('driver lamp');
    writeFileSync(file, 'throw new Error("another update");');
    expect(await loadDriver('./mended.mjs', folder)).toBe(first);
  });

  it('loads third parties from a bundle in one CommonJS file, where nothing of the bundle is beside it', { timeout: 120_000 }, async () => {
    const entry = join(folder, 'entry.ts');
    const registry = JSON.stringify(join(root, 'drivers/registry.ts'));
    writeFileSync(
      entry,
      `import { loadDriver } from ${registry}; loadDriver(process.argv[2]!, process.argv[3]!).then((found) => console.log(JSON.stringify(found)));`,
    );
    const bundle = join(folder, 'elsewhere/bundle.cjs');
    await build({
      entryPoints: [entry],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      logLevel: 'silent',
      // Optional native parts of ssh2, which does without them.
      external: ['cpu-features', '*.node'],
    });
    cpSync(join(folder, 'good.mjs'), join(folder, 'etc/good.mjs'));
    for (const name of ['./good.mjs', 'with-exports', ...driverNames]) {
      const done = spawnSync(process.execPath, [bundle, name, join(folder, 'etc')], { encoding: 'utf8', timeout: 20_000 });
      expect(done.stderr).toBe('');
      expect(JSON.parse(done.stdout)).toMatchObject({ name: driverNames.includes(name) ? name : 'lamp' });
    }
  });
});
