/** After a start: replay the journal into the state. Nothing is ordered here; the core reads before it orders (S7). */
import type { Event, EventOf } from '../core/events.ts';
import { CORE_VERSION, EMPTY, type Operation, type State } from '../core/state.ts';
import { type Step, step } from '../core/step.ts';
import { BrokenPromise, type Problem } from '../vocabulary/index.ts';
import { Witness } from './older.ts';
import type { Entry, Json } from './ports.ts';

/** Entries were written by this program and are chained by hash, so their shape is trusted here. */
export const eventOf = (entry: Entry): Event => ({ ...(entry.event as object), at: entry.at }) as Event;

export const jsonOf = (event: Event): Json => {
  const { at: _stamped, ...rest } = event;
  return JSON.parse(JSON.stringify(rest)) as Json;
};

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
 * Tells a journal again, event by event. Where an earlier core decided otherwise than this one would, its events are followed from outside
 * until a process of today starts; where one of today breaks a promise, nothing is guessed at.
 */
export class Replay {
  #state: State;
  #writer: number;
  readonly #witness = new Witness();
  /** Operations that somebody asked for, and that were not begun by our rules. */
  readonly #unbegun = new Set<string>();
  /** Why the events of an earlier core cannot be stepped any more. */
  #parted: string | undefined;

  constructor(snapshot?: Json) {
    this.#state = snapshot === undefined ? EMPTY : stateFrom(snapshot);
    this.#writer = snapshot === undefined ? CORE_VERSION : this.#state.core;
  }

  /** As far as it can be told now. */
  get state(): State {
    return this.#parted === undefined ? this.#state : this.#witness.takenOver(this.#state);
  }

  /** As far as it was stepped. */
  get stepped(): State {
    return this.#state;
  }

  /** What the core makes of it; undefined where it belongs to an earlier core whose events are not stepped any more. */
  take(event: Event): Step | undefined | Problem {
    if (event.kind === 'restored') this.#writer = event.core ?? 1;
    if (this.#writer === CORE_VERSION && this.#parted !== undefined) {
      this.#state = this.state;
      this.#parted = undefined;
    }
    if (this.#writer !== CORE_VERSION) this.#witness.see(event);
    if (this.#parted !== undefined) return undefined;
    const after = this.#step(event);
    if (typeof after !== 'string') return after;
    if (this.#writer === CORE_VERSION || this.#state.policy === undefined) return notReplayable(after);
    this.#parted = after;
    return undefined;
  }

  /** Text: why it cannot be stepped by our rules. */
  #step(event: Event): Step | string {
    const otherwise = this.#otherwise(event);
    if (otherwise !== undefined) return otherwise;
    if (event.kind === 'verdict') for (const id of event.operations) this.#unbegun.add(id);
    if (event.kind === 'command') this.#unbegun.add(event.operation);
    try {
      const after = step(this.#state, event);
      this.#state = after.state;
      for (const id of Object.keys(after.state.operations)) this.#unbegun.delete(id);
      return after;
    } catch (error) {
      if (error instanceof BrokenPromise) return error.message;
      throw error;
    }
  }

  /** Something came of it then, and nothing did by our rules. What ended before the snapshot may be heard of late. */
  #otherwise(event: Event): string | undefined {
    if (!FOLLOWS.has(event.kind) || !('operation' in event) || event.operation === undefined) return undefined;
    const id = event.operation;
    if (this.#unbegun.has(id)) return `what was begun as ${id} would not be begun by them`;
    if (event.kind !== 'ordered' || event.order.result === 'rejected' || this.#witness.begun(id) === undefined) return undefined;
    return isKnown(this.#state, event) ? undefined : `order ${event.number} of ${id} would not be given by them`;
  }
}

/** The order was given by our rules too: its operation is open, or it may still act, or its operation has ended with it. */
function isKnown({ operations, permits, ended }: State, { operation, number }: EventOf<'ordered'>): boolean {
  if (Object.hasOwn(operations, operation)) return (operations[operation]?.orders ?? 0) >= number;
  if (permits.some((one) => one.operation === operation && one.number === number)) return true;
  const levels = ended.find(({ id }) => id === operation)?.levels ?? [];
  return levels.some(({ outlets }) => outlets.some((outlet) => outlet.number >= number));
}

/** The state of a journal, or why there is none. */
export function restoredFrom(snapshot: Json | undefined, entries: readonly Entry[]): State | Problem {
  const newer = newerThanUs(snapshot, entries);
  if (newer !== undefined) return newer;
  const replay = new Replay(snapshot);
  for (const entry of entries) {
    const after = replay.take(eventOf(entry));
    if (after !== undefined && 'code' in after) return after;
  }
  return replay.state;
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
