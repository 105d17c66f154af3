/** The past as the journal tells it: every operation, ended or open, with who asked and why, and what was answered without any operation. */
import type { Effect, Ended, Event, Operation, State } from '../core/index.ts';
import type { Action, Answer, Command } from '../vocabulary/index.ts';
import { type Journal, newlyEnded, retell, type Told } from './retell.ts';

/** Who asked and why, as far as the journal is kept. */
export interface Asked {
  readonly by?: string;
  readonly reason?: string;
}

/** A verdict or command for which no operation was opened: refused, or withheld as a whole. */
export interface Unopened extends Asked {
  readonly kind: 'verdict' | 'command';
  readonly id: string;
  readonly targets: readonly string[];
  readonly action: Action;
  readonly epoch?: number;
  /** When it came. */
  readonly at: number;
  readonly answer: Answer;
}

export interface Past {
  /** In the order in which they ended. */
  readonly ended: readonly Ended[];
  readonly open: readonly Operation[];
  readonly unopened: readonly Unopened[];
  /** By the id of the operation. */
  readonly asked: ReadonlyMap<string, Asked>;
  /** As it is now; undefined where the journal is empty. */
  readonly state?: State;
  /** Nodes that any policy in the journal knows. */
  readonly nodes: ReadonlySet<string>;
  /** They ended under the rules of an earlier version: what was answered then cannot be told again from their events. */
  readonly untold: ReadonlySet<string>;
  /** What ended before is known only as far as a snapshot names it. */
  readonly keptFrom?: number;
}

export async function lookBack(view: Journal): Promise<Past> {
  const ended = new Map<string, Ended>();
  const asked = new Map<string, Asked>();
  const nodes = new Set<string>();
  const untold = new Set<string>();
  const unopened = new Answered();
  let keptFrom: number | undefined;
  let state: State | undefined;
  for await (const one of retell(view)) {
    state = one.kind === 'known' ? one.state : one.after;
    for (const node of Object.keys(state.policy?.nodes ?? {})) nodes.add(node);
    for (const { id, by, reason } of state.operations.values()) if (!asked.has(id)) asked.set(id, { by, reason });
    if (one.kind === 'known' && one.pruned) keptFrom = one.at;
    if (one.kind === 'known') unopened.known(one.state);
    else unopened.told(one);
    const told = one.kind === 'known' ? one.state.ended : newlyEnded(one);
    if (one.kind === 'event' && !one.certain) for (const { id } of told) untold.add(id);
    for (const each of told) if (!ended.has(each.id) && !untold.has(each.id)) ended.set(each.id, each);
  }
  return {
    ended: [...ended.values()],
    open: state?.operations.values() ?? [],
    unopened: unopened.all(),
    asked,
    nodes,
    untold,
    ...(state === undefined ? {} : { state }),
    ...(keptFrom === undefined ? {} : { keptFrom }),
  };
}

type AnswerEffect = Extract<Effect, { kind: 'answer' }>;

/** The same again gets the same answer, and is one line of the past. */
class Answered {
  readonly #found = new Map<string, Unopened>();
  /** A statement is answered when it has been weighed, by a later event. */
  readonly #commands = new Map<string, { readonly at: number; readonly command: Command }>();

  all(): readonly Unopened[] {
    return [...this.#found.values()];
  }

  /** What a snapshot remembers: the answer, and not who asked. */
  known({ verdicts }: State): void {
    for (const { id, digest, targets, epoch, operations, answer, answeredAt } of verdicts.values())
      if (answer !== undefined && operations.length === 0)
        this.#add(digest, { kind: 'verdict', id, targets, action: 'off', epoch, at: answeredAt ?? 0, answer });
  }

  told({ event, effects }: Told): void {
    if (event.kind === 'command' && !this.#commands.has(event.command.id))
      this.#commands.set(event.command.id, { at: event.at, command: event.command });
    for (const effect of effects) {
      if (effect.kind !== 'answer' || effect.answer.operations.length > 0) continue;
      const found = this.#of(event, effect);
      if (found !== undefined) this.#add(effect.to.content ?? '', found);
    }
  }

  /** Undefined: a person's decision about an operation, which is no operation of its own. */
  #of(event: Event, { to, answer }: AnswerEffect): Unopened | undefined {
    if (event.kind === 'verdict' && event.verdict.id === to.id && to.kind === 'verdict') {
      const { id, targets, epoch, issuer, reason } = event.verdict;
      return { kind: 'verdict', id, targets, action: 'off', epoch, by: issuer, reason, at: event.at, answer };
    }
    if (to.kind !== 'command') return undefined;
    const came = event.kind === 'command' && event.command.id === to.id ? event : this.#commands.get(to.id);
    if (came === undefined) return undefined;
    const { id, target, action, by, reason } = came.command;
    return { kind: 'command', id, targets: [target], action, by, reason, at: came.at, answer };
  }

  #add(content: string, found: Unopened): void {
    const key = `${found.kind} ${found.id} ${content}`;
    if (!this.#found.has(key)) this.#found.set(key, found);
  }
}
