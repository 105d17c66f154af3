/** The run of the level in hand: it is there from the level's first order until what came of it is kept for the answer. */
import { levelInHand } from './plan.ts';
import type { Policy } from './policy.ts';
import type { LevelRun, Operation, OutletRun } from './state.ts';

/** Nothing is ordered or read yet. */
export function beginRun(policy: Policy, operation: Operation): OutletRun[] {
  const fresh = levelInHand(policy, operation).outlets.map(
    ({ device, plug }): OutletRun => ({ device, plug, number: 0, orders: 0, readings: [], unknowns: 0, polls: 0, asked: 0 }),
  );
  operation.outlets = fresh;
  return fresh;
}

/** Nothing where no level is begun. */
export function closeRun(policy: Policy, operation: Operation, result: LevelRun['result']): void {
  const { outlets, wanted } = operation;
  if (outlets === undefined) return;
  operation.levels.push({ level: levelInHand(policy, operation).level, wanted, result, outlets });
  delete operation.outlets;
  delete operation.personUntil;
}

/** The outlets of the level in hand; none where no level is begun. */
export const outletsInHand = ({ outlets }: Operation): readonly OutletRun[] => outlets ?? [];

/** Has an outlet of the level in hand been ordered something? */
export const hasOrdered = (operation: Operation): boolean => outletsInHand(operation).some((outlet) => outlet.number > 0);
