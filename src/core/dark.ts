/**
 * S8: which nodes are off, or may be, by our orders. A node is dark from its first order off until it is shown to run when nothing of ours can
 * cut it any more: proven on, or read on by the device that cuts the machine itself, or never cut at all since every order was refused.
 */
import type { Outlet, TimedReading } from '../vocabulary/index.ts';
import type { DarkNode, Operation } from './state.ts';
import type { Draft } from './draft.ts';

/** It is off, or may be: by our orders, or by a person's word. */
export const isDark = (draft: Draft, target: string): boolean => draft.state.dark.has(target) || draft.state.fenced.has(target);

/** An order off is made; from `until` on it cannot act any more. */
export function darken(draft: Draft, { id, target }: Operation, until: number): void {
  const before = draft.state.dark.get(target);
  const node: DarkNode = {
    since: before?.since ?? draft.at,
    operation: id,
    until: Math.max(until, before?.until ?? 0),
    orders: (before?.orders ?? 0) + 1,
    refused: before?.refused ?? 0,
  };
  draft.state.dark = draft.state.dark.with(target, node);
}

/** What has cut it, or may cut it still, may act later than it seemed. */
export function darkUntil(draft: Draft, target: string, until: number): void {
  const node = draft.state.dark.get(target);
  if (node !== undefined && node.until < until) draft.state.dark = draft.state.dark.with(target, { ...node, until });
}

/** By a clock that was set back, what may still cut it seemed further away than it is. */
export function darkNoLongerThan(draft: Draft, target: string, until: number): void {
  const node = draft.state.dark.get(target);
  if (node !== undefined && node.until > until) draft.state.dark = draft.state.dark.with(target, { ...node, until });
}

/** An order off that was refused has not cut it; every other one may have. */
export function orderOffRefused(draft: Draft, target: string): void {
  const node = draft.state.dark.get(target);
  if (node !== undefined) draft.state.dark = draft.state.dark.with(target, { ...node, refused: node.refused + 1 });
}

export function isLit(draft: Draft, target: string): void {
  draft.state.dark = draft.state.dark.without(target);
}

/** Proven off, or stated to be: it stays marked until it is proven on. */
export function markFenced(draft: Draft, operation: Operation, how: 'confirmed' | 'attested'): void {
  draft.state.fenced = draft.state.fenced.with(operation.target, { since: draft.at, operation: operation.id, how });
}

/** Only a proven `on` takes the mark away: a node whose power-on failed may be dark still. */
export function isBackOn(draft: Draft, target: string): void {
  draft.state.fenced = draft.state.fenced.without(target);
  isLit(draft, target);
}

/** A device without numbered plugs tells the power of the machine itself. What it says counts when no order off could act any more. */
export function seenOn(draft: Draft, target: string, outlet: Outlet, reading: TimedReading): void {
  const node = draft.state.dark.get(target);
  if (node === undefined || reading.power !== 'on' || outlet.plug !== '' || reading.startedAt < node.until || !draft.isTimely(reading))
    return;
  if (cutsMachine(draft, target, outlet.device)) isLit(draft, target);
}

/** All was tried and failed. Was it refused throughout, or, where nothing but feeds can be switched, is a feed of each level live? */
export function notCut(draft: Draft, { target, levels }: Operation): void {
  const node = draft.state.dark.get(target);
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
  if (refused || (live && !cutsMachine(draft, target))) isLit(draft, target);
}

/** Has the node such a device, or is this one of them? */
function cutsMachine(draft: Draft, target: string, device?: string): boolean {
  const levels = draft.policy.nodes[target]?.levels ?? [];
  return levels.flat().some((one) => one.plug === '' && one.evidence === 'device' && (device === undefined || one.device === device));
}
