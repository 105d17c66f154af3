/** The journal told again for people: each event with what the core made of it, from the oldest facts that are kept. */
import { eventOf, Replay } from '../coordinator/restore.ts';
import { CORE_VERSION, type Effect, type Ended, type Event, type State } from '../core/index.ts';
import type { Entry, Json } from '../coordinator/ports.ts';

/** A journal from the oldest facts that are kept: the state as it was after event `n`, and the events that met it. */
export interface Journal {
  past(): AsyncIterable<
    | { readonly kind: 'facts'; readonly n: number; readonly at: number; readonly snapshot?: Json }
    | { readonly kind: 'event'; readonly entry: Entry }
  >;
}

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
function told(replay: Replay, event: Event): Told {
  const before = replay.stepped;
  const made = replay.take(event);
  const after = replay.stepped;
  // The event stands in the journal, whatever this core thinks of it; the next snapshot says what was true.
  if (made === undefined || 'code' in made) return { kind: 'event', event, before, after, certain: false, effects: [] };
  const certain = after.core === CORE_VERSION;
  return { kind: 'event', event, before, after, certain, effects: certain ? made.effects : [] };
}

export async function* retell(view: Journal): AsyncGenerator<Told | Known> {
  let replay = new Replay();
  let first = true;
  for await (const past of view.past()) {
    if (past.kind === 'event') {
      yield told(replay, eventOf(past.entry));
      continue;
    }
    replay = new Replay(past.snapshot);
    yield { kind: 'known', at: past.at, pruned: first && past.n > 0, state: replay.state };
    first = false;
  }
}

export const newlyEnded = (one: Told): readonly Ended[] =>
  one.after.ended.filter((ended) => one.before.operations.get(ended.id) !== undefined && !one.before.ended.includes(ended));
