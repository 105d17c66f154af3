/**
 * Orders that may still act, and until when an order may be given at all. An order is on its way from the moment it is made until its result
 * is known, or until nothing of it can leave any more and the device's own lateness is over: so long the node is in nobody's hand.
 */
import { keep, sameOutlet } from '../vocabulary/index.ts';
import { darken, darkNoLongerThan, darkUntil, orderOffRefused } from './dark.ts';
import type { EventOf } from './events.ts';
import { levelInHand } from './plan.ts';
import { LATENESS } from './policy.ts';
import type { Operation, OutletRun, Permit } from './state.ts';
import type { Turn } from './turn.ts';

/** What the shell says of an order whose driver did not come back. */
const GIVEN_UP = 'driver-overdue';

/** The end of our right to act, its margin taken off. Without a lease where one is needed, that end is long past. */
export function leaseEnd(turn: Turn): number {
  const { leaseUntil } = turn.draft;
  const { lease } = turn.policy;
  if (lease === undefined) return leaseUntil ?? Number.POSITIVE_INFINITY;
  return leaseUntil === undefined ? Number.NEGATIVE_INFINITY : leaseUntil - lease.margin;
}

/** Until when this operation may order: its deadline and, while nothing but verdicts carries it, their expiry. */
export function mayOrderUntil(operation: Operation): number {
  const expiry = operation.commands.length > 0 ? undefined : operation.expiresAt;
  return Math.min(operation.deadline, expiry ?? Number.POSITIVE_INFINITY);
}

/** Nothing of an order that is made now, and that gets so long, leaves at or after this time (S2). */
export const notAfterOf = (turn: Turn, operation: Operation, within: number): number =>
  Math.min(turn.at + within, mayOrderUntil(operation), leaseEnd(turn));

export function givePermit(turn: Turn, operation: Operation, outlet: OutletRun, notAfter: number): void {
  keep('S2', notAfter > turn.at, `order ${outlet.number} of ${operation.id} would be out of date when it is made`);
  const planned = levelInHand(turn.policy, operation).outlets.find((one) => sameOutlet(one, outlet));
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
  turn.draft.permits = [...turn.draft.permits, permit];
  if (permit.wanted === 'off') darken(turn, operation, permit.until);
}

/** Also for an operation that has ended: what became of its order matters to whoever has the node in hand now. */
export function permitAnswered(turn: Turn, event: EventOf<'ordered'>): void {
  const is = (permit: Permit): boolean => permit.operation === event.operation && permit.number === event.number;
  const answered = turn.draft.permits.find(is);
  if (answered === undefined) return;
  // Nobody waits for this driver any more, and it has not come back: it may send what it has for as long as it was allowed to.
  if (event.order.result === 'unknown' && event.order.why.code === GIVEN_UP) return;
  if (answered.wanted === 'off' && event.order.result === 'rejected') orderOffRefused(turn, answered.target);
  // A driver that has come back sends nothing more of this order; what it has sent may still be on its way.
  const heard = (permit: Permit): Permit => ({
    ...permit,
    answered: true,
    until: Math.min(permit.until, turn.at + permit.lateness),
    ...(event.order.result === 'accepted' ? { acceptedAt: turn.at } : {}),
  });
  turn.draft.permits = turn.draft.permits.flatMap((permit) =>
    is(permit) ? (event.order.result === 'rejected' ? [] : [heard(permit)]) : [permit],
  );
  relieve(turn, answered);
}

/** An accepted order whose outlet reads as wanted afterwards has acted: nothing more comes of it. */
export function permitActed(turn: Turn, event: EventOf<'read'>): void {
  const { outlet, reading } = event;
  const asked = turn.draft.operations[event.operation]?.outlets.find((run) => sameOutlet(run, outlet));
  if (asked?.astray === true) return;
  const acted = (permit: Permit): boolean =>
    permit.acceptedAt !== undefined &&
    permit.operation === event.operation &&
    sameOutlet(permit.outlet, outlet) &&
    reading.power === permit.wanted &&
    turn.isTimely(reading) &&
    reading.startedAt >= permit.acceptedAt;
  const done = turn.draft.permits.find(acted);
  if (done === undefined) return;
  turn.draft.permits = turn.draft.permits.filter((permit) => !acted(permit));
  relieve(turn, done);
}

/** So many starts count the lateness of an order anew: it must end, however often a process is started. */
const STARTS = 4;

/**
 * The process that gave them is dead: nothing leaves it any more, and what has left may act as late as its device does. That is counted from
 * now, since the clock of this process may be far ahead of that of the one before.
 */
export function permitsOfTheDead(turn: Turn): void {
  turn.draft.permits = turn.draft.permits.map((permit) => {
    const starts = (permit.starts ?? 0) + 1;
    return starts > STARTS ? permit : { ...permit, answered: true, starts, until: turn.at + permit.lateness };
  });
  turn.forgetPermits();
  darkAsLongAsPermits(turn);
}

/**
 * The clock jumped, by so much: what is under way acts at the same moments as before, which have other names now. Until its result is known an
 * order may leave for as long as it was allowed to: it is called back only once the jump is written down.
 */
export function permitsShift(turn: Turn, by: number): void {
  turn.draft.permits = turn.draft.permits.map((permit) => ({
    ...permit,
    until: permit.until + by,
    ...(permit.acceptedAt === undefined ? {} : { acceptedAt: permit.acceptedAt + by }),
  }));
  darkAsLongAsPermits(turn);
}

/** The clock of this process may be behind that of the one before, nobody knows by how much: what seems far away has had its time. */
export function permitsComeSooner(turn: Turn): void {
  const { at } = turn;
  turn.draft.permits = turn.draft.permits.map((permit) => ({ ...permit, until: Math.min(permit.until, at + permit.lateness) }));
  nodesDarkNoLonger(turn);
}

/** By a clock that was set back, what may still cut a node seems further away than it is. */
export function nodesDarkNoLonger(turn: Turn): void {
  for (const target of Object.keys(turn.draft.dark)) darkNoLongerThan(turn, target, turn.at + longestOrder(turn, target));
  darkAsLongAsPermits(turn);
}

/** From when an order of this node is made to when it cannot act any more. */
function longestOrder({ policy }: Turn, target: string): number {
  const outlets = Object.hasOwn(policy.nodes, target) ? (policy.nodes[target]?.levels ?? []).flat() : [];
  return Math.max(0, ...outlets.map((one) => (one.answerWithin ?? policy.answerWithin) + (one.lateness ?? LATENESS)));
}

/** A node may be cut for as long as an order off may act. */
function darkAsLongAsPermits(turn: Turn): void {
  for (const permit of turn.draft.permits) if (permit.wanted === 'off') darkUntil(turn, permit.target, permit.until);
}

/** By a lease that ends then, an order of it could leave too late. */
export const outlasts = (turn: Turn, operation: Operation, end: number): boolean =>
  turn.draft.permits.some((one) => one.operation === operation.id && one.answered !== true && one.until - one.lateness > end);

/** What of its orders is under way is not repeated any more, and what still waits is not sent. */
export function callBack(turn: Turn, operation: Operation): void {
  const underWay = turn.draft.permits.some((permit) => permit.operation === operation.id && permit.answered !== true);
  if (underWay) turn.do({ kind: 'cancel', operation: operation.id });
}

/** Until when an order of the other direction may still act on the node. What is read before that says nothing about what will be (S3). */
export function opposedUntil(turn: Turn, operation: Operation): number | undefined {
  const against = turn.draft.permits.filter((permit) => permit.target === operation.target && permit.wanted !== operation.wanted);
  return against.length === 0 ? undefined : Math.max(...against.map((permit) => permit.until));
}

/** An overtaken order turns out to act no more: whoever has its node in hand need not wait for it any longer. */
function relieve(turn: Turn, { operation: overtaken, target }: Permit): void {
  if (Object.hasOwn(turn.draft.operations, overtaken)) return;
  const open = turn.openOn(target);
  if (open?.opposedUntil !== undefined) open.opposedUntil = opposedUntil(turn, open) ?? Math.min(open.opposedUntil, turn.at);
}
