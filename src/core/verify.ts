/** Verify: weigh the evidence before the shot. Blindness stops everything; what else contradicts depends on the claim. */
import type { Assessment, Observation, Problem } from '../vocabulary/index.ts';
import type { Effect } from './effects.ts';
import type { EventOf } from './events.ts';
import type { Policy } from './policy.ts';
import type { Next } from './next.ts';
import { survivorsOf } from './open.ts';
import { withholdings } from './problems.ts';
import { stop } from './settle.ts';
import type { Operation } from './state.ts';
import type { Draft } from './draft.ts';

/** `verify` before anything else; `recheck` after a hold, or because the last assessment is too old to order by. */
export function assess(draft: Draft, operation: Operation, phase: 'verify' | 'recheck'): Next {
  operation.phase = phase;
  operation.round += 1;
  operation.listening = operation.round;
  // What is heard after the deadline leads to no order: there is nothing to wait for.
  const within = Math.max(1, Math.min(draft.policy.verify.within, operation.deadline - draft.at));
  draft.do({ kind: 'persist' }, { ...askPanel(draft, operation), within });
  return 'stay';
}

/** The pause before the second assessment is over. */
export function assessAgain(operation: Operation): Next {
  const waits = operation.doubts === 1 && operation.listening === undefined;
  if (operation.phase === 'verify' || operation.phase === 'recheck') return waits ? operation.phase : 'stay';
  return 'stay';
}

/** The question of the operation's present round. */
export function askPanel(draft: Draft, operation: Operation): Extract<Effect, { kind: 'assess' }> {
  const { id, round, claim, target } = operation;
  const survivors = survivorsOf(draft.state, operation);
  return { kind: 'assess', operation: id, round, question: { claim, target, survivors }, within: draft.policy.verify.within };
}

export function assessed(draft: Draft, operation: Operation, event: EventOf<'assessed'>): Next {
  if (operation.listening !== event.round) return 'stay';
  delete operation.listening;
  const doubt = weigh(draft, operation, event.assessment);
  if (doubt !== undefined) {
    operation.doubts += 1;
    const pause = draft.policy.verify.listenAgain;
    if (operation.doubts === 1 && pause > 0 && draft.at + pause < operation.deadline) {
      draft.do({ kind: 'persist' }, { kind: 'wake', operation: operation.id, timer: { kind: 'listen' }, at: draft.at + pause });
      return 'stay';
    }
    stop(draft, operation, doubt);
    return 'stay';
  }
  operation.doubts = 0;
  // A round proves what was so when it began, not when it ended.
  operation.assessedAt = event.assessment.startedAt;
  return operation.phase === 'recheck' ? 'shoot' : 'hold';
}

/** The reason not to shoot, or undefined. Once an order has been given only our own blindness counts: half a shot helps nobody. */
export function weigh(draft: Draft, operation: Operation, assessment: Assessment): Problem | undefined {
  return blindness(draft.policy, assessment) ?? (operation.orders > 0 ? undefined : contradictionOfClaim(draft, operation, assessment));
}

export function blindness(policy: Policy, assessment: Assessment): Problem | undefined {
  const ours = assessment.observations.flatMap((o) => (o.probe === 'reference-ip' && o.by === 'self' ? [o] : []));
  const heard = ours.filter((o) => o.answer === 'heard').length;
  if (heard >= policy.verify.need) return undefined;
  const unheard = ours.flatMap((o) => (o.answer !== 'heard' && o.says !== undefined ? [`${o.address}: ${o.says}`] : []));
  return withholdings.blind(heard, ours.length, policy.verify.need, unheard);
}

function contradictionOfClaim(draft: Draft, operation: Operation, assessment: Assessment): Problem | undefined {
  switch (operation.claim) {
    case 'dead':
      return heardAlive(operation.target, assessment);
    case 'partitioned':
      return hearEachOther(draft, operation, assessment) ?? wrongSide(draft, operation, assessment);
    case 'misbehaving':
      return undefined;
  }
}

const links = (assessment: Assessment): Extract<Observation, { probe: 'link' }>[] =>
  assessment.observations.filter((o) => o.probe === 'link');

/** Claim dead is contradicted by one sign of life on any heartbeat link. */
function heardAlive(target: string, assessment: Assessment): Problem | undefined {
  const where = heardOn(target, assessment);
  return where === undefined ? undefined : withholdings.targetAlive(target, where);
}

/** A refused connection is answered by whoever stands in the way: it says nothing about the node. */
const isLife = (o: Observation): boolean => o.answer === 'heard' && o.grade !== 'weak';

/** The links on which the node is heard, by name; undefined where none hears it. */
export function heardOn(target: string, assessment: Assessment): string | undefined {
  const heard = links(assessment).filter((o) => o.of === target && isLife(o));
  return heard.length === 0 ? undefined : heard.map((o) => o.link).join(', ');
}

/** Claim partitioned is contradicted where survivor and target hear each other on any redundant link. */
function hearEachOther(draft: Draft, operation: Operation, assessment: Assessment): Problem | undefined {
  const { target } = operation;
  const survivors = new Set(survivorsOf(draft.state, operation));
  // What we hear ourselves is heard by the node on which we stand.
  const by = (o: Observation): string => (o.by === 'self' ? (draft.policy.self.node ?? 'self') : o.by);
  const between = links(assessment).find(
    (o) => isLife(o) && ((o.of === target && survivors.has(by(o))) || (survivors.has(o.of) && by(o) === target)),
  );
  return between === undefined ? undefined : withholdings.noSplit(target, `${by(between)} hears ${between.of} on ${between.link}`);
}

/** ... or where the target reaches the reference IPs and a survivor does not: then the verdict picked the healthy side. */
function wrongSide(draft: Draft, operation: Operation, assessment: Assessment): Problem | undefined {
  const reached = (by: string): boolean =>
    assessment.observations.some((o) => o.probe === 'reference-ip' && o.by === by && o.answer === 'heard');
  const cutOff = (by: string): boolean => {
    const theirs = assessment.observations.filter((o) => o.probe === 'reference-ip' && o.by === by && o.answer !== 'unable');
    return theirs.length > 0 && theirs.every((o) => o.answer === 'silent');
  };
  const survivor = survivorsOf(draft.state, operation).find(cutOff);
  return survivor !== undefined && reached(operation.target) ? withholdings.wrongSide(operation.target, survivor) : undefined;
}
