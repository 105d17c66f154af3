export * from './assessment.ts';
export * from './order.ts';
export * from './outcome.ts';
export * from './power.ts';
export * from './problem.ts';
export * from './secret.ts';
export * from './verdict.ts';
