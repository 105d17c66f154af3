/** `npm run lint`: biome's rules, then oxlint with types. Both run; arguments narrow the paths. */
import process from 'node:process';
import { run, tool } from './fresh.mjs';

const paths = process.argv.slice(2);
const biome = run(tool('biome'), ['lint', '--error-on-warnings', ...(paths.length > 0 ? paths : ['.'])]);
const oxlint = run(tool('oxlint'), ['--type-aware', '--deny-warnings', ...paths]);
process.exitCode = biome === 0 && oxlint === 0 ? 0 : 1;
