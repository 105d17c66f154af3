/** The journal told again for people: each event with what the core made of it, from the oldest facts that are kept. */
import { eventOf, replay } from '../coordinator/restore.ts';
import { CORE_VERSION, type Effect, EMPTY, type Ended, type Event, type State, step } from '../core/index.ts';
import type { JournalView } from '../store/index.ts';

export interface Told {
  readonly kind: 'event';
  readonly event: Event;
  /** What the core asked for then: an order whose answer was lost in a crash stands only here. */
  readonly effects: readonly Effect[];
  readonly before: State;
  readonly after: State;
  /** The rules of then were those of now, so the answer that is retold is the one that was given. */
  readonly certain: boolean;
}

/** Where telling begins, and again at each snapshot. `pruned`: what happened before is not kept. */
export interface Known {
  readonly kind: 'known';
  readonly at: number;
  readonly pruned: boolean;
  readonly state: State;
}

/** Events of a core whose rules were others are told, and not what this core would have made of them. */
function told(state: State, event: Event): Told {
  try {
    const { state: after, effects } = step(state, event);
    const certain = after.core === CORE_VERSION;
    return { kind: 'event', event, before: state, after, certain, effects: certain ? effects : [] };
  } catch {
    // The event stands in the journal, whatever this core thinks of it; the next snapshot says what was true.
    return { kind: 'event', event, before: state, after: state, certain: false, effects: [] };
  }
}

export async function* retell(view: JournalView): AsyncGenerator<Told | Known> {
  let state = EMPTY;
  let first = true;
  for await (const past of view.past()) {
    if (past.kind === 'event') {
      const one = told(state, eventOf(past.entry));
      state = one.after;
      yield one;
      continue;
    }
    state = replay(past.snapshot, []);
    yield { kind: 'known', at: past.at, pruned: first && past.n > 0, state };
    first = false;
  }
}

export const newlyEnded = (one: Told): readonly Ended[] =>
  one.after.ended.filter((ended) => one.before.operations[ended.id] !== undefined && !one.before.ended.includes(ended));
