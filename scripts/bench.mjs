/**
 * `npm run bench`: runs bench/*.bench.ts one after another, each in a process of its own; `npm run bench -- loss startup` only the
 * ones named. dist/ is built first, because the comparisons start the built commands.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { ensureBuilt, ensureInstalled, root, run } from './fresh.mjs';

ensureInstalled();
if (ensureBuilt() !== 0) process.exit(1);
const { build } = await import('esbuild');
const all = readdirSync(join(root, 'bench')).filter((name) => name.endsWith('.bench.ts'));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(`${name}.bench.ts`));
if (unknown.length > 0) {
  console.error(`No such bench: ${unknown.join(', ')}. There are: ${all.map((name) => name.replace('.bench.ts', '')).join(', ')}`);
  process.exit(1);
}
const out = join(root, 'node_modules', '.cache', 'bench');
mkdirSync(out, { recursive: true });
for (const file of wanted.length > 0 ? wanted.map((name) => `${name}.bench.ts`) : all) {
  const outfile = join(out, file.replace(/\.ts$/, '.mjs'));
  await build({
    entryPoints: [join(root, 'bench', file)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    packages: 'external',
    logLevel: 'warning',
  });
  console.log(`\n== ${file}`);
  if (run(process.execPath, [outfile]) !== 0) process.exitCode = 1;
}
