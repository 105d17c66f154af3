/** One walk: one life of a coordinator under a correct shell, watched by the oracle. Everything in it comes from one seed. */
import { SeededRandom } from '../../hardware-mocks/random.ts';
import { describeEffect, describeEvent, type Event } from '../../src/core/index.ts';
import { BrokenPromise, outletName } from '../../src/vocabulary/index.ts';
import { Dealer } from './dealer.ts';
import { dealPolicy, dealTemper, type Temper } from './dealing.ts';
import { Oracle } from './oracle/index.ts';
import { RandomShell, START, type Stepped, type Stepping, type Watcher } from './shell.ts';
import type { Sent } from './wire.ts';

export interface Run {
  /** The journal. */
  readonly events: readonly Event[];
  /** What broke, each line beginning with the name of the promise. */
  readonly broken: readonly string[];
  /** Operations that never ended. */
  readonly open: number;
  readonly orders: number;
  readonly outcomes: readonly string[];
  /** What happened, line by line, where it was asked for. */
  readonly story: readonly string[];
}

export interface Walk {
  readonly seed: number;
  /** So many things come in or come back before life calms down; drawn where it is not given. */
  readonly turns?: number;
  readonly stepping?: Stepping | undefined;
  readonly temper?: Partial<Temper>;
  /** Tell the story. */
  readonly told?: boolean;
}

/** More than any life needs to come to its end. */
const CALM = 3000;

export function walk({ seed, turns, stepping, temper, told = false }: Walk): Run {
  const rolls = new SeededRandom(seed);
  const policy = dealPolicy(rolls);
  const dealt = { ...dealTemper(rolls, policy), ...temper };
  const witness = new Witness(told, dealt.honest);
  const shell = new RandomShell({ rolls, policy, temper: dealt, watcher: witness, stepping });
  witness.look = (node) => shell.wire.machines.lit(node);
  try {
    live(shell, new Dealer(rolls, policy, dealt), rolls, witness, turns ?? 10 + rolls.below(70));
  } catch (error) {
    if (!(error instanceof BrokenPromise)) throw error;
    witness.broke(error);
  }
  const { oracle, story, orders, outcomes } = witness;
  return { events: shell.events, broken: oracle.broken, open: shell.state.operations.size, orders, outcomes, story };
}

function live(shell: RandomShell, dealer: Dealer, rolls: SeededRandom, witness: Witness, turns: number): void {
  shell.start();
  const often = 0.2 + rolls.fraction() * 0.3;
  for (let turn = 0; turn < turns; turn += 1) {
    if (rolls.chance(often)) dealer.deal(shell);
    else if (shell.holds && rolls.chance(0.3)) shell.resume();
    else shell.next();
  }
  // Life calms down: everything that is still open must come to its end, and everybody who asks again is told.
  shell.heal();
  const isOpen = (): boolean => shell.state.operations.size > 0;
  for (let asked = 0; asked < 2; asked += 1) {
    shell.resume();
    for (let turn = 0; turn < CALM && isOpen(); turn += 1) if (!shell.next()) break;
    if (asked === 0) dealer.askAgain(shell, (kind, id) => witness.oracle.told(kind, id));
  }
  witness.oracle.finish();
}

/** Tells the oracle what happens, and writes the story. */
class Witness implements Watcher {
  readonly oracle: Oracle;
  readonly story: string[] = [];
  readonly outcomes: string[] = [];
  orders = 0;
  look: (node: string) => boolean = () => true;
  readonly #told: boolean;
  #heard = 0;

  constructor(told: boolean, honest: boolean) {
    this.#told = told;
    this.oracle = new Oracle(honest ? (node) => this.look(node) : undefined);
  }

  jumped(by: number, before: number): void {
    if (this.#told) this.#say(before, `the clock jumps by ${by}`);
    this.oracle.jumped(by, before);
  }

  stepped({ event, effects, open, done }: Stepped): void {
    if (this.#told) {
      this.#say(event.at, describeEvent(event));
      for (const [index, effect] of effects.entries()) this.#say(event.at, `${index < done ? '   ' : ' x '}${describeEffect(effect)}`);
    }
    this.oracle.observe(event, effects, open, done);
    for (const effect of effects) {
      if (effect.kind === 'order') this.orders += 1;
      if (effect.kind === 'answer') this.outcomes.push(effect.answer.outcome);
    }
    this.#listen(event.at);
  }

  sent(sent: Sent): void {
    const { order, at } = sent;
    if (this.#told) this.#say(at, ` > order ${order.number} of ${order.operation}: ${outletName(order.outlet)} ${order.wanted}`);
    this.oracle.sent(sent);
    this.#listen(at);
  }

  lamp(node: string, lit: boolean, at: number): void {
    if (this.#told) this.#say(at, ` * ${node} is ${lit ? 'lit' : 'dark'}`);
    this.oracle.lamp(node, lit);
    this.#listen(at);
  }

  broke(error: BrokenPromise): void {
    this.oracle.broken.push(`${error.promise}: the core stops: ${error.says}`);
    this.#listen(START);
  }

  #listen(at: number): void {
    if (this.#told) for (const line of this.oracle.broken.slice(this.#heard)) this.#say(at, `!!! ${line}`);
    this.#heard = this.oracle.broken.length;
  }

  #say(at: number, line: string): void {
    this.story.push(`${at - START} ${line}`);
  }
}
