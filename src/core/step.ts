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
import { levelFailed, offTimeOver, proven } from './levels.ts';
import type { Next } from './next.ts';
import { broke } from './parked.ts';
import { permitActed, permitAnswered } from './permits.ts';
import { endings, withholdings } from './problems.ts';
import { clockJumped, concerned, restored, resume, resumed } from './restart.ts';
import { settle } from './settle.ts';
import { ordered, shoot } from './shoot.ts';
import type { Operation, State } from './state.ts';
import { Draft } from './draft.ts';
import { assess, assessAgain, assessed } from './verify.ts';

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** They may come while a jump of the clock is still untold: a jump is told of before anything else, unless that cannot be recorded. */
const BEFORE_THE_CLOCK: ReadonlySet<Event['kind']> = new Set(['restored', 'clock-jumped', 'journal-failed', 'broke']);

/** Throws a `BrokenPromise` where a promise would be broken; nothing of the step counts then. */
export function step(state: State, event: Event): Step {
  const draft = new Draft(state, event.at);
  if (!BEFORE_THE_CLOCK.has(event.kind)) draft.forgetPermits();
  switch (event.kind) {
    case 'restored':
      goOn(draft, restored(draft, event));
      keep('S7', !draft.effects.some(({ kind }) => kind === 'order'), 'a process that has just started would order before it has read');
      break;
    case 'resumed':
      goOn(draft, resumed(draft, event.operations));
      break;
    case 'verdict':
      goOn(draft, concerned(draft, event));
      for (const operation of admitVerdict(draft, event)) onward(draft, operation, 'verify');
      break;
    case 'command': {
      goOn(draft, concerned(draft, event));
      const moved = admitCommand(draft, event);
      if (moved !== undefined) onward(draft, moved.operation, moved.next);
      break;
    }
    case 'approved': {
      goOn(draft, concerned(draft, event));
      const operation = draft.operation(event.operation);
      const next = approved(draft, event);
      if (operation !== undefined) onward(draft, operation, next);
      break;
    }
    case 'denied':
      goOn(draft, concerned(draft, event));
      denied(draft, event);
      break;
    case 'ordered':
    case 'read':
      if (event.kind === 'ordered') permitAnswered(draft, event);
      else permitActed(draft, event);
      concerning(draft, event);
      break;
    case 'assessed':
    case 'due':
      concerning(draft, event);
      break;
    default:
      aboutUs(draft, event);
  }
  return { state: draft.state, effects: draft.effects };
}

/** What happens to the coordinator itself, and not to one operation. */
function aboutUs(
  draft: Draft,
  event: EventOf<'lease-held' | 'lease-lost' | 'clock-jumped' | 'epoch-set' | 'broke' | 'noted' | 'journal-failed'>,
): void {
  switch (event.kind) {
    case 'lease-held':
      leaseHeld(draft, event.until);
      break;
    case 'lease-lost':
      leaseLost(draft);
      break;
    case 'clock-jumped':
      clockJumped(draft, event.by);
      break;
    case 'epoch-set':
      setEpoch(draft, event);
      break;
    case 'broke':
      broke(draft, event);
      break;
    case 'journal-failed':
      journalFailed(draft, event);
      break;
    case 'noted':
      break;
  }
}

const goOn = (draft: Draft, operations: readonly Operation[]): void => {
  for (const operation of operations) named(operation, () => onward(draft, operation, resume(draft, operation)));
};

/** A late result for an operation that has ended is of no interest to it any more. */
function concerning(draft: Draft, event: EventOf<'assessed' | 'due' | 'ordered' | 'read'>): void {
  const operation = draft.operation(event.operation);
  if (operation !== undefined) named(operation, () => onward(draft, operation, chapter(draft, operation, event)));
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

function chapter(draft: Draft, operation: Operation, event: EventOf<'assessed' | 'due' | 'ordered' | 'read'>): Next {
  switch (event.kind) {
    case 'assessed':
      if (operation.attesting?.round !== event.round) return assessed(draft, operation, event);
      attestHeard(draft, operation, event);
      return 'stay';
    case 'ordered':
      return ordered(draft, operation, event);
    case 'read':
      if (event.number > 0) return read(draft, operation, event);
      attestRead(draft, operation, event);
      return 'stay';
    case 'due':
      return due(draft, operation, event);
  }
}

function due(draft: Draft, operation: Operation, event: EventOf<'due'>): Next {
  switch (event.timer.kind) {
    case 'listen':
      return assessAgain(operation);
    case 'hold':
      return heldLongEnough(operation);
    case 'approval':
      approvalExpired(draft, operation);
      return 'stay';
    case 'level':
      return levelDue(draft, operation, event.timer);
    case 'off-time':
      return offTimeOver(operation);
  }
}

/** More hops than any walk over nine levels can take: a loop here would be a defect, and must stop the process. */
const MOST_HOPS = 64;

function onward(draft: Draft, operation: Operation, first: Next): void {
  let next = first;
  for (let hop = 0; next !== 'stay'; hop += 1) {
    keep('S4', hop < MOST_HOPS, `operation ${operation.id} walks in a circle`);
    next = hopOn(draft, operation, next);
  }
}

function hopOn(draft: Draft, operation: Operation, next: Exclude<Next, 'stay'>): Next {
  switch (next) {
    case 'verify':
    case 'recheck':
      return assess(draft, operation, next);
    case 'hold':
      return hold(draft, operation);
    case 'shoot':
      return shoot(draft, operation);
    case 'read':
      return readLevel(draft, operation);
    case 'not-switched':
    case 'unproven':
      return levelFailed(draft, operation, next);
    case 'proven':
      return proven(draft, operation);
  }
}

/**
 * S6: what cannot be recorded is not done. Every open operation ends, and a person is called. Where not even that can be recorded, the next
 * life may take up what had ordered nothing yet: then nobody is told that it is over.
 */
function journalFailed(draft: Draft, event: EventOf<'journal-failed'>): void {
  const { says } = event.problem;
  draft.do({ kind: 'call-human', problem: withholdings.journal(says) });
  for (const id of draft.state.operations.keys()) {
    const operation = draft.operation(id);
    if (operation === undefined) continue;
    const operations = [id];
    if (operation.orders > 0) settle(draft, operation, { outcome: 'unconfirmed', problem: endings.interrupted(says), operations });
    else if (event.lost === true) settle(draft, operation, { outcome: 'unconfirmed', problem: endings.unrecorded(says), operations });
    else settle(draft, operation, { outcome: 'withheld', problem: withholdings.journal(says), operations });
  }
}
