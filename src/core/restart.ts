/** S7: after a crash, read before ordering. What was being verified is verified again; what was shooting resumes at confirm. */
import { outletName, type Problem } from '../vocabulary/index.ts';
import { attestAfterJump, attestAfterStart, forgetWhatWasHeard } from './attest.ts';
import type { EventOf } from './events.ts';
import { approvalExpired, askPerson } from './hold.ts';
import type { Next } from './next.ts';
import type { Policy } from './policy.ts';
import { callBack, mayOrderUntil, opposedUntil, nodesDarkNoLonger, permitsComeSooner, permitsOfTheDead, permitsShift } from './permits.ts';
import { levelInHand, sharesOf, walkFor } from './plan.ts';
import { withholdings } from './problems.ts';
import { hasOrdered, outletsInHand } from './run.ts';
import { enrolled } from './roster.ts';
import { stop } from './settle.ts';
import { overProblem } from './shoot.ts';
import type { Operation } from './state.ts';
import type { Draft } from './draft.ts';

/**
 * A restart also puts the configuration of the new process in force. Where that no longer has what an operation was about, the operation
 * ends: readings of other outlets would prove nothing about the orders that were given.
 */
export function restored(draft: Draft, event: EventOf<'restored'>): readonly Operation[] {
  draft.do({ kind: 'persist' });
  const core = event.core ?? 1;
  // Decided by other rules, it cannot be gone on with by these.
  const changed = draft.state.policy !== undefined && draft.state.core !== core;
  for (const id of draft.state.operations.keys()) {
    const operation = draft.operation(id);
    if (operation === undefined) continue;
    if (changed) stop(draft, operation, withholdings.coreChanged(draft.state.core, core));
    else if (!carriedOver(draft.state.policy, event.policy, operation))
      stop(draft, operation, withholdings.topologyChanged(operation.target));
  }
  draft.state.core = core;
  draft.state.policy = event.policy;
  draft.state.roster = enrolled(draft.state.roster, Object.keys(event.policy.nodes));
  permitsOfTheDead(draft);
  // A lease was granted to the process that is gone (S2).
  delete draft.state.leaseUntil;
  clockWentBack(draft);
  const open = draft.state.operations.keys().flatMap((id) => draft.operation(id) ?? []);
  for (const operation of open) {
    if (event.hold === true) operation.asleep = true;
    else delete operation.asleep;
  }
  return event.hold === true ? [] : open;
}

/** They have waited for what came first. */
export function resumed(draft: Draft, ids: readonly string[]): readonly Operation[] {
  draft.do({ kind: 'persist' });
  return ids.flatMap((id) => {
    const operation = draft.operation(id);
    if (operation?.asleep !== true) return [];
    delete operation.asleep;
    return [operation];
  });
}

/** Whoever asks about a node, or about an operation, wakes what is held there. */
export function concerned(draft: Draft, event: EventOf<'verdict' | 'command' | 'approved' | 'denied'>): readonly Operation[] {
  const { operations } = draft.state;
  const on = (targets: readonly string[]): readonly Operation[] => targets.flatMap((target) => operations.in('target', target));
  const about = (): readonly Operation[] => {
    if (event.kind === 'verdict') return on(event.verdict.targets);
    if (event.kind === 'command') return on([event.command.target]);
    const operation = operations.get(event.operation);
    return operation === undefined ? [] : [operation];
  };
  const held = new Set(about().flatMap(({ id, asleep }) => (asleep === true ? [id] : [])));
  if (held.size === 0) return [];
  // In the order in which they were opened.
  return resumed(
    draft,
    operations.keys().filter((id) => held.has(id)),
  );
}

/**
 * The machine slept, or somebody set its clock: what was heard, granted and ordered before is out of date. What has ordered is read and told;
 * what has not is over. What waits for a person holds no permit yet: it is assessed again before anything is ordered.
 */
export function clockJumped(draft: Draft, by: number): void {
  draft.do({ kind: 'persist' });
  delete draft.state.leaseUntil;
  permitsShift(draft, by);
  draft.state.shots = draft.state.shots.map((shot) => ({ ...shot, at: shot.at + by }));
  if (by < 0) {
    nodesDarkNoLonger(draft);
    nothingIsStillToCome(draft);
  }
  draft.forgetPermits();
  const problem = withholdings.clockJumped(by);
  for (const id of draft.state.operations.keys()) {
    const operation = draft.operation(id);
    if (operation !== undefined && by < 0) shiftBack(operation, -by);
    if (operation?.opposedUntil !== undefined)
      operation.opposedUntil = opposedUntil(draft, operation) ?? Math.min(operation.opposedUntil, draft.at);
    if (operation !== undefined) attestAfterJump(draft, operation);
    if (operation === undefined || operation.action === 'attest' || operation.phase === 'pending') continue;
    barFromOrdering(draft, operation, problem);
    if (draft.operation(id) !== undefined) lookAgain(draft, operation);
  }
}

/** What was heard and read by the other clock cannot be set beside what comes now. */
function lookAgain(draft: Draft, operation: Operation): void {
  forgetWhatWasHeard(draft, operation);
  if (operation.orderedAt !== undefined) operation.orderedAt = draft.at;
  for (const outlet of outletsInHand(operation)) {
    outlet.readings = [];
    if (outlet.asked !== 0) outlet.astray = true;
  }
}

/** S2: what is under way is called back, what is in hand is read, and nothing more is ordered. */
export function barFromOrdering(draft: Draft, operation: Operation, problem: Problem): void {
  delete operation.assessedAt;
  operation.over ??= problem;
  callBack(draft, operation);
  if (!hasOrdered(operation)) {
    stop(draft, operation, problem);
    return;
  }
  const end = Math.max(operation.shares[operation.level] ?? 0, draft.at + draft.policy.graceAfterCrash);
  operation.shares = operation.shares.with(operation.level, end);
  const timer = { kind: 'level', level: operation.level, wanted: operation.wanted } as const;
  draft.do({ kind: 'wake', operation: operation.id, timer, at: end });
}

/**
 * The clock of this process may be behind that of the one before (a board without a battery, an hour that was set by hand). What had to end
 * within a minute still has to; a shot that seems to be still to come was just fired; a statement that seems so is not believed.
 */
function clockWentBack(draft: Draft): void {
  const { at, state } = draft;
  for (const id of state.operations.keys()) {
    const operation = draft.operation(id);
    if (operation !== undefined && operation.startedAt > at) shiftBack(operation, operation.startedAt - at);
  }
  permitsComeSooner(draft);
  nothingIsStillToCome(draft);
}

function shiftBack(operation: Operation, ahead: number): void {
  operation.startedAt -= ahead;
  operation.deadline -= ahead;
  operation.shares = operation.shares.map((end) => end - ahead);
  for (const field of ['approveUntil', 'personUntil', 'holdUntil', 'restUntil', 'opposedUntil', 'orderedAt'] as const) {
    const time = operation[field];
    if (time !== undefined) operation[field] = time - ahead;
  }
}

/** By a clock that was set back, what has just happened seems to be still to come. */
function nothingIsStillToCome(draft: Draft): void {
  const { at, state } = draft;
  state.shots = state.shots.map((shot) => (shot.at > at ? { ...shot, at } : shot));
  state.attestations = state.attestations.filter((said) => said.at <= at);
}

function carriedOver(before: Policy | undefined, after: Policy, operation: Operation): boolean {
  if (operation.action === 'attest') return true;
  const levels = levelsOf(after, operation.target);
  if (levels.length === 0) return false;
  return operation.orders === 0 || JSON.stringify(levels) === JSON.stringify(levelsOf(before, operation.target));
}

const levelsOf = (policy: Policy | undefined, target: string): string[][] =>
  policy === undefined || !Object.hasOwn(policy.nodes, target)
    ? []
    : (policy.nodes[target]?.levels ?? []).map((level) => level.map(outletName));

export function resume(draft: Draft, operation: Operation): Next {
  attestAfterStart(draft, operation);
  // An attestation orders nothing, whatever becomes of it.
  if (operation.action === 'attest') return 'stay';
  // What was known before the crash is too old to order by.
  delete operation.assessedAt;
  switch (operation.phase) {
    case 'verify':
    case 'hold':
      return 'verify';
    case 'pending':
      if (draft.at >= (operation.approveUntil ?? Number.POSITIVE_INFINITY)) approvalExpired(draft, operation);
      else draft.do(askPerson(draft, operation));
      return 'stay';
    case 'rest':
      return resumeRest(draft, operation);
    case 'recheck':
    case 'shoot':
    case 'confirm':
      return operation.orders === 0 ? 'recheck' : resumeOrdered(draft, operation);
  }
}

/** Nobody waits for a node to come back that was to be back long ago. */
function resumeRest(draft: Draft, operation: Operation): Next {
  const over = overProblem(draft, operation);
  if (over !== undefined) {
    stop(draft, operation, over);
    return 'stay';
  }
  draft.do({ kind: 'wake', operation: operation.id, timer: { kind: 'off-time' }, at: operation.restUntil ?? draft.at });
  return 'stay';
}

/** Where its right to order has ended meanwhile, what is in hand is read and told, and nothing is ordered any more. */
function resumeOrdered(draft: Draft, operation: Operation): Next {
  const over = overProblem(draft, operation);
  if (over !== undefined) {
    operation.over = over;
    if (operation.outlets === undefined) {
      stop(draft, operation, over);
      return 'stay';
    }
  }
  // Nobody came while nobody was listening.
  const { personUntil } = operation;
  if (
    personUntil !== undefined &&
    personUntil <= draft.at &&
    levelInHand(draft.policy, operation).outlets.every((one) => one.manual === true)
  )
    return 'unproven';
  giveTime(draft, operation);
  return operation.outlets === undefined ? 'recheck' : resumeAtConfirm(draft, operation);
}

/** What is left of the time for ordering is split over the levels again. The level in hand may be read a while longer, whatever is left. */
function giveTime(draft: Draft, operation: Operation): void {
  const { at, policy } = draft;
  const { graceAfterCrash } = policy;
  const first = Math.max(0, operation.level);
  const rest = walkFor(policy, operation).slice(first);
  const waits = operation.personUntil !== undefined && operation.personUntil > at;
  const until = mayOrderUntil(operation);
  if (!waits && rest.length > 0) {
    const ends = sharesOf(rest, Math.min(at, until), until);
    operation.shares = [...operation.shares.slice(0, first), ...ends];
  }
  if (operation.outlets === undefined) return;
  // A person's time is over when it is over.
  const least = operation.personUntil === undefined ? at + graceAfterCrash : at;
  operation.shares = operation.shares.map((end, level) => (level === operation.level ? Math.max(end, least) : end));
}

function resumeAtConfirm(draft: Draft, operation: Operation): Next {
  delete operation.listening;
  // When the old process's orders were answered, nobody knows: readings count from now.
  delete operation.orderedAt;
  for (const outlet of outletsInHand(operation)) {
    outlet.asked = 0;
    delete outlet.astray;
    outlet.readings = [];
    // A person is called again: the first call may have ended with the old process.
    if (outlet.called === true) delete outlet.why;
    delete outlet.called;
    // Whether the order left the old process, nobody knows: a reading will tell.
    if (outlet.order === undefined || outlet.order === 'lost') outlet.order = 'unknown';
  }
  draft.do({
    kind: 'wake',
    operation: operation.id,
    timer: { kind: 'level', level: operation.level, wanted: operation.wanted },
    at: operation.shares[operation.level] ?? operation.deadline,
  });
  return 'read';
}
