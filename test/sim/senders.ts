/** Everybody who asks a simulated coordinator for something: arbiters, persons, and those who ask again because they heard nothing. */
import type { SeededRandom } from '../../hardware-mocks/random.ts';
import type { Loop } from '../../src/coordinator/loop.ts';
import type { Command, Verdict } from '../../src/vocabulary/index.ts';

/** What a person decided about an operation. */
export interface Decision {
  readonly id: string;
  readonly approves: boolean;
  readonly operation: string;
}

export class Senders {
  readonly verdicts: Verdict[] = [];
  readonly commands: Command[] = [];
  readonly decisions: Decision[] = [];
  readonly #random: SeededRandom;
  readonly #nodes: readonly string[];
  readonly #loop: () => Loop | undefined;
  readonly #lit: (node: string) => boolean;
  readonly #now: () => number;

  constructor(options: {
    readonly random: SeededRandom;
    readonly nodes: readonly string[];
    readonly loop: () => Loop | undefined;
    readonly lit: (node: string) => boolean;
    readonly now: () => number;
  }) {
    this.#random = options.random;
    this.#nodes = options.nodes;
    this.#loop = options.loop;
    this.#lit = options.lit;
    this.#now = options.now;
  }

  node(): string {
    return this.#nodes[this.#random.below(this.#nodes.length)] ?? 'db1';
  }

  verdict(claim?: Verdict['claim']): void {
    const target = this.node();
    const last = this.verdicts.at(-1)?.epoch;
    const epoch = last === undefined ? 1 : Math.max(1, last + (claim === undefined ? this.#random.below(3) : 1));
    const lives = this.#random.chance(0.5) ? 'partitioned' : 'misbehaving';
    const valid = claim === undefined && this.#random.chance(0.3) ? 1000 + this.#random.below(5000) : 60_000;
    this.#send({
      id: `v${this.verdicts.length + 1}`,
      cluster: 'orders',
      epoch,
      claim: claim ?? (this.#lit(target) ? lives : 'dead'),
      targets: [target],
      survivors: this.#nodes.filter((name) => name !== target),
      issuer: 'arb-1',
      issuedAt: this.#now(),
      expiresAt: this.#now() + valid,
      reason: 'quorum',
    });
  }

  /** The other side says the opposite. */
  contradict(): void {
    const last = this.verdicts.at(-1);
    const target = last?.survivors[0];
    if (last === undefined || target === undefined) return;
    const survivors = this.#nodes.filter((name) => name !== target);
    this.#send({ ...last, id: `v${this.verdicts.length + 1}`, targets: [target], survivors, reason: 'the other side' });
  }

  command(): void {
    const action = (['off', 'reboot', 'on'] as const)[this.#random.below(3)] ?? 'off';
    const id = `c${this.commands.length + 1}`;
    const command: Command = { id, action, target: this.node(), by: 'anna', origin: 'person', reason: 'asked for', override: [] };
    this.commands.push(command);
    this.#loop()?.command(command);
  }

  /** A person decides on what is open, or on what was open once. */
  decide(): void {
    const open = Object.keys(this.#loop()?.state.operations ?? {});
    const operation = open[this.#random.below(Math.max(1, open.length))] ?? 'op0001';
    const decision = { id: `d${this.decisions.length + 1}`, approves: this.#random.chance(0.8), operation };
    this.decisions.push(decision);
    this.#decide(decision);
  }

  /** The same thing once more, from one who may have been told already. */
  again(): void {
    const verdict = this.verdicts[this.#random.below(Math.max(1, this.verdicts.length))];
    const command = this.commands[this.#random.below(Math.max(1, this.commands.length))];
    const decision = this.decisions[this.#random.below(Math.max(1, this.decisions.length))];
    const from = this.#random.below(3);
    if (from === 0 && command !== undefined) this.#loop()?.command(command);
    else if (from === 1 && decision !== undefined) this.#decide(decision);
    else if (verdict !== undefined) this.#loop()?.verdict(verdict);
  }

  /** Who has no final answer asks again. `final`: those who have one, as `verdict v1`, `command c1`. */
  askAgain(final: ReadonlySet<string>): void {
    for (const verdict of this.verdicts) if (!final.has(`verdict ${verdict.id}`)) this.#loop()?.verdict(verdict);
    for (const command of this.commands) if (!final.has(`command ${command.id}`)) this.#loop()?.command(command);
    for (const decision of this.decisions) if (!final.has(`command ${decision.id}`)) this.#decide(decision);
  }

  /** Everybody, as their answers are addressed. */
  get all(): readonly string[] {
    return [...this.verdicts.map(({ id }) => `verdict ${id}`), ...[...this.commands, ...this.decisions].map(({ id }) => `command ${id}`)];
  }

  #decide({ id, approves, operation }: Decision): void {
    if (approves) this.#loop()?.approve(id, operation, 'anna', 'seen');
    else this.#loop()?.deny(id, operation, 'anna', 'seen');
  }

  #send(verdict: Verdict): void {
    this.verdicts.push(verdict);
    this.#loop()?.verdict(verdict);
  }
}
