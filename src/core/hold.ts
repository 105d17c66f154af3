/** Hold: the configured delay, or a person's approval; then assess once more. */
import type { Problem } from '../vocabulary/index.ts';
import type { Effect } from './effects.ts';
import type { EventOf } from './events.ts';
import type { Next } from './next.ts';
import { refusals, withholdings } from './problems.ts';
import { digestOfDecision, refuseCommand, takenUp } from './remember.ts';
import { settle } from './settle.ts';
import type { Operation } from './state.ts';
import type { Draft } from './draft.ts';

const WISH = { off: 'fenced', reboot: 'rebooted', on: 'powered on', attest: 'attested' } as const;

export function hold(draft: Draft, operation: Operation): Next {
  const { policy, at } = draft;
  // A person who gives a command has approved it by giving it.
  if (policy.mode === 'approval' && operation.origin !== 'person' && operation.approvedBy === undefined) {
    operation.phase = 'pending';
    operation.approveUntil ??= Math.min(at + policy.approvalWindow, operation.expiresAt ?? Number.POSITIVE_INFINITY);
    draft.do({ kind: 'persist' }, askPerson(draft, operation));
    draft.do({
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
    draft.do({ kind: 'persist' }, { kind: 'wake', operation: operation.id, timer: { kind: 'hold' }, at: operation.holdUntil });
    return 'stay';
  }
  return 'shoot';
}

/** Much may have changed while it was held: assess once more. */
export const heldLongEnough = (operation: Operation): Next => (operation.phase === 'hold' ? 'recheck' : 'stay');

/** Also what is only held by the delay may be approved: then it goes on at once. */
export function approved(draft: Draft, event: EventOf<'approved'>): Next {
  const operation = takeDecision(draft, event);
  if (operation === undefined) return 'stay';
  const late = operation.phase === 'pending' && draft.at >= (operation.approveUntil ?? Number.POSITIVE_INFINITY);
  const problem = waitsForPerson(operation) ? undefined : refusals.notPending(event.operation);
  if (problem !== undefined) return refuseDecision(draft, event, problem);
  if (event.id !== undefined) operation.decisions.push(event.id);
  if (late) {
    approvalExpired(draft, operation);
    return 'stay';
  }
  return approve(draft, operation, event.by);
}

/** A start assesses once more what was held by the delay: that it would be held again is known. */
const waitsForPerson = ({ phase, holdUntil }: Operation): boolean =>
  phase === 'pending' || phase === 'hold' || (phase === 'verify' && holdUntil !== undefined);

/** The operation that it is about. Undefined: this decision came before, or there is no such operation any more; it is answered already. */
function takeDecision(draft: Draft, event: EventOf<'approved' | 'denied'>): Operation | undefined {
  const operation = draft.operation(event.operation);
  if (event.id !== undefined) {
    const digest = digestOfDecision(event.kind, event.operation, event.by, event.reason);
    if (!takenUp(draft, { id: event.id, digest, target: operation?.target ?? '' })) return undefined;
  }
  if (operation === undefined) refuseDecision(draft, event, refusals.notPending(event.operation));
  return operation;
}

/** It comes too late, or twice: who sent it is told, and nobody else is called for it. */
function refuseDecision(draft: Draft, event: EventOf<'approved' | 'denied'>, problem: Problem): Next {
  if (event.id !== undefined) refuseCommand(draft, event.id, problem);
  return 'stay';
}

/** The wait for a person has one end, however often the process is started again meanwhile. */
export function askPerson(draft: Draft, operation: Operation): Effect {
  const at = operation.approveUntil ?? draft.at + draft.policy.approvalWindow;
  return { kind: 'wake', operation: operation.id, timer: { kind: 'approval' }, at };
}

export function approve(draft: Draft, operation: Operation, by: string): Next {
  draft.do({ kind: 'persist' });
  operation.approvedBy = by;
  // The clock of the operation starts again: the wait for a person was not the devices' fault.
  operation.deadline = draft.at + draft.policy.timeout;
  // Where it is being assessed, what is heard lets it go on at once.
  return operation.phase === 'verify' ? 'stay' : 'recheck';
}

/** As long as nothing was ordered. */
export function denied(draft: Draft, event: EventOf<'denied'>): void {
  const operation = takeDecision(draft, event);
  if (operation === undefined) return;
  if (operation.orders > 0 || operation.action === 'attest') {
    refuseDecision(draft, event, refusals.notPending(event.operation));
    return;
  }
  draft.do({ kind: 'persist' });
  if (event.id !== undefined) operation.decisions.push(event.id);
  settle(draft, operation, { outcome: 'withheld', problem: withholdings.denied(event.by, event.reason), operations: [operation.id] });
}

export function approvalExpired(draft: Draft, operation: Operation): void {
  if (operation.phase !== 'pending') return;
  draft.do({ kind: 'persist' });
  settle(draft, operation, { outcome: 'withheld', problem: withholdings.approvalExpired(), operations: [operation.id] });
}
