/**
 * The driver kit's judge: `import { … } from 'bailiff/conformance'`. Free of any test framework; see docs/guides/write-a-driver.md.
 */
export {
  type Bench,
  type BenchClock,
  benchForDevice,
  type Capability,
  type Golden,
  type Pace,
  type RawSettings,
  type Stand,
  USUAL_PACE,
} from './bench.ts';
export type { Case, Finding } from './case.ts';
export { CASES } from './cases.ts';
export { checkDriverModule } from './module.ts';
export { type CaseResult, conformance, type ConformanceOptions, runConformance, unknownCases } from './run.ts';
export { Scene } from './scene.ts';
export { type ConformanceSummary, renderResult, renderTable, summarize } from './table.ts';
