/** An operation begins: what it is about, who wants it, and whether its node can be fenced at all. */
import type { Command, Problem, Verdict } from '../vocabulary/index.ts';
import type { Policy } from './policy.ts';
import { refusals } from './problems.ts';
import { namesIn } from './roster.ts';
import type { Operation, State } from './state.ts';
import type { Draft } from './draft.ts';

export function targetRefused(policy: Policy, target: string): Problem | undefined {
  const node = Object.hasOwn(policy.nodes, target) ? policy.nodes[target] : undefined;
  if (node === undefined) return refusals.unknownTarget(target);
  if (node.levels.length === 0) return refusals.notFenceable(target);
  return policy.self.node === target ? refusals.self(target) : undefined;
}

export function newOperation(draft: Draft, id: string, target: string, from: { verdict: Verdict } | { command: Command }): Operation {
  const command = 'command' in from ? from.command : undefined;
  const verdict = 'verdict' in from ? from.verdict : undefined;
  const action = command?.action ?? 'off';
  return {
    id,
    target,
    action,
    claim: verdict?.claim ?? (action === 'attest' ? 'dead' : 'misbehaving'),
    ...(verdict === undefined ? {} : { openedBy: verdict.id, epoch: verdict.epoch, expiresAt: verdict.expiresAt }),
    verdicts: verdict === undefined ? [] : [verdict.id],
    commands: command === undefined || action === 'attest' ? [] : [command.id],
    decisions: [],
    by: verdict?.issuer ?? command?.by ?? '',
    reason: verdict?.reason ?? command?.reason ?? '',
    origin: command?.origin ?? 'arbiter',
    override: command?.origin === 'person' ? [...command.override] : [],
    startedAt: draft.at,
    deadline: draft.at + (command?.timeout ?? draft.policy.timeout),
    phase: 'verify',
    round: 0,
    doubts: 0,
    wanted: action === 'on' ? 'on' : 'off',
    shares: [],
    level: -1,
    orders: 0,
    switching: 0,
    levels: [],
  };
}

/** Whom the verdict that opened it lets live; nobody where a command did. */
export function survivorsOf({ verdicts, roster }: State, { openedBy }: Operation): readonly string[] {
  const known = openedBy === undefined ? undefined : verdicts.get(openedBy);
  return known === undefined ? [] : namesIn(roster, known.survivors);
}
