/** A built command: parts, a loader and code caches that may be missing, torn, stale or somebody else's, and never decide what runs. */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../tidy/project.ts';

const SOURCE = `
import { join } from 'node:path';
import { seen } from './state.ts';
const [, , wanted, file] = process.argv;
const actions: Record<string, () => unknown> = {
  answer: () => 'genuine',
  where: () => [__filename, import.meta.url, typeof require, join('a', 'b')],
  load: async () => ((await import(String(file))) as { default: string }).default,
  fail: () => { throw new Error('on purpose'); },
  native: async () => { const { native } = await import('./native.ts'); return native; },
  seldom: async () => { seen.push('first'); const { seldom } = await import('./seldom.ts'); seldom(); return seen; },
  again: async () => { const tries = []; for (let i = 0; i < 2; i += 1) await import('./broken.ts').catch((error) => tries.push(error.message)); return tries; },
  later: async () => {
    process.stdout.write('waits\\n');
    await new Promise((resolve) => process.stdin.once('data', resolve));
    const { seldom } = await import('./seldom.ts');
    seldom();
    return seen;
  },
};
Promise.resolve().then(() => actions[wanted ?? 'answer']?.()).then((said) => { console.log(JSON.stringify(said)); process.stdin.destroy(); });
`;
const MORE: Readonly<Record<string, string>> = {
  'state.ts': 'export const seen: string[] = [];',
  'seldom.ts': "import { seen } from './state.ts'; export const seldom = (): void => { seen.push('seldom'); };",
  'broken.ts': "export const never = ((): never => { throw new Error('not this time'); })();",
  'native.ts': "import found from './native.cjs'; export const { native } = found;",
  'native.cjs': `let native = 'absent'; try { native = require('./build/Release/sshcrypto.node'); } catch {} exports.native = native;`,
};

let scratch: string;
let original: string;
let dist: string;

function command(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, 'try.cjs'), ...args], { encoding: 'utf8', timeout: 20_000 });
  return { status, stdout: stdout.trim(), stderr };
}

const answer = (...args: string[]): unknown => JSON.parse(command(...args).stdout);

interface Part {
  readonly file: string;
  readonly chunks: readonly string[];
  readonly cache: string;
}

/** What the build wrote into the loader. */
const filledIn = <T>(name: string): T =>
  JSON.parse(new RegExp(`const ${name} = (.*);`).exec(readFileSync(join(dist, 'try.cjs'), 'utf8'))?.[1] ?? '') as T;
/** Path of a file of the first part, which every run needs. */
const first = (name: 'file' | 'cache'): string => join(dist, 'try.parts', filledIn<readonly Part[]>('parts')[0]?.[name] ?? '');

function build(entry: string, out: string): { status: number | null; stderr: string } {
  const maker = pathToFileURL(join(root, 'scripts', 'bundle.mjs')).href;
  const make = `const { makeCommand } = await import(${JSON.stringify(maker)});
    await makeCommand(${JSON.stringify(scratch)}, ${JSON.stringify(out)}, { name: 'try', entry: ${JSON.stringify(entry)}, warmRuns: [['answer']] });`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', make], { encoding: 'utf8', timeout: 60_000 });
}

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'bailiff-bundle-'));
  original = join(scratch, 'original');
  mkdirSync(original);
  mkdirSync(join(scratch, 'src'));
  writeFileSync(join(scratch, 'src', 'try.ts'), SOURCE);
  for (const [name, text] of Object.entries(MORE)) writeFileSync(join(scratch, 'src', name), text);
  symlinkSync(join(root, 'node_modules'), join(scratch, 'node_modules'));
  const made = build('src/try.ts', original);
  expect(made.stderr).toBe('');
  expect(made.status).toBe(0);
});

beforeEach(() => {
  dist = mkdtempSync(join(scratch, 'dist-'));
  cpSync(original, dist, { recursive: true });
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('a built command', () => {
  it('runs, and its caches are ones that this Node accepts', () => {
    expect(answer('answer')).toBe('genuine');
    const made = filledIn<{ node: string; wrapper: [string, string] }>('made');
    expect(made.node).toBe(process.version);
    for (const { file, cache } of filledIn<readonly Part[]>('parts')) {
      const source = made.wrapper[0] + readFileSync(join(dist, 'try.parts', file), 'latin1') + made.wrapper[1];
      expect(new Script(source, { cachedData: readFileSync(join(dist, 'try.parts', cache)) }).cachedDataRejected).toBe(false);
    }
  });

  it('keeps what no warm-up needed in a part of its own, which is not opened before it is needed', () => {
    const [needed, seldom] = filledIn<readonly Part[]>('parts').map(({ file }) => readFileSync(join(dist, 'try.parts', file), 'utf8'));
    expect([needed?.includes('genuine'), needed?.includes("'seldom'") || needed?.includes('"seldom")')]).toEqual([true, false]);
    expect(seldom).toContain('"seldom")');
    writeFileSync(join(dist, 'try.parts', '1.cjs'), 'this is no JavaScript');
    rmSync(join(dist, 'try.parts', '1.cache'));
    expect(answer('answer')).toBe('genuine');
    expect(command('seldom').status).not.toBe(0);
  });

  it('has each module once, whoever asks for it', () => {
    expect(answer('seldom')).toEqual(['first', 'seldom']);
  });

  it('runs a module anew whose first run failed', () => {
    expect(answer('again')).toEqual(['not this time', 'not this time']);
  });

  it('starts with a shebang and is executable', () => {
    expect(readFileSync(join(original, 'try.cjs'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    const { status, stdout } = spawnSync(join(original, 'try.cjs'), ['answer'], { encoding: 'utf8', timeout: 20_000 });
    expect([status, stdout]).toEqual([0, '"genuine"\n']);
  });

  it('knows its own file, and can require', () => {
    const file = join(dist, 'try.cjs');
    expect(answer('where')).toEqual([file, pathToFileURL(file).href, 'function', join('a', 'b')]);
  });

  it('imports a module that was not there when it was built', () => {
    const driver = join(dist, 'driver.mjs');
    writeFileSync(driver, "export default 'a driver of somebody else';");
    expect(answer('load', pathToFileURL(driver).href)).toBe('a driver of somebody else');
  });

  it('is not built where an import() of CommonJS would give other names than without a build', () => {
    writeFileSync(join(scratch, 'src', 'wrong.ts'), "console.log(import('./native.cjs'));");
    const { status, stderr } = build('src/wrong.ts', dist);
    expect(status).not.toBe(0);
    expect(stderr).toContain('import() of src/native.cjs');
  });

  it('does without an optional native part', () => {
    expect(answer('native')).toBe('absent');
  });

  it('goes on with the parts it began with when another version is installed meanwhile', async () => {
    const child = spawn(process.execPath, [join(dist, 'try.cjs'), 'later'], { stdio: ['pipe', 'pipe', 'inherit'] });
    let out = '';
    await new Promise<void>((resolve) =>
      child.stdout.on('data', (bytes: Buffer) => {
        out += bytes.toString();
        if (out.includes('waits')) resolve();
      }),
    );
    renameSync(join(dist, 'try.parts'), join(dist, 'earlier'));
    mkdirSync(join(dist, 'try.parts'));
    for (const file of readdirSync(join(dist, 'earlier'))) writeFileSync(join(dist, 'try.parts', file), 'of another version');
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.stdin.end('go on');
    expect([await ended, out]).toEqual([0, 'waits\n["seldom"]\n']);
  });

  it('does not begin where a part is missing, and says so where one is of another build', () => {
    writeFileSync(first('file'), 'module.exports = {};');
    const other = command('answer');
    expect(other.status).not.toBe(0);
    expect(other.stderr).toContain('is not of the same build');
    rmSync(join(dist, 'try.parts', '1.cjs'));
    expect(command('answer')).toMatchObject({ status: 1, stderr: expect.stringContaining('ENOENT') });
  });

  it('tells in a stack trace the line of the part', () => {
    const { status, stderr } = command('fail');
    expect(status).not.toBe(0);
    const line = Number(/try\.parts\/0\.cjs:(\d+)/.exec(stderr)?.[1]);
    expect(readFileSync(first('file'), 'utf8').split('\n')[line - 1]).toContain('on purpose');
  });
});

describe('a cache that is not to be trusted', () => {
  it('is left aside when the part was changed, even to the same length', () => {
    writeFileSync(first('file'), readFileSync(first('file'), 'utf8').replace('"genuine"', '"changed"'));
    expect(answer('answer')).toBe('changed');
  });

  it.each([
    ['missing', (cache: string) => rmSync(cache)],
    ['empty', (cache: string) => writeFileSync(cache, '')],
    ['torn', (cache: string) => writeFileSync(cache, readFileSync(cache).subarray(0, 1000))],
    ['damaged', (cache: string) => writeFileSync(cache, readFileSync(cache).fill(0x5a, 200, 260))],
  ])('is left aside when it is %s', (_what, spoil) => {
    spoil(first('cache'));
    expect(command('answer')).toEqual({ status: 0, stdout: '"genuine"', stderr: '' });
  });

  it('is left aside when another Node made it', () => {
    const loader = join(dist, 'try.cjs');
    writeFileSync(loader, readFileSync(loader, 'utf8').replace(`"node":"${process.version}"`, '"node":"v20.19.0-other"'));
    writeFileSync(first('cache'), 'not for us');
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
