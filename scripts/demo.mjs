/** `npm run demo`: installs and builds what is missing, then plays the demo (scripts/demo/main.ts, bundled to dist/demo.mjs). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { ensureBuilt, ensureInstalled, root, run } from './fresh.mjs';

ensureInstalled();
const built = ensureBuilt();
if (built !== 0) process.exit(built);
const demo = join(root, 'dist', 'demo.mjs');
if (!existsSync(demo)) {
  console.error('The build made no dist/demo.mjs: scripts/demo/main.ts is missing.');
  process.exit(1);
}
process.exitCode = run(process.execPath, [demo, ...process.argv.slice(2)]);
