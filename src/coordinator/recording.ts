/**
 * What the loop writes down. The journal learns of its own failure before anything else, so that its replay goes the way that was gone; snapshots
 * and marks come after what they speak of.
 */
import type { Event, EventOf } from '../core/events.ts';
import type { State } from '../core/state.ts';
import type { BrokenPromise, Problem } from '../vocabulary/index.ts';
import type { Clock, Json, Notify, Store } from './ports.ts';
import { jsonOf } from './restore.ts';
import { brokenOver } from './unrecorded.ts';

/** Milliseconds between two attempts to tell the journal that it had failed. */
const TELL_AGAIN = 1000;

/** Events between two snapshots, where nobody says otherwise. */
const SNAPSHOT_EVERY = 1000;

/**
 * An orderly end takes a snapshot where so many have come since the last one: the next start replays every event, at some 40 µs each. With fewer the
 * segments that are kept would reach back less far.
 */
const SNAPSHOT_AT_END = 400;

/** Events between two snapshots for each operation that is open: somewhat more than what half of them go through. */
const EVENTS_PER_OPEN = 4;

export interface Snapshots {
  /** Events between two of them. */
  readonly every?: number | undefined;
  /** Events that make one worth its while at an orderly end. */
  readonly atEnd?: number | undefined;
}

export interface RecordingPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly notify: Notify;
}

export class Recording {
  readonly #ports: RecordingPorts;
  readonly #tellAgain: () => void;
  readonly #snapshotEvery: number;
  readonly #snapshotAtEnd: number;
  /** So many events since the last snapshot make the next one due. */
  #snapshotAt: number;
  /** A failure that the journal could not be told, because it was the journal that failed. */
  #untold: EventOf<'journal-failed'> | undefined;
  #cancelTelling: () => void = () => undefined;
  #stopped = false;

  /** `tellAgain`: called when it is time to try once more what the journal could not be told. */
  constructor(ports: RecordingPorts, tellAgain: () => void, { every = SNAPSHOT_EVERY, atEnd = SNAPSHOT_AT_END }: Snapshots = {}) {
    this.#ports = ports;
    this.#tellAgain = tellAgain;
    this.#snapshotEvery = every;
    this.#snapshotAtEnd = atEnd;
    this.#snapshotAt = every;
  }

  /** The failure that the journal does not know of; undefined where it can be written, as far as is known. */
  get untold(): EventOf<'journal-failed'> | undefined {
    return this.#untold;
  }

  /** The end of an earlier life, as that life saw it, is written first of all. */
  begin(lastWords: EventOf<'journal-failed'> | undefined): void {
    this.#untold = lastWords;
  }

  /** Durable, or the problem: then it did not happen. */
  async write(event: Event): Promise<Problem | undefined> {
    return (await this.tell()) ?? problemOf(await this.#ports.store.append(event.at, jsonOf(event)));
  }

  /** Several events may be made durable in one write now, so many at most; 0: each is written by itself. */
  together(state: State): number {
    const { store } = this.#ports;
    return store.appendAll === undefined || this.#untold !== undefined ? 0 : this.#snapshotDue(state) - store.sinceSnapshot();
  }

  /** All of them durable in one write; false: none of them is there. */
  async writeAll(events: readonly Event[]): Promise<boolean> {
    const written = await this.#ports.store.appendAll?.(events.map((event) => ({ at: event.at, event: jsonOf(event) })));
    return typeof written === 'number';
  }

  /** Tells the journal what it could not be told. A problem: it still cannot, and is tried again later. */
  async tell(): Promise<Problem | undefined> {
    if (this.#untold === undefined) return undefined;
    const problem = problemOf(await this.#ports.store.append(this.#untold.at, jsonOf(this.#untold)));
    if (problem === undefined) this.#untold = undefined;
    else this.#later();
    return problem;
  }

  /**
   * The journal could not be written: what there is to be told of it, and whether that is news. Kept where it can be kept; `lost` where it cannot, so
   * that nobody is told what the next life would not know.
   */
  async failed(problem: Problem): Promise<{ readonly failed: EventOf<'journal-failed'>; readonly isNews: boolean }> {
    if (this.#untold !== undefined) return { failed: this.#untold, isNews: false };
    const { store, clock } = this.#ports;
    const failed: EventOf<'journal-failed'> = { kind: 'journal-failed', at: clock.now(), problem };
    const kept = store.reserve === undefined ? problem : await store.reserve(failed.at, jsonOf(failed));
    this.#untold = kept === undefined ? failed : { ...failed, lost: true };
    this.#later();
    return { failed: this.#untold, isNews: true };
  }

  /**
   * A promise broke, and what it broke over is named: what breaks one in two lives is parked. Not waited for: the process ends, and the store finishes
   * its writes before it is closed.
   */
  broke(error: BrokenPromise, event?: Event): void {
    const { store, clock } = this.#ports;
    const broke = brokenOver(error, clock.now(), event);
    store.append(broke.at, jsonOf(broke)).catch(() => undefined);
  }

  /** Noted before anything is done in an epoch: a journal that knows only of older ones must not pass for this one later. */
  async mark(epoch: number): Promise<void> {
    const problem = await this.#ports.store.mark?.(epoch);
    if (problem !== undefined) this.#ports.notify.callHuman(problem, {});
  }

  async snapshotIfDue(state: State): Promise<void> {
    const { store, notify } = this.#ports;
    if (store.sinceSnapshot() < this.#snapshotDue(state)) return;
    const problem = await this.#snapshot(state);
    this.#snapshotAt = this.#snapshotEvery;
    if (problem === undefined) return;
    // The events are safe without it. It is tried again, and a person called again, when as many more have come.
    this.#snapshotAt += store.sinceSnapshot();
    // A journal that is closed to further writes is worse than that, and says so itself.
    notify.callHuman(problem.code === 'journal-broken' ? problem : noSnapshot(problem), {});
  }

  /**
   * The end of an orderly life whose last state this is: what could not be recorded before may be recorded now, and then the next life knows of it. A
   * snapshot that fails costs that one a longer start, and nothing else.
   */
  async end(state: State): Promise<void> {
    if ((await this.tell()) === undefined && this.#ports.store.sinceSnapshot() >= this.#snapshotAtEnd) await this.#snapshot(state);
  }

  /** A snapshot tells all that is open: where that is much, more events lie between two of them, so that each event costs the same. */
  #snapshotDue({ operations }: State): number {
    return Math.max(this.#snapshotAt, EVENTS_PER_OPEN * operations.size);
  }

  async #snapshot(state: State): Promise<Problem | undefined> {
    const { store, clock } = this.#ports;
    return await store.snapshot(clock.now(), JSON.parse(JSON.stringify(state)) as Json);
  }

  /** No timer is left. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTelling();
  }

  /** Also when nothing else happens: otherwise the next start would take up again what was given up. */
  #later(): void {
    this.#cancelTelling();
    if (!this.#stopped) this.#cancelTelling = this.#ports.clock.after(TELL_AGAIN, this.#tellAgain);
  }
}

const problemOf = (appended: number | Problem): Problem | undefined => (typeof appended === 'number' ? undefined : appended);

const noSnapshot = ({ says }: Problem): Problem => ({
  code: 'snapshot-not-taken',
  says: `No snapshot of the state could be taken (${says}). Every event until then is in the journal.`,
  next: 'See to the disk of the state folder. Until a snapshot is taken the next start takes longer.',
});
