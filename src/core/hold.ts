/** Hold: the configured delay, or a person's approval; then listen once more. */
import type { Problem } from '../vocabulary/index.ts';
import type { Effect } from './effects.ts';
import type { EventOf } from './events.ts';
import type { Next } from './next.ts';
import { refusals, withholdings } from './problems.ts';
import { contentOfDecision, refuseCommand, takenUp } from './remember.ts';
import { settle } from './settle.ts';
import type { Operation } from './state.ts';
import type { Turn } from './turn.ts';

const WISH = { off: 'fenced', reboot: 'rebooted', on: 'powered on', attest: 'attested' } as const;

export function hold(turn: Turn, operation: Operation): Next {
  const { policy, at } = turn;
  // A person who gives a command has approved it by giving it.
  if (policy.mode === 'approval' && operation.origin !== 'person' && operation.approvedBy === undefined) {
    operation.phase = 'pending';
    operation.approveUntil ??= Math.min(at + policy.approvalWindow, operation.expiresAt ?? Number.POSITIVE_INFINITY);
    turn.do({ kind: 'persist' }, askPerson(turn, operation));
    turn.do({
      kind: 'call-human',
      problem: {
        code: 'awaiting-approval',
        says: `${operation.target} is to be ${WISH[operation.action]} (${operation.reason}); the policy asks a person first.`,
        next: `bailiff approve ${operation.id} or bailiff deny ${operation.id}.`,
      },
      operation: operation.id,
      target: operation.target,
    });
    return 'stay';
  }
  if (policy.delay > 0 && operation.origin !== 'person' && operation.approvedBy === undefined) {
    operation.phase = 'hold';
    operation.holdUntil ??= at + policy.delay;
    turn.do({ kind: 'persist' }, { kind: 'wake', operation: operation.id, timer: { kind: 'hold' }, at: operation.holdUntil });
    return 'stay';
  }
  return 'shoot';
}

/** Much may have changed while it was held: listen once more. */
export const heldLongEnough = (operation: Operation): Next => (operation.phase === 'hold' ? 'recheck' : 'stay');

/** Also what is only held by the delay may be approved: then it goes on at once. */
export function approved(turn: Turn, event: EventOf<'approved'>): Next {
  const operation = takeDecision(turn, event);
  if (operation === undefined) return 'stay';
  const late = operation.phase === 'pending' && turn.at >= (operation.approveUntil ?? Number.POSITIVE_INFINITY);
  const problem = waitsForPerson(operation) ? undefined : refusals.notPending(event.operation);
  if (problem !== undefined) return refuseDecision(turn, event, problem);
  if (event.id !== undefined) operation.decisions.push(event.id);
  if (late) {
    approvalExpired(turn, operation);
    return 'stay';
  }
  return approve(turn, operation, event.by);
}

/** A start listens once more for what was held by the delay: that it would be held again is known. */
const waitsForPerson = ({ phase, holdUntil }: Operation): boolean =>
  phase === 'pending' || phase === 'hold' || (phase === 'verify' && holdUntil !== undefined);

/** The operation that it is about. Undefined: this decision came before, or there is no such operation any more; it is answered already. */
function takeDecision(turn: Turn, event: EventOf<'approved' | 'denied'>): Operation | undefined {
  const operation = turn.operation(event.operation);
  if (event.id !== undefined) {
    const digest = contentOfDecision(event.kind, event.operation, event.by, event.reason);
    if (!takenUp(turn, { id: event.id, digest, target: operation?.target ?? '' })) return undefined;
  }
  if (operation === undefined) refuseDecision(turn, event, refusals.notPending(event.operation));
  return operation;
}

/** It comes too late, or twice: who sent it is told, and nobody else is called for it. */
function refuseDecision(turn: Turn, event: EventOf<'approved' | 'denied'>, problem: Problem): Next {
  if (event.id !== undefined) refuseCommand(turn, event.id, problem);
  return 'stay';
}

/** The wait for a person has one end, however often the process is started anew meanwhile. */
export function askPerson(turn: Turn, operation: Operation): Effect {
  const at = operation.approveUntil ?? turn.at + turn.policy.approvalWindow;
  return { kind: 'wake', operation: operation.id, timer: { kind: 'approval' }, at };
}

export function approve(turn: Turn, operation: Operation, by: string): Next {
  turn.do({ kind: 'persist' });
  operation.approvedBy = by;
  // The clock of the operation starts anew: the wait for a person was not the devices' fault.
  operation.deadline = turn.at + turn.policy.timeout;
  // Where it is being listened for, what is heard lets it go on at once.
  return operation.phase === 'verify' ? 'stay' : 'recheck';
}

/** As long as nothing was ordered. */
export function denied(turn: Turn, event: EventOf<'denied'>): void {
  const operation = takeDecision(turn, event);
  if (operation === undefined) return;
  if (operation.orders > 0 || operation.action === 'attest') {
    refuseDecision(turn, event, refusals.notPending(event.operation));
    return;
  }
  turn.do({ kind: 'persist' });
  if (event.id !== undefined) operation.decisions.push(event.id);
  settle(turn, operation, { outcome: 'withheld', problem: withholdings.denied(event.by, event.reason), operations: [operation.id] });
}

export function approvalExpired(turn: Turn, operation: Operation): void {
  if (operation.phase !== 'pending') return;
  turn.do({ kind: 'persist' });
  settle(turn, operation, { outcome: 'withheld', problem: withholdings.approvalExpired(), operations: [operation.id] });
}
