/** S7: after a crash, read before ordering. What was being verified is verified again; what was shooting resumes at confirm. */
import { outletName } from '../vocabulary/index.ts';
import { attestAnew } from './attest.ts';
import type { EventOf } from './events.ts';
import { askPerson } from './hold.ts';
import type { Next } from './next.ts';
import type { Policy } from './policy.ts';
import { endings, withholdings } from './problems.ts';
import { stop } from './settle.ts';
import type { Operation } from './state.ts';
import type { Turn } from './turn.ts';

/**
 * A restart also puts the configuration of the new process in force. Where that no longer has what an operation was about, the operation
 * ends: readings of other outlets would prove nothing about the orders that were given.
 */
export function restored(turn: Turn, event: EventOf<'restored'>): readonly Operation[] {
  turn.do({ kind: 'persist' });
  for (const id of Object.keys(turn.draft.operations)) {
    const operation = turn.operation(id);
    if (operation !== undefined && !carriedOver(turn.draft.policy, event.policy, operation))
      stop(turn, operation, withholdings.topologyChanged(operation.target));
  }
  turn.draft.policy = event.policy;
  clockWentBack(turn);
  return Object.keys(turn.draft.operations).flatMap((id) => turn.operation(id) ?? []);
}

/**
 * The clock of this process may be behind that of the one before (a board without a battery, an hour that was set by hand). What had to end
 * within a minute still has to; a shot that seems to be still to come was just fired; a statement that seems so is not believed.
 */
function clockWentBack(turn: Turn): void {
  const { at, draft } = turn;
  for (const id of Object.keys(draft.operations)) {
    const operation = turn.operation(id);
    if (operation === undefined || operation.startedAt <= at) continue;
    const ahead = operation.startedAt - at;
    operation.startedAt -= ahead;
    operation.deadline -= ahead;
    if (operation.approveUntil !== undefined) operation.approveUntil -= ahead;
    operation.shares = operation.shares.map((end) => end - ahead);
  }
  draft.shots = draft.shots.map((shot) => (shot.at > at ? { ...shot, at } : shot));
  draft.attestations = draft.attestations.filter((said) => said.at <= at);
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

export function resume(turn: Turn, operation: Operation): Next {
  const { at, policy } = turn;
  attestAnew(turn, operation);
  // An attestation orders nothing, whatever becomes of it.
  if (operation.action === 'attest') return 'stay';
  // What was known before the crash is too old to order by.
  delete operation.assessedAt;
  switch (operation.phase) {
    case 'verify':
    case 'hold':
      return 'verify';
    case 'pending':
      turn.do(askPerson(turn, operation));
      return 'stay';
    case 'rest':
      turn.do({ kind: 'wake', operation: operation.id, timer: { kind: 'off-time' }, at: at + policy.offTime });
      return 'stay';
    case 'recheck':
    case 'shoot':
    case 'confirm':
      giveTime(turn, operation);
      return operation.outlets.length === 0 ? 'recheck' : resumeAtConfirm(turn, operation);
  }
}

/** What has begun may be past its deadline: the level in hand, and each after it, gets time all the same. What was not begun is too late. */
function giveTime(turn: Turn, operation: Operation): void {
  if (operation.orders === 0) return;
  const { graceAfterCrash, verify } = turn.policy;
  // Where the next order has to be preceded by listening, that takes time of its own.
  const from = turn.at + (operation.outlets.length === 0 ? verify.within : 0);
  const least = (level: number): number => from + graceAfterCrash * (level - Math.max(0, operation.level) + 1);
  operation.shares = operation.shares.map((end, level) => (level < operation.level ? end : Math.max(end, least(level))));
  operation.deadline = Math.max(operation.deadline, least(Math.max(0, operation.level)), operation.shares.at(-1) ?? 0);
}

function resumeAtConfirm(turn: Turn, operation: Operation): Next {
  delete operation.listening;
  for (const outlet of operation.outlets) {
    outlet.asked = 0;
    outlet.readings = [];
    // A person is called again: the first call may have ended with the old process.
    if (outlet.why?.code === endings.person(outlet.device).code) delete outlet.why;
    // Whether the order left the old process, nobody knows: a reading will tell.
    if (outlet.order === undefined || outlet.order === 'lost') outlet.order = 'unknown';
  }
  turn.do({
    kind: 'wake',
    operation: operation.id,
    timer: { kind: 'level', level: operation.level, wanted: operation.wanted },
    at: operation.shares[operation.level] ?? operation.deadline,
  });
  return 'read';
}
