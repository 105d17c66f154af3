/** Hold: the configured delay, or a person's approval; then listen once more. */
import type { Effect } from './effects.ts';
import type { EventOf } from './events.ts';
import type { Next } from './next.ts';
import { refusals, withholdings } from './problems.ts';
import { settle } from './settle.ts';
import type { Operation } from './state.ts';
import type { Turn } from './turn.ts';

const WISH = { off: 'fenced', reboot: 'rebooted', on: 'powered on', attest: 'attested' } as const;

export function hold(turn: Turn, operation: Operation): Next {
  const { policy, at } = turn;
  // A person who gives a command has approved it by giving it.
  if (policy.mode === 'approval' && operation.origin !== 'person' && operation.approvedBy === undefined) {
    operation.phase = 'pending';
    operation.approveUntil = Math.min(at + policy.approvalWindow, operation.expiresAt ?? Number.POSITIVE_INFINITY);
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
  if (policy.delay > 0 && operation.origin !== 'person') {
    operation.phase = 'hold';
    turn.do({ kind: 'persist' }, { kind: 'wake', operation: operation.id, timer: { kind: 'hold' }, at: at + policy.delay });
    return 'stay';
  }
  return 'shoot';
}

/** Much may have changed while it was held: listen once more. */
export const heldLongEnough = (operation: Operation): Next => (operation.phase === 'hold' ? 'recheck' : 'stay');

export function approved(turn: Turn, event: EventOf<'approved'>): Next {
  const operation = turn.operation(event.operation);
  if (operation === undefined || operation.phase !== 'pending') {
    turn.do({ kind: 'call-human', problem: refusals.notPending(event.operation), operation: event.operation });
    return 'stay';
  }
  if (turn.at >= (operation.approveUntil ?? Number.POSITIVE_INFINITY)) {
    approvalExpired(turn, operation);
    return 'stay';
  }
  return approve(turn, operation, event.by);
}

/** The wait for a person has one end, however often the process is started anew meanwhile. */
export function askPerson(turn: Turn, operation: Operation): Effect {
  const at = operation.approveUntil ?? turn.at + turn.policy.approvalWindow;
  return { kind: 'wake', operation: operation.id, timer: { kind: 'approval' }, at };
}

export function approve(turn: Turn, operation: Operation, by: string): Next {
  operation.approvedBy = by;
  // The clock of the operation starts anew: the wait for a person was not the devices' fault.
  operation.deadline = turn.at + turn.policy.timeout;
  return 'recheck';
}

export function denied(turn: Turn, event: EventOf<'denied'>): void {
  const operation = turn.operation(event.operation);
  if (operation === undefined || operation.orders > 0) {
    turn.do({ kind: 'call-human', problem: refusals.notPending(event.operation), operation: event.operation });
    return;
  }
  turn.do({ kind: 'persist' });
  settle(turn, operation, { outcome: 'withheld', problem: withholdings.denied(event.by, event.reason), operations: [operation.id] });
}

export function approvalExpired(turn: Turn, operation: Operation): void {
  if (operation.phase !== 'pending') return;
  turn.do({ kind: 'persist' });
  settle(turn, operation, { outcome: 'withheld', problem: withholdings.approvalExpired(), operations: [operation.id] });
}
