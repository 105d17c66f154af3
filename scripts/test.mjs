/**
 * `npm test`: installs and builds what is missing, then types, lint, format, and every test (test/tidy among them).
 * All steps run even when one fails. The last line is `N passed, N failed, N skipped`, where a failed step counts as one failure.
 * Arguments go to vitest: `npm test -- test/codec`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { ensureBuilt, ensureInstalled, run, tool } from './fresh.mjs';

/** Tests by outcome from vitest's JSON report. A file that could not even be loaded has no test that failed: it counts as one. */
function countTests(reportFile) {
  let report;
  try {
    report = JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'bailiff-test-'));
  const reportFile = join(folder, 'report.json');
  const code = run(tool('vitest'), ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`, ...args]);
  const counts = countTests(reportFile);
  rmSync(folder, { recursive: true, force: true });
  // An error outside of any test makes vitest fail with no failed test.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

ensureInstalled();
const checks = [
  ['build', ensureBuilt],
  ['types', () => run(tool('tsc'), ['-p', 'tsconfig.test.json'])],
  ['lint', () => run(process.execPath, ['scripts/lint.mjs'])],
  ['format', () => run(tool('biome'), ['format', '.'])],
];
const failedChecks = checks.filter(([name, check]) => {
  console.log(`\n== ${name}`);
  return check() !== 0;
});
console.log('\n== tests');
const counts = runVitest(process.argv.slice(2));
if (failedChecks.length > 0) console.log(`Failed before the tests: ${failedChecks.map(([name]) => name).join(', ')}`);
const failed = counts.failed + failedChecks.length;
console.log(`${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
