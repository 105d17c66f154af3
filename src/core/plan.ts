/** The visible plan: one absolute deadline, split over the levels. `bailiff plan` prints what is computed here. */
import { keep, type Outlet, sameOutlet, type WantedPower } from '../vocabulary/index.ts';
import type { Policy, PolicyNode, PolicyOutlet } from './policy.ts';
import type { Operation } from './state.ts';

export interface PlannedLevel {
  /** Number of the level in the configuration, from 0. */
  readonly level: number;
  readonly outlets: readonly PolicyOutlet[];
}

/**
 * The walk over a node's levels. Fencing takes the first level that confirms; powering on goes backwards and needs them all, but waits for
 * no person where a device is left: what was cut by hand is restored by hand.
 */
export function walkOf(node: PolicyNode, wanted: WantedPower): readonly PlannedLevel[] {
  const levels = node.levels.map((outlets, level) => ({ level, outlets }));
  if (wanted === 'off') return levels;
  const devices = levels.map(({ level, outlets }) => ({ level, outlets: outlets.filter(({ manual }) => manual !== true) }));
  const left = devices.filter(({ outlets }) => outlets.length > 0);
  return (left.length > 0 ? left : levels).reverse();
}

/** All of its outlets run on the target itself, or their off is no proof: it can never confirm. */
const courtesy = ({ outlets }: PlannedLevel): boolean => outlets.every(({ evidence }) => evidence === 'target');

/** A level that asks no device for anything: nothing but courtesies, or nothing but people. */
const briefly = (level: PlannedLevel): boolean => courtesy(level) || level.outlets.every(({ manual }) => manual === true);

/**
 * The absolute end of each level's share. A courtesy level (all of its outlets run on the target) gets a tenth of an equal share, because it
 * can never confirm; so does a person's level, which is given time of its own when the person is called.
 */
export function sharesOf(walk: readonly PlannedLevel[], from: number, deadline: number): number[] {
  const weights = walk.map((planned) => (briefly(planned) ? 0.1 : 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let reached = 0;
  return weights.map((weight) => {
    reached += weight;
    return Math.floor(from + ((deadline - from) * reached) / total);
  });
}

/**
 * The walk of one operation. The on half of a reboot switches back whatever may have been cut: what was proven, and what was ordered and not
 * refused. Where the node was dark before, something else may have been cut too: then it switches on all that it can, as an unfence does.
 */
export function walkFor(policy: Policy, operation: Operation): readonly PlannedLevel[] {
  const node = policy.nodes[operation.target];
  keep('S1', node !== undefined, `operation ${operation.id} is on ${operation.target}, which is no configured node`);
  const levels = walkOf(node, operation.wanted);
  if (operation.action !== 'reboot' || operation.wanted === 'off' || operation.wasDark === true) return levels;
  const cut = operation.levels.flatMap((run) =>
    run.wanted === 'off'
      ? run.outlets.filter((outlet) => run.result === 'confirmed' || (outlet.number > 0 && outlet.order !== 'rejected'))
      : [],
  );
  const back = levels.map(({ level, outlets }) => ({
    level,
    outlets: outlets.filter((one) => cut.some((outlet) => sameOutlet(outlet, one))),
  }));
  return back.filter(({ outlets }) => outlets.length > 0);
}

export const isCourtesy = (policy: Policy, operation: Operation, level: number): boolean =>
  walkFor(policy, operation).some((planned) => planned.level === level && courtesy(planned));

/** The level in hand. */
export function levelInHand(policy: Policy, operation: Operation): PlannedLevel {
  const planned = walkFor(policy, operation)[operation.level];
  keep('S3', planned !== undefined, `operation ${operation.id} has no level ${operation.level} in its walk`);
  return planned;
}

/** How long this device may take for one answer. */
export function patience(policy: Policy, operation: Operation, outlet: Outlet): number {
  const planned = levelInHand(policy, operation).outlets.find((one) => sameOutlet(one, outlet));
  return planned?.answerWithin ?? policy.answerWithin;
}

/** For an order: half of what is left of the level's share, at most what the device may take. The other half is for readings. */
export function orderWithin(policy: Policy, operation: Operation, outlet: Outlet, at: number): number {
  const left = (operation.shares[operation.level] ?? operation.deadline) - at;
  return Math.max(1, Math.min(patience(policy, operation, outlet), Math.ceil(left / 2)));
}
