/**
 * Bundles: each command becomes ONE CommonJS file, started by a small loader with a V8 code cache; the demo becomes one module.
 *
 *   dist/bailiff.cjs           the loader (executable)
 *   dist/bailiff.bundle.cjs    the bundle; runs by itself as well
 *   dist/bailiff.cache         V8's code cache for the Node that built it
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import * as zlib from 'node:zlib';
import { build } from 'esbuild';
import { parseSync } from 'oxc-parser';
import { startRack } from './warm-rack.mjs';

const require = createRequire(import.meta.url);
const { wrapper } = require('./bin/wrapper.cjs');

/** A warm-up that takes longer than this is ended, and its cache is not used. */
const WARM_LIMIT_MS = 20_000;

/** ssh2 tries its native parts inside try/catch and works without them: they stay outside of the bundle and may be missing. */
const optionalNatives = {
  name: 'optional-natives',
  setup(bundler) {
    bundler.onResolve({ filter: /^cpu-features$|\.node$/ }, ({ path }) => ({ path, external: true }));
  },
};

/**
 * Goes before the bundle. V8 forgets, for code that comes out of a cache, how `import()` is to be carried out (seen with Node 20), so
 * the loader hands its own in; without a loader the bundle's own is right.
 */
const preamble = `
const __bundleUrl = require('node:url').pathToFileURL(__filename).href;
const __importModule = typeof __loaderImport === 'function' ? __loaderImport : (specifier) => import(specifier);
`.trim();

/** Bundles one command to `file`. `import.meta.url` becomes the bundle's own address, an `import()` that stays goes by the loader's. */
async function bundleCommand(root, entry, file) {
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    charset: 'ascii',
    legalComments: 'linked',
    minifyWhitespace: true,
    logLevel: 'warning',
    define: { 'import.meta.url': '__bundleUrl' },
    plugins: [optionalNatives],
  });
  // The loader reads one byte per character, which is quick, and right only as long as the bundle is ASCII. esbuild escapes code; the
  // comments that it keeps (inside of expressions) are left as they were.
  const bundled = readFileSync(file, 'utf8').replaceAll(
    /[^\x00-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const { module, errors } = parseSync(file, bundled);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0].message}`);
  let text = '';
  let at = 0;
  for (const { start } of module.dynamicImports) {
    text += `${bundled.slice(at, start)}__importModule`;
    at = start + 'import'.length;
  }
  // esbuild keeps a #! line at the front; ours goes on the loader alone.
  const whole = text + bundled.slice(at);
  writeFileSync(file, `${preamble}\n${whole.replace(/^#!.*/, '')}`);
}

/** Runs the bundle once for each list of arguments, each run adding to the cache. Returns null when this Node cannot check caches. */
async function makeCache(bundle, cache, { warmRuns, onRack = false }) {
  if (typeof zlib.crc32 !== 'function') return null;
  const source = readFileSync(bundle);
  const scratch = mkdtempSync(join(tmpdir(), 'bailiff-warm-'));
  const stop = onRack ? await startRack(bundle, scratch) : undefined;
  for (const args of warmRuns) {
    const warm = join(import.meta.dirname, 'bin', 'warm.cjs');
    const { status, error, stderr } = spawnSync(process.execPath, [warm, bundle, cache, ...args], {
      cwd: scratch,
      input: '',
      encoding: 'utf8',
      timeout: WARM_LIMIT_MS,
      env: { PATH: process.env.PATH ?? '', HOME: scratch },
    });
    if (status !== 0) console.warn(`warm-up '${args.join(' ')}' ended with ${status ?? error}: ${stderr.trim().slice(0, 500)}`);
  }
  await stop?.();
  rmSync(scratch, { recursive: true, force: true });
  if (!existsSync(cache)) return null;
  const cachedData = readFileSync(cache);
  return {
    node: process.version,
    platform: process.platform,
    arch: process.arch,
    wrapper,
    bundleLength: source.length,
    bundleCrc: zlib.crc32(source),
    cacheLength: cachedData.length,
    cacheCrc: zlib.crc32(cachedData),
  };
}

/**
 * Bundles one command into `out`: loader, bundle and cache.
 * @param command warmRuns: argument lists of quick runs; what V8 compiles for them goes into the cache. onRack: they find a simulated rack
 * in their folder (rack/bailiff.yaml)
 */
export async function makeCommand(root, out, command) {
  const { name, entry } = command;
  const bundle = join(out, `${name}.bundle.cjs`);
  const cache = join(out, `${name}.cache`);
  await bundleCommand(root, entry, bundle);
  const made = await makeCache(bundle, cache, command);
  const values = {
    __BUNDLE__: JSON.stringify(`${name}.bundle.cjs`),
    __CACHE__: JSON.stringify(`${name}.cache`),
    __MADE__: JSON.stringify(made),
  };
  const loader = readFileSync(join(import.meta.dirname, 'bin', 'loader.cjs'), 'utf8');
  writeFileSync(
    join(out, `${name}.cjs`),
    loader.replace(/__(?:BUNDLE|CACHE|MADE)__/g, (word) => values[word]),
  );
  chmodSync(join(out, `${name}.cjs`), 0o755);
}

/** Bundles the demo to one module; packages stay in node_modules. */
export async function makeDemo(root, out, entry) {
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: join(out, 'demo.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    packages: 'external',
    logLevel: 'warning',
  });
}
