/**
 * Bundles: each command becomes a few CommonJS files, opened by a small loader with a V8 code cache; the demo becomes one module.
 *
 *   dist/bailiff.cjs               the loader (executable)
 *   dist/bailiff.parts/0.cjs ...   the modules, by what is needed together: whoever needs one of a part opens that part
 *   dist/bailiff.parts/0.cache ... V8's code caches for the Node that built it
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import * as zlib from 'node:zlib';
import { build } from 'esbuild';
import { bundleChunks } from './chunks.mjs';
import { startRack } from './warm-rack.mjs';

const require = createRequire(import.meta.url);
const { wrapper } = require('./bin/wrapper.cjs');

/** A warm-up that takes longer than this is ended, and what it would have shown is left out. */
const WARM_LIMIT_MS = 20_000;

const bin = join(import.meta.dirname, 'bin');

/** Runs the command once for each list of arguments; `each` gives the words that say what to look for (warm.cjs). */
async function warm(loader, { warmRuns, racks = [] }, each) {
  const scratch = mkdtempSync(join(tmpdir(), 'bailiff-warm-'));
  const stops = await Promise.all(racks.map((name) => startRack(loader, scratch, name)));
  for (const args of warmRuns) {
    const { status, error, stderr } = spawnSync(process.execPath, [join(bin, 'warm.cjs'), ...each(), loader, ...args], {
      cwd: scratch,
      input: '',
      encoding: 'utf8',
      timeout: WARM_LIMIT_MS,
      env: { PATH: process.env.PATH ?? '', HOME: scratch },
    });
    if (status !== 0) console.warn(`warm-up '${args.join(' ')}' ended with ${status ?? error}: ${stderr.trim().slice(0, 500)}`);
  }
  for (const stop of stops) await stop();
  rmSync(scratch, { recursive: true, force: true });
}

/** Modules that the same runs need lie together; what no run needs is the last part. Each part in the order in which it is needed. */
function group(names, runs) {
  const groups = new Map();
  for (const name of new Set([...runs.flat(), ...names])) {
    const neededBy = runs.map((needed) => (needed.includes(name) ? 'x' : '-')).join('');
    groups.set(neededBy, [...(groups.get(neededBy) ?? []), name]);
  }
  return [...groups].sort(([a], [b]) => b.split('x').length - a.split('x').length).map(([, together]) => together);
}

/** The folder of parts, and the loader for them without caches. */
function writeParts(out, name, { chunks, entry }, together) {
  const folder = join(out, `${name}.parts`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const parts = together.map((names, at) => {
    const text = names.map((chunk) => `${JSON.stringify(chunk)}:${chunks.get(chunk)}`).join(',\n');
    writeFileSync(join(folder, `${at}.cjs`), `module.exports={\n${text}\n};\n`);
    return { file: `${at}.cjs`, chunks: names };
  });
  const loader = join(out, `${name}.cjs`);
  writeLoader(loader, { entry, parts, made: null });
  return { folder, parts, loader };
}

function writeLoader(file, { entry, parts, made }) {
  const values = {
    __FOLDER__: JSON.stringify(`${basename(file, '.cjs')}.parts`),
    __ENTRY__: JSON.stringify(entry),
    __PARTS__: JSON.stringify(parts),
    __MADE__: JSON.stringify(made),
  };
  const loader = readFileSync(join(bin, 'loader.cjs'), 'utf8');
  writeFileSync(
    file,
    loader.replace(/__(?:FOLDER|ENTRY|PARTS|MADE)__/g, (word) => values[word]),
  );
  chmodSync(file, 0o755);
}

/** What the code caches were made of: lengths and checksums of each part and its cache. */
const sealed = (folder, { file, chunks }) => {
  const cache = file.replace('.cjs', '.cache');
  if (!existsSync(join(folder, cache))) return { file, chunks };
  const [source, cachedData] = [file, cache].map((name) => readFileSync(join(folder, name)));
  return { file, chunks, cache, seal: [source.length, zlib.crc32(source), cachedData.length, zlib.crc32(cachedData)] };
};

/**
 * Bundles one command into `out`: loader, parts and caches. It is run twice over: once to see which modules are needed together, once for what V8
 * compiles.
 * @param command warmRuns: argument lists of quick runs. racks: names of simulated racks that they find in their folder (NAME/bailiff.yaml)
 */
export async function makeCommand(root, out, command) {
  const { name, entry } = command;
  const bundled = await bundleChunks(root, entry);
  const seen = mkdtempSync(join(tmpdir(), 'bailiff-needed-'));
  const names = [...bundled.chunks.keys()];
  let runs = 0;
  await warm(writeParts(out, name, bundled, [names]).loader, command, () => ['needed', join(seen, `${runs++}`)]);
  const needed = Array.from({ length: runs }, (_, at) => join(seen, `${at}`)).flatMap((file) =>
    existsSync(file) ? [JSON.parse(readFileSync(file, 'utf8'))] : [],
  );
  rmSync(seen, { recursive: true, force: true });
  const { folder, parts, loader } = writeParts(out, name, bundled, group(names, needed));
  if (bundled.legal !== '') writeFileSync(join(out, `${name}.LEGAL.txt`), bundled.legal);
  // Without crc32 (Node below 20.15) caches cannot be checked.
  if (typeof zlib.crc32 !== 'function') return;
  await warm(loader, command, () => ['cache', folder]);
  const made = { node: process.version, platform: process.platform, arch: process.arch, wrapper };
  writeLoader(loader, { entry: bundled.entry, parts: parts.map((part) => sealed(folder, part)), made });
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
