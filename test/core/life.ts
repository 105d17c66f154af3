/** One life of a coordinator under a correct shell, watched by the oracle. */
import { SeededDice } from '../../hardware-mocks/dice.ts';
import type { Event } from '../../src/core/index.ts';
import { Dealer, dealPolicy } from './dealing.ts';
import { Oracle } from './oracle.ts';
import { RandomShell, type Stepping } from './shell.ts';

export interface Run {
  readonly events: readonly Event[];
  readonly broken: readonly string[];
  readonly open: number;
  readonly orders: number;
  readonly outcomes: readonly string[];
}

/** One life of a coordinator; `script` says at each turn whether something comes back or something comes in. */
export function live(seed: number, script: readonly boolean[], stepping?: Stepping): Run {
  const rolls = new SeededDice(seed);
  const policy = dealPolicy(rolls);
  const oracle = new Oracle();
  let orders = 0;
  const outcomes: string[] = [];
  const shell = new RandomShell({
    rolls,
    watch: (event, effects, open) => {
      oracle.observe(event, effects, open);
      for (const effect of effects) {
        if (effect.kind === 'order') orders += 1;
        if (effect.kind === 'answer') outcomes.push(effect.answer.outcome);
      }
    },
    ...(stepping === undefined ? {} : { stepping }),
  });
  shell.crash(policy);
  const dealer = new Dealer(rolls, policy);
  for (const comesIn of script) {
    if (comesIn) dealer.deal(shell);
    else shell.answerOne('any');
  }
  // Life calms down: everything that is still open must come to its end.
  for (let turn = 0; turn < 3000 && Object.keys(shell.state.operations).length > 0; turn += 1) if (!shell.answerOne('any')) break;
  oracle.finish();
  return { events: shell.events, broken: oracle.broken, open: Object.keys(shell.state.operations).length, orders, outcomes };
}
