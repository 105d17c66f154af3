/**
 * `npm run scenarios`: the prose scenarios alone. With `--rewrite` each scenario's file is written anew with what happened
 * (BAILIFF_REWRITE=1 for the tests); read the difference before you commit it. Other arguments go to vitest.
 */
import process from 'node:process';
import { ensureInstalled, run, tool } from './fresh.mjs';

ensureInstalled();
const args = process.argv.slice(2);
const rewrite = args.includes('--rewrite') ? { BAILIFF_REWRITE: '1' } : {};
const rest = args.filter((arg) => arg !== '--rewrite');
process.exitCode = run(tool('vitest'), ['run', 'test/scenarios', ...rest], rewrite);
