/** Level by level: what becomes of an operation when the level in hand is proven or has failed, and when none is left. */
import { keep, outletName, type WantedPower } from '../vocabulary/index.ts';
import { allRefused, stillSo } from './as-before.ts';
import { isBackOn, markFenced } from './dark.ts';
import type { Draft } from './draft.ts';
import type { Next } from './next.ts';
import { opposedUntil } from './permits.ts';
import { isCourtesy, walkFor } from './plan.ts';
import { endings } from './problems.ts';
import { closeRun } from './run.ts';
import { settle, stop } from './settle.ts';
import type { LevelRun, Operation, OutletRun } from './state.ts';

/** Every outlet of the level reads as wanted. */
export function proven(draft: Draft, operation: Operation): Next {
  draft.do({ kind: 'persist' });
  closeRun(draft.policy, operation, 'confirmed');
  if (operation.wanted === 'on') return nextLevel(draft, operation);
  keep('S3', opposedUntil(draft, operation) === undefined, `${operation.target} would be proven off while an order on may still act`);
  markFenced(draft, operation, 'confirmed');
  if (operation.action !== 'reboot') {
    settle(draft, operation, { outcome: 'confirmed', operations: [operation.id] });
    return 'stay';
  }
  operation.offConfirmed = true;
  operation.phase = 'rest';
  operation.restUntil = draft.at + draft.policy.offTime;
  operation.deadline = operation.restUntil + draft.policy.onTimeout;
  draft.do({ kind: 'wake', operation: operation.id, timer: { kind: 'off-time' }, at: operation.restUntil });
  return 'stay';
}

/** A reboot's node has been off for long enough: back on. That half has a deadline of its own, from the moment the node was proven off. */
export function offTimeOver(operation: Operation): Next {
  if (operation.phase !== 'rest') return 'stay';
  operation.wanted = 'on';
  operation.level = -1;
  return 'shoot';
}

/** The level's time is over, or it cannot succeed. */
export function levelFailed(draft: Draft, operation: Operation, result: 'not-switched' | 'unproven'): Next {
  draft.do({ kind: 'persist' });
  closeRun(draft.policy, operation, result);
  return nextLevel(draft, operation);
}

function nextLevel(draft: Draft, operation: Operation): Next {
  operation.level += 1;
  if (operation.level < walkFor(draft.policy, operation).length) return 'shoot';
  endOfLevels(draft, operation);
  return 'stay';
}

const named = (outlets: readonly OutletRun[]): string =>
  outlets.map((o) => `${o.device}${o.plug === '' ? '' : `:${o.plug}`}${o.why === undefined ? '' : ` (${o.why.says})`}`).join('; ');

/** What is missing first; what did as it was told is named apart, so that nobody looks at the wrong device. */
function accused(outlets: readonly OutletRun[], wanted: WantedPower): string {
  const done = outlets.filter((outlet) => outlet.readings.at(-1)?.power === wanted);
  const lacking = outlets.filter((outlet) => !done.includes(outlet));
  if (lacking.length === 0 || done.length === 0) return named(outlets);
  return `${named(lacking)} (${done.map(outletName).join(', ')} read ${wanted})`;
}

/** No level is left. */
function endOfLevels(draft: Draft, operation: Operation): void {
  const { levels, wanted } = operation;
  const operations = [operation.id];
  const runs = levels.filter((run) => run.wanted === wanted);
  const proven = runs.some((run) => run.result === 'confirmed');
  // Powered on by its devices: that what runs on the node could not prove it either is nobody's concern.
  const excused = (run: LevelRun): boolean => wanted === 'on' && proven && isCourtesy(draft.policy, operation, run.level);
  const open = runs.filter((run) => run.result !== 'confirmed' && !excused(run)).flatMap((run) => run.outlets);
  if (wanted === 'on') {
    if (open.length === 0) {
      isBackOn(draft, operation.target);
      settle(draft, operation, { outcome: 'confirmed', operations });
    } else if (operation.offConfirmed === true)
      settle(draft, operation, { outcome: 'confirmed', problem: endings.onFailed(accused(open, 'on')), operations });
    else {
      settle(draft, operation, {
        outcome: stillSo(runs, 'off').length > 0 || runs.every(allRefused) ? 'failed' : 'unconfirmed',
        problem: endings.stillOff(accused(open, 'on')),
        operations,
      });
    }
    return;
  }
  if (runs.some((run) => run.result === 'unproven')) {
    settle(draft, operation, { outcome: 'unconfirmed', problem: endings.unproven(accused(open, 'off')), operations });
    return;
  }
  // Not all was tried: it could not be ordered again.
  if (operation.over !== undefined) {
    stop(draft, operation, operation.over);
    return;
  }
  const on = stillSo(runs, 'on');
  if (on.length > 0) settle(draft, operation, { outcome: 'failed', problem: endings.stillOn(named(on)), operations });
  else if (runs.every(allRefused))
    settle(draft, operation, { outcome: 'failed', problem: endings.rejected(accused(open, 'off')), operations });
  // One outlet refused, and with that its level was lost: the others may have been cut all the same.
  else settle(draft, operation, { outcome: 'unconfirmed', problem: endings.unproven(accused(open, 'off')), operations });
}
