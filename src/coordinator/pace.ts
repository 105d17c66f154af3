/**
 * How many devices are begun with at once. Hundreds of them that are asked in the same moment share one processor, so that none is done before
 * nearly all are; a few at a time are each as quick as a single one, and the last is no later. A device counts for a moment only: one that
 * stays silent holds up nobody.
 */
import type { Clock } from './ports.ts';

/** Devices that were asked within the last moment and have not answered. */
const AT_ONCE = 8;
/** Milliseconds after which a device that has not answered is waited for, and costs nothing: 800 a second are begun with, whatever they do. */
const MOMENT = 10;

export class Pace {
  readonly #clock: Pick<Clock, 'after'>;
  /** What was begun goes before what is new. */
  readonly #lines: { readonly begun: (() => void)[]; readonly fresh: (() => void)[] } = { begun: [], fresh: [] };
  #atWork = 0;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** When it is its turn; to be called back when the device has answered. `begun`: the work of somebody who has asked a device before. */
  async turn(begun: boolean): Promise<() => void> {
    if (this.#atWork >= AT_ONCE) await new Promise<void>((go) => this.#lines[begun ? 'begun' : 'fresh'].push(go));
    else this.#atWork += 1;
    let over = (): void => {
      over = () => undefined;
      cancel();
      const next = this.#lines.begun.shift() ?? this.#lines.fresh.shift();
      // Whose turn is next takes this place.
      if (next === undefined) this.#atWork -= 1;
      else next();
    };
    const cancel = this.#clock.after(MOMENT, () => over());
    return () => over();
  }
}
