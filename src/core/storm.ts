/** S8: blast radius. Never more than the configured number of targets per window, and never below the quorum. */
import type { Override, Problem } from '../vocabulary/index.ts';
import { withholdings } from './problems.ts';
import type { Operation, State } from './state.ts';
import type { Draft } from './draft.ts';

/** Distinct targets in the window if these were shot too, the earlier ones first. */
function stormOf(draft: Draft, targets: readonly string[]): readonly string[] {
  const since = draft.at - draft.policy.storm.within;
  const recent = draft.state.shots.filter((shot) => shot.at > since).map((shot) => shot.target);
  return [...new Set([...recent, ...targets])];
}

interface Quorum {
  readonly left: number;
  readonly total: number;
  readonly enough: boolean;
  /** Nodes that count as gone, beside the targets. */
  readonly dark: readonly string[];
}

/** Votes that stay when these targets are shot, and whether that is still enough for the cluster to live. */
function quorumWithout(draft: Draft, targets: readonly string[]): Quorum {
  const nodes = Object.entries(draft.policy.nodes);
  const total = nodes.reduce((sum, [, node]) => sum + node.votes, 0);
  const dark = darkNodes(draft.state);
  const gone = new Set([...targets, ...dark]);
  const left = nodes.reduce((sum, [name, node]) => sum + (gone.has(name) ? 0 : node.votes), 0);
  // Two equal halves: the tie was broken by the verdict (admit saw to that) or by the person who gave the command.
  const enough = left * 2 > total || (left * 2 === total && nodes.filter(([, node]) => node.votes > 0).length === 2);
  return { left, total, enough, dark: [...dark].filter((node) => !targets.includes(node)) };
}

/** Which of the two limits shooting these would pass. Each names all that a person would have to lift, what they lift already among it. */
export function radiusOf(
  draft: Draft,
  targets: readonly string[],
  lifted: readonly Override[] = [],
): { readonly storm?: Problem; readonly quorum?: Problem } {
  const { storm: limit } = draft.policy;
  const storm = stormOf(draft, targets);
  const quorum = quorumWithout(draft, targets);
  const passes: readonly Override[] = [
    ...(storm.length > limit.targets ? (['storm-limit'] as const) : []),
    ...(quorum.enough ? [] : (['quorum-floor'] as const)),
  ];
  const lifts = [...new Set([...lifted, ...passes])];
  return {
    ...(storm.length > limit.targets ? { storm: withholdings.storm(storm, limit.targets, limit.within, lifts) } : {}),
    ...(quorum.enough ? {} : { quorum: withholdings.quorum(quorum.left, quorum.total, quorum.dark, lifts) }),
  };
}

/** What was ordered off and is not proven on, what is marked, what an order off may still reach, and the rest of a verdict that has begun. */
function darkNodes(state: State): ReadonlySet<string> {
  const shooting = Object.values(state.operations).filter((operation) => operation.orders > 0 && operation.wanted === 'off');
  return new Set([
    ...Object.keys(state.fenced),
    ...Object.keys(state.dark),
    ...state.permits.flatMap((permit) => (permit.wanted === 'off' ? [permit.target] : [])),
    ...shooting.flatMap((operation) => [operation.target, ...partsWith(state, operation).map((other) => other.target)]),
  ]);
}

/** The other parts of its verdicts that are still open and have ordered nothing yet. */
export function partsWith(state: State, operation: Operation): readonly Operation[] {
  const ids = operation.verdicts.flatMap((id) => (Object.hasOwn(state.verdicts, id) ? (state.verdicts[id]?.operations ?? []) : []));
  return [...new Set(ids)].flatMap((id) => {
    const part = Object.hasOwn(state.operations, id) ? state.operations[id] : undefined;
    return part !== undefined && part.id !== operation.id && part.orders === 0 && part.wanted === 'off' ? [part] : [];
  });
}
