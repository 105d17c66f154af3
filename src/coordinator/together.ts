/** What waits for the loop, stepped one after the other before any of it is durable, so that one write serves for all of it. */
import type { Event } from '../core/events.ts';
import type { State } from '../core/state.ts';
import { type Step, step } from '../core/step.ts';
import type { Inbox } from './inbox.ts';
import type { Unstamped } from './effects.ts';

/** Events that are made durable in one write. More of them would keep the first waiting for the last. */
const MOST_TOGETHER = 64;

/** An event that was stepped, and is not durable yet. */
export interface Stepped {
  readonly unstamped: Unstamped;
  readonly event: Event;
  readonly after: Step;
}

export interface Terms {
  /** So many at most: a snapshot is due then. */
  readonly most: number;
  /** Undefined where nothing may be decided by the clock yet. */
  readonly now: () => number | undefined;
}

/** Nothing where the first that waits needs a turn of its own. */
export function stepAll(inbox: Inbox<Unstamped | 'tell-journal'>, from: State, { most, now }: Terms): readonly Stepped[] {
  const steps: Stepped[] = [];
  let state = from;
  while (steps.length < Math.min(most, MOST_TOGETHER)) {
    const at = now();
    const next = at === undefined ? undefined : inbox.take();
    if (next === undefined) return steps;
    // The journal knows everything, so there is nothing to tell it.
    if (next === 'tell-journal') continue;
    const event = { ...next, at } as Event;
    try {
      const after = step(state, event);
      steps.push({ unstamped: next, event, after });
      ({ state } = after);
    } catch {
      // What came before it is done first; then it breaks by itself.
      inbox.putBack(next);
      return steps;
    }
  }
  return steps;
}
