/**
 * `npm run fuzz`: the property tests (files named *fuzz* or *hostile*) with many more cases than `npm test` gives them.
 * `npm run fuzz -- 500000` sets the number of cases (FUZZ_RUNS for the tests). A failure prints the seed that replays it.
 */
import process from 'node:process';
import { ensureInstalled, run, tool } from './fresh.mjs';

ensureInstalled();
const [first, ...others] = process.argv.slice(2);
const counted = first !== undefined && /^\d+$/.test(first);
const rest = first === undefined || counted ? others : [first, ...others];
const runs = counted ? first : '200000';
process.exitCode = run(tool('vitest'), ['run', 'fuzz', 'hostile', '--testTimeout=1800000', ...rest], { FUZZ_RUNS: runs });
