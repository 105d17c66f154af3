/**
 * The core: `step(state, event)` gives the new state and what the shell must do. It is pure: the same state and the same event give the
 * same result, so the journal of events is the state, the story, and a regression test. It reads like a table of contents: each event
 * goes to its chapter, and `onward` walks an operation from chapter to chapter, forward only.
 */
import { keep } from '../vocabulary/index.ts';
import { admitCommand, admitVerdict } from './admit.ts';
import { judgeAttest } from './attest.ts';
import { levelDue, read, readLevel } from './confirm.ts';
import type { Effect } from './effects.ts';
import type { Event, EventOf } from './events.ts';
import { approvalExpired, approved, denied, heldLongEnough, hold } from './hold.ts';
import type { Next } from './next.ts';
import { endings, withholdings } from './problems.ts';
import { restored, resume } from './restart.ts';
import { levelFailed, offTimeOver, proven, settle } from './settle.ts';
import { ordered, shoot } from './shoot.ts';
import type { Operation, State } from './state.ts';
import { Turn } from './turn.ts';
import { assessed, listen, listenAgain } from './verify.ts';

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export function step(state: State, event: Event): Step {
  const turn = new Turn(state, event.at);
  switch (event.kind) {
    case 'restored':
      for (const operation of restored(turn, event)) onward(turn, operation, resume(turn, operation));
      keep('S7', !turn.effects.some(({ kind }) => kind === 'order'), 'a process that has just started would order before it has read');
      break;
    case 'verdict':
      for (const operation of admitVerdict(turn, event)) onward(turn, operation, 'verify');
      break;
    case 'command': {
      const moved = admitCommand(turn, event);
      if (moved !== undefined) onward(turn, moved.operation, moved.next);
      break;
    }
    case 'approved': {
      const operation = turn.operation(event.operation);
      const next = approved(turn, event);
      if (operation !== undefined) onward(turn, operation, next);
      break;
    }
    case 'denied':
      denied(turn, event);
      break;
    case 'assessed':
    case 'due':
    case 'ordered':
    case 'read': {
      // A late result for an operation that has ended is of no interest any more.
      const operation = turn.operation(event.operation);
      if (operation !== undefined) onward(turn, operation, chapter(turn, operation, event));
      break;
    }
    case 'lease-held':
      turn.draft.leaseUntil = event.until;
      break;
    case 'lease-lost':
      turn.draft.leaseUntil = event.at;
      turn.do({ kind: 'call-human', problem: withholdings.lease() });
      break;
    case 'noted':
    case 'resumed':
    case 'clock-jumped':
    case 'epoch-set':
    case 'broke':
      break;
    case 'journal-failed':
      journalFailed(turn, event);
      break;
  }
  return { state: turn.draft, effects: turn.effects };
}

function chapter(turn: Turn, operation: Operation, event: EventOf<'assessed' | 'due' | 'ordered' | 'read'>): Next {
  switch (event.kind) {
    case 'assessed':
      if (operation.attesting?.round !== event.round) return assessed(turn, operation, event);
      judgeAttest(turn, operation, event.assessment);
      return 'stay';
    case 'ordered':
      return ordered(turn, operation, event);
    case 'read':
      return read(turn, operation, event);
    case 'due':
      return due(turn, operation, event);
  }
}

function due(turn: Turn, operation: Operation, event: EventOf<'due'>): Next {
  switch (event.timer.kind) {
    case 'listen':
      return listenAgain(operation);
    case 'hold':
      return heldLongEnough(operation);
    case 'approval':
      approvalExpired(turn, operation);
      return 'stay';
    case 'level':
      return levelDue(turn, operation, event.timer);
    case 'off-time':
      return offTimeOver(turn, operation);
  }
}

/** More hops than any walk over nine levels can take: a loop here would be a defect, and must stop the process. */
const MOST_HOPS = 64;

function onward(turn: Turn, operation: Operation, first: Next): void {
  let next = first;
  for (let hop = 0; next !== 'stay'; hop += 1) {
    keep('S4', hop < MOST_HOPS, `operation ${operation.id} walks in a circle`);
    next = hopOn(turn, operation, next);
  }
}

function hopOn(turn: Turn, operation: Operation, next: Exclude<Next, 'stay'>): Next {
  switch (next) {
    case 'verify':
    case 'recheck':
      return listen(turn, operation, next);
    case 'hold':
      return hold(turn, operation);
    case 'shoot':
      return shoot(turn, operation);
    case 'read':
      return readLevel(turn, operation);
    case 'not-switched':
    case 'unproven':
      return levelFailed(turn, operation, next);
    case 'proven':
      return proven(turn, operation);
  }
}

/** S6: what cannot be recorded is not done. Every open operation ends, and a person is called. */
function journalFailed(turn: Turn, event: EventOf<'journal-failed'>): void {
  const { says } = event.problem;
  turn.do({ kind: 'call-human', problem: withholdings.journal(says) });
  for (const id of Object.keys(turn.draft.operations)) {
    const operation = turn.operation(id);
    if (operation === undefined) continue;
    const operations = [id];
    if (operation.orders > 0) settle(turn, operation, { outcome: 'unconfirmed', problem: endings.interrupted(says), operations });
    else settle(turn, operation, { outcome: 'withheld', problem: withholdings.journal(says), operations });
  }
}
