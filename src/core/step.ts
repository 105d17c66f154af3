/**
 * The core: `step(state, event)` gives the new state and what the shell must do. It is pure: the same state and the same event give the
 * same result, so the journal of events is the state, the story, and a regression test. It reads like a table of contents: each event
 * goes to its chapter, and `onward` walks an operation from chapter to chapter, forward only.
 */
import { BrokenPromise, keep } from '../vocabulary/index.ts';
import { admitVerdict } from './admit.ts';
import { attestHeard, attestRead } from './attest.ts';
import { admitCommand } from './command.ts';
import { levelDue, read, readLevel } from './confirm.ts';
import type { Effect } from './effects.ts';
import type { Event, EventOf } from './events.ts';
import { approvalExpired, approved, denied, heldLongEnough, hold } from './hold.ts';
import { leaseHeld, leaseLost, setEpoch } from './lease.ts';
import type { Next } from './next.ts';
import { broke } from './parked.ts';
import { permitActed, permitAnswered } from './permits.ts';
import { endings, withholdings } from './problems.ts';
import { clockJumped, concerned, restored, resume, resumed } from './restart.ts';
import { levelFailed, offTimeOver, proven, settle } from './settle.ts';
import { ordered, shoot } from './shoot.ts';
import type { Operation, State } from './state.ts';
import { Turn } from './turn.ts';
import { assessed, listen, listenAgain } from './verify.ts';

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** They may come while a jump of the clock is still untold: a jump is told of before anything else, unless that cannot be recorded. */
const BEFORE_THE_CLOCK: ReadonlySet<Event['kind']> = new Set(['restored', 'clock-jumped', 'journal-failed', 'broke']);

/** Throws a `BrokenPromise` where a promise would be broken; nothing of the step counts then. */
export function step(state: State, event: Event): Step {
  const turn = new Turn(state, event.at);
  if (!BEFORE_THE_CLOCK.has(event.kind)) turn.forgetPermits();
  switch (event.kind) {
    case 'restored':
      goOn(turn, restored(turn, event));
      keep('S7', !turn.effects.some(({ kind }) => kind === 'order'), 'a process that has just started would order before it has read');
      break;
    case 'resumed':
      goOn(turn, resumed(turn, event.operations));
      break;
    case 'verdict':
      goOn(turn, concerned(turn, event));
      for (const operation of admitVerdict(turn, event)) onward(turn, operation, 'verify');
      break;
    case 'command': {
      goOn(turn, concerned(turn, event));
      const moved = admitCommand(turn, event);
      if (moved !== undefined) onward(turn, moved.operation, moved.next);
      break;
    }
    case 'approved': {
      goOn(turn, concerned(turn, event));
      const operation = turn.operation(event.operation);
      const next = approved(turn, event);
      if (operation !== undefined) onward(turn, operation, next);
      break;
    }
    case 'denied':
      goOn(turn, concerned(turn, event));
      denied(turn, event);
      break;
    case 'ordered':
    case 'read':
      if (event.kind === 'ordered') permitAnswered(turn, event);
      else permitActed(turn, event);
      concerning(turn, event);
      break;
    case 'assessed':
    case 'due':
      concerning(turn, event);
      break;
    default:
      aboutUs(turn, event);
  }
  return { state: turn.draft, effects: turn.effects };
}

/** What happens to the coordinator itself, and not to one operation. */
function aboutUs(
  turn: Turn,
  event: EventOf<'lease-held' | 'lease-lost' | 'clock-jumped' | 'epoch-set' | 'broke' | 'noted' | 'journal-failed'>,
): void {
  switch (event.kind) {
    case 'lease-held':
      leaseHeld(turn, event.until);
      break;
    case 'lease-lost':
      leaseLost(turn);
      break;
    case 'clock-jumped':
      clockJumped(turn, event.by);
      break;
    case 'epoch-set':
      setEpoch(turn, event);
      break;
    case 'broke':
      broke(turn, event);
      break;
    case 'journal-failed':
      journalFailed(turn, event);
      break;
    case 'noted':
      break;
  }
}

const goOn = (turn: Turn, operations: readonly Operation[]): void => {
  for (const operation of operations) named(operation, () => onward(turn, operation, resume(turn, operation)));
};

/** A late result for an operation that has ended is of no interest to it any more. */
function concerning(turn: Turn, event: EventOf<'assessed' | 'due' | 'ordered' | 'read'>): void {
  const operation = turn.operation(event.operation);
  if (operation !== undefined) named(operation, () => onward(turn, operation, chapter(turn, operation, event)));
}

/** A promise that breaks here breaks over this operation. */
function named(operation: Operation, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (error instanceof BrokenPromise) error.operation ??= operation.id;
    throw error;
  }
}

function chapter(turn: Turn, operation: Operation, event: EventOf<'assessed' | 'due' | 'ordered' | 'read'>): Next {
  switch (event.kind) {
    case 'assessed':
      if (operation.attesting?.round !== event.round) return assessed(turn, operation, event);
      attestHeard(turn, operation, event);
      return 'stay';
    case 'ordered':
      return ordered(turn, operation, event);
    case 'read':
      if (event.number > 0) return read(turn, operation, event);
      attestRead(turn, operation, event);
      return 'stay';
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
      return offTimeOver(operation);
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

/**
 * S6: what cannot be recorded is not done. Every open operation ends, and a person is called. Where not even that can be recorded, the next
 * life may take up what had ordered nothing yet: then nobody is told that it is over.
 */
function journalFailed(turn: Turn, event: EventOf<'journal-failed'>): void {
  const { says } = event.problem;
  turn.do({ kind: 'call-human', problem: withholdings.journal(says) });
  for (const id of Object.keys(turn.draft.operations)) {
    const operation = turn.operation(id);
    if (operation === undefined) continue;
    const operations = [id];
    if (operation.orders > 0) settle(turn, operation, { outcome: 'unconfirmed', problem: endings.interrupted(says), operations });
    else if (event.lost === true) settle(turn, operation, { outcome: 'unconfirmed', problem: endings.unrecorded(says), operations });
    else settle(turn, operation, { outcome: 'withheld', problem: withholdings.journal(says), operations });
  }
}
