/** The clusters that walks are lived in, and how each is tempered: which troubles it has, and how often. */
import type { Policy, PolicyNode, PolicyOutlet } from '../../src/core/index.ts';
import { pick, type Rolls } from './rolls.ts';

/** How often each thing happens, beside the others; most walks are without most troubles, so that some are full of one. */
export interface Temper {
  /** Readings tell what is true; else they are dreamt. */
  readonly honest: boolean;
  readonly weights: Readonly<Record<Deal, number>>;
  /** Chance that the process dies right after an event was written, before some of what follows from it is done. */
  readonly dies: number;
  /** Verdicts name two targets. */
  readonly pairs: boolean;
  /** Chance that an event cannot be written. */
  readonly fails: number;
}

export type Deal =
  | 'verdict'
  | 'again'
  | 'command'
  | 'unfence'
  | 'decision'
  | 'attest'
  | 'lease'
  | 'crash'
  | 'clock'
  | 'broke'
  | 'epoch'
  | 'flood'
  | 'mute'
  | 'pass';

const RATES: Readonly<Record<Deal, readonly [number, ...number[]]>> = {
  verdict: [8, 12],
  again: [1, 4],
  command: [0, 3, 6],
  unfence: [1, 3, 6],
  decision: [2, 5],
  attest: [0, 0, 2],
  lease: [0],
  crash: [0, 1, 3],
  clock: [0, 0, 0, 1],
  broke: [0, 0, 0, 0, 1],
  epoch: [0, 0, 0, 0, 0, 0, 0, 1],
  flood: [0],
  mute: [0, 1, 2],
  pass: [2],
};

export function dealTemper(rolls: Rolls, policy: Policy): Temper {
  const weights = Object.fromEntries(Object.entries(RATES).map(([deal, rates]) => [deal, pick(rolls, rates)])) as Record<Deal, number>;
  if (policy.lease !== undefined) weights.lease = 3;
  if (rolls.chance(0.001)) weights.flood = 3;
  return {
    honest: rolls.chance(0.6),
    weights,
    dies: pick(rolls, [0, 0, 0.01, 0.04]),
    pairs: rolls.chance(0.2),
    fails: pick(rolls, [0, 0, 0, 0.03]),
  };
}

export function dealPolicy(rolls: Rolls): Policy {
  const names = ['db1', 'db2', 'db3', 'db4', 'db5'].slice(0, pick(rolls, [2, 2, 3, 4, 5, 5]));
  const lateness = pick(rolls, [undefined, 1000, 5000]);
  const outlet = (device: string, plug: string): PolicyOutlet => ({
    device,
    plug,
    evidence: rolls.chance(0.03) ? 'target' : 'device',
    readings: 1 + rolls.below(3),
    gap: pick(rolls, [0, 25, 100]),
    ...(lateness === undefined ? {} : { lateness }),
  });
  const node = (name: string): PolicyNode => {
    const bmc = outlet(`bmc-${name}`, '');
    const feed = outlet('pdu-a', name);
    const person: PolicyOutlet = { device: `person-${name}`, plug: '', evidence: 'device', readings: 1, gap: 0, manual: true };
    const levels = [[bmc], [feed, outlet('pdu-b', name)], [bmc, feed]].slice(rolls.chance(0.2) ? 1 : 0);
    const some = levels.slice(0, 1 + rolls.below(3));
    return { votes: rolls.chance(0.1) ? 2 : 1, levels: rolls.chance(0.1) ? [...some.slice(0, 2), [person]] : some };
  };
  return {
    cluster: 'orders',
    self: { id: 'witness-1', ...(rolls.chance(0.05) ? { node: 'db1' } : {}) },
    nodes: Object.fromEntries(names.map((name) => [name, node(name)])),
    arbiters: { 'arb-1': rolls.chance(0.03) ? { runsOn: 'db1' } : {} },
    verify: { need: rolls.below(3), within: 3000, listenAgain: pick(rolls, [0, 500]), validFor: pick(rolls, [8000, 15_000]) },
    ...(rolls.chance(0.15) ? { lease: { margin: pick(rolls, [200, 2000]) } } : {}),
    mode: rolls.chance(0.2) ? 'approval' : 'automatic',
    delay: pick(rolls, [0, 0, 0, 2000]),
    timeout: pick(rolls, [8000, 20_000, 60_000]),
    answerWithin: 5000,
    poll: 1000,
    approvalWindow: pick(rolls, [20_000, 60_000]),
    storm: { targets: pick(rolls, [1, 2, 3, 5]), within: pick(rolls, [10_000, 60_000]) },
    allowBiasedArbiter: rolls.chance(0.1),
    tieBreaker: rolls.chance(0.2) ? 'none' : 'reference-ips',
    offTime: 5000,
    onTimeout: 30_000,
    graceAfterCrash: 10_000,
  };
}

/** The same devices, and other rules: what a restart may come with. */
export function redealt(rolls: Rolls, policy: Policy): Policy {
  if (rolls.chance(0.8)) return policy;
  const [first, ...rest] = Object.entries(policy.nodes);
  if (rolls.chance(0.5) || first === undefined || rest.length < 2) return { ...policy, delay: 1000, storm: { targets: 2, within: 60_000 } };
  return { ...policy, nodes: Object.fromEntries([[first[0], { ...first[1], levels: first[1].levels.slice(-1) }], ...rest]) };
}
