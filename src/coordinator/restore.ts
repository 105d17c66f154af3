/** After a start: replay the journal into the state. Nothing is ordered here; the core reads before it orders (S7). */
import type { Event } from '../core/events.ts';
import { CORE_VERSION, EMPTY, type State } from '../core/state.ts';
import { type Step, step } from '../core/step.ts';
import { BrokenPromise, type Problem } from '../vocabulary/index.ts';
import { Witness } from './older.ts';
import { stateFrom } from './written.ts';
import type { Entry, Json } from './ports.ts';

/** Entries were written by this program and are chained by hash, so their shape is trusted here. */
export const eventOf = (entry: Entry): Event => ({ ...(entry.event as object), at: entry.at }) as Event;

export const jsonOf = (event: Event): Json => {
  const { at: _stamped, ...rest } = event;
  return JSON.parse(JSON.stringify(rest)) as Json;
};

/**
 * Tells a journal again, event by event. Where an earlier core decided otherwise than this one would, its events are not stepped any more until a
 * process of today starts; where one of today breaks a promise, nothing is guessed at.
 */
export class Replay {
  #state: State;
  #writer: number;
  #witness: Witness;
  /** Operations that somebody asked for, and that were not begun by our rules. */
  readonly #unbegun = new Set<string>();
  /** Why the events of an earlier core cannot be stepped any more. */
  #parted: string | undefined;

  constructor(snapshot?: Json) {
    this.#state = snapshot === undefined ? EMPTY : stateFrom(snapshot);
    this.#writer = snapshot === undefined ? CORE_VERSION : this.#state.core;
    this.#witness = new Witness(this.#state);
  }

  /** As a process of today finds it. */
  get state(): State {
    return this.#writer === CORE_VERSION ? this.#state : this.#witness.takenOver(this.#state, this.#writer, this.#parted !== undefined);
  }

  /** As far as it was stepped. */
  get stepped(): State {
    return this.#state;
  }

  /** What the core makes of it; undefined where it belongs to an earlier core whose events are not stepped any more. */
  take(event: Event): Step | undefined | Problem {
    if (event.kind === 'restored') this.#startedBy(event.core ?? 1);
    const older = this.#writer !== CORE_VERSION;
    const after = this.#parted === undefined ? this.#step(event) : this.#parted;
    if (typeof after === 'string' && (!older || this.#state.policy === undefined)) return notReplayable(after);
    if (typeof after === 'string') this.#parted = after;
    if (older) this.#witness.see(event, this.#parted !== undefined);
    return typeof after === 'string' ? undefined : after;
  }

  #startedBy(core: number): void {
    if (core === CORE_VERSION) {
      this.#state = this.state;
      this.#parted = undefined;
    } else if (this.#writer === CORE_VERSION) this.#witness = new Witness(this.#state);
    this.#writer = core;
  }

  /** Text: why it cannot be stepped by our rules. */
  #step(event: Event): Step | string {
    const otherwise = this.#otherwise(event);
    if (otherwise !== undefined) return otherwise;
    const asked = event.kind === 'verdict' ? event.operations : event.kind === 'command' ? [event.operation] : [];
    for (const id of asked) this.#unbegun.add(id);
    try {
      const after = step(this.#state, event);
      this.#state = after.state;
      for (const id of asked) if (after.state.operations.has(id)) this.#unbegun.delete(id);
      return after;
    } catch (error) {
      if (error instanceof BrokenPromise) return error.message;
      throw error;
    }
  }

  /** Something came of it then, and nothing did by our rules. What ended before the snapshot may be heard of late. */
  #otherwise(event: Event): string | undefined {
    if (event.kind !== 'assessed' && event.kind !== 'due' && event.kind !== 'ordered' && event.kind !== 'read') return undefined;
    const id = event.operation;
    if (this.#unbegun.has(id)) return `what was begun as ${id} would not be begun by them`;
    if (this.#writer === CORE_VERSION || !this.#witness.knows(id) || event.kind === 'due') return undefined;
    if (event.kind === 'assessed') {
      if (!this.#state.operations.has(id) && this.#orders(id) === 0) this.#witness.heardOfLate(id, event.at);
      return undefined;
    }
    return event.number <= this.#orders(id) ? undefined : `order ${event.number} of ${id} would not be given by them`;
  }

  /** The number of the last order of this operation by our rules, as the state remembers it. */
  #orders(id: string): number {
    const { operations, permits, ended } = this.#state;
    const open = operations.get(id)?.orders ?? 0;
    const underWay = permits.in('operation', id).map(({ number }) => number);
    const levels = ended.find((one) => one.id === id)?.levels ?? [];
    return Math.max(open, ...underWay, ...levels.flatMap(({ outlets }) => outlets.map(({ number }) => number)));
  }
}

/** The state of a journal, or why there is none. `lastWords`: of a process that could not write them; they come after all that it wrote. */
export function restoredFrom(snapshot: Json | undefined, entries: readonly Entry[], lastWords?: Event): State | Problem {
  const newer = newerThanUs(snapshot, entries);
  if (newer !== undefined) return newer;
  const replay = new Replay(snapshot);
  for (const event of [...entries.map(eventOf), ...(lastWords === undefined ? [] : [lastWords])]) {
    const after = replay.take(event);
    if (after !== undefined && 'code' in after) return after;
  }
  return replay.state;
}

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
