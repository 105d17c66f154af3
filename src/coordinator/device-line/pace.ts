/**
 * How many devices are begun with at once. Hundreds of them that are asked in the same moment share one processor, so that none is done before
 * nearly all are; a few at a time are each as quick as a single one, and the last is no later. A device counts for a moment only: one that
 * stays silent holds up nobody.
 */
import type { Clock } from '../ports.ts';

/** Devices that were asked within the last moment and have not answered. */
const AT_ONCE = 8;
/** Milliseconds after which a device that has not answered is waited for, and costs nothing: 800 a second are begun with, whatever they do. */
const MOMENT = 10;

/** What was begun goes before what is new, and both before whoever only looks. */
const URGENCIES = ['begun', 'new', 'looking'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** A place in the line of all devices. */
export interface Place {
  /** When it is its turn; what it brings is to be called when the device has answered. */
  readonly turn: Promise<() => void>;
  /** Something more urgent is to be done with this device than what it waited for. */
  raise(urgency: Urgency): void;
}

export class Pace {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #waiting = new Map<Urgency, Set<() => void>>(URGENCIES.map((urgency) => [urgency, new Set()]));
  #atWork = 0;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  place(urgency: Urgency): Place {
    if (this.#atWork < AT_ONCE) {
      this.#atWork += 1;
      return { turn: Promise.resolve(this.#begin()), raise: () => undefined };
    }
    let at = urgency;
    let go: () => void = () => undefined;
    const turn = new Promise<() => void>((resolve) => {
      go = () => resolve(this.#begin());
    });
    this.#waiting.get(at)?.add(go);
    return {
      turn,
      raise: (to) => {
        if (URGENCIES.indexOf(to) >= URGENCIES.indexOf(at) || this.#waiting.get(at)?.delete(go) !== true) return;
        at = to;
        this.#waiting.get(at)?.add(go);
      },
    };
  }

  /** Whose turn it is holds its place until the device has answered, or for a moment. */
  #begin(): () => void {
    let over = (): void => {
      over = () => undefined;
      cancel();
      this.#next();
    };
    const cancel = this.#clock.after(MOMENT, () => over());
    return () => over();
  }

  /** Whose turn is next takes the place that became free. */
  #next(): void {
    for (const waiting of this.#waiting.values()) {
      for (const go of waiting) {
        waiting.delete(go);
        go();
        return;
      }
    }
    this.#atWork -= 1;
  }
}
