/** What life deals a coordinator: verdicts, commands, persons and accidents, drawn from rolls. */
import type { Policy } from '../../src/core/index.ts';
import type { Claim, Command, Override, Verdict } from '../../src/vocabulary/index.ts';
import { type Deal, redealt, type Temper } from './dealing.ts';
import { pick, type Rolls } from './rolls.ts';
import type { RandomShell } from './shell.ts';

const OVERRIDES: readonly Override[] = ['storm-limit', 'quorum-floor', 'survivor'];
/** By how much a clock jumps, in milliseconds. */
const JUMPS = [2000, 60_000, 3_600_000, -2000, -60_000] as const;
/** More than are remembered of one epoch. */
const FLOOD = 420;

interface Decision {
  readonly kind: 'approved' | 'denied';
  readonly id: string;
  readonly operation: string;
  readonly by: string;
  readonly reason: string;
}

export class Dealer {
  readonly #rolls: Rolls;
  readonly #policy: Policy;
  #inForce: Policy;
  readonly #pairs: boolean;
  readonly #deals: readonly Deal[];
  readonly #sent: Verdict[] = [];
  readonly #commands: Command[] = [];
  readonly #decisions: Decision[] = [];
  #drawn = 0;
  #epoch = 1;

  constructor(rolls: Rolls, policy: Policy, temper: Temper) {
    this.#rolls = rolls;
    this.#policy = policy;
    this.#inForce = policy;
    this.#pairs = temper.pairs;
    this.#deals = Object.entries(temper.weights).flatMap(([deal, weight]) => Array.from({ length: weight }, () => deal as Deal));
  }

  /** One thing from outside happens to the shell. */
  deal(shell: RandomShell): void {
    const rolls = this.#rolls;
    switch (this.#deals[rolls.below(this.#deals.length)]) {
      case 'verdict':
        return this.#verdict(shell, this.#newVerdict(shell.at));
      case 'again':
        return this.#again(shell);
      case 'command':
        return this.#command(shell, pick(rolls, ['off', 'off', 'reboot', 'on']));
      case 'unfence':
        return this.#command(shell, 'on', shell.state.fenced.keys());
      case 'attest':
        return this.#command(shell, 'attest');
      case 'decision':
        return this.#decide(shell);
      case 'lease':
        return this.#lease(shell);
      case 'crash':
        return this.#crash(shell);
      case 'clock':
        return shell.jump(pick(rolls, JUMPS));
      case 'broke':
        return this.#broke(shell);
      case 'epoch':
        this.#epoch = Math.max(1, this.#epoch + rolls.below(3) - 1);
        return shell.happen({ kind: 'epoch-set', epoch: this.#epoch, by: 'anna', reason: 'restored' });
      case 'flood':
        return this.#flood(shell);
      case 'mute':
        return shell.wire.mute(rolls);
      case 'pass':
      case undefined:
        return shell.pass(rolls.below(pick(rolls, [1000, 10_000, 70_000])));
    }
  }

  /** Who has not been told an answer asks again. */
  askAgain(shell: RandomShell, told: (kind: 'verdict' | 'command', id: string) => boolean): void {
    for (const verdict of this.#sent) if (!told('verdict', verdict.id)) this.#verdict(shell, verdict);
    for (const command of this.#commands)
      if (!told('command', command.id)) shell.happen({ kind: 'command', command, operation: this.#draw() });
    for (const decision of this.#decisions) if (!told('command', decision.id)) shell.happen(decision);
  }

  #lease(shell: RandomShell): void {
    const rolls = this.#rolls;
    if (rolls.chance(0.3)) return shell.happen({ kind: 'lease-lost' });
    const until = shell.at + 1000 + rolls.below(pick(rolls, [5000, 60_000]));
    const shorter = rolls.chance(0.1);
    shell.happen({ kind: 'lease-held', until: shorter ? until : Math.max(until, shell.state.leaseUntil ?? 0) });
  }

  #draw(): string {
    this.#drawn += 1;
    return `op${this.#drawn}`;
  }

  #verdict(shell: RandomShell, verdict: Verdict): void {
    shell.happen({ kind: 'verdict', verdict, operations: verdict.targets.map(() => this.#draw()) });
  }

  #again(shell: RandomShell): void {
    const rolls = this.#rolls;
    const from = rolls.below(3);
    const earlier = this.#sent[rolls.below(Math.max(1, this.#sent.length))];
    const command = this.#commands[rolls.below(Math.max(1, this.#commands.length))];
    const decision = this.#decisions[rolls.below(Math.max(1, this.#decisions.length))];
    if (from === 0 && earlier !== undefined)
      this.#verdict(shell, rolls.chance(0.1) ? { ...earlier, reason: `${earlier.reason}, and more` } : earlier);
    if (from === 1 && command !== undefined)
      shell.happen({ kind: 'command', command: rolls.chance(0.1) ? { ...command, reason: 'other' } : command, operation: this.#draw() });
    if (from === 2 && decision !== undefined) shell.happen(decision);
  }

  #newVerdict(at: number): Verdict {
    const rolls = this.#rolls;
    const names = Object.keys(this.#policy.nodes);
    const most = this.#pairs ? 2 : pick(rolls, [1, 2, 2]);
    const targets = names.filter(() => rolls.chance(this.#pairs ? 0.6 : 0.3)).slice(0, most);
    if (targets.length === 0) targets.push(names[rolls.below(names.length)] ?? 'db1');
    this.#epoch = Math.max(1, this.#epoch + pick(rolls, [0, 0, 1, 1, 1]));
    const total = names.length;
    const verdict: Verdict = {
      id: `v${this.#sent.length + 1}`,
      cluster: rolls.chance(0.01) ? 'others' : 'orders',
      epoch: Math.max(1, this.#epoch - (rolls.chance(0.05) ? 1 : 0)),
      claim: pick<Claim>(rolls, ['dead', 'partitioned', 'misbehaving', 'misbehaving']),
      targets: rolls.chance(0.01) ? [...targets, 'stranger'] : targets,
      survivors: names.filter((name) => !targets.includes(name) || rolls.chance(0.01)).filter(() => !rolls.chance(0.03)),
      ...(rolls.chance(0.1) ? { votes: { for: rolls.below(total + 1), total } } : {}),
      issuer: rolls.chance(0.01) ? 'arb-9' : 'arb-1',
      issuedAt: at,
      expiresAt: at + pick(rolls, [1000, 3000, 5000, 60_000, 60_000, 60_000]),
      reason: 'quorum',
    };
    this.#sent.push(verdict);
    return verdict;
  }

  #command(shell: RandomShell, action: Command['action'], likely: readonly string[] = []): void {
    const rolls = this.#rolls;
    const names = Object.keys(this.#policy.nodes);
    const among = likely.length > 0 && rolls.chance(0.8) ? likely : names;
    const command: Command = {
      id: `c-${this.#commands.length + 1}`,
      action,
      target: rolls.chance(0.01) ? 'stranger' : (among[rolls.below(among.length)] ?? 'db1'),
      by: rolls.chance(0.01) ? '' : pick(rolls, ['anna', 'bert']),
      origin: pick(rolls, ['person', 'program']),
      reason: rolls.chance(0.01) ? '' : 'asked for',
      override: OVERRIDES.filter(() => rolls.chance(0.1)),
      ...(rolls.chance(0.1) ? { timeout: 3000 } : {}),
    };
    this.#commands.push(command);
    shell.happen({ kind: 'command', command, operation: this.#draw() });
  }

  /** A person decides: mostly on what is open, sometimes on what is over. */
  #decide(shell: RandomShell): void {
    const rolls = this.#rolls;
    const open = shell.state.operations.values();
    const pending = open.filter((operation) => operation.phase === 'pending');
    const among = pending.length > 0 && rolls.chance(0.8) ? pending : open;
    const operation = among[rolls.below(Math.max(1, among.length))]?.id ?? `op${1 + rolls.below(Math.max(1, this.#drawn))}`;
    const kind = rolls.chance(0.8) ? 'approved' : 'denied';
    const decision: Decision = { kind, id: `d-${this.#decisions.length + 1}`, operation, by: 'anna', reason: 'seen' };
    this.#decisions.push(decision);
    shell.happen(decision);
  }

  #crash(shell: RandomShell): void {
    const rolls = this.#rolls;
    // Who takes a device away from a node that is fenced by it must not expect us to know how it comes back.
    const settled = shell.state.fenced.size === 0 && shell.state.dark.size === 0;
    if (settled) this.#inForce = redealt(rolls, this.#policy);
    const jump = rolls.chance(0.1) ? { jump: pick(rolls, JUMPS) } : {};
    shell.crash({ policy: this.#inForce, hold: rolls.chance(0.3), down: downtime(rolls), ...jump });
  }

  /** A promise breaks, which is written down; then the process ends. */
  #broke(shell: RandomShell): void {
    const rolls = this.#rolls;
    const open = shell.state.operations.keys();
    const operation = open[rolls.below(Math.max(1, open.length))];
    if (operation === undefined) return;
    for (let lives = 1 + rolls.below(2); lives > 0; lives -= 1) {
      shell.happen({ kind: 'broke', promise: 'S3', says: 'planted', operation });
      this.#crash(shell);
    }
  }

  /** An arbiter that repeats itself under new ids. */
  #flood(shell: RandomShell): void {
    const first = { ...this.#newVerdict(shell.at), claim: 'misbehaving' as const, expiresAt: shell.at + 600_000 };
    const from = this.#sent.length;
    for (let more = 0; more < FLOOD; more += 1) {
      const verdict = { ...first, id: `v${from + more + 1}`, issuedAt: shell.at };
      this.#sent.push(verdict);
      this.#verdict(shell, verdict);
      if (more % 40 === 0) shell.pass(2000);
    }
    this.#epoch += 1;
  }
}

export const downtime = (rolls: Rolls): number => rolls.below(pick(rolls, [200, 5000, 20_000, 90_000]));
