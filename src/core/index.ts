export { contentOf } from './admit.ts';
export * from './describe.ts';
export type { Asker, Effect } from './effects.ts';
export type { Event, EventOf, Timer } from './events.ts';
export { type PlannedLevel, sharesOf, walkOf } from './plan.ts';
export type { Policy, PolicyNode, PolicyOutlet } from './policy.ts';
export * from './state.ts';
export { type Step, step } from './step.ts';
export { waitsFor } from './waiting.ts';
