/**
 * S8: which nodes count as gone, followed from state to state: only what has changed since the last look is looked at again. What comes out
 * depends on nothing but the state; a look at another branch of it costs more, and no more.
 */
import type { Policy } from './policy.ts';
import { EMPTY, type Operation, type State } from './state.ts';
import { changedIn } from './table.ts';

type Looked = Pick<State, 'fenced' | 'dark' | 'permits' | 'operations' | 'verdicts'>;

export class Gone {
  readonly #nodes: Policy['nodes'];
  /** Votes of all nodes, and how many nodes have any. */
  readonly total: number;
  readonly voters: number;
  #seen: Looked = EMPTY;
  #votes = 0;
  readonly #gone = new Set<string>();
  /** Operations that have ordered their node off, with the verdicts that they carry. */
  readonly #shooting = new Map<string, readonly string[]>();
  /** How many of those carry it. */
  readonly #begun = new Map<string, number>();
  /** Operations that may have been changed since they were looked at. */
  #unsettled: ReadonlySet<string> = new Set();

  private constructor(nodes: Policy['nodes']) {
    const votes = Object.values(nodes).map((node) => node.votes);
    this.#nodes = nodes;
    this.total = votes.reduce((sum, one) => sum + one, 0);
    this.voters = votes.filter((one) => one > 0).length;
  }

  /** `inHand`: operations that the step works on, and may change without replacing them. */
  static in(state: State, { nodes }: Policy, inHand: ReadonlySet<string>): Gone {
    const known = FOLLOWED.get(nodes) ?? new Gone(nodes);
    FOLLOWED.set(nodes, known);
    known.#follow(state, inHand);
    return known;
  }

  /** Votes that stay when these are shot too. */
  votesWithout(targets: readonly string[]): number {
    const more = new Set(targets.filter((target) => !this.#gone.has(target)));
    return this.total - this.#votes - [...more].reduce((sum, target) => sum + this.#votesOf(target), 0);
  }

  get names(): ReadonlySet<string> {
    return this.#gone;
  }

  /** An operation of this verdict has ordered its node off, and is still open: then its other parts count as gone. */
  hasBegun(verdict: string): boolean {
    return this.#begun.has(verdict);
  }

  #follow(state: State, inHand: ReadonlySet<string>): void {
    const seen = this.#seen;
    const touched = new Set([...changedIn(seen.fenced, state.fenced), ...changedIn(seen.dark, state.dark)]);
    for (const key of changedIn(seen.permits, state.permits)) touched.add((state.permits.get(key) ?? seen.permits.get(key))?.target ?? '');
    const toggled = new Set<string>();
    for (const id of new Set([...changedIn(seen.operations, state.operations), ...this.#unsettled, ...inHand])) {
      const [before, after] = [seen.operations.get(id), state.operations.get(id)];
      for (const operation of [before, after]) if (operation !== undefined) touched.add(operation.target);
      for (const verdict of this.#shoots(id, after)) toggled.add(verdict);
    }
    for (const id of changedIn(seen.verdicts, state.verdicts))
      if (seen.verdicts.get(id)?.operations !== state.verdicts.get(id)?.operations) toggled.add(id);
    for (const id of toggled)
      for (const known of [seen, state]) for (const target of known.verdicts.get(id)?.targets ?? []) touched.add(target);
    const { fenced, dark, permits, operations, verdicts } = state;
    this.#seen = { fenced, dark, permits, operations, verdicts };
    this.#unsettled = new Set(inHand);
    for (const target of touched) this.#count(target, this.#isGone(state, target));
  }

  /** The verdicts that have begun with it, or with it have begun no longer. */
  #shoots(id: string, operation: Operation | undefined): readonly string[] {
    const before = this.#shooting.get(id) ?? [];
    const after = operation !== undefined && operation.orders > 0 && operation.wanted === 'off' ? [...operation.verdicts] : [];
    if (before.length === after.length && before.every((verdict, at) => verdict === after[at])) return [];
    const begun = new Map([...before, ...after].map((verdict) => [verdict, this.#begun.has(verdict)]));
    for (const verdict of before) {
      const left = (this.#begun.get(verdict) ?? 0) - 1;
      if (left > 0) this.#begun.set(verdict, left);
      else this.#begun.delete(verdict);
    }
    for (const verdict of after) this.#begun.set(verdict, (this.#begun.get(verdict) ?? 0) + 1);
    if (after.length > 0) this.#shooting.set(id, after);
    else this.#shooting.delete(id);
    return [...begun].flatMap(([verdict, was]) => (was === this.#begun.has(verdict) ? [] : [verdict]));
  }

  #count(target: string, gone: boolean): void {
    if (this.#gone.has(target) === gone) return;
    this.#votes += (gone ? 1 : -1) * this.#votesOf(target);
    if (gone) this.#gone.add(target);
    else this.#gone.delete(target);
  }

  #votesOf(target: string): number {
    return Object.hasOwn(this.#nodes, target) ? (this.#nodes[target]?.votes ?? 0) : 0;
  }

  /** What is marked, what was ordered off and is not proven on, what an order off may still reach, and the rest of a verdict that has begun. */
  #isGone(state: State, target: string): boolean {
    if (state.fenced.has(target) || state.dark.has(target)) return true;
    if (state.permits.in('target', target).some((permit) => permit.wanted === 'off')) return true;
    return state.operations
      .in('target', target)
      .some((operation) => operation.wanted === 'off' && (operation.orders > 0 || this.#isRest(state, operation)));
  }

  #isRest(state: State, { id, verdicts }: Operation): boolean {
    const names = (verdict: string): boolean => membersOf(state.verdicts.get(verdict)?.operations ?? []).has(id);
    return verdicts.some((verdict) => this.#begun.has(verdict) && names(verdict)) || [...this.#begun.keys()].some(names);
  }
}

/** Those of the nodes of each policy in force. */
const FOLLOWED = new WeakMap<Policy['nodes'], Gone>();

const MEMBERS = new WeakMap<readonly string[], ReadonlySet<string>>();

function membersOf(list: readonly string[]): ReadonlySet<string> {
  const members = MEMBERS.get(list) ?? new Set(list);
  MEMBERS.set(list, members);
  return members;
}
