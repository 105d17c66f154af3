/** Calls for a person that nobody has dealt with, as the journal tells them: also by processes that are gone. */
import { type Called, type Ended, type KnownVerdict, namesIn, type State } from '../core/index.ts';
import { waitingIn } from './waiting.ts';

/** What nothing else ends is shown for so long. */
const SHOWN_FOR = 24 * 3_600_000;

export interface OpenCall {
  readonly call: Called;
  /** What ends it, in words. */
  readonly ends: string;
  /** Milliseconds since 1970: it ends then in any case. */
  readonly until: number;
}

/** Oldest first. The same about the same node again stands once, as it was said last. */
export function openCalls(state: State, now: number): readonly OpenCall[] {
  const open = state.calls.flatMap((call) => judged(state, call, now));
  return open.filter(({ call }, index) => !open.slice(index + 1).some((later) => isSame(call, later.call)));
}

const isSame = (one: Called, other: Called): boolean =>
  one.problem.code === other.problem.code &&
  one.target === other.target &&
  (one.target !== undefined || one.problem.says === other.problem.says);

/** Empty where what it was about is over. */
function judged(state: State, call: Called, now: number): OpenCall[] {
  const open = call.operation === undefined ? undefined : state.operations.get(call.operation);
  if (open !== undefined) return duringOperation(state, call, now);
  const until = call.at + SHOWN_FOR;
  if (until <= now) return [];
  const ends = afterOperation(state, call) ?? withoutOperation(state, call, now);
  return ends === 'over' ? [] : [{ call, ends, until }];
}

/** Its operation is open: it ends when the person has spoken, or cannot any more. */
function duringOperation(state: State, call: Called, now: number): OpenCall[] {
  const waiting = waitingIn(state, now).find(({ operation }) => operation.id === call.operation);
  const until = waiting?.until ?? call.at + SHOWN_FOR;
  if (call.problem.code !== 'awaiting-approval' && call.problem.code !== 'person-needed')
    return [{ call, ends: 'with its operation', until: call.at + SHOWN_FOR }];
  const wanted = call.problem.code === 'awaiting-approval' ? 'approval' : 'attestation';
  if (waiting === undefined || waiting.what !== wanted || waiting.over !== undefined) return [];
  const ends = wanted === 'approval' ? `with bailiff approve or deny ${call.operation}` : `with bailiff attest ${call.target}`;
  return [{ call, ends, until }];
}

/** Its operation has ended. Undefined: it had none, or one that ended too long ago to be remembered. */
function afterOperation(state: State, { operation, target, at, problem }: Called): string | undefined {
  const ended = state.ended.find(({ id }) => id === operation);
  if (ended === undefined || target === undefined) return undefined;
  // Who was called in the middle of it was called for what is over; how it ended is a call of its own.
  const isItsEnd = ended.endedAt === at && ended.answer.problem?.code === problem.code;
  if (!isItsEnd || problem.code === 'denied') return 'over';
  // A person's word against what devices say is not settled by another word.
  const words = ended.answer.outcome === 'attested' ? 'do not count' : 'count';
  if (isDealtWith(state, target, at, { except: ended.id, words }) || isOutdated(state, ended)) return 'over';
  if (words === 'do not count') return `${proofOf(target)} by its devices`;
  const newer = ended.answer.outcome === 'withheld' && ended.epoch !== undefined ? ', or with a verdict of a higher epoch' : '';
  return `${proofOf(target)}, or is attested${newer}`;
}

const proofOf = (node: string): string => `when ${node} is proven off (bailiff fence ${node}) or on (bailiff unfence ${node})`;

/** Nothing was switched for it, and a newer verdict counts. */
const isOutdated = (state: State, { answer, epoch }: Ended): boolean =>
  answer.outcome === 'withheld' && epoch !== undefined && epoch < state.epoch;

/** Since then the node was proven off or on by its devices, or a person has stated that it is down: by another operation than this one. */
function isDealtWith(
  state: State,
  target: string,
  at: number,
  { except, words }: { readonly except?: string; readonly words: 'count' | 'do not count' },
): boolean {
  const counts = (how: string): boolean => how === 'confirmed' || (how === 'attested' && words === 'count');
  const mark = state.fenced.get(target);
  if (mark !== undefined && mark.operation !== except && mark.since >= at && counts(mark.how)) return true;
  return state.ended.some((one) => one.target === target && one.id !== except && one.endedAt >= at && counts(one.answer.outcome));
}

/** A call of the coordinator itself, or for a verdict that no operation was opened for. */
function withoutOperation(state: State, call: Called, now: number): string {
  const { at, problem, target } = call;
  if (problem.code === 'lease-lost') {
    const needed = state.policy?.lease !== undefined;
    return needed && (state.leaseUntil ?? 0) <= now ? 'when a lease is in force again' : 'over';
  }
  if (problem.code === 'journal-unwritable') {
    const begun = [...state.ended, ...state.operations.values()].some(({ startedAt }) => startedAt > at);
    return begun ? 'over' : 'when the next operation stands in the journal';
  }
  const verdict = state.verdicts.values().find((one) => one.answeredAt === at && one.answer?.problem?.says === problem.says);
  if (verdict !== undefined) return ofVerdict(state, verdict, at);
  if (target === undefined) return 'with the time alone';
  return isDealtWith(state, target, at, { words: 'count' }) ? 'over' : `${proofOf(target)}, or is attested`;
}

/** Withheld or refused as a whole: a newer verdict counts, and so does what a person has done meanwhile. */
function ofVerdict(state: State, { epoch, targets, survivors, contradicts }: KnownVerdict, at: number): string {
  // Of two that contradict each other a person may have carried out either.
  const sides = contradicts === true ? [...targets, ...namesIn(state.roster, survivors)] : targets;
  const dealt = sides.filter((node) => isDealtWith(state, node, at, { words: 'count' }));
  if (epoch < state.epoch || (contradicts === true ? dealt.length > 0 : dealt.length === sides.length)) return 'over';
  return `with a verdict of a higher epoch than ${epoch}, or when ${sides.join(contradicts === true ? ' or ' : ' and ')} is proven off or on, or attested`;
}

export const calledJson = ({ call: { at, problem, operation, target }, ends, until }: OpenCall): object => ({
  at: new Date(at).toISOString(),
  ...(target === undefined ? {} : { target }),
  ...(operation === undefined ? {} : { operation }),
  code: problem.code,
  says: problem.says,
  next: problem.next,
  ends,
  until: new Date(until).toISOString(),
});
