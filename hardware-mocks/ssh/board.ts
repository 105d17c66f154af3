/** What a mock's command line can see and switch: outlets on relays, or one machine; with the fault plan in between. */
import type { MockClock } from '../clock.ts';
import type { Faulty, SaidPower } from '../faulty.ts';
import type { Machine } from '../machine.ts';
import type { Relay, Wanted } from '../relay.ts';

/** One thing that can be switched. */
interface Switch {
  readonly plug: string;
  truth(): Wanted;
  turn(wanted: Wanted): void;
}

export class Board {
  readonly plugs: readonly string[];
  readonly #switches: readonly Switch[];
  readonly #faulty: Faulty;
  readonly #clock: MockClock;

  /** Outlets by their plug; or a machine, whose plug is '' (a controller on its board) or the name of a guest. */
  constructor(world: ReadonlyMap<string, Relay | Machine>, faulty: Faulty, clock: MockClock) {
    this.#switches = [...world].map(([plug, thing]) => switchOf(plug, thing));
    this.plugs = this.#switches.map(({ plug }) => plug);
    this.#faulty = faulty;
    this.#clock = clock;
  }

  has(plug: string): boolean {
    return this.plugs.includes(plug);
  }

  /** What a reading says; undefined where there is no such plug. */
  power(plug: string): SaidPower | undefined {
    const found = this.#switches.find((each) => each.plug === plug);
    return found === undefined ? undefined : this.#faulty.reading(plug, found.truth());
  }

  /** Where the contacts (or the lamp) really are. */
  truth(plug: string): Wanted | undefined {
    return this.#switches.find((each) => each.plug === plug)?.truth();
  }

  /** The plug that an answer about `plug` names. */
  named(plug: string): string {
    return this.#shifted(plug, this.#faulty.answerPlugOffset())?.plug ?? plug;
  }

  /** Carries an order out, as far as the faults let it. */
  order(plug: string, wanted: Wanted): void {
    const fate = this.#faulty.ordered(plug, wanted);
    const found = this.#shifted(plug, fate.plugOffset);
    if (!fate.act || found === undefined) return;
    found.turn(wanted);
    if (fate.undoAfterMs !== undefined) this.#clock.after(fate.undoAfterMs, () => found.turn(wanted === 'on' ? 'off' : 'on'));
  }

  #shifted(plug: string, offset: number): Switch | undefined {
    const place = this.#switches.findIndex((each) => each.plug === plug);
    if (place < 0) return undefined;
    // On a device with one outlet a wrong plug is no plug at all.
    if (this.#switches.length === 1) return offset === 0 ? this.#switches[0] : undefined;
    return this.#switches[(place + offset) % this.#switches.length];
  }
}

function switchOf(plug: string, thing: Relay | Machine): Switch {
  if ('closed' in thing) return { plug, truth: () => (thing.closed ? 'on' : 'off'), turn: (wanted) => thing.order(wanted) };
  return { plug, truth: () => (thing.lamp ? 'on' : 'off'), turn: (wanted) => thing.order(wanted) };
}
