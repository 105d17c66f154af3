/** Shoot: level by level; every outlet of a level gets its order. The gate in front of every order keeps S1, S2 and S8. */
import { keep, type OrderResult, type Problem, sameOutlet } from '../vocabulary/index.ts';
import { isDark } from './dark.ts';
import type { EventOf } from './events.ts';
import type { Next } from './next.ts';
import { protectedSurvivor } from './one-side.ts';
import { givePermit, leaseEnd, mayOrderUntil, notAfterOf } from './permits.ts';
import { levelInHand, orderWithin, sharesOf, walkFor } from './plan.ts';
import { refusals, withholdings } from './problems.ts';
import { stop } from './settle.ts';
import { BOUNDS, type Operation, type OutletRun } from './state.ts';
import { partsWith, radiusOf } from './storm.ts';
import type { Turn } from './turn.ts';

/** Enters here after verify and hold, after a recheck, and when a level has failed. */
export function shoot(turn: Turn, operation: Operation): Next {
  const barred = gate(turn, operation);
  if (barred !== undefined) return barred;
  if (operation.level < 0) {
    operation.shares = sharesOf(walkFor(turn.policy, operation), turn.at, mayOrderUntil(operation));
    // Reading needs no permission: the last level is read until the deadline.
    operation.shares = operation.shares.with(-1, Math.max(operation.deadline, operation.shares.at(-1) ?? 0));
    operation.level = 0;
  }
  return operation.outlets.length === 0 ? beginLevel(turn, operation) : orderAgain(turn, operation);
}

/** Every order passes here. Undefined: it may be given. */
function gate(turn: Turn, operation: Operation): Next | undefined {
  const { policy, at } = turn;
  const problem =
    leaseProblem(turn) ??
    survivorProblem(turn, operation) ??
    overProblem(turn, operation) ??
    (operation.orders > 0 ? undefined : firstOrderProblem(turn, operation));
  if (problem !== undefined) return barred(turn, operation, problem);
  keep('S2', leaseEnd(turn) > at, `operation ${operation.id} would order without a lease`);
  return operation.assessedAt === undefined || at - operation.assessedAt > policy.verify.validFor ? 'recheck' : undefined;
}

/** What was ordered in this level is still read: a reading needs no permission. */
function barred(turn: Turn, operation: Operation, problem: Problem): Next {
  if (operation.outlets.every((outlet) => outlet.number === 0)) {
    stop(turn, operation, problem);
    return 'stay';
  }
  turn.do({ kind: 'persist' });
  operation.over ??= problem;
  for (const outlet of operation.outlets) if (outlet.order === 'lost') outlet.order = 'unknown';
  return 'read';
}

function leaseProblem(turn: Turn): Problem | undefined {
  if (leaseEnd(turn) > turn.at) return undefined;
  return turn.draft.leaseUntil === undefined ? withholdings.noLease() : withholdings.lease();
}

/** The right to order has ended: the deadline is over, or the verdict has expired. */
export function overProblem(turn: Turn, operation: Operation): Problem | undefined {
  if (operation.over !== undefined) return operation.over;
  if (mayOrderUntil(operation) > turn.at) return undefined;
  if (operation.deadline <= turn.at) return operation.orders > 0 ? withholdings.deadlineOver() : withholdings.deadline();
  return operation.orders > 0 ? withholdings.expiredMidway() : withholdings.expiredWhileHeld();
}

/** Since the operation was opened a verdict may have been admitted that lets its target live (S11). */
function survivorProblem(turn: Turn, operation: Operation): Problem | undefined {
  if (operation.wanted === 'on' || operation.override.includes('survivor')) return undefined;
  const epoch = protectedSurvivor(turn.draft, operation.target);
  return epoch === undefined ? undefined : refusals.survivorProtected(operation.target, epoch);
}

/** What may have changed since the verdict was admitted, and the blast radius (S8). */
function firstOrderProblem(turn: Turn, operation: Operation): Problem | undefined {
  const { draft } = turn;
  if (operation.epoch !== undefined && operation.epoch < draft.epoch) return withholdings.superseded(operation.epoch, draft.epoch);
  if (operation.wanted === 'on') return undefined;
  const targets = [operation.target, ...partsWith(draft, operation).map((part) => part.target)];
  const radius = radiusOf(turn, targets, operation.override);
  if (radius.storm !== undefined && !operation.override.includes('storm-limit')) return radius.storm;
  return operation.override.includes('quorum-floor') ? undefined : radius.quorum;
}

function beginLevel(turn: Turn, operation: Operation): Next {
  const planned = levelInHand(turn.policy, operation);
  operation.outlets = planned.outlets.map(({ device, plug }) => ({
    device,
    plug,
    number: 0,
    orders: 0,
    readings: [],
    unknowns: 0,
    polls: 0,
    asked: 0,
  }));
  if (operation.action === 'reboot' && operation.orders === 0 && isDark(turn, operation.target)) operation.wasDark = true;
  const until = operation.shares[operation.level] ?? operation.deadline;
  turn.do({ kind: 'persist' });
  turn.do({ kind: 'wake', operation: operation.id, timer: { kind: 'level', level: operation.level, wanted: operation.wanted }, at: until });
  return orderOutlets(turn, operation, operation.outlets);
}

/** In the middle of a level: the outlets whose order is marked lost get it again. */
function orderAgain(turn: Turn, operation: Operation): Next {
  const waiting = operation.outlets.filter((outlet) => outlet.order === 'lost');
  turn.do({ kind: 'persist' });
  return waiting.length > 0 ? orderOutlets(turn, operation, waiting) : 'read';
}

/** The only place where orders are made. */
function orderOutlets(turn: Turn, operation: Operation, outlets: readonly OutletRun[]): Next {
  const { at, policy } = turn;
  keep(
    'S1',
    operation.verdicts.length > 0 || (operation.by !== '' && operation.reason !== ''),
    `operation ${operation.id} has neither a verdict nor a named person with a reason`,
  );
  keep('S1', operation.action !== 'attest', `operation ${operation.id} is a statement, which orders nothing`);
  keep(
    'S1',
    operation.epoch === undefined || operation.epoch === turn.draft.epoch || operation.orders > 0,
    `operation ${operation.id} is of epoch ${operation.epoch}, not of ${turn.draft.epoch}`,
  );
  keep(
    'S2',
    operation.assessedAt !== undefined && at - operation.assessedAt <= policy.verify.validFor,
    `operation ${operation.id} would order blind`,
  );
  keep(
    'S6',
    turn.effects.some((effect) => effect.kind === 'persist'),
    `operation ${operation.id} would order before it is journalled`,
  );
  keep(
    'S9',
    operation.wanted === 'off' || operation.action === 'on' || operation.offConfirmed === true,
    `operation ${operation.id} would power on a node that was not proven off`,
  );
  keep(
    'S11',
    survivorProblem(turn, operation) === undefined,
    `operation ${operation.id} would shoot a survivor of epoch ${turn.draft.epoch}`,
  );
  keep(
    'S8',
    operation.orders > 0 || firstOrderProblem(turn, operation) === undefined,
    `operation ${operation.id} would go beyond what one verdict may switch`,
  );
  operation.phase = 'shoot';
  if (operation.orders === 0 && operation.wanted === 'off') noteShot(turn, operation);
  if (operation.wanted === 'on') notePoweredOn(turn, operation);
  for (const outlet of outlets) {
    operation.orders += 1;
    const toPerson = levelInHand(policy, operation).outlets.some((one) => one.manual === true && sameOutlet(one, outlet));
    if (!toPerson) operation.switching += 1;
    outlet.number = operation.orders;
    outlet.orders += 1;
    delete outlet.order;
    delete outlet.switched;
    const within = orderWithin(policy, operation, outlet, at);
    const notAfter = notAfterOf(turn, operation, within);
    if (!toPerson) givePermit(turn, operation, outlet, notAfter);
    turn.do({
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
  for (const outlet of operation.outlets) outlet.readings = [];
  return 'stay';
}

/** The whole verdict counts from its first shot: nobody else may use up what its other parts need. */
function noteShot(turn: Turn, operation: Operation): void {
  const targets = [operation.target, ...partsWith(turn.draft, operation).map((part) => part.target)];
  turn.draft.shots = [...turn.draft.shots, ...targets.map((target) => ({ target, at: turn.at }))].slice(-BOUNDS.shots);
}

/** Whoever relied on its being off is told when they ask again; the mark stays until the node is proven to be on. */
function notePoweredOn(turn: Turn, operation: Operation): void {
  const { target, id, by } = operation;
  const { fenced, poweredOn } = turn.draft;
  if (!Object.hasOwn(poweredOn, target) || poweredOn[target]?.operation !== id)
    turn.draft.poweredOn = { ...poweredOn, [target]: { target, operation: id, by, at: turn.at, moment: turn.nextMoment() } };
  const mark = Object.hasOwn(fenced, target) ? fenced[target] : undefined;
  if (mark !== undefined) turn.draft.fenced = { ...fenced, [target]: { ...mark, lifting: id } };
}

export function ordered(turn: Turn, operation: Operation, event: EventOf<'ordered'>): Next {
  const outlet = operation.outlets.find((run) => sameOutlet(run, event.outlet) && run.number === event.number);
  if (outlet === undefined || outlet.order !== undefined) return 'stay';
  note(outlet, event.order);
  turn.do({ kind: 'persist' });
  if (operation.phase !== 'shoot') return 'stay';
  // Readings count only from when the last order of the level was answered or given up.
  return operation.outlets.every((run) => run.order !== undefined) ? 'read' : 'stay';
}

function note(outlet: OutletRun, order: OrderResult): void {
  outlet.order = order.result;
  if (order.result === 'accepted') delete outlet.why;
  else outlet.why = order.why;
}
