/** Admit: is the verdict for us, new, valid, from somebody who may say so, and does it contradict nothing? Nothing is switched here. */
import { keep, type Problem, type Verdict } from '../vocabulary/index.ts';
import type { EventOf } from './events.ts';
import { giveWay, meet, stayOff } from './meet.ts';
import { contradiction } from './one-side.ts';
import { newOperation, targetRefused } from './open.ts';
import type { Policy } from './policy.ts';
import { refusals, withholdings } from './problems.ts';
import { asOfNow, isCrowded, rememberVerdict } from './remember.ts';
import { answerVerdict, settle, settleVerdict } from './settle.ts';
import { BOUNDS, type KnownVerdict, type Operation } from './state.ts';
import { radiusOf } from './storm.ts';
import type { Turn } from './turn.ts';

/** Clocks of arbiter and coordinator may differ this much before a verdict counts as issued in the future. */
const CLOCK_SKEW = 300_000;

/** Far beyond any clock in microseconds, and low enough that a higher one can always be written as a number. */
export const MAX_EPOCH = 2 ** 52;

/** The whole content, in a fixed order: two verdicts of one id must be the same to the letter. */
export const contentOf = (v: Verdict): string =>
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
  ]);

/** Gives back the operations that were opened, to be verified. */
export function admitVerdict(turn: Turn, event: EventOf<'verdict'>): readonly Operation[] {
  const { verdict } = event;
  const known = turn.verdict(verdict.id);
  const digest = contentOf(verdict);
  if (known !== undefined && known.digest === digest) {
    // The same verdict again: the same answer, now or when it is there (S5).
    if (known.answer !== undefined) {
      const answer = asOfNow(turn.draft, { ...known, answer: known.answer }, known.targets);
      turn.do({ kind: 'answer', to: { kind: 'verdict', id: verdict.id, content: digest }, answer });
    }
    return [];
  }
  if (known !== undefined) {
    turn.do({ kind: 'persist' });
    withholdUnshot(turn, known, verdict.id);
    turn.do({ kind: 'call-human', problem: refusals.altered(verdict.id) });
    turn.do({
      kind: 'answer',
      to: { kind: 'verdict', id: verdict.id, content: digest },
      answer: { outcome: 'refused', problem: refusals.altered(verdict.id), operations: [] },
    });
    return [];
  }
  const refused = refusalOf(turn, verdict);
  const remember: Remember = (how, operations) =>
    rememberVerdict(turn, {
      id: verdict.id,
      digest,
      epoch: verdict.epoch,
      expiresAt: verdict.expiresAt,
      admitted: how === 'admitted',
      ...(how === 'contradicts' ? { contradicts: true } : {}),
      targets: verdict.targets,
      survivors: verdict.survivors,
      operations,
    });
  turn.do({ kind: 'persist' });
  if (refused !== undefined) {
    remember('refused', []);
    answerVerdict(turn, verdict.id, { outcome: 'refused', problem: refused, operations: [] });
    return [];
  }
  const clash = contradiction(turn.draft, verdict);
  if (clash !== undefined) {
    remember('contradicts', []);
    withholdContradiction(turn, verdict, clash);
    return [];
  }
  turn.draft.epoch = verdict.epoch;
  const limit = limitOf(turn, verdict);
  if (limit !== undefined) {
    remember('admitted', []);
    turn.do({ kind: 'call-human', problem: limit });
    answerVerdict(turn, verdict.id, { outcome: 'withheld', problem: limit, operations: [] });
    return [];
  }
  return openForVerdict(turn, event, remember);
}

/** A verdict is carried out whole or not at all: half of it would cut a healthy node for nothing (S8). */
function limitOf(turn: Turn, verdict: Verdict): Problem | undefined {
  const radius = radiusOf(turn, verdict.targets);
  if (radius.storm !== undefined) return radius.storm;
  // A single target passes the gate whole: by then the node that is away now may be back.
  return verdict.targets.length === 1 ? undefined : radius.quorum;
}

type Remember = (how: 'admitted' | 'refused' | 'contradicts', operations: readonly string[]) => void;

function openForVerdict(turn: Turn, event: EventOf<'verdict'>, remember: Remember): readonly Operation[] {
  const { verdict } = event;
  keep('S1', verdict.epoch === turn.draft.epoch, `verdict ${verdict.id} is of epoch ${verdict.epoch}, not of ${turn.draft.epoch}`);
  const carried: string[] = [];
  const fresh: Operation[] = [];
  for (const [index, target] of verdict.targets.entries()) {
    const open = turn.openOn(target);
    if (open !== undefined && meet(open, 'verdict') === 'joins') {
      stayOff(turn, open, `Verdict ${verdict.id}`);
      if (open.orders === 0) supersedeOlder(turn, open, verdict.epoch);
      open.verdicts.push(verdict.id);
      open.epoch = verdict.epoch;
      open.expiresAt = Math.max(open.expiresAt ?? 0, verdict.expiresAt);
      carried.push(open.id);
      continue;
    }
    if (open !== undefined) giveWay(turn, open, `Verdict ${verdict.id}`);
    const id = event.operations[index];
    keep('S5', id !== undefined, `no operation id was drawn for target ${target}`);
    const operation = newOperation(turn, id, target, { verdict });
    turn.put(operation);
    carried.push(id);
    fresh.push(operation);
  }
  remember('admitted', carried);
  return fresh;
}

/** What an older epoch had asked for and nobody had ordered yet is answered now: the newer verdict counts. */
function supersedeOlder(turn: Turn, open: Operation, epoch: number): void {
  const older = open.verdicts.filter((id) => (turn.verdict(id)?.epoch ?? epoch) < epoch);
  open.verdicts = open.verdicts.filter((id) => !older.includes(id));
  // It may order for as long as one of those that still ask for it is valid.
  open.expiresAt = Math.max(0, ...open.verdicts.map((id) => turn.verdict(id)?.expiresAt ?? 0));
  for (const id of older) {
    const problem = withholdings.superseded(turn.verdict(id)?.epoch ?? 0, epoch);
    settleVerdict(turn, id, open, { outcome: 'withheld', problem, operations: [open.id] });
  }
}

function refusalOf(turn: Turn, verdict: Verdict): Problem | undefined {
  const { policy, draft, at } = turn;
  if (verdict.cluster !== policy.cluster) return refusals.otherCluster(verdict.cluster, policy.cluster);
  const arbiter = policy.arbiters[verdict.issuer];
  if (arbiter === undefined || !Object.hasOwn(policy.arbiters, verdict.issuer)) return refusals.unknownIssuer(verdict.issuer);
  if (verdict.epoch < draft.epoch) return refusals.staleEpoch(verdict.epoch, draft.epoch);
  if (verdict.expiresAt <= at) return refusals.expired(verdict.id, verdict.expiresAt, at);
  if (verdict.issuedAt > at + CLOCK_SKEW) return refusals.future(verdict.id, verdict.issuedAt, at);
  if (verdict.targets.length === 0) return refusals.noTargets();
  if (new Set(verdict.targets).size !== verdict.targets.length) return refusals.targetTwice();
  if (verdict.epoch > MAX_EPOCH) return refusals.epochTooLarge(verdict.epoch, MAX_EPOCH);
  if ((draft.broken[verdict.id] ?? 0) > 1) return refusals.brokeBefore(`Verdict ${verdict.id}`);
  if (verdict.epoch === draft.epoch && isCrowded(turn)) return refusals.tooMany('verdicts of this epoch');
  if (Object.keys(draft.operations).length + verdict.targets.length > BOUNDS.operations) return refusals.tooMany('operations');
  return namesRefused(policy, verdict) ?? biasRefused(policy, verdict, arbiter.runsOn) ?? majorityRefused(policy, verdict);
}

function namesRefused(policy: Policy, verdict: Verdict): Problem | undefined {
  for (const target of verdict.targets) {
    const refused = targetRefused(policy, target);
    if (refused !== undefined) return refused;
    if (verdict.survivors.includes(target)) return refusals.both(target);
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

function withholdContradiction(turn: Turn, verdict: Verdict, other: KnownVerdict): void {
  const withheld = withholdUnshot(turn, other, verdict.id);
  const problem = withheld ? withholdings.contradictory(verdict.id, other.id) : refusals.contradicts(verdict.id, other.id);
  turn.do({ kind: 'call-human', problem });
  answerVerdict(turn, verdict.id, { outcome: withheld ? 'withheld' : 'refused', problem, operations: [] });
}

/** Withholds what the earlier verdict has not ordered yet. True where nothing of it was ordered (S11). */
function withholdUnshot(turn: Turn, earlier: KnownVerdict, later: string): boolean {
  const open = earlier.operations.flatMap((id) => turn.operation(id) ?? []);
  const shot =
    open.some((operation) => operation.orders > 0) ||
    Object.values(earlier.parts ?? {}).some(({ outcome }) => outcome !== 'withheld' && outcome !== 'refused');
  for (const operation of open) {
    if (operation.orders > 0) continue;
    settle(turn, operation, { outcome: 'withheld', problem: withholdings.contradictory(earlier.id, later), operations: [operation.id] });
  }
  return !shot;
}
