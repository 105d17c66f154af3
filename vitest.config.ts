import { defineConfig } from 'vitest/config';

/** Areas whose tests start foreign programs or whole racks of their own; they get more time, and run when the others are done. */
const slowAreas = ['test/foreign/**/*.test.ts', 'test/e2e/**/*.test.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: slowAreas, testTimeout: 30_000, hookTimeout: 30_000 },
      },
      {
        extends: true,
        test: { name: 'slow', include: slowAreas, testTimeout: 120_000, hookTimeout: 120_000, sequence: { groupOrder: 1 } },
      },
    ],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    teardownTimeout: 10_000,
    passWithNoTests: true,
    allowOnly: false,
    restoreMocks: true,
    unstubEnvs: true,
    coverage: { provider: 'v8', include: ['src/**/*.ts', 'drivers/**/*.ts', 'hardware-mocks/**/*.ts'] },
  },
});
