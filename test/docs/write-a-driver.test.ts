/** The page that builds a driver is run as a reader would run it: its files in a folder, bailiff as a package, node. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CASES } from '../../drivers/conformance/index.ts';
import { isDriverModule, loadDriver } from '../../drivers/registry.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/guides/write-a-driver.md'), 'utf8');
const tsc = join(root, 'node_modules/.bin/tsc');
const LIMIT_MS = 60_000;

/** Code blocks that carry a file's name after their language. */
function filesOf(markdown: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [, name = '', text = ''] of markdown.matchAll(/^```(?:js|ts) (\S+)\n([\s\S]*?)^```$/gm)) files.set(name, text);
  return files;
}

function run(command: string, args: readonly string[], cwd: string): { readonly code: number | null; readonly text: string } {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: LIMIT_MS });
  return { code: done.status, text: `${done.stdout}${done.stderr}` };
}

/** bailiff as npm would install it, as far as the driver kit goes: its package.json, and dist/ compiled from the sources as they are. */
function installBailiff(folder: string): void {
  const home = join(folder, 'node_modules/bailiff');
  mkdirSync(home, { recursive: true });
  cpSync(join(root, 'package.json'), join(home, 'package.json'));
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { rootDir: root, outDir: join(home, 'dist'), sourceMap: false, typeRoots: [join(root, 'node_modules/@types')] },
    files: [join(root, 'drivers/conformance/index.ts'), join(root, 'drivers/kit/index.ts')],
    include: [],
  };
  writeFileSync(join(folder, 'tsconfig.kit.json'), JSON.stringify(config));
  const built = run(tsc, ['-p', 'tsconfig.kit.json'], folder);
  if (built.code !== 0) throw new Error(`the driver kit does not compile: ${built.text}`);
}

describe('docs/guides/write-a-driver.md', () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bailiff-guide-'));
    installBailiff(folder);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'relay-board', type: 'module', exports: './relay-board.js' }));
    for (const [name, text] of filesOf(page)) writeFileSync(join(folder, name), text);
  }, LIMIT_MS);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('shows four files', () => {
    expect([...filesOf(page).keys()]).toEqual(['relay-board.js', 'relay-board-simulator.js', 'conform.js', 'relay-board-kit.ts']);
  });

  it('is held to the contract by its types', () => {
    const options = { allowJs: true, checkJs: true, noEmit: true, strict: true, target: 'es2023', module: 'nodenext', types: ['node'] };
    const config = { compilerOptions: { ...options, typeRoots: [join(root, 'node_modules/@types')] }, include: ['*.js'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    expect(run(tsc, ['-p', '.'], folder)).toEqual({ code: 0, text: '' });
  });

  it(
    'builds a driver that conforms, and says so as the page does',
    () => {
      const without = run(process.execPath, ['conform.js', 'C20'], folder);
      expect(without.text).toContain('there is no golden transcript yet');
      expect(without.code).toBe(1);
      const first = run(process.execPath, ['conform.js', '--rewrite', 'C20'], folder);
      expect(first.text).toContain('1 kept, 0 broken, 0 not applicable');
      const then = run(process.execPath, ['conform.js'], folder);
      expect(then.text).toContain(page.slice(page.indexOf('21 kept, 0 broken'), page.indexOf('conforms\n') + 'conforms'.length));
      expect(then.code).toBe(0);
      for (const line of page.match(/^C\d\d {2}kept.*$/gm) ?? []) {
        const [id = '', ...said] = line.split(/ {2,}(?:\d+ ms)?/);
        expect(then.text.split('\n').find((each) => each.startsWith(id))).toContain(said.at(-1)?.trim());
      }
      expect(readFileSync(join(folder, 'golden.txt'), 'utf8')).toContain('> SET 1 OFF\n< OK 1 OFF\n');
    },
    3 * LIMIT_MS,
  );

  it(
    'is caught when it is broken',
    () => {
      const honest = readFileSync(join(folder, 'relay-board.js'), 'utf8');
      const broken = honest.replace("return { power: 'unknown', source,", "return { power: 'off', source,");
      expect(broken).not.toBe(honest);
      writeFileSync(join(folder, 'relay-board.js'), broken);
      const judged = run(process.execPath, ['conform.js', 'C04'], folder);
      writeFileSync(join(folder, 'relay-board.js'), honest);
      expect(judged.code).toBe(1);
      expect(judged.text).toMatch(/^C04 {2}broken/m);
    },
    LIMIT_MS,
  );

  it(
    'is caught when it throws in a listener, outside of any call',
    () => {
      const honest = readFileSync(join(folder, 'relay-board.js'), 'utf8');
      const broken = honest.replace("socket.on('error', (error) => settle(this.#lost(error.message)));\n", '');
      expect(broken).not.toBe(honest);
      writeFileSync(join(folder, 'relay-board.js'), broken);
      const judged = run(process.execPath, ['conform.js', 'C16'], folder);
      writeFileSync(join(folder, 'relay-board.js'), honest);
      expect(judged.code).toBe(1);
      expect(judged.text).toMatch(/^C16 {2}broken .*thrown outside of any call/m);
    },
    LIMIT_MS,
  );

  it(
    'builds the same driver from the parts of the kit, in TypeScript, with nothing of bailiff but the built kit',
    () => {
      const options = { strict: true, target: 'es2023', module: 'nodenext', types: ['node'], outDir: 'compiled' };
      const config = { compilerOptions: { ...options, typeRoots: [join(root, 'node_modules/@types')] }, files: ['relay-board-kit.ts'] };
      writeFileSync(join(folder, 'tsconfig.board.json'), JSON.stringify(config));
      expect(run(tsc, ['-p', 'tsconfig.board.json'], folder)).toEqual({ code: 0, text: '' });
      const judge = readFileSync(join(folder, 'conform.js'), 'utf8').replace('./relay-board.js', './compiled/relay-board-kit.js');
      writeFileSync(join(folder, 'conform-kit.js'), judge);
      const judged = run(process.execPath, ['conform-kit.js'], folder);
      expect(judged.text).toContain('21 kept, 0 broken, 0 not applicable');
      expect(judged.code).toBe(0);
    },
    3 * LIMIT_MS,
  );

  it('names every part of the kit, and no other', async () => {
    const kit = (await import('../../drivers/kit/index.ts')) as Readonly<Record<string, unknown>>;
    const table = page.slice(page.indexOf('| part | what it is for |'), page.indexOf('## Configure it'));
    const named = [...table.matchAll(/^\|([^|]*)\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    );
    expect(new Set(named)).toEqual(new Set(Object.keys(kit)));
  });

  it('gives a module that the registry loads by path and by package name', async () => {
    const byPath = await loadDriver('./relay-board.js', folder);
    expect(isDriverModule(byPath) && byPath.name).toBe('relay-board');
    const rack = mkdtempSync(join(tmpdir(), 'bailiff-rack-'));
    cpSync(folder, join(rack, 'node_modules/relay-board'), { recursive: true });
    const byName = await loadDriver('relay-board', rack);
    expect(isDriverModule(byName) && byName.name).toBe('relay-board');
    rmSync(rack, { recursive: true, force: true });
  });

  it('names every promise in its table', () => {
    const named = [...page.matchAll(/\bC\d\d\b/g)].map(([id]) => id);
    expect(CASES.filter(({ id }) => !named.includes(id))).toEqual([]);
  });
});
