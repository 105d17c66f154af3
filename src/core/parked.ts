/**
 * What breaks a promise ends the process, and the next life takes it up again. What breaks one in two lives would do so in every one: it is
 * parked, so that everything else can go on, and a person is called.
 */
import type { Answer } from '../vocabulary/index.ts';
import type { EventOf } from './events.ts';
import { rememberEnd } from './ended.ts';
import { endings } from './problems.ts';
import { answerCommand } from './remember.ts';
import { settleVerdict } from './settle.ts';
import { BOUNDS } from './state.ts';
import type { Draft } from './draft.ts';

const LIVES = 2;

export function broke(draft: Draft, event: EventOf<'broke'>): void {
  const id = event.operation ?? event.verdict ?? event.command;
  if (id === undefined) return;
  const times = (Object.hasOwn(draft.state.broken, id) ? (draft.state.broken[id] ?? 0) : 0) + 1;
  const entries = [...Object.entries(draft.state.broken).filter(([one]) => one !== id), [id, times] as const];
  draft.state.broken = Object.fromEntries(entries.slice(-BOUNDS.broken));
  if (event.operation !== undefined && times >= LIVES) park(draft, event.operation, event);
}

/** Nothing here may rest on what the operation says of itself: that is what broke. */
function park(draft: Draft, id: string, { promise, says }: EventOf<'broke'>): void {
  const operation = draft.operation(id);
  if (operation === undefined) return;
  const problem = endings.parked(operation.target, promise, says);
  const answer: Answer = { outcome: operation.orders > 0 ? 'unconfirmed' : 'withheld', problem, operations: [id] };
  const { target } = operation;
  const { level, wanted, outlets } = operation;
  const inHand = outlets === undefined ? [] : [{ level, wanted, result: 'unproven' as const, outlets }];
  rememberEnd(draft, operation, answer, [...operation.levels, ...inHand]);
  draft.do({ kind: 'cancel', operation: id }, { kind: 'call-human', problem, operation: id, target });
  const waiting = [
    ...operation.commands,
    ...operation.decisions,
    ...(operation.attesting === undefined ? [] : [operation.attesting.command]),
  ];
  for (const command of waiting) if (draft.state.commands.get(command)?.answer === undefined) answerCommand(draft, command, answer);
  for (const verdict of operation.verdicts) settleVerdict(draft, verdict, operation, answer);
}
