/** Machines with a latch that their BMC holds and two feeds. The lamp of each says what is true. */
import type { Outlet, PowerState, WantedPower } from '../../src/vocabulary/index.ts';
import type { Rolls } from './rolls.ts';

interface Machine {
  readonly feeds: [boolean, boolean];
  latch: boolean;
  /** It starts by itself when power comes back to it. */
  readonly restores: boolean;
  /** Its BMC is fed by the same two feeds. */
  readonly mute: boolean;
  lit: boolean;
}

export class Machines {
  readonly #machines = new Map<string, Machine>();
  readonly #lamp: (node: string, lit: boolean) => void;

  constructor(rolls: Rolls, names: readonly string[], lamp: (node: string, lit: boolean) => void) {
    this.#lamp = lamp;
    for (const name of names)
      this.#machines.set(name, { feeds: [true, true], latch: true, restores: rolls.chance(0.6), mute: rolls.chance(0.3), lit: true });
  }

  lit(node: string): boolean {
    return this.#machines.get(node)?.lit ?? false;
  }

  act(outlet: Outlet, wanted: WantedPower): void {
    const node = nodeOf(outlet);
    const machine = this.#machines.get(node);
    if (machine === undefined) return;
    const closed = wanted === 'on';
    const fed = isFed(machine);
    if (outlet.plug !== '') machine.feeds[outlet.device === 'pdu-a' ? 0 : 1] = closed;
    else if (fed || !machine.mute) machine.latch = closed;
    if (!fed && isFed(machine) && machine.restores) machine.latch = true;
    const lit = isFed(machine) && machine.latch;
    if (lit === machine.lit) return;
    machine.lit = lit;
    this.#lamp(node, lit);
  }

  look(outlet: Outlet): PowerState {
    const machine = this.#machines.get(nodeOf(outlet));
    if (machine === undefined) return 'unknown';
    if (outlet.plug !== '') return machine.feeds[outlet.device === 'pdu-a' ? 0 : 1] ? 'on' : 'off';
    if (machine.mute && !isFed(machine)) return 'unknown';
    return machine.lit ? 'on' : 'off';
  }
}

const isFed = (machine: Machine): boolean => machine.feeds[0] || machine.feeds[1];

export const nodeOf = ({ device, plug }: Outlet): string => (plug === '' ? device.slice(device.indexOf('-') + 1) : plug);
