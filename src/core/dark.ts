/**
 * S8: which nodes are off, or may be, by our orders. A node is dark from its first order off until it is shown to run when nothing of ours can
 * cut it any more: proven on, or read on by the device that cuts the machine itself, or never cut at all since every order was refused.
 */
import type { Outlet, TimedReading } from '../vocabulary/index.ts';
import type { DarkNode, Operation } from './state.ts';
import type { Turn } from './turn.ts';

const darkNode = (turn: Turn, target: string): DarkNode | undefined =>
  Object.hasOwn(turn.draft.dark, target) ? turn.draft.dark[target] : undefined;

/** It is off, or may be: by our orders, or by a person's word. */
export const isDark = (turn: Turn, target: string): boolean =>
  darkNode(turn, target) !== undefined || Object.hasOwn(turn.draft.fenced, target);

/** An order off is made; from `until` on it cannot act any more. */
export function darken(turn: Turn, { id, target }: Operation, until: number): void {
  const before = darkNode(turn, target);
  const node: DarkNode = {
    since: before?.since ?? turn.at,
    operation: id,
    until: Math.max(until, before?.until ?? 0),
    orders: (before?.orders ?? 0) + 1,
    refused: before?.refused ?? 0,
  };
  turn.draft.dark = { ...turn.draft.dark, [target]: node };
}

/** What has cut it, or may cut it still, may act later than it seemed. */
export function darkUntil(turn: Turn, target: string, until: number): void {
  const node = darkNode(turn, target);
  if (node !== undefined && node.until < until) turn.draft.dark = { ...turn.draft.dark, [target]: { ...node, until } };
}

/** By a clock that was set back, what may still cut it seemed further away than it is. */
export function darkNoLongerThan(turn: Turn, target: string, until: number): void {
  const node = darkNode(turn, target);
  if (node !== undefined && node.until > until) turn.draft.dark = { ...turn.draft.dark, [target]: { ...node, until } };
}

/** An order off that was refused has not cut it; every other one may have. */
export function orderOffRefused(turn: Turn, target: string): void {
  const node = darkNode(turn, target);
  if (node !== undefined) turn.draft.dark = { ...turn.draft.dark, [target]: { ...node, refused: node.refused + 1 } };
}

export function isLit(turn: Turn, target: string): void {
  const { [target]: _runs, ...dark } = turn.draft.dark;
  turn.draft.dark = dark;
}

/** A device without numbered plugs tells the power of the machine itself. What it says counts when no order off could act any more. */
export function seenOn(turn: Turn, target: string, outlet: Outlet, reading: TimedReading): void {
  const node = darkNode(turn, target);
  if (node === undefined || reading.power !== 'on' || outlet.plug !== '' || reading.startedAt < node.until || !turn.isTimely(reading))
    return;
  if (cutsMachine(turn, target, outlet.device)) isLit(turn, target);
}

/** All was tried and failed. Was it refused throughout, or, where nothing but feeds can be switched, is a feed of each level live? */
export function notCut(turn: Turn, { target, levels }: Operation): void {
  const node = darkNode(turn, target);
  if (node === undefined) return;
  const refused = node.orders === node.refused;
  const live = levels
    .filter((run) => run.wanted === 'off')
    .every(({ outlets }) =>
      outlets.some((outlet) => {
        const last = outlet.readings.at(-1);
        return outlet.plug !== '' && last?.power === 'on' && last.startedAt >= node.until;
      }),
    );
  if (refused || (live && !cutsMachine(turn, target))) isLit(turn, target);
}

/** Has the node such a device, or is this one of them? */
function cutsMachine(turn: Turn, target: string, device?: string): boolean {
  const levels = turn.policy.nodes[target]?.levels ?? [];
  return levels.flat().some((one) => one.plug === '' && one.evidence === 'device' && (device === undefined || one.device === device));
}
