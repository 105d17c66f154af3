/** Shoot: level by level; every outlet of a level gets its order. The gate in front of every order keeps S1, S2 and S8. */
import { keep, type OrderResult, type Problem, sameOutlet } from '../vocabulary/index.ts';
import { isDark } from './dark.ts';
import type { EventOf } from './events.ts';
import type { Next } from './next.ts';
import { protectedSurvivor } from './one-side.ts';
import { givePermit, leaseEnd, mayOrderUntil, notAfterOf } from './permits.ts';
import { levelInHand, orderWithin, sharesOf, walkFor } from './plan.ts';
import { refusals, withholdings } from './problems.ts';
import { beginRun, hasOrdered, outletsInHand } from './run.ts';
import { stop } from './settle.ts';
import type { Operation, OutletRun } from './state.ts';
import { noteShot, radiusOfFirst } from './storm.ts';
import type { Draft } from './draft.ts';

/** Enters here after verify and hold, after a recheck, and when a level has failed. */
export function shoot(draft: Draft, operation: Operation): Next {
  const barred = gate(draft, operation);
  if (barred !== undefined) return barred;
  if (operation.level < 0) {
    operation.shares = sharesOf(walkFor(draft.policy, operation), draft.at, mayOrderUntil(operation));
    // Reading needs no permission: the last level is read until the deadline.
    operation.shares = operation.shares.with(-1, Math.max(operation.deadline, operation.shares.at(-1) ?? 0));
    operation.level = 0;
  }
  return operation.outlets === undefined ? beginLevel(draft, operation) : orderAgain(draft, operation);
}

/** Every order passes here. Undefined: it may be given. */
function gate(draft: Draft, operation: Operation): Next | undefined {
  const { policy, at } = draft;
  const problem =
    leaseProblem(draft) ??
    survivorProblem(draft, operation) ??
    overProblem(draft, operation) ??
    (operation.orders > 0 ? undefined : firstOrderProblem(draft, operation));
  if (problem !== undefined) return barred(draft, operation, problem);
  keep('S2', leaseEnd(draft) > at, `operation ${operation.id} would order without a lease`);
  return operation.assessedAt === undefined || at - operation.assessedAt > policy.verify.validFor ? 'recheck' : undefined;
}

/** What was ordered in this level is still read: a reading needs no permission. */
function barred(draft: Draft, operation: Operation, problem: Problem): Next {
  if (!hasOrdered(operation)) {
    stop(draft, operation, problem);
    return 'stay';
  }
  draft.do({ kind: 'persist' });
  operation.over ??= problem;
  for (const outlet of outletsInHand(operation)) if (outlet.order === 'lost') outlet.order = 'unknown';
  return 'read';
}

function leaseProblem(draft: Draft): Problem | undefined {
  if (leaseEnd(draft) > draft.at) return undefined;
  return draft.state.leaseUntil === undefined ? withholdings.noLease() : withholdings.lease();
}

/** The right to order has ended: the deadline is over, or the verdict has expired. */
export function overProblem(draft: Draft, operation: Operation): Problem | undefined {
  if (operation.over !== undefined) return operation.over;
  if (mayOrderUntil(operation) > draft.at) return undefined;
  if (operation.deadline <= draft.at) return operation.orders > 0 ? withholdings.deadlineOver() : withholdings.deadline();
  return operation.orders > 0 ? withholdings.expiredMidway() : withholdings.expiredWhileHeld();
}

/** Since the operation was opened a verdict may have been admitted that lets its target live (S11). */
function survivorProblem(draft: Draft, operation: Operation): Problem | undefined {
  if (operation.wanted === 'on' || operation.override.includes('survivor')) return undefined;
  const epoch = protectedSurvivor(draft.state, operation.target);
  return epoch === undefined ? undefined : refusals.survivorProtected(operation.target, epoch);
}

/** What may have changed since the verdict was admitted, and the blast radius (S8). */
function firstOrderProblem(draft: Draft, operation: Operation): Problem | undefined {
  const { state } = draft;
  if (operation.epoch !== undefined && operation.epoch < state.epoch) return withholdings.superseded(operation.epoch, state.epoch);
  if (operation.wanted === 'on') return undefined;
  const radius = radiusOfFirst(draft, operation);
  return radius.storm ?? radius.quorum;
}

function beginLevel(draft: Draft, operation: Operation): Next {
  const outlets = beginRun(draft.policy, operation);
  if (operation.action === 'reboot' && operation.orders === 0 && isDark(draft, operation.target)) operation.wasDark = true;
  const until = operation.shares[operation.level] ?? operation.deadline;
  draft.do({ kind: 'persist' });
  draft.do({
    kind: 'wake',
    operation: operation.id,
    timer: { kind: 'level', level: operation.level, wanted: operation.wanted },
    at: until,
  });
  return orderOutlets(draft, operation, outlets);
}

/** In the middle of a level: the outlets whose order is marked lost get it again. */
function orderAgain(draft: Draft, operation: Operation): Next {
  const waiting = outletsInHand(operation).filter((outlet) => outlet.order === 'lost');
  draft.do({ kind: 'persist' });
  return waiting.length > 0 ? orderOutlets(draft, operation, waiting) : 'read';
}

/** The only place where orders are made. */
function orderOutlets(draft: Draft, operation: Operation, outlets: readonly OutletRun[]): Next {
  const { at, policy } = draft;
  keep(
    'S1',
    operation.verdicts.length > 0 || (operation.by !== '' && operation.reason !== ''),
    `operation ${operation.id} has neither a verdict nor a named person with a reason`,
  );
  keep('S1', operation.action !== 'attest', `operation ${operation.id} is a statement, which orders nothing`);
  keep(
    'S1',
    operation.epoch === undefined || operation.epoch === draft.state.epoch || operation.orders > 0,
    `operation ${operation.id} is of epoch ${operation.epoch}, not of ${draft.state.epoch}`,
  );
  keep(
    'S2',
    operation.assessedAt !== undefined && at - operation.assessedAt <= policy.verify.validFor,
    `operation ${operation.id} would order blind`,
  );
  keep(
    'S6',
    draft.effects.some((effect) => effect.kind === 'persist'),
    `operation ${operation.id} would order before it is journalled`,
  );
  keep(
    'S9',
    operation.wanted === 'off' || operation.action === 'on' || operation.offConfirmed === true,
    `operation ${operation.id} would power on a node that was not proven off`,
  );
  keep(
    'S11',
    survivorProblem(draft, operation) === undefined,
    `operation ${operation.id} would shoot a survivor of epoch ${draft.state.epoch}`,
  );
  keep(
    'S8',
    operation.orders > 0 || firstOrderProblem(draft, operation) === undefined,
    `operation ${operation.id} would go beyond what one verdict may switch`,
  );
  operation.phase = 'shoot';
  if (operation.orders === 0 && operation.wanted === 'off') noteShot(draft, operation);
  if (operation.wanted === 'on') notePoweredOn(draft, operation);
  for (const outlet of outlets) {
    operation.orders += 1;
    const toPerson = levelInHand(policy, operation).outlets.some((one) => one.manual === true && sameOutlet(one, outlet));
    if (!toPerson) operation.switching += 1;
    outlet.number = operation.orders;
    outlet.orders += 1;
    delete outlet.order;
    delete outlet.switched;
    const within = orderWithin(policy, operation, outlet, at);
    const notAfter = notAfterOf(draft, operation, within);
    if (!toPerson) givePermit(draft, operation, outlet, notAfter);
    draft.do({
      kind: 'order',
      operation: operation.id,
      number: outlet.number,
      outlet: { device: outlet.device, plug: outlet.plug },
      wanted: operation.wanted,
      within,
      notAfter,
    });
  }
  // Readings that began before this order prove nothing any more (S3).
  for (const outlet of outletsInHand(operation)) outlet.readings = [];
  return 'stay';
}

/** Whoever relied on its being off is told when they ask again; the mark stays until the node is proven to be on. */
function notePoweredOn(draft: Draft, operation: Operation): void {
  const { target, id, by } = operation;
  const { fenced, poweredOn } = draft.state;
  if (poweredOn.get(target)?.operation !== id)
    draft.state.poweredOn = poweredOn.with(target, { target, operation: id, by, at: draft.at, moment: draft.nextMoment() });
  const mark = fenced.get(target);
  if (mark !== undefined) draft.state.fenced = fenced.with(target, { ...mark, lifting: id });
}

export function ordered(draft: Draft, operation: Operation, event: EventOf<'ordered'>): Next {
  const outlet = outletsInHand(operation).find((run) => sameOutlet(run, event.outlet) && run.number === event.number);
  if (outlet === undefined || outlet.order !== undefined) return 'stay';
  note(outlet, event.order);
  draft.do({ kind: 'persist' });
  if (operation.phase !== 'shoot') return 'stay';
  // Readings count only from when the last order of the level was answered, or its time was over.
  return outletsInHand(operation).every((run) => run.order !== undefined) ? 'read' : 'stay';
}

function note(outlet: OutletRun, order: OrderResult): void {
  outlet.order = order.result;
  if (order.result === 'accepted') delete outlet.why;
  else outlet.why = order.why;
}
