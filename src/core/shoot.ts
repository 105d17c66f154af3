/** Shoot: level by level; every outlet of a level gets its order. The gate in front of every order keeps S1, S2 and S8. */
import { keep, type OrderResult, type Problem, sameOutlet } from '../vocabulary/index.ts';
import type { EventOf } from './events.ts';
import type { Next } from './next.ts';
import { protectedSurvivor } from './one-side.ts';
import { levelInHand, orderWithin, sharesOf, walkFor } from './plan.ts';
import { refusals, withholdings } from './problems.ts';
import { stop } from './settle.ts';
import { BOUNDS, type Operation, type OutletRun } from './state.ts';
import { quorumLeft, stormOf } from './storm.ts';
import type { Turn } from './turn.ts';

/** Enters here after verify and hold, after a recheck, and when a level has failed. */
export function shoot(turn: Turn, operation: Operation): Next {
  const barred = gate(turn, operation);
  if (barred !== undefined) return barred;
  if (operation.level < 0) {
    operation.shares = sharesOf(walkFor(turn.policy, operation), turn.at, operation.deadline);
    operation.level = 0;
  }
  return operation.outlets.length === 0 ? beginLevel(turn, operation) : orderAgain(turn, operation);
}

/** Every order passes here. Undefined: it may be given. */
function gate(turn: Turn, operation: Operation): Next | undefined {
  const { policy, draft, at } = turn;
  const problem =
    leaseProblem(turn) ?? survivorProblem(turn, operation) ?? (operation.orders > 0 ? undefined : firstOrderProblem(turn, operation));
  if (problem !== undefined) {
    stop(turn, operation, problem);
    return 'stay';
  }
  keep('S2', draft.leaseUntil === undefined || draft.leaseUntil > at, `operation ${operation.id} would order without a lease`);
  return operation.assessedAt === undefined || at - operation.assessedAt > policy.verify.validFor ? 'recheck' : undefined;
}

const leaseProblem = (turn: Turn): Problem | undefined =>
  turn.draft.leaseUntil !== undefined && turn.draft.leaseUntil <= turn.at ? withholdings.lease() : undefined;

/** Since the operation was opened a verdict may have been admitted that lets its target live (S11). */
function survivorProblem(turn: Turn, operation: Operation): Problem | undefined {
  if (operation.wanted === 'on' || operation.override.includes('survivor')) return undefined;
  const epoch = protectedSurvivor(turn.draft, operation.target);
  return epoch === undefined ? undefined : refusals.survivorProtected(operation.target, epoch);
}

/** What may have changed since the verdict was admitted, and the blast radius (S8). */
function firstOrderProblem(turn: Turn, operation: Operation): Problem | undefined {
  const { policy, draft, at } = turn;
  if (operation.deadline <= at) return withholdings.deadline();
  if (operation.expiresAt !== undefined && operation.expiresAt <= at) return withholdings.expiredWhileHeld();
  if (operation.epoch !== undefined && operation.epoch < draft.epoch) return withholdings.superseded(operation.epoch, draft.epoch);
  if (operation.wanted === 'on') return undefined;
  const storm = stormOf(turn, [operation.target]);
  if (storm.length > policy.storm.targets && !operation.override.includes('storm-limit'))
    return withholdings.storm(storm, policy.storm.targets, policy.storm.within);
  const quorum = quorumLeft(turn, operation);
  return quorum.enough || operation.override.includes('quorum-floor') ? undefined : withholdings.quorum(quorum.left, quorum.total);
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
  if (operation.orders === 0 && operation.wanted === 'off')
    turn.draft.shots = [...turn.draft.shots, { target: operation.target, at }].slice(-BOUNDS.shots);
  if (operation.wanted === 'on') {
    const { [operation.target]: _noLongerOff, ...fenced } = turn.draft.fenced;
    turn.draft.fenced = fenced;
  }
  for (const outlet of outlets) {
    operation.orders += 1;
    outlet.number = operation.orders;
    outlet.orders += 1;
    delete outlet.order;
    delete outlet.switched;
    turn.do({
      kind: 'order',
      operation: operation.id,
      number: outlet.number,
      outlet: { device: outlet.device, plug: outlet.plug },
      wanted: operation.wanted,
      within: orderWithin(turn.policy, operation, outlet, at),
      notAfter: operation.deadline,
    });
  }
  // Readings that began before this order prove nothing any more (S3).
  for (const outlet of operation.outlets) outlet.readings = [];
  return 'stay';
}

export function ordered(turn: Turn, operation: Operation, event: EventOf<'ordered'>): Next {
  if (operation.phase !== 'shoot') return 'stay';
  const outlet = operation.outlets.find((run) => sameOutlet(run, event.outlet) && run.number === event.number);
  if (outlet === undefined || outlet.order !== undefined) return 'stay';
  note(outlet, event.order);
  turn.do({ kind: 'persist' });
  // Readings count only from when the last order of the level was answered or given up.
  return operation.outlets.every((run) => run.order !== undefined) ? 'read' : 'stay';
}

function note(outlet: OutletRun, order: OrderResult): void {
  outlet.order = order.result;
  if (order.result === 'accepted') delete outlet.why;
  else outlet.why = order.why;
}
