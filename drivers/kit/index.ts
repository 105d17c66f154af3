/**
 * The driver kit: all that a driver needs of bailiff, and nothing else; what `bailiff/driver` exports. It imports nothing, starts nothing
 * and keeps nothing between calls. A driver needs the contract; the other parts are there for those that want them.
 */
export { Calls } from './calls.ts';
export * from './contract.ts';
export { type DeadlineTexts, mayAct, RunningDeadline, SharedDeadline } from './deadline.ts';
export { Misconfigured } from './misconfigured.ts';
export { BoundedQueue, Turns } from './queue.ts';
