export { CONFIG_CODES, type ConfigCode } from './codes.ts';
export type * from './configuration.ts';
export { type DriverLookup, driversFrom } from './devices.ts';
export { formatProblem } from './findings.ts';
export { type LoadOptions, loadConfiguration, parseConfiguration } from './load.ts';
export { lintConfiguration } from './lint/lint.ts';
export { plainPlace } from './places.ts';
export { explainConfiguration } from './explain.ts';
export type { DescribedDriver } from './told.ts';
