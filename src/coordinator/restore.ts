/** After a start: replay the journal into the state. Nothing is ordered here; the core reads before it orders (S7). */
import type { Event } from '../core/events.ts';
import { EMPTY, type State } from '../core/state.ts';
import { step } from '../core/step.ts';
import type { Entry, Json } from './ports.ts';

/** Entries were written by this program and are chained by hash, so their shape is trusted here. */
export const eventOf = (entry: Entry): Event => ({ ...(entry.event as object), at: entry.at }) as Event;

export const jsonOf = (event: Event): Json => {
  const { at: _stamped, ...rest } = event;
  return JSON.parse(JSON.stringify(rest)) as Json;
};

export function replay(snapshot: Json | undefined, entries: readonly Entry[]): State {
  let state = snapshot === undefined ? EMPTY : (snapshot as unknown as State);
  for (const entry of entries) state = step(state, eventOf(entry)).state;
  return state;
}
