/** S8: blast radius. Never more than the configured number of targets per window, and never below the quorum. */
import type { Operation, State } from './state.ts';
import type { Turn } from './turn.ts';

/** Distinct targets in the window if these were shot too, the earlier ones first. */
export function stormOf(turn: Turn, targets: readonly string[]): readonly string[] {
  const since = turn.at - turn.policy.storm.within;
  const recent = turn.draft.shots.filter((shot) => shot.at > since).map((shot) => shot.target);
  return [...new Set([...recent, ...targets])];
}

/** Votes that stay when this target is shot, and whether that is still enough for the cluster to live. */
export function quorumLeft(turn: Turn, operation: Operation): { readonly left: number; readonly total: number; readonly enough: boolean } {
  const nodes = Object.entries(turn.policy.nodes);
  const total = nodes.reduce((sum, [, node]) => sum + node.votes, 0);
  const gone = goneWith(turn.draft, operation);
  const left = nodes.reduce((sum, [name, node]) => sum + (gone.has(name) ? 0 : node.votes), 0);
  // Two equal halves: the tie was broken by the verdict (admit saw to that) or by the person who gave the command.
  const enough = left * 2 > total || (left * 2 === total && nodes.filter(([, node]) => node.votes > 0).length === 2);
  return { left, total, enough };
}

function goneWith(state: State, operation: Operation): Set<string> {
  const others = Object.values(state.operations).filter((other) => other.orders > 0 && other.wanted === 'off');
  return new Set([operation.target, ...Object.keys(state.fenced), ...others.map((other) => other.target)]);
}
