/** What came of one verdict, command or decision: the operations that it opened or joined, and its answer. */
import type { Effect, Event, Operation, State } from '../core/index.ts';
import type { Answer } from '../vocabulary/index.ts';
import { type Journal, retell, type Told } from './retell.ts';

export interface CameOf {
  readonly kind: 'verdict' | 'command' | 'decision';
  readonly id: string;
  /** Each time that it came, the same again too, and each answer to it; in order. */
  readonly lines: readonly (Event | AnswerTold)[];
  /** Ids of the operations, in the order of the verdict's targets. */
  readonly operations: readonly string[];
  /** The last one. Undefined: it waits for one, or an earlier version gave it by other rules. */
  readonly answer?: Answer;
  /** What it was answered by the rules of an earlier version cannot be told again. */
  readonly untold: boolean;
}

export interface AnswerTold {
  readonly kind: 'answer';
  readonly at: number;
  readonly effect: Extract<Effect, { kind: 'answer' }>;
}

/** Undefined: the journal, as far as it is kept, knows nothing under this id. */
export async function cameOf(view: Journal, id: string): Promise<CameOf | undefined> {
  const lines: (Event | AnswerTold)[] = [];
  const operations = new Set<string>();
  let kind: CameOf['kind'] | undefined;
  let answer: Answer | undefined;
  let untold = false;
  for await (const one of retell(view)) {
    const state = one.kind === 'known' ? one.state : one.after;
    for (const operation of operationsFor(state, id)) operations.add(operation);
    if (one.kind === 'known') {
      const known = remembered(state, id);
      kind ??= known?.kind;
      answer ??= known?.answer;
      for (const operation of known?.answer?.operations ?? []) operations.add(operation);
      continue;
    }
    const came = kindOf(one.event, id);
    kind ??= came;
    if (came !== undefined) {
      lines.push(one.event);
      untold ||= !one.certain;
    }
    if (came === 'decision') for (const operation of decidedIn(one)) operations.add(operation);
    for (const effect of answersTo(one, id)) {
      lines.push({ kind: 'answer', at: one.event.at, effect });
      answer = effect.answer;
      for (const operation of effect.answer.operations) operations.add(operation);
    }
  }
  if (kind === undefined) return undefined;
  return {
    kind,
    id,
    lines,
    operations: [...operations],
    untold: untold && answer === undefined,
    ...(answer === undefined ? {} : { answer }),
  };
}

function kindOf(event: Event, id: string): CameOf['kind'] | undefined {
  if (event.kind === 'verdict') return event.verdict.id === id ? 'verdict' : undefined;
  if (event.kind === 'command') return event.command.id === id ? 'command' : undefined;
  return (event.kind === 'approved' || event.kind === 'denied') && event.id === id ? 'decision' : undefined;
}

/** A decision may name what is no operation. */
const decidedIn = ({ event, before }: Told): readonly string[] =>
  (event.kind === 'approved' || event.kind === 'denied') && before.operations.has(event.operation) ? [event.operation] : [];

const answersTo = ({ effects }: Told, id: string): readonly AnswerTold['effect'][] =>
  effects.flatMap((effect) => (effect.kind === 'answer' && effect.to.id === id ? [effect] : []));

const isFor = ({ verdicts, commands, attesting }: Operation, id: string): boolean =>
  verdicts.includes(id) || commands.includes(id) || attesting?.command === id;

function operationsFor(state: State, id: string): readonly string[] {
  const verdict = state.verdicts.get(id)?.operations ?? [];
  return [...verdict, ...state.operations.values().flatMap((operation) => (isFor(operation, id) ? [operation.id] : []))];
}

/** A snapshot keeps the answer; what came is gone with the events. */
function remembered({ verdicts, commands }: State, id: string): { readonly kind: CameOf['kind']; readonly answer?: Answer } | undefined {
  const verdict = verdicts.get(id);
  const command = commands.get(id);
  const known = verdict ?? command;
  if (known === undefined) return undefined;
  return { kind: verdict === undefined ? 'command' : 'verdict', ...(known.answer === undefined ? {} : { answer: known.answer }) };
}
