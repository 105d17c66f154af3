/** S11: one side only. Which verdicts contradict each other, and who is protected as a survivor. */
import type { Verdict } from '../vocabulary/index.ts';
import { isIn } from './roster.ts';
import type { KnownVerdict, State } from './state.ts';

/**
 * The verdicts of the same epoch that this one contradicts: one shoots whom the other lets live. One that was itself withheld for a
 * contradiction counts: the arbiter does not settle it by saying one of the two again.
 */
export function contradictions(state: State, verdict: Verdict): readonly KnownVerdict[] {
  const { roster, verdicts } = state;
  const live = new Set(verdict.survivors);
  return verdicts
    .values()
    .filter(
      (other) =>
        (other.admitted || other.contradicts === true) &&
        other.id !== verdict.id &&
        other.epoch === verdict.epoch &&
        (verdict.targets.some((node) => isIn(roster, other.survivors, node)) || other.targets.some((node) => live.has(node))),
    );
}

/** By whomever: a command may carry out what a withheld verdict had asked for. */
const beingFenced = (state: State, node: string): boolean =>
  state.operations.in('target', node).some(({ wanted, action }) => wanted === 'off' && action !== 'attest');

/**
 * The epoch whose admitted verdict protects this node, or undefined. The protection lasts while a target of that verdict is being
 * fenced or is still marked fenced: then the split is not healed, and shooting the survivor would leave nobody.
 */
export function protectedSurvivor(state: State, node: string): number | undefined {
  const protecting = state.verdicts
    .values()
    .find(
      (verdict) =>
        verdict.admitted &&
        verdict.epoch === state.epoch &&
        isIn(state.roster, verdict.survivors, node) &&
        verdict.targets.some((target) => state.fenced.has(target) || beingFenced(state, target)),
    );
  return protecting?.epoch;
}
