import type { Configuration } from '../configuration.ts';
import { plainPlace } from '../places.ts';
import type { Report } from './rule.ts';

/** Limits, votes and arbiters: may the right side be shot, and only that one? */
export function lintPolicy(configuration: Configuration, report: Report): void {
  lintStorm(configuration, report);
  lintVotes(configuration, report);
  lintArbiters(configuration, report);
  lintLease(configuration, report);
}

function lintStorm({ nodes, policy }: Configuration, report: Report): void {
  if (policy.storm.targets < nodes.size) return;
  const says = `the storm limit lets ${policy.storm.targets} of ${nodes.size} nodes be shot in one window: one wrong arbiter ends the cluster`;
  const next = nodes.size > 2 ? 'lower it below half of the nodes' : nodes.size === 2 ? 'set it to 1' : 'add the other nodes';
  report({ code: 'storm-limit-too-wide', severity: 'warning', path: ['policy', 'storm', 'targets'], says, next });
}

function lintVotes({ nodes, policy, verify }: Configuration, report: Report): void {
  const all = [...nodes.values()];
  const total = all.reduce((sum, { votes }) => sum + votes, 0);
  if (policy.tieBreaker === 'reference-ips' && (verify.referenceIps.length === 0 || verify.need === 0)) {
    const says = 'the reference addresses are to break the tie, and none has to answer';
    report({
      code: 'tie-breaker-without-reference-ips',
      path: ['policy', 'tieBreaker'],
      says,
      next: 'name reference addresses under verify',
    });
  }
  if (total === 0) {
    const says = 'no node has a vote, so that no verdict can name a majority';
    report({ code: 'no-majority-possible', path: ['nodes'], says, next: 'give votes to the nodes' });
    return;
  }
  const heavy = all.find(({ votes }) => votes * 2 > total);
  if (all.length > 1 && heavy !== undefined) {
    const says = `${heavy.name} has ${heavy.votes} of ${total} votes: when it is the one that must go, the others are no majority`;
    const path = ['nodes', heavy.name, 'votes'];
    report({
      code: 'no-majority-possible',
      severity: 'warning',
      path,
      says,
      next: 'share the votes out so that no node has more than half',
    });
  }
  if (all.length === 2 && heavy === undefined && policy.tieBreaker === undefined) {
    const says = 'each of the two nodes has half of the votes, so that no survivor is a majority and every verdict is refused';
    report({
      code: 'no-tie-breaker',
      severity: 'warning',
      path: ['policy'],
      says,
      next: 'set policy.tieBreaker: reference-ips, or add a third vote',
    });
  }
}

function lintArbiters({ arbiters, nodes, policy }: Configuration, report: Report): void {
  for (const [index, { id, runsOn }] of arbiters.entries()) {
    const node = [...nodes.keys()].find((name) => runsOn !== undefined && plainPlace(name) === plainPlace(runsOn));
    if (node === undefined) continue;
    const path = ['arbiters', index, 'host'];
    const says = `${id} runs on the node ${node}, which it may have to judge`;
    if (policy.allowBiasedArbiter) {
      const next = 'it is believed because policy.allowBiasedArbiter is set; a third machine would be safer';
      report({ code: 'biased-arbiter', severity: 'warning', path, says, next });
    } else {
      const next = `its verdicts on ${node} would be refused: run it on a third machine, or set policy.allowBiasedArbiter: true and carry the risk`;
      report({ code: 'biased-arbiter', path, says, next });
    }
  }
}

/** Fails closed: without somebody who grants the lease, nobody has the right to act. */
function lintLease({ policy }: Configuration, report: Report): void {
  if (policy.lease === 'none') return;
  const says = 'a lease is required, and no lease store is configured: nothing is ever ordered';
  const next = 'take policy.lease away until a lease store grants it';
  report({ code: 'lease-without-store', severity: 'warning', path: ['policy', 'lease'], says, next });
}
