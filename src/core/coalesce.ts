/** A verdict or a command comes in while an operation is open on its target (S4: there is one at a time). */
import type { Action } from '../vocabulary/index.ts';
import { endings, withholdings } from './problems.ts';
import { answerCommand } from './remember.ts';
import { settle } from './settle.ts';
import type { Operation } from './state.ts';
import type { Draft } from './draft.ts';

/** Whoever is on the way to power may be on at any moment: nobody can state meanwhile that it is down (S9). */
export const comesBack = (operation: Operation): boolean => operation.action === 'on' || operation.offConfirmed === true;

/** It joins the open operation and shares its answer, it ends that operation to get one of its own, or it must wait. */
type Coalescing = 'joins' | 'ends' | 'waits';

export function coalesce(open: Operation, newcomer: 'verdict' | Action): Coalescing {
  if (open.action === 'attest') return newcomer === 'verdict' ? 'ends' : 'waits';
  // What may not order any more helps nobody who wants an order now.
  if (open.over !== undefined && newcomer !== 'attest' && newcomer !== 'on') return 'ends';
  if (open.action === 'on') return newcomer === 'verdict' ? 'ends' : newcomer === 'on' ? 'joins' : 'waits';
  if (newcomer === 'on' || (newcomer === 'reboot' && open.action === 'off')) return 'waits';
  // The node of a reboot may be on again: that it was off before the newcomer came proves nothing for the newcomer.
  if (open.offConfirmed === true) return newcomer === 'reboot' || newcomer === 'attest' ? 'waits' : 'ends';
  return 'joins';
}

/** A reboot that somebody wants off stays off (S9); those who asked for the reboot are told. */
export function stayOff(draft: Draft, open: Operation, wish: string): void {
  if (open.action !== 'reboot') return;
  const answer = { outcome: 'failed', problem: withholdings.overtaken(wish), operations: [open.id] } as const;
  for (const id of open.commands.splice(0)) answerCommand(draft, id, answer);
  open.action = 'off';
}

/** What was under way gives way to an order off. */
export function giveWay(draft: Draft, open: Operation, wish: string): void {
  const operations = [open.id];
  const problem = withholdings.overtaken(wish);
  if (open.offConfirmed === true) settle(draft, open, { outcome: 'confirmed', problem, operations });
  else if (open.wanted === 'off' && open.switching > 0)
    settle(draft, open, { outcome: 'unconfirmed', problem: endings.stoppedMidway(problem.says), operations });
  else settle(draft, open, { outcome: 'failed', problem, operations });
}
