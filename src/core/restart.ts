/** S7: after a crash, read before ordering. What was being verified is verified again; what was shooting resumes at confirm. */
import type { EventOf } from './events.ts';
import type { Next } from './next.ts';
import type { Operation } from './state.ts';
import type { Turn } from './turn.ts';

/** A restart also puts the configuration of the new process in force. */
export function restored(turn: Turn, event: EventOf<'restored'>): readonly Operation[] {
  turn.draft.policy = event.policy;
  turn.do({ kind: 'persist' });
  return Object.keys(turn.draft.operations).flatMap((id) => turn.operation(id) ?? []);
}

export function resume(turn: Turn, operation: Operation): Next {
  const { at, policy } = turn;
  // A statement that waited for its own round is asked for again by the person.
  delete operation.attesting;
  // What was known before the crash is too old to order by.
  delete operation.assessedAt;
  switch (operation.phase) {
    case 'verify':
    case 'hold':
      return 'verify';
    case 'pending': {
      const until = Math.min(at + policy.approvalWindow, operation.expiresAt ?? Number.POSITIVE_INFINITY);
      turn.do({ kind: 'wake', operation: operation.id, timer: { kind: 'approval' }, at: until });
      return 'stay';
    }
    case 'rest':
      turn.do({ kind: 'wake', operation: operation.id, timer: { kind: 'off-time' }, at: at + policy.offTime });
      return 'stay';
    case 'recheck':
    case 'shoot':
    case 'confirm':
      return operation.outlets.length === 0 ? 'recheck' : resumeAtConfirm(turn, operation);
  }
}

function resumeAtConfirm(turn: Turn, operation: Operation): Next {
  delete operation.listening;
  const { at, policy } = turn;
  const until = Math.max(operation.shares[operation.level] ?? 0, at + policy.graceAfterCrash);
  operation.shares = operation.shares.map((end, index) => (index === operation.level ? until : Math.max(end, until)));
  operation.deadline = Math.max(operation.deadline, until);
  for (const outlet of operation.outlets) {
    outlet.asked = false;
    outlet.readings = [];
    // Whether the order left the old process, nobody knows: a reading will tell.
    if (outlet.order === undefined || outlet.order === 'lost') outlet.order = 'unknown';
  }
  turn.do({ kind: 'wake', operation: operation.id, timer: { kind: 'level', level: operation.level, wanted: operation.wanted }, at: until });
  return 'read';
}
