/** What life deals a coordinator: policies, verdicts and commands, drawn from rolls. */
import type { Policy, PolicyNode, PolicyOutlet } from '../../src/core/index.ts';
import type { Claim, Command, Override, Verdict } from '../../src/vocabulary/index.ts';
import type { RandomShell, Rolls } from './shell.ts';

const pick = <T>(rolls: Rolls, from: readonly [T, ...T[]]): T => from[rolls.below(from.length)] ?? from[0];

export function dealPolicy(rolls: Rolls): Policy {
  const names = ['db1', 'db2', 'db3', 'db4', 'db5'].slice(0, 2 + rolls.below(4));
  const outlet = (device: string, plug: string): PolicyOutlet => ({
    device,
    plug,
    evidence: rolls.chance(0.05) ? 'target' : 'device',
    readings: 1 + rolls.below(3),
    gap: pick(rolls, [0, 25, 100]),
  });
  const node = (name: string): PolicyNode => {
    const bmc = outlet(`bmc-${name}`, '');
    const feed = outlet('pdu-a', name);
    const levels = [[bmc], [feed, outlet('pdu-b', name)], [bmc, feed]];
    return { votes: rolls.chance(0.1) ? 2 : 1, levels: levels.slice(0, 1 + rolls.below(3)) };
  };
  return {
    cluster: 'orders',
    self: { id: 'witness-1', ...(rolls.chance(0.1) ? { node: 'db1' } : {}) },
    nodes: Object.fromEntries(names.map((name) => [name, node(name)])),
    arbiters: { 'arb-1': rolls.chance(0.05) ? { runsOn: 'db1' } : {} },
    verify: { need: rolls.below(3), within: 3000, listenAgain: pick(rolls, [0, 500]), validFor: pick(rolls, [8000, 15_000]) },
    mode: rolls.chance(0.15) ? 'approval' : 'automatic',
    delay: pick(rolls, [0, 0, 2000]),
    timeout: pick(rolls, [20_000, 60_000]),
    answerWithin: 5000,
    poll: 1000,
    approvalWindow: 60_000,
    storm: { targets: 1 + rolls.below(3), within: 60_000 },
    allowBiasedArbiter: rolls.chance(0.1),
    tieBreaker: rolls.chance(0.2) ? 'none' : 'reference-ips',
    offTime: 5000,
    onTimeout: 30_000,
    graceAfterCrash: 10_000,
  };
}

/** The same devices, and other rules: what a restart may come with. */
export function redealt(rolls: Rolls, policy: Policy): Policy {
  if (rolls.chance(0.7)) return policy;
  const [first, ...rest] = Object.entries(policy.nodes);
  if (rolls.chance(0.5) || first === undefined || rest.length < 2) return { ...policy, delay: 1000, storm: { targets: 2, within: 60_000 } };
  return { ...policy, nodes: Object.fromEntries([[first[0], { ...first[1], levels: first[1].levels.slice(-1) }], ...rest]) };
}

export class Dealer {
  readonly #rolls: Rolls;
  readonly #policy: Policy;
  readonly #sent: Verdict[] = [];
  #drawn = 0;

  constructor(rolls: Rolls, policy: Policy) {
    this.#rolls = rolls;
    this.#policy = policy;
  }

  /** One thing from outside happens to the shell. */
  deal(shell: RandomShell): void {
    const rolls = this.#rolls;
    const roll = rolls.below(20);
    const open = Object.keys(shell.state.operations);
    const operation = open[rolls.below(Math.max(1, open.length))] ?? 'nobody';
    if (roll < 8) shell.happen(this.#verdict(shell));
    else if (roll < 12) shell.happen({ kind: 'command', command: this.#command(), operation: this.#draw() });
    else if (roll < 14) shell.happen({ kind: 'approved', operation, by: 'anna', reason: 'seen' });
    else if (roll < 15) shell.happen({ kind: 'denied', operation, by: 'anna', reason: 'no' });
    else if (roll < 16 && rolls.chance(0.3))
      shell.happen(rolls.chance(0.5) ? { kind: 'lease-lost' } : { kind: 'lease-held', until: shell.at + 5000 + rolls.below(60_000) });
    else if (roll < 18) shell.crash(redealt(rolls, this.#policy));
    else if (rolls.chance(0.2))
      shell.happen({ kind: 'journal-failed', problem: { code: 'journal-unwritable', says: 'full', next: 'Free it.' } });
    else shell.pass(rolls.below(20_000));
  }

  #draw(): string {
    this.#drawn += 1;
    return `op${this.#drawn}`;
  }

  #verdict(shell: RandomShell): { kind: 'verdict'; verdict: Verdict; operations: string[] } {
    const rolls = this.#rolls;
    const earlier = this.#sent[rolls.below(Math.max(1, this.#sent.length))];
    const sent = earlier !== undefined && rolls.chance(0.2) ? this.#again(earlier) : this.#newVerdict(shell.at);
    return { kind: 'verdict', verdict: sent, operations: sent.targets.map(() => this.#draw()) };
  }

  #again(earlier: Verdict): Verdict {
    return this.#rolls.chance(0.2) ? { ...earlier, reason: `${earlier.reason}, and more` } : earlier;
  }

  #newVerdict(at: number): Verdict {
    const rolls = this.#rolls;
    const names = Object.keys(this.#policy.nodes);
    const targets = names.filter(() => rolls.chance(0.3)).slice(0, 2);
    if (targets.length === 0) targets.push(names[rolls.below(names.length)] ?? 'db1');
    const last = this.#sent.at(-1)?.epoch ?? 1;
    const verdict: Verdict = {
      id: `v${this.#sent.length + 1}`,
      cluster: rolls.chance(0.03) ? 'others' : 'orders',
      epoch: Math.max(1, last + pick(rolls, [0, 0, 0, 1, 1, -1])),
      claim: pick<Claim>(rolls, ['dead', 'partitioned', 'misbehaving']),
      targets: rolls.chance(0.03) ? [...targets, 'stranger'] : targets,
      survivors: names.filter((name) => !targets.includes(name) || rolls.chance(0.02)).filter(() => !rolls.chance(0.1)),
      issuer: rolls.chance(0.03) ? 'arb-9' : 'arb-1',
      issuedAt: at,
      expiresAt: at + pick(rolls, [1000, 60_000, 60_000]),
      reason: 'quorum',
    };
    this.#sent.push(verdict);
    return verdict;
  }

  #command(): Command {
    const rolls = this.#rolls;
    const names = Object.keys(this.#policy.nodes);
    const id = `c-${this.#draw()}`;
    const overrides: readonly Override[] = ['storm-limit', 'quorum-floor', 'survivor'];
    return {
      id,
      action: pick(rolls, ['off', 'off', 'reboot', 'on', 'attest']),
      target: rolls.chance(0.03) ? 'stranger' : (names[rolls.below(names.length)] ?? 'db1'),
      by: rolls.chance(0.02) ? '' : pick(rolls, ['anna', 'bert']),
      origin: pick(rolls, ['person', 'program']),
      reason: rolls.chance(0.02) ? '' : 'asked for',
      override: overrides.filter(() => rolls.chance(0.15)),
    };
  }
}
