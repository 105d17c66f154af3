/** Who may be fenced by a verdict, told from the promises alone: nothing here is taken from the core. */
import type { Policy } from '../../src/core/index.ts';
import type { Verdict } from '../../src/vocabulary/index.ts';

const votesOf = (policy: Policy, names: Iterable<string>): number =>
  [...new Set(names)].reduce((sum, name) => sum + (policy.nodes[name]?.votes ?? 0), 0);

/** Would a careful reader of the promises take this verdict up at this time, when `epoch` is the highest one taken up so far? */
export function admissible(policy: Policy, verdict: Verdict, at: number, epoch: number): boolean {
  const arbiter = policy.arbiters[verdict.issuer];
  const named = [...verdict.targets, ...verdict.survivors];
  const total = votesOf(policy, Object.keys(policy.nodes));
  const living = votesOf(policy, verdict.survivors);
  const biased = named.some((name) => name === arbiter?.runsOn || name === verdict.issuerHost);
  return (
    verdict.cluster === policy.cluster &&
    arbiter !== undefined &&
    verdict.epoch >= epoch &&
    verdict.expiresAt > at &&
    verdict.targets.length > 0 &&
    named.every((name) => name in policy.nodes) &&
    verdict.targets.every((name) => !verdict.survivors.includes(name) && name !== policy.self.node) &&
    verdict.targets.every((name) => (policy.nodes[name]?.levels.length ?? 0) > 0) &&
    (policy.allowBiasedArbiter || !biased) &&
    (living * 2 > total || (living * 2 === total && policy.tieBreaker !== 'none')) &&
    // A stated vote is a majority, whoever breaks ties.
    (verdict.votes === undefined || verdict.votes.for * 2 > verdict.votes.total)
  );
}

/** One shoots whom the other lets live. */
export function contradict(a: Verdict, b: Verdict): boolean {
  const meets = (some: readonly string[], others: readonly string[]): boolean => some.some((name) => others.includes(name));
  return a.epoch === b.epoch && (meets(a.targets, b.survivors) || meets(b.targets, a.survivors));
}

/** S8: is the cluster still alive without these nodes? Two equal halves of two nodes are for a tie-breaker to decide. */
export function quorate(policy: Policy, without: Iterable<string>): boolean {
  const gone = new Set(without);
  const total = votesOf(policy, Object.keys(policy.nodes));
  const left = votesOf(
    policy,
    Object.keys(policy.nodes).filter((name) => !gone.has(name)),
  );
  const voters = Object.values(policy.nodes).filter(({ votes }) => votes > 0).length;
  return left * 2 > total || (left * 2 === total && voters === 2);
}
