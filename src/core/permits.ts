/**
 * Orders that may still act, and until when an order may be given at all. An order is on its way from the moment it is made until its result
 * is known, or until nothing of it can leave any more and the device's own lateness is over: so long the node is in nobody's hand.
 */
import { keep, sameOutlet } from '../vocabulary/index.ts';
import { darken, darkNoLongerThan, darkUntil, orderOffRefused } from './dark.ts';
import type { EventOf } from './events.ts';
import { levelInHand } from './plan.ts';
import { LATENESS } from './policy.ts';
import { type Operation, type OutletRun, type Permit, permitKey } from './state.ts';
import type { Draft } from './draft.ts';

/** What the shell says of an order whose driver did not come back. */
const OVERDUE = 'driver-overdue';

/** The end of our right to act, its margin taken off. Without a lease where one is needed, that end is long past. */
export function leaseEnd(draft: Draft): number {
  const { leaseUntil } = draft.state;
  const { lease } = draft.policy;
  if (lease === undefined) return leaseUntil ?? Number.POSITIVE_INFINITY;
  return leaseUntil === undefined ? Number.NEGATIVE_INFINITY : leaseUntil - lease.margin;
}

/** Until when this operation may order: its deadline and, while nothing but verdicts carries it, their expiry. */
export function mayOrderUntil(operation: Operation): number {
  const expiry = operation.commands.length > 0 ? undefined : operation.expiresAt;
  return Math.min(operation.deadline, expiry ?? Number.POSITIVE_INFINITY);
}

/** Nothing of an order that is made now, and that gets so long, leaves at or after this time (S2). */
export const notAfterOf = (draft: Draft, operation: Operation, within: number): number =>
  Math.min(draft.at + within, mayOrderUntil(operation), leaseEnd(draft));

export function givePermit(draft: Draft, operation: Operation, outlet: OutletRun, notAfter: number): void {
  keep('S2', notAfter > draft.at, `order ${outlet.number} of ${operation.id} would be out of date when it is made`);
  const planned = levelInHand(draft.policy, operation).outlets.find((one) => sameOutlet(one, outlet));
  const lateness = planned?.lateness ?? LATENESS;
  const permit: Permit = {
    operation: operation.id,
    number: outlet.number,
    target: operation.target,
    outlet: { device: outlet.device, plug: outlet.plug },
    wanted: operation.wanted,
    lateness,
    until: notAfter + lateness,
  };
  draft.state.permits = draft.state.permits.with(permitKey(permit), permit);
  if (permit.wanted === 'off') darken(draft, operation, permit.until);
}

/** Also for an operation that has ended: what became of its order matters to whoever has the node in hand now. */
export function permitAnswered(draft: Draft, event: EventOf<'ordered'>): void {
  const key = permitKey(event);
  const { permits } = draft.state;
  const answered = permits.get(key);
  if (answered === undefined) return;
  // Nobody waits for this driver any more, and it has not come back: it may send what it has for as long as it was allowed to.
  if (event.order.result === 'unknown' && event.order.why.code === OVERDUE) return;
  if (answered.wanted === 'off' && event.order.result === 'rejected') orderOffRefused(draft, answered.target);
  // A driver that has come back sends nothing more of this order; what it has sent may still be on its way.
  const heard: Permit = {
    ...answered,
    answered: true,
    until: Math.min(answered.until, draft.at + answered.lateness),
    ...(event.order.result === 'accepted' ? { acceptedAt: draft.at } : {}),
  };
  draft.state.permits = event.order.result === 'rejected' ? permits.without(key) : permits.with(key, heard);
  relieve(draft, answered);
}

/** An accepted order whose outlet reads as wanted afterwards has acted: nothing more comes of it. */
export function permitActed(draft: Draft, event: EventOf<'read'>): void {
  const { outlet, reading } = event;
  const asked = draft.state.operations.get(event.operation)?.outlets?.find((run) => sameOutlet(run, outlet));
  if (asked?.astray === true) return;
  const acted = (permit: Permit): boolean =>
    permit.acceptedAt !== undefined &&
    sameOutlet(permit.outlet, outlet) &&
    reading.power === permit.wanted &&
    draft.isTimely(reading) &&
    reading.startedAt >= permit.acceptedAt;
  const done = draft.state.permits.in('operation', event.operation).filter(acted);
  const [first] = done;
  if (first === undefined) return;
  for (const permit of done) draft.state.permits = draft.state.permits.without(permitKey(permit));
  relieve(draft, first);
}

/** So many starts count the lateness of an order again: it must end, however often a process is started. */
const STARTS = 4;

/**
 * The process that gave them is dead: nothing leaves it any more, and what has left may act as late as its device does. That is counted from
 * now, since the clock of this process may be far ahead of that of the one before.
 */
export function permitsOfTheDead(draft: Draft): void {
  draft.state.permits = draft.state.permits.map((permit) => {
    const starts = (permit.starts ?? 0) + 1;
    return starts > STARTS ? permit : { ...permit, answered: true, starts, until: draft.at + permit.lateness };
  });
  draft.forgetPermits();
  darkAsLongAsPermits(draft);
}

/**
 * The clock jumped, by so much: what is under way acts at the same moments as before, which have other names now. Until its result is known an
 * order may leave for as long as it was allowed to: it is called back only once the jump is written down.
 */
export function permitsShift(draft: Draft, by: number): void {
  draft.state.permits = draft.state.permits.map((permit) => ({
    ...permit,
    until: permit.until + by,
    ...(permit.acceptedAt === undefined ? {} : { acceptedAt: permit.acceptedAt + by }),
  }));
  darkAsLongAsPermits(draft);
}

/** The clock of this process may be behind that of the one before, nobody knows by how much: what seems far away has had its time. */
export function permitsComeSooner(draft: Draft): void {
  const { at } = draft;
  draft.state.permits = draft.state.permits.map((permit) => ({ ...permit, until: Math.min(permit.until, at + permit.lateness) }));
  nodesDarkNoLonger(draft);
}

/** By a clock that was set back, what may still cut a node seems further away than it is. */
export function nodesDarkNoLonger(draft: Draft): void {
  for (const target of draft.state.dark.keys()) darkNoLongerThan(draft, target, draft.at + longestOrder(draft, target));
  darkAsLongAsPermits(draft);
}

/** From when an order of this node is made to when it cannot act any more. */
function longestOrder({ policy }: Draft, target: string): number {
  const outlets = Object.hasOwn(policy.nodes, target) ? (policy.nodes[target]?.levels ?? []).flat() : [];
  return Math.max(0, ...outlets.map((one) => (one.answerWithin ?? policy.answerWithin) + (one.lateness ?? LATENESS)));
}

/** A node may be cut for as long as an order off may act. */
function darkAsLongAsPermits(draft: Draft): void {
  for (const permit of draft.state.permits.values()) if (permit.wanted === 'off') darkUntil(draft, permit.target, permit.until);
}

/** By a lease that ends then, an order of it could leave too late. */
export const outlasts = (draft: Draft, operation: Operation, end: number): boolean =>
  draft.state.permits.in('operation', operation.id).some((one) => one.answered !== true && one.until - one.lateness > end);

/** What of its orders is under way is not repeated any more, and what still waits is not sent. */
export function callBack(draft: Draft, operation: Operation): void {
  const underWay = draft.state.permits.in('operation', operation.id).some((permit) => permit.answered !== true);
  if (underWay) draft.do({ kind: 'cancel', operation: operation.id });
}

/** Until when an order of the other direction may still act on the node. What is read before that says nothing about what will be (S3). */
export function opposedUntil(draft: Draft, operation: Operation): number | undefined {
  const against = draft.state.permits.in('target', operation.target).filter((permit) => permit.wanted !== operation.wanted);
  return against.length === 0 ? undefined : Math.max(...against.map((permit) => permit.until));
}

/** An overtaken order turns out to act no more: whoever has its node in hand need not wait for it any longer. */
function relieve(draft: Draft, { operation: overtaken, target }: Permit): void {
  if (draft.state.operations.has(overtaken)) return;
  const open = draft.openOn(target);
  if (open?.opposedUntil !== undefined) open.opposedUntil = opposedUntil(draft, open) ?? Math.min(open.opposedUntil, draft.at);
}
