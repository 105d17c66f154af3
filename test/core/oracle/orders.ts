/** May this order be given? Judged when it is made, and once more for each datagram that leaves. */
import type { Policy } from '../../../src/core/index.ts';
import { outletName } from '../../../src/vocabulary/index.ts';
import { quorate } from '../admissible.ts';
import type { Sent } from '../wire.ts';
import type { Ledger } from './ledger.ts';
import type { OrderEffect, Seen } from './seen.ts';

export type Says = (promise: string, what: string) => void;

export function judgeOrder(ledger: Ledger, says: Says, effect: OrderEffect): void {
  const { policy } = ledger;
  const seen = ledger.seen.get(effect.operation);
  if (policy === undefined || seen === undefined) {
    says('S1', `order ${effect.number} belongs to no verdict and no command that came in`);
    return;
  }
  right(ledger, says, policy, seen, effect);
  asked(ledger, says, policy, seen, effect);
  sighted(ledger, says, policy, seen, effect);
  if (effect.wanted === 'off') radius(ledger, says, policy, seen);
  ledger.note(seen, effect);
}

/** S2: nothing leaves without a lease where one is needed, after what asked for it is over, or after its end was told. */
export function judgeSent(ledger: Ledger, says: Says, { order, at }: Sent): void {
  const seen = ledger.seen.get(order.operation);
  const { policy } = ledger;
  if (seen === undefined || policy === undefined) return;
  const what = `order ${order.number} of ${seen.id} (${outletName(order.outlet)} ${order.wanted}) leaves`;
  const leased = leaseEnd(ledger, policy);
  if (at >= leased) says('S2', `${what} without a lease that lasts`);
  if (seen.ended) says('S5', `${what} after the operation has ended`);
  const asked = ledger.given.get(`${order.operation}#${order.number}`)?.askedUntil ?? Number.NEGATIVE_INFINITY;
  const until = Math.max(asked, ledger.mayOrderUntil(seen));
  if (at >= until) says('S1', `${what} ${at - until} ms after its verdict or its deadline is over`);
  if (seen.stale) says('S2', `${what} although the clock has jumped since it was given`);
}

const leaseEnd = (ledger: Ledger, policy: Policy): number => {
  if (policy.lease === undefined) return ledger.lease ?? Number.POSITIVE_INFINITY;
  return ledger.lease === undefined ? Number.NEGATIVE_INFINITY : ledger.lease - policy.lease.margin;
};

/** S1, S9, S11: who says so, and may they? */
function right(ledger: Ledger, says: Says, policy: Policy, seen: Seen, effect: OrderEffect): void {
  if (!(policy.nodes[seen.target]?.levels ?? []).flat().some((one) => outletName(one) === outletName(effect.outlet)))
    says('S1', `${outletName(effect.outlet)} is no outlet of ${seen.target}`);
  const commands = seen.commands.filter((one) => one.by !== '' && one.reason !== '' && one.action !== 'attest');
  const current = seen.verdicts.some((one) => one.epoch === ledger.epoch || (seen.orders > 0 && one.epoch <= ledger.epoch));
  if (commands.length === 0 && !current && !(seen.orders > 0 && seen.verdicts.length > 0))
    says('S1', `${seen.id} has no verdict of epoch ${ledger.epoch} and no command`);
  if (effect.wanted === 'on') {
    const wished =
      commands.some((one) => one.action === 'on') || (commands.some((one) => one.action === 'reboot') && seen.proven && !seen.staysOff);
    if (!wished) says('S9', `${seen.target} is powered on, and nobody unfenced it`);
    if (seen.mustStayOff && !commands.some((one) => one.origin === 'person'))
      says('S9', `${seen.target} was fenced, and a program's reboot powers it on`);
    return;
  }
  if (!commands.some((one) => one.action !== 'on') && seen.verdicts.length === 0) says('S1', `nobody asked for ${seen.target} off`);
  if (commands.some((one) => one.origin === 'person' && one.override.includes('survivor'))) return;
  const protects = [...ledger.verdicts.values()].find(
    ({ verdict, admitted }) =>
      admitted &&
      verdict.epoch === ledger.epoch &&
      verdict.survivors.includes(seen.target) &&
      verdict.targets.some((one) => ledger.down.has(one)),
  );
  if (protects !== undefined) says('S11', `${seen.target} survives by verdict ${protects.verdict.id}, and is shot`);
}

/** S1, S5: does anybody still want it, or is it over and told? */
function asked(ledger: Ledger, says: Says, policy: Policy, seen: Seen, effect: OrderEffect): void {
  const what = `order ${effect.number} of ${seen.id} is given`;
  if (seen.told !== undefined) says('S5', `${what} after its end was told: ${seen.told.outcome} (${seen.told.problem?.code ?? ''})`);
  const until = ledger.mayOrderUntil(seen);
  if (ledger.at >= until) says('S1', `${what} ${ledger.at - until} ms after its verdict or its deadline is over`);
  if (seen.stale) says('S2', `${what} although the clock has jumped while it was open`);
  if (seen.broke > 1) says('S1', `${what} although it broke a promise in ${seen.broke} lives`);
  const byPerson = seen.commands.some((one) => one.origin === 'person' && one.action !== 'attest');
  if (policy.mode === 'approval' && !byPerson && !seen.approved) says('S1', `${what} and nobody approved it in time`);
}

/** S2 and S7. */
function sighted(ledger: Ledger, says: Says, policy: Policy, seen: Seen, effect: OrderEffect): void {
  const { heard } = seen;
  const what = `order ${effect.number} of ${seen.id} is given`;
  if (heard === undefined || heard.answered < policy.verify.need || ledger.at - heard.startedAt > policy.verify.validFor)
    says('S2', `${what} blind, or by what was heard too long ago`);
  if (ledger.at >= leaseEnd(ledger, policy)) says('S2', `${what} without a lease that lasts`);
  if (seen.mustRead) says('S7', `${seen.id} orders after a crash before it has read`);
}

/** S8, when the first order off goes out. */
function radius(ledger: Ledger, says: Says, policy: Policy, seen: Seen): void {
  if (seen.ordersOff > 0) return;
  const lifted = seen.commands.filter((one) => one.origin === 'person').flatMap((one) => one.override);
  const recent = ledger.shots.filter((shot) => shot.at > ledger.at - policy.storm.within).map((shot) => shot.target);
  if (new Set([...recent, seen.target]).size > policy.storm.targets && !lifted.includes('storm-limit'))
    says('S8', `${seen.target} is one target too many for the storm limit`);
  const gone = new Set([...ledger.down.keys(), ...ledger.dark.keys(), ...ledger.fenced.keys(), seen.target]);
  if (!quorate(policy, gone) && !lifted.includes('quorum-floor'))
    says('S8', `without ${[...gone].join(', ')} the cluster has no quorum left`);
}
