/** After a start: replay the journal into the state. Nothing is ordered here; the core reads before it orders (S7). */
import type { Event } from '../core/events.ts';
import { CORE_VERSION, EMPTY, type Operation, type State } from '../core/state.ts';
import { step } from '../core/step.ts';
import { BrokenPromise, type Problem } from '../vocabulary/index.ts';
import type { Entry, Json } from './ports.ts';

/** Entries were written by this program and are chained by hash, so their shape is trusted here. */
export const eventOf = (entry: Entry): Event => ({ ...(entry.event as object), at: entry.at }) as Event;

export const jsonOf = (event: Event): Json => {
  const { at: _stamped, ...rest } = event;
  return JSON.parse(JSON.stringify(rest)) as Json;
};

export function replay(snapshot: Json | undefined, entries: readonly Entry[]): State {
  let state = snapshot === undefined ? EMPTY : stateFrom(snapshot);
  for (const entry of entries) state = step(state, eventOf(entry)).state;
  return state;
}

/** What a snapshot of version 1 may lack. Whom it had ordered is not told apart there: whatever was ordered may have gone to a device. */
type Written = Partial<Omit<State, 'operations'>> & {
  readonly operations?: Readonly<Record<string, Omit<Operation, 'decisions' | 'switching'> & Partial<Operation>>>;
};

/** The operations of version 1 are ended by the start that follows, since their rules have changed. */
export function stateFrom(snapshot: Json): State {
  const { core = 1, operations = {}, ...state } = snapshot as unknown as Written;
  const whole = Object.entries(operations).map(([id, operation]): [string, Operation] => [
    id,
    { ...operation, decisions: operation.decisions ?? [], switching: operation.switching ?? operation.orders },
  ]);
  const marked = Object.entries(state.fenced ?? {}).map(
    ([node, { since, operation }]) => [node, { since, operation, until: since, orders: 1, refused: 0 }] as const,
  );
  return { ...EMPTY, dark: Object.fromEntries(marked), ...state, core, operations: Object.fromEntries(whole) };
}

/**
 * The state of a journal, or why there is none. What a program of another version wrote may break a promise when it is replayed by our rules:
 * then nothing is gone on with, and nothing is guessed at.
 */
export function restoredFrom(snapshot: Json | undefined, entries: readonly Entry[]): State | Problem {
  const newer = newerThanUs(snapshot, entries);
  if (newer !== undefined) return newer;
  try {
    let state = snapshot === undefined ? EMPTY : stateFrom(snapshot);
    const unbegun = new Set<string>();
    for (const entry of entries) {
      const event = eventOf(entry);
      // Something came of it then; by our rules it was never begun, so marks, epoch and answers would be guessed. What ended before the snapshot may be heard of late.
      if (FOLLOWS.has(event.kind) && 'operation' in event && event.operation !== undefined && unbegun.has(event.operation))
        return notReplayable(`what was begun as ${event.operation} would not be begun by them`);
      if (event.kind === 'verdict') for (const id of event.operations) unbegun.add(id);
      if (event.kind === 'command') unbegun.add(event.operation);
      state = step(state, event).state;
      for (const id of Object.keys(state.operations)) unbegun.delete(id);
    }
    return state;
  } catch (error) {
    if (!(error instanceof BrokenPromise)) throw error;
    return notReplayable(error.message);
  }
}

/** What only happens to an operation that was begun. */
const FOLLOWS: ReadonlySet<string> = new Set(['assessed', 'ordered', 'read', 'due']);

const notReplayable = (why: string): Problem => ({
  code: 'journal-not-replayable',
  says: `the journal cannot be replayed by the rules of this program (${why})`,
  next: 'Nothing was attempted. See by hand which nodes are off; then begin anew: bailiff journal restore --empty --replace-intact --lowest-epoch N --reason TEXT. Report it with the journal.',
  lasting: true,
});

/** A journal that a newer program wrote means something else by the same words: it is refused, not guessed at. */
function newerThanUs(snapshot: Json | undefined, entries: readonly Entry[]): Problem | undefined {
  const starts = entries.map(eventOf).flatMap((event) => (event.kind === 'restored' ? [event.core ?? 1] : []));
  const written = snapshot === undefined ? [] : [(snapshot as unknown as Partial<State>).core ?? 1];
  const newest = Math.max(1, ...written, ...starts);
  if (newest <= CORE_VERSION) return undefined;
  return {
    code: 'journal-newer',
    says: `the journal was written by a newer bailiff (its events are of version ${newest}, this program knows up to ${CORE_VERSION})`,
    next: 'Nothing was attempted. Use that version again, or finish what is open with it before you go back.',
    lasting: true,
  };
}
