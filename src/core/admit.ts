/** Admit: is the verdict for us, new, valid, from somebody who may say so, and does it contradict nothing? Nothing is switched here. */
import { keep, type Problem, type Verdict } from '../vocabulary/index.ts';
import { digestOf } from './digest.ts';
import type { EventOf } from './events.ts';
import { giveWay, coalesce, stayOff } from './coalesce.ts';
import { contradictions } from './one-side.ts';
import { newOperation, targetRefused } from './open.ts';
import type { Policy } from './policy.ts';
import { refusals, withholdings } from './problems.ts';
import { asOfNow, isCrowded, rememberVerdict } from './remember.ts';
import { enrolled, NOBODY, setOf } from './roster.ts';
import { answerVerdict, cameToMore, settle, settleVerdict } from './settle.ts';
import { BOUNDS, type KnownVerdict, type Operation } from './state.ts';
import { radiusOf } from './storm.ts';
import type { Draft } from './draft.ts';

/** Clocks of arbiter and coordinator may differ this much before a verdict counts as issued in the future. */
const CLOCK_SKEW = 300_000;

/** Far beyond any clock in microseconds, and low enough that a higher one can always be written as a number. */
export const MAX_EPOCH = 2 ** 52;

/** Of the whole content, in a fixed order: two verdicts of one id must be the same to the letter. */
export const digestOfVerdict = (v: Verdict): string =>
  digestOf(
    JSON.stringify([
      v.id,
      v.cluster,
      v.epoch,
      v.claim,
      v.targets,
      v.survivors,
      v.votes ?? null,
      v.issuer,
      v.issuerHost ?? null,
      v.issuedAt,
      v.expiresAt,
      v.reason,
    ]),
  );

/** Gives back the operations that were opened, to be verified. */
export function admitVerdict(draft: Draft, event: EventOf<'verdict'>): readonly Operation[] {
  const { verdict } = event;
  const known = draft.verdict(verdict.id);
  const digest = digestOfVerdict(verdict);
  if (known !== undefined && known.digest === digest) {
    // The same verdict again: the same answer, now or when it is there (S5).
    if (known.answer !== undefined) {
      const answer = asOfNow(draft.state, { ...known, answer: known.answer }, known.targets);
      draft.do({ kind: 'answer', to: { kind: 'verdict', id: verdict.id, content: digest }, answer });
    }
    return [];
  }
  if (known !== undefined) {
    draft.do({ kind: 'persist' });
    withholdUnshot(draft, known, verdict.id);
    draft.do({ kind: 'call-human', problem: refusals.altered(verdict.id) });
    draft.do({
      kind: 'answer',
      to: { kind: 'verdict', id: verdict.id, content: digest },
      answer: { outcome: 'refused', problem: refusals.altered(verdict.id), operations: [] },
    });
    return [];
  }
  const refused = refusalOf(draft, verdict);
  const remember: Remember = (how, operations) =>
    rememberVerdict(draft, {
      id: verdict.id,
      digest,
      epoch: verdict.epoch,
      expiresAt: verdict.expiresAt,
      admitted: how === 'admitted',
      ...(how === 'contradicts' ? { contradicts: true } : {}),
      ...(how === 'refused' ? nothingOf(verdict) : sidesOf(draft, verdict)),
      operations,
    });
  draft.do({ kind: 'persist' });
  if (refused !== undefined) {
    remember('refused', []);
    answerVerdict(draft, verdict.id, { outcome: 'refused', problem: refused, operations: [] });
    return [];
  }
  const others = contradictions(draft.state, verdict);
  if (others.length > 0) {
    remember('contradicts', []);
    withholdContradiction(draft, verdict, others);
    return [];
  }
  draft.state.epoch = verdict.epoch;
  const limit = limitOf(draft, verdict);
  if (limit !== undefined) {
    remember('admitted', []);
    draft.do({ kind: 'call-human', problem: limit });
    answerVerdict(draft, verdict.id, { outcome: 'withheld', problem: limit, operations: [] });
    return [];
  }
  return openForVerdict(draft, event, remember);
}

/** A verdict is carried out whole or not at all: half of it would cut a healthy node for nothing (S8). */
function limitOf(draft: Draft, verdict: Verdict): Problem | undefined {
  const radius = radiusOf(draft, verdict.targets);
  if (radius.storm !== undefined) return radius.storm;
  // A single target passes the gate whole: by then the node that is away now may be back.
  return verdict.targets.length === 1 ? undefined : radius.quorum;
}

/** Of what was refused no rule needs the sides: a few targets, for telling. */
const nothingOf = ({ targets }: Verdict): Sides => ({ targets: targets.slice(0, BOUNDS.refusedTargets), survivors: NOBODY });

function sidesOf(draft: Draft, { targets, survivors }: Verdict): Sides {
  draft.state.roster = enrolled(draft.state.roster, survivors);
  return { targets, survivors: setOf(draft.state.roster, survivors) };
}

type Sides = Pick<KnownVerdict, 'targets' | 'survivors'>;

type Remember = (how: 'admitted' | 'refused' | 'contradicts', operations: readonly string[]) => void;

function openForVerdict(draft: Draft, event: EventOf<'verdict'>, remember: Remember): readonly Operation[] {
  const { verdict } = event;
  keep('S1', verdict.epoch === draft.state.epoch, `verdict ${verdict.id} is of epoch ${verdict.epoch}, not of ${draft.state.epoch}`);
  const carried: string[] = [];
  const fresh: Operation[] = [];
  for (const [index, target] of verdict.targets.entries()) {
    const open = draft.openOn(target);
    if (open !== undefined && coalesce(open, 'verdict') === 'joins') {
      stayOff(draft, open, `Verdict ${verdict.id}`);
      if (open.orders === 0) supersedeOlder(draft, open, verdict.epoch);
      open.verdicts.push(verdict.id);
      open.epoch = verdict.epoch;
      open.expiresAt = Math.max(open.expiresAt ?? 0, verdict.expiresAt);
      carried.push(open.id);
      continue;
    }
    if (open !== undefined) giveWay(draft, open, `Verdict ${verdict.id}`);
    const id = event.operations[index];
    keep('S5', id !== undefined, `no operation id was drawn for target ${target}`);
    const operation = newOperation(draft, id, target, { verdict });
    draft.put(operation);
    carried.push(id);
    fresh.push(operation);
  }
  remember('admitted', carried);
  return fresh;
}

/** What an older epoch had asked for and nobody had ordered yet is answered now: the newer verdict counts. */
function supersedeOlder(draft: Draft, open: Operation, epoch: number): void {
  const older = open.verdicts.filter((id) => (draft.verdict(id)?.epoch ?? epoch) < epoch);
  open.verdicts = open.verdicts.filter((id) => !older.includes(id));
  // It may order for as long as one of those that still ask for it is valid.
  open.expiresAt = Math.max(0, ...open.verdicts.map((id) => draft.verdict(id)?.expiresAt ?? 0));
  for (const id of older) {
    const problem = withholdings.superseded(draft.verdict(id)?.epoch ?? 0, epoch);
    settleVerdict(draft, id, open, { outcome: 'withheld', problem, operations: [open.id] });
  }
}

function refusalOf(draft: Draft, verdict: Verdict): Problem | undefined {
  const { policy, state, at } = draft;
  if (verdict.cluster !== policy.cluster) return refusals.otherCluster(verdict.cluster, policy.cluster);
  const arbiter = policy.arbiters[verdict.issuer];
  if (arbiter === undefined || !Object.hasOwn(policy.arbiters, verdict.issuer)) return refusals.unknownIssuer(verdict.issuer);
  if (verdict.epoch < state.epoch) return refusals.staleEpoch(verdict.epoch, state.epoch);
  if (verdict.expiresAt <= at) return refusals.expired(verdict.id, verdict.expiresAt, at);
  if (verdict.issuedAt > at + CLOCK_SKEW) return refusals.future(verdict.id, verdict.issuedAt, at);
  if (verdict.targets.length === 0) return refusals.noTargets();
  if (new Set(verdict.targets).size !== verdict.targets.length) return refusals.targetTwice();
  if (verdict.epoch > MAX_EPOCH) return refusals.epochTooLarge(verdict.epoch, MAX_EPOCH);
  if ((state.broken[verdict.id] ?? 0) > 1) return refusals.brokeBefore(`Verdict ${verdict.id}`);
  if (verdict.epoch === state.epoch && isCrowded(draft, verdict)) return refusals.tooMany('verdicts of this epoch');
  if (state.operations.size + verdict.targets.length > BOUNDS.operations) return refusals.tooMany('operations');
  return namesRefused(policy, verdict) ?? biasRefused(policy, verdict, arbiter.runsOn) ?? majorityRefused(policy, verdict);
}

function namesRefused(policy: Policy, verdict: Verdict): Problem | undefined {
  const survivors = new Set(verdict.survivors);
  for (const target of verdict.targets) {
    const refused = targetRefused(policy, target);
    if (refused !== undefined) return refused;
    if (survivors.has(target)) return refusals.both(target);
  }
  const stranger = verdict.survivors.find((node) => !Object.hasOwn(policy.nodes, node));
  return stranger === undefined ? undefined : refusals.unknownSurvivor(stranger);
}

/** An arbiter on one of the contenders is a judge in its own cause. */
function biasRefused(policy: Policy, verdict: Verdict, runsOn: string | undefined): Problem | undefined {
  if (policy.allowBiasedArbiter) return undefined;
  const contenders = [...verdict.targets, ...verdict.survivors];
  const where = [runsOn, verdict.issuerHost].flatMap(
    (place) => contenders.find((node) => place !== undefined && sameMachine(node, place)) ?? [],
  )[0];
  return where === undefined ? undefined : refusals.biased(verdict.issuer, where);
}

/** Names of machines are one whatever their case, and whether or not the root's dot is written (RFC 4343, RFC 1034 section 3.1). */
const sameMachine = (a: string, b: string): boolean => plainName(a) === plainName(b);
const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '');

function majorityRefused(policy: Policy, verdict: Verdict): Problem | undefined {
  const total = Object.values(policy.nodes).reduce((sum, node) => sum + node.votes, 0);
  const votes = [...new Set(verdict.survivors)].reduce((sum, node) => sum + (policy.nodes[node]?.votes ?? 0), 0);
  const tie = votes * 2 === total && policy.tieBreaker !== 'none';
  if (votes * 2 <= total && !tie) return refusals.notMajority(votes, total);
  const claimed = verdict.votes;
  // What is decided by a tie-breaker is who lives when the nodes are even; those who voted were a majority, or they did not decide.
  if (claimed !== undefined && claimed.for * 2 <= claimed.total) return refusals.notMajority(claimed.for, claimed.total);
  return undefined;
}

function withholdContradiction(draft: Draft, verdict: Verdict, others: readonly KnownVerdict[]): void {
  const shot = others.filter((other) => !withholdUnshot(draft, other, verdict.id)).map(({ id }) => id);
  const withheld = shot.length === 0;
  const problem = withheld
    ? withholdings.contradictory(
        verdict.id,
        others.map(({ id }) => id),
      )
    : refusals.contradicts(verdict.id, shot);
  draft.do({ kind: 'call-human', problem });
  answerVerdict(draft, verdict.id, { outcome: withheld ? 'withheld' : 'refused', problem, operations: [] });
}

/** Withholds what the earlier verdict has not ordered yet. True where nothing of it was ordered (S11). */
function withholdUnshot(draft: Draft, earlier: KnownVerdict, later: string): boolean {
  const open = earlier.operations.flatMap((id) => draft.operation(id) ?? []);
  const shot =
    open.some((operation) => operation.orders > 0) || earlier.cameToMore === true || (earlier.parts?.values() ?? []).some(cameToMore);
  for (const operation of open) {
    if (operation.orders > 0) continue;
    settle(draft, operation, { outcome: 'withheld', problem: withholdings.contradictory(earlier.id, [later]), operations: [operation.id] });
  }
  return !shot;
}
