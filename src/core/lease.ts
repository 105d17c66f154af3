/** The right to act, and the epoch, as somebody outside gives and takes them. */
import type { EventOf } from './events.ts';
import { callBack, leaseEnd, outlasts } from './permits.ts';
import { withholdings } from './problems.ts';
import { barFromOrdering } from './restart.ts';
import { stop } from './settle.ts';
import type { Turn } from './turn.ts';

/** A lease that ends earlier than the one before also ends what was ordered under that. */
export function leaseHeld(turn: Turn, until: number): void {
  const before = turn.draft.leaseUntil ?? Number.POSITIVE_INFINITY;
  turn.draft.leaseUntil = until;
  if (until >= before) return;
  for (const id of Object.keys(turn.draft.operations)) {
    const operation = turn.operation(id);
    if (operation !== undefined && outlasts(turn, operation, leaseEnd(turn))) callBack(turn, operation);
  }
  if (turn.effects.length > 0) turn.do({ kind: 'persist' });
}

/** S2: another coordinator may act from now on. What is under way is called back; what was ordered is read and told. */
export function leaseLost(turn: Turn): void {
  turn.draft.leaseUntil = turn.at;
  turn.do({ kind: 'persist' }, { kind: 'call-human', problem: withholdings.lease() });
  for (const id of Object.keys(turn.draft.operations)) {
    const operation = turn.operation(id);
    if (operation !== undefined && operation.switching > 0 && operation.outlets.length > 0)
      barFromOrdering(turn, operation, withholdings.lease());
  }
}

/** What was asked for in another epoch and not begun is over; what has ordered goes on. */
export function setEpoch(turn: Turn, event: EventOf<'epoch-set'>): void {
  turn.do({ kind: 'persist' });
  turn.draft.epoch = event.epoch;
  for (const id of Object.keys(turn.draft.operations)) {
    const operation = turn.operation(id);
    if (operation?.epoch === undefined || operation.orders > 0 || operation.epoch === event.epoch) continue;
    stop(turn, operation, withholdings.epochSet(operation.epoch, event.epoch, event.by));
  }
}
