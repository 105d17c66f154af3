/** The right to act, and the epoch, as somebody outside gives and takes them. */
import type { EventOf } from './events.ts';
import { callBack, leaseEnd, outlasts } from './permits.ts';
import { withholdings } from './problems.ts';
import { barFromOrdering } from './restart.ts';
import { stop } from './settle.ts';
import type { Draft } from './draft.ts';

/** A lease that ends earlier than the one before also ends what was ordered under that. */
export function leaseHeld(draft: Draft, until: number): void {
  const before = draft.state.leaseUntil ?? Number.POSITIVE_INFINITY;
  draft.state.leaseUntil = until;
  if (until >= before) return;
  for (const id of draft.state.operations.keys()) {
    const operation = draft.operation(id);
    if (operation !== undefined && outlasts(draft, operation, leaseEnd(draft))) callBack(draft, operation);
  }
  if (draft.effects.length > 0) draft.do({ kind: 'persist' });
}

/** S2: another coordinator may act from now on. What is under way is called back; what was ordered is read and told. */
export function leaseLost(draft: Draft): void {
  draft.state.leaseUntil = draft.at;
  draft.do({ kind: 'persist' }, { kind: 'call-human', problem: withholdings.lease() });
  for (const id of draft.state.operations.keys()) {
    const operation = draft.operation(id);
    if (operation !== undefined && operation.switching > 0 && operation.outlets !== undefined)
      barFromOrdering(draft, operation, withholdings.lease());
  }
}

/** What was asked for in another epoch and not begun is over; what has ordered goes on. */
export function setEpoch(draft: Draft, event: EventOf<'epoch-set'>): void {
  draft.do({ kind: 'persist' });
  draft.state.epoch = event.epoch;
  for (const id of draft.state.operations.keys()) {
    const operation = draft.operation(id);
    if (operation?.epoch === undefined || operation.orders > 0 || operation.epoch === event.epoch) continue;
    stop(draft, operation, withholdings.epochSet(operation.epoch, event.epoch, event.by));
  }
}
