/** Admit: is the verdict for us, new, valid, from somebody who may say so, and does it contradict nothing? Nothing is switched here. */
import { type Command, keep, type Problem, type Verdict } from '../vocabulary/index.ts';
import { beginAttest } from './attest.ts';
import type { EventOf } from './events.ts';
import { contradiction, protectedSurvivor } from './one-side.ts';
import { approve } from './hold.ts';
import { giveWay, meet, stayOff } from './meet.ts';
import type { Next } from './next.ts';
import type { Policy } from './policy.ts';
import { refusals, withholdings } from './problems.ts';
import { answerVerdict, refuseCommand, settle } from './settle.ts';
import { BOUNDS, type KnownVerdict, type Operation } from './state.ts';
import { stormOf } from './storm.ts';
import type { Turn } from './turn.ts';

/** Clocks of arbiter and coordinator may differ this much before a verdict counts as issued in the future. */
const CLOCK_SKEW = 300_000;

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
    if (known.answer !== undefined)
      turn.do({ kind: 'answer', to: { kind: 'verdict', id: verdict.id, content: digest }, answer: known.answer });
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
  const storm = stormOf(turn, verdict.targets);
  if (storm.length > turn.policy.storm.targets) {
    const problem = withholdings.storm(storm, turn.policy.storm.targets, turn.policy.storm.within);
    remember('admitted', []);
    turn.do({ kind: 'call-human', problem });
    answerVerdict(turn, verdict.id, { outcome: 'withheld', problem, operations: [] });
    return [];
  }
  return openForVerdict(turn, event, remember);
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

function refusalOf(turn: Turn, verdict: Verdict): Problem | undefined {
  const { policy, draft, at } = turn;
  if (verdict.cluster !== policy.cluster) return refusals.otherCluster(verdict.cluster, policy.cluster);
  const arbiter = policy.arbiters[verdict.issuer];
  if (arbiter === undefined || !Object.hasOwn(policy.arbiters, verdict.issuer)) return refusals.unknownIssuer(verdict.issuer);
  if (verdict.epoch < draft.epoch) return refusals.staleEpoch(verdict.epoch, draft.epoch);
  if (verdict.expiresAt <= at) return refusals.expired(verdict.id);
  if (verdict.issuedAt > at + CLOCK_SKEW) return refusals.future(verdict.id);
  if (verdict.targets.length === 0) return refusals.noTargets();
  if (new Set(verdict.targets).size !== verdict.targets.length) return refusals.targetTwice();
  if (Object.values(draft.verdicts).filter((known) => !dispensable(turn, known)).length >= BOUNDS.verdicts)
    return refusals.tooMany('verdicts of this epoch');
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

function targetRefused(policy: Policy, target: string): Problem | undefined {
  const node = Object.hasOwn(policy.nodes, target) ? policy.nodes[target] : undefined;
  if (node === undefined) return refusals.unknownTarget(target);
  if (node.levels.length === 0) return refusals.notFenceable(target);
  return policy.self.node === target ? refusals.self(target) : undefined;
}

/** An arbiter on one of the contenders is a judge in its own cause. */
function biasRefused(policy: Policy, verdict: Verdict, runsOn: string | undefined): Problem | undefined {
  if (policy.allowBiasedArbiter) return undefined;
  const contenders = [...verdict.targets, ...verdict.survivors];
  const where = [runsOn, verdict.issuerHost].find((place) => place !== undefined && contenders.includes(place));
  return where === undefined ? undefined : refusals.biased(verdict.issuer, where);
}

function majorityRefused(policy: Policy, verdict: Verdict): Problem | undefined {
  const total = Object.values(policy.nodes).reduce((sum, node) => sum + node.votes, 0);
  const votes = [...new Set(verdict.survivors)].reduce((sum, node) => sum + (policy.nodes[node]?.votes ?? 0), 0);
  const tie = votes * 2 === total && policy.tieBreaker !== 'none';
  if (votes * 2 <= total && !tie) return refusals.notMajority(votes, total);
  const claimed = verdict.votes;
  if (claimed !== undefined && claimed.for * 2 <= claimed.total && !tie) return refusals.notMajority(claimed.for, claimed.total);
  return undefined;
}

/** Answered, and judged the same way if it came again: refused as it was, or refused as stale. What was admitted in this epoch is never forgotten. */
function dispensable(turn: Turn, known: KnownVerdict): boolean {
  const refused = !known.admitted && known.contradicts !== true;
  return known.answer !== undefined && (refused || known.epoch < turn.draft.epoch);
}

function rememberVerdict(turn: Turn, verdict: KnownVerdict): void {
  const kept = Object.values(turn.draft.verdicts);
  const spare = kept.filter((known) => dispensable(turn, known)).slice(0, Math.max(0, kept.length + 1 - BOUNDS.verdicts));
  const gone = new Set(spare.map((known) => known.id));
  turn.draft.verdicts = { ...Object.fromEntries(kept.filter((v) => !gone.has(v.id)).map((v) => [v.id, v])), [verdict.id]: verdict };
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

interface Moved {
  readonly operation: Operation;
  readonly next: Next;
}

/** The operation that the command opened or set going; undefined where it was refused, only joins, or is an attestation. */
export function admitCommand(turn: Turn, event: EventOf<'command'>): Moved | undefined {
  const { command, operation: id } = event;
  const refused = commandRefused(turn, command);
  turn.do({ kind: 'persist' });
  if (refused !== undefined) {
    refuseCommand(turn, command.id, refused);
    return undefined;
  }
  const open = turn.openOn(command.target);
  if (open !== undefined) {
    const meeting = meet(open, command.action);
    if (meeting === 'joins') return joinCommand(turn, open, command);
    if (meeting === 'waits') {
      refuseCommand(turn, command.id, refusals.operationOpen(command.target, open.action, open.id));
      return undefined;
    }
    giveWay(turn, open, `Command ${command.id}`);
  }
  const operation = newOperation(turn, id, command.target, { command });
  turn.put(operation);
  if (command.action !== 'attest') return { operation, next: 'verify' };
  beginAttest(turn, operation, command);
  return undefined;
}

function joinCommand(turn: Turn, open: Operation, command: Command): Moved | undefined {
  if (command.action === 'attest') {
    // An attestation ends what could not be proven. Refused, it leaves the open operation as it was.
    beginAttest(turn, open, command);
    return undefined;
  }
  if (open.commands.length >= BOUNDS.waiting) {
    refuseCommand(turn, command.id, refusals.tooMany('commands on one node'));
    return undefined;
  }
  if (command.action === 'off') stayOff(turn, open, `Command ${command.id}`);
  open.commands.push(command.id);
  if (command.origin !== 'person') return undefined;
  // What a person lifts for a node is lifted, whoever asked first; and who gives a command has approved it by giving it.
  open.override = [...new Set([...open.override, ...command.override])];
  return open.phase === 'pending' ? { operation: open, next: approve(turn, open, command.by) } : undefined;
}

function commandRefused(turn: Turn, command: Command): Problem | undefined {
  if (Object.keys(turn.draft.operations).length >= BOUNDS.operations) return refusals.tooMany('operations');
  if (command.by === '' || command.reason === '') return refusals.unreasoned();
  if (command.action === 'attest')
    return Object.hasOwn(turn.policy.nodes, command.target) ? undefined : refusals.unknownTarget(command.target);
  const refused = targetRefused(turn.policy, command.target);
  if (refused !== undefined || command.action === 'on') return refused;
  const epoch = protectedSurvivor(turn.draft, command.target);
  const lifted = command.origin === 'person' && command.override.includes('survivor');
  return epoch === undefined || lifted ? undefined : refusals.survivorProtected(command.target, epoch);
}

function newOperation(turn: Turn, id: string, target: string, from: { verdict: Verdict } | { command: Command }): Operation {
  const command = 'command' in from ? from.command : undefined;
  const verdict = 'verdict' in from ? from.verdict : undefined;
  const action = command?.action ?? 'off';
  return {
    id,
    target,
    action,
    claim: verdict?.claim ?? (action === 'attest' ? 'dead' : 'misbehaving'),
    survivors: [...(verdict?.survivors ?? [])],
    ...(verdict === undefined ? {} : { epoch: verdict.epoch, expiresAt: verdict.expiresAt }),
    verdicts: verdict === undefined ? [] : [verdict.id],
    commands: command === undefined || action === 'attest' ? [] : [command.id],
    decisions: [],
    by: verdict?.issuer ?? command?.by ?? '',
    reason: verdict?.reason ?? command?.reason ?? '',
    origin: command?.origin ?? 'arbiter',
    override: command?.origin === 'person' ? [...command.override] : [],
    startedAt: turn.at,
    deadline: turn.at + (command?.timeout ?? turn.policy.timeout),
    phase: 'verify',
    round: 0,
    doubts: 0,
    wanted: action === 'on' ? 'on' : 'off',
    shares: [],
    level: -1,
    orders: 0,
    switching: 0,
    outlets: [],
    levels: [],
  };
}
