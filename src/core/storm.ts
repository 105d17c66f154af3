/** S8: blast radius. Never more than the configured number of targets per window, and never below the quorum. */
import type { Override, Problem } from '../vocabulary/index.ts';
import type { Draft } from './draft.ts';
import { Gone } from './gone.ts';
import { MOST_NAMES, withholdings } from './problems.ts';
import { BOUNDS, type Operation, type Shot, type State } from './state.ts';
import { Summary } from './table.ts';

const since = (draft: Draft): number => draft.at - draft.policy.storm.within;

const shotsOfPart = new Summary((shots: readonly Shot[]) => ({ shots, first: Math.min(...shots.map(({ at }) => at)) }));

/** How many targets would be in the window if these were shot too. */
function stormWith(draft: Draft, targets: readonly string[]): number {
  const from = since(draft);
  const recent = shotsOfPart
    .of(draft.state.shots)
    .map(({ shots, first }) => (first > from ? shots : shots.filter(({ at }) => at > from)).length);
  const more = new Set(targets.filter((target) => (draft.state.shots.get(target)?.at ?? from) <= from));
  return recent.reduce((sum, many) => sum + many, more.size);
}

/** The targets themselves, the earlier ones first. */
function stormOf(draft: Draft, targets: readonly string[]): readonly string[] {
  const recent = draft.state.shots.values().filter(({ at }) => at > since(draft));
  return [...new Set([...recent.map(({ target }) => target), ...targets])];
}

/** Votes that stay when these targets are shot, and whether that is still enough for the cluster to live. */
function quorumWithout(
  draft: Draft,
  targets: readonly string[],
): { readonly left: number; readonly total: number; readonly enough: boolean } {
  const gone = Gone.in(draft.state, draft.policy, draft.inHand);
  const { total, voters } = gone;
  const left = gone.votesWithout(targets);
  // Two equal halves: the tie was broken by the verdict (admit saw to that) or by the person who gave the command.
  return { left, total, enough: left * 2 > total || (left * 2 === total && voters === 2) };
}

interface Radius {
  readonly storm?: Problem;
  readonly quorum?: Problem;
}

/**
 * Which of the two limits shooting these would pass, but for what a person has lifted. Each names all that a person would have to lift, what they
 * lift already among it.
 */
export function radiusOf(draft: Draft, targets: readonly string[], lifted: readonly Override[] = []): Radius {
  const { storm: limit } = draft.policy;
  const stormy = stormWith(draft, targets) > limit.targets;
  const { left, total, enough } = quorumWithout(draft, targets);
  const passes: readonly Override[] = [...(stormy ? (['storm-limit'] as const) : []), ...(enough ? [] : (['quorum-floor'] as const))];
  const lifts = [...new Set([...lifted, ...passes])];
  const isTold = (limitPassed: Override): boolean => passes.includes(limitPassed) && !lifted.includes(limitPassed);
  return {
    ...(isTold('storm-limit') ? { storm: withholdings.storm(stormOf(draft, targets), limit.targets, limit.within, lifts) } : {}),
    ...(isTold('quorum-floor') ? { quorum: withholdings.quorum(left, total, darkBeside(draft, targets), lifts) } : {}),
  };
}

/** Of its first order: the whole of its verdicts counts with it. */
export function radiusOfFirst(draft: Draft, operation: Operation): Radius {
  const radius = radiusOf(draft, countedWith(draft, operation), operation.override);
  return radius.storm === undefined && radius.quorum === undefined
    ? radius
    : radiusOf(draft, wholeOf(draft.state, operation), operation.override);
}

/** The whole verdict counts from its first shot: nobody else may use up what its other parts need. */
export function noteShot(draft: Draft, operation: Operation): void {
  const of = operation.verdicts.length === 0 ? {} : { of: [...operation.verdicts] };
  let { shots } = draft.state;
  for (const target of countedWith(draft, operation)) {
    // One that has left the window comes in as a new one.
    const from = (shots.get(target)?.at ?? draft.at) > since(draft) ? shots : shots.without(target);
    shots = from.with(target, { target, at: draft.at, ...of });
  }
  const over = shots.size - BOUNDS.shots;
  if (over > 0) for (const target of shots.keys().slice(0, over)) shots = shots.without(target);
  draft.state.shots = shots;
}

/** The target, and the other parts where they do not count already: as shot, since its own shot was counted with theirs, and as gone. */
function countedWith(draft: Draft, operation: Operation): readonly string[] {
  const shot = draft.state.shots.get(operation.target);
  const gone = Gone.in(draft.state, draft.policy, draft.inHand);
  const counts = (verdict: string): boolean => shot?.of?.includes(verdict) === true && gone.hasBegun(verdict);
  const counted = shot !== undefined && shot.at > since(draft) && operation.verdicts.every(counts);
  return counted ? [operation.target] : wholeOf(draft.state, operation);
}

const wholeOf = (state: State, operation: Operation): readonly string[] => [
  operation.target,
  ...partsWith(state, operation).map(({ target }) => target),
];

/** Nodes that count as gone beside these, in the order of why they do; where they are too many to be named, in any order. */
function darkBeside(draft: Draft, targets: readonly string[]): readonly string[] {
  const gone = Gone.in(draft.state, draft.policy, draft.inHand).names;
  const dark = gone.size > MOST_NAMES + targets.length ? gone : darkNodes(draft.state);
  const beside = new Set(targets);
  return [...dark].filter((node) => !beside.has(node));
}

/** As `Gone` counts them, by name: for telling a person. */
export function darkNodes(state: State): ReadonlySet<string> {
  const shooting = state.operations.values().filter((operation) => operation.orders > 0 && operation.wanted === 'off');
  return new Set([
    ...state.fenced.keys(),
    ...state.dark.keys(),
    ...state.permits.values().flatMap((permit) => (permit.wanted === 'off' ? [permit.target] : [])),
    ...shooting.flatMap((operation) => wholeOf(state, operation)),
  ]);
}

/** The other parts of its verdicts that are still open and have ordered nothing yet. */
function partsWith(state: State, operation: Operation): readonly Operation[] {
  const ids = operation.verdicts.flatMap((id) => state.verdicts.get(id)?.operations ?? []);
  return [...new Set(ids)].flatMap((id) => {
    const part = state.operations.get(id);
    return part !== undefined && part.id !== operation.id && part.orders === 0 && part.wanted === 'off' ? [part] : [];
  });
}
