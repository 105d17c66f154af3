/** A built command: one bundle, a loader and a code cache that may be missing, torn, stale or somebody else's, and never decides what runs. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../tidy/project.ts';

const SOURCE = `
import { join } from 'node:path';
const [, , wanted, file] = process.argv;
const actions: Record<string, () => unknown> = {
  answer: () => 'genuine',
  where: () => [__filename, import.meta.url, typeof require, join('a', 'b')],
  load: async () => ((await import(String(file))) as { default: string }).default,
  fail: () => { throw new Error('on purpose'); },
  native: async () => { const { native } = await import('./native.cjs'); return native; },
};
Promise.resolve().then(() => actions[wanted ?? 'answer']?.()).then((said) => console.log(JSON.stringify(said)));
`;
const NATIVE = `let native = 'absent'; try { native = require('./build/Release/sshcrypto.node'); } catch {} exports.native = native;`;

let scratch: string;
let original: string;
let dist: string;

function command(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, 'try.cjs'), ...args], { encoding: 'utf8', timeout: 20_000 });
  return { status, stdout: stdout.trim(), stderr };
}

const answer = (...args: string[]): unknown => JSON.parse(command(...args).stdout);

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'bailiff-bundle-'));
  original = join(scratch, 'original');
  mkdirSync(original);
  mkdirSync(join(scratch, 'src'));
  writeFileSync(join(scratch, 'src', 'try.ts'), SOURCE);
  writeFileSync(join(scratch, 'src', 'native.cjs'), NATIVE);
  symlinkSync(join(root, 'node_modules'), join(scratch, 'node_modules'));
  const maker = pathToFileURL(join(root, 'scripts', 'bundle.mjs')).href;
  const make = `const { makeCommand } = await import(${JSON.stringify(maker)});
    await makeCommand(${JSON.stringify(scratch)}, ${JSON.stringify(original)}, { name: 'try', entry: 'src/try.ts', warmRuns: [['answer']] });`;
  const made = spawnSync(process.execPath, ['--input-type=module', '-e', make], { encoding: 'utf8', timeout: 60_000 });
  expect(made.stderr).toBe('');
  expect(made.status).toBe(0);
});

beforeEach(() => {
  dist = mkdtempSync(join(scratch, 'dist-'));
  for (const name of ['try.cjs', 'try.bundle.cjs', 'try.cache']) copyFileSync(join(original, name), join(dist, name));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('a built command', () => {
  it('runs, and its cache is one that this Node accepts', () => {
    expect(answer('answer')).toBe('genuine');
    const loader = readFileSync(join(dist, 'try.cjs'), 'utf8');
    const made = JSON.parse(/const made = (.*);/.exec(loader)?.[1] ?? '') as { node: string; wrapper: [string, string] };
    expect(made.node).toBe(process.version);
    const source = made.wrapper[0] + readFileSync(join(dist, 'try.bundle.cjs'), 'latin1') + made.wrapper[1];
    expect(new Script(source, { cachedData: readFileSync(join(dist, 'try.cache')) }).cachedDataRejected).toBe(false);
  });

  it('starts with a shebang and is executable', () => {
    expect(readFileSync(join(original, 'try.cjs'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    const { status, stdout } = spawnSync(join(original, 'try.cjs'), ['answer'], { encoding: 'utf8', timeout: 20_000 });
    expect([status, stdout]).toEqual([0, '"genuine"\n']);
  });

  it('knows its own file, and can require', () => {
    const file = join(dist, 'try.bundle.cjs');
    expect(answer('where')).toEqual([file, pathToFileURL(file).href, 'function', join('a', 'b')]);
  });

  it('imports a module that was not there when it was built', () => {
    const driver = join(dist, 'driver.mjs');
    writeFileSync(driver, "export default 'a driver of somebody else';");
    expect(answer('load', pathToFileURL(driver).href)).toBe('a driver of somebody else');
  });

  it('does without an optional native part', () => {
    expect(answer('native')).toBe('absent');
  });

  it('tells in a stack trace the line of the bundle', () => {
    const { status, stderr } = command('fail');
    expect(status).not.toBe(0);
    const line = Number(/try\.bundle\.cjs:(\d+)/.exec(stderr)?.[1]);
    expect(readFileSync(join(dist, 'try.bundle.cjs'), 'utf8').split('\n')[line - 1]).toContain('on purpose');
  });
});

describe('a cache that is not to be trusted', () => {
  it('is left aside when the bundle was changed, even to the same length', () => {
    const bundle = join(dist, 'try.bundle.cjs');
    writeFileSync(bundle, readFileSync(bundle, 'utf8').replace('"genuine"', '"changed"'));
    expect(answer('answer')).toBe('changed');
  });

  it.each([
    ['missing', (cache: string) => rmSync(cache)],
    ['empty', (cache: string) => writeFileSync(cache, '')],
    ['torn', (cache: string) => writeFileSync(cache, readFileSync(cache).subarray(0, 1000))],
    ['damaged', (cache: string) => writeFileSync(cache, readFileSync(cache).fill(0x5a, 200, 260))],
  ])('is left aside when it is %s', (_what, spoil) => {
    spoil(join(dist, 'try.cache'));
    expect(command('answer')).toEqual({ status: 0, stdout: '"genuine"', stderr: '' });
  });

  it('is left aside when another Node made it', () => {
    const loader = join(dist, 'try.cjs');
    writeFileSync(loader, readFileSync(loader, 'utf8').replace(`"node":"${process.version}"`, '"node":"v20.19.0-other"'));
    writeFileSync(join(dist, 'try.cache'), 'not for us');
    expect(answer('answer')).toBe('genuine');
  });

  it('is left aside when V8 runs with other flags', () => {
    const { status, stdout } = spawnSync(process.execPath, ['--no-lazy', join(dist, 'try.cjs'), 'answer'], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect([status, stdout]).toEqual([0, '"genuine"\n']);
  });
});
