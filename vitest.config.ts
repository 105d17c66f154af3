import { defineConfig } from 'vitest/config';

/** Areas whose tests start foreign programs or whole racks of their own; they run when the others are done. */
const slowAreas = ['test/foreign/**/*.test.ts', 'test/e2e/**/*.test.ts'];

const LIMIT_MS = 120_000;

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: slowAreas, testTimeout: LIMIT_MS, hookTimeout: LIMIT_MS },
      },
      {
        extends: true,
        test: { name: 'slow', include: slowAreas, testTimeout: LIMIT_MS, hookTimeout: LIMIT_MS, sequence: { groupOrder: 1 } },
      },
    ],
    // Limits against what never ends; a slow machine is no failure.
    expect: { poll: { timeout: 60_000 } },
    environment: 'node',
    pool: 'forks',
    maxWorkers: 4,
    teardownTimeout: 10_000,
    passWithNoTests: true,
    allowOnly: false,
    restoreMocks: true,
    unstubEnvs: true,
    coverage: { provider: 'v8', include: ['src/**/*.ts', 'drivers/**/*.ts', 'hardware-mocks/**/*.ts'] },
  },
});
