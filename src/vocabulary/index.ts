/** The words of the trade. Those that a driver speaks are the kit's, so that who writes one needs nothing of the rest. */
export * from '../../drivers/kit/order.ts';
export * from '../../drivers/kit/power.ts';
export * from '../../drivers/kit/problem.ts';
export * from '../../drivers/kit/secret.ts';
export * from './assessment.ts';
export * from './look.ts';
export * from './outcome.ts';
export * from './outlet.ts';
export * from './promise.ts';
export * from './verdict.ts';
