/** The simulated rack: machines with one or two feeds, the devices that switch them, and what goes wrong with both. It always knows the truth. */
import type { SeededRandom } from '../../hardware-mocks/random.ts';
import { Machine } from '../../hardware-mocks/machine.ts';
import { Relay } from '../../hardware-mocks/relay.ts';
import type { Policy, PolicyNode, PolicyOutlet } from '../../src/core/index.ts';
import type { DevicePool, Deadline } from '../../src/coordinator/ports.ts';
import type { OrderResult, Outlet, Reading, WantedPower } from '../../src/vocabulary/index.ts';
import { UNASKED } from '../coordinator/ports.ts';
import type { WorldClock } from './clock.ts';

/** How one device behaves; `calm` ones have none of it. */
export interface Manners {
  /** Chance that a request or its answer is lost. */
  loss: number;
  delayMs: number;
  /** Chance that a request is on its way for seconds. */
  late: number;
  muteUntil: number;
  /** Falls silent this long after it has taken an order. */
  rebootsMs: number;
  /** What was switched off comes back by itself. */
  bounces: boolean;
}

export interface Box {
  readonly machine: Machine;
  readonly feeds: readonly Relay[];
  /** When something that was no order of the coordinator switched it on. */
  readonly outside: number[];
}

/** The slowest way, relay and board together take less. */
const LATENESS = 10_000;
const LATEST = 3000;
/** A driver that hears nothing says it again. */
const REPEAT = 700;

const LATE = { code: 'no-answer', says: 'It did not answer in time.', next: 'Look at it.' };

export class Rack implements DevicePool {
  readonly boxes = new Map<string, Box>();
  readonly manners = new Map<string, Manners>();
  /** Every order that left the coordinator. */
  readonly ordered: string[] = [];
  /** Every reading says off, whatever is true: shows that the lamp would find it out. */
  lies = false;
  readonly #inFlight = new Set<string>();
  readonly #clock: WorldClock;
  readonly #random: SeededRandom;
  readonly #say: (line: string) => void;

  constructor(options: {
    readonly clock: WorldClock;
    readonly random: SeededRandom;
    readonly names: readonly string[];
    readonly calm: boolean;
    readonly say: (line: string) => void;
  }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#say = options.say;
    const { clock, random, calm } = options;
    for (const name of options.names) {
      const slow = random.chance(0.3) ? random.below(3000) : 0;
      const feeds = ['a', 'b'].map(
        (side) => new Relay({ clock, name: `pdu-${side}:${name}`, delayMs: random.chance(0.3) ? random.below(2000) : 0 }),
      );
      const machine = new Machine({ name, clock, feeds, offDelayMs: slow, onDelayMs: slow, diesWithMachine: !calm && random.chance(0.15) });
      machine.stuck = !calm && random.chance(0.15);
      this.boxes.set(name, { machine, feeds, outside: [] });
    }
    for (const device of [...options.names.map((name) => `bmc-${name}`), 'pdu-a', 'pdu-b'])
      this.manners.set(device, {
        loss: !calm && random.chance(0.4) ? random.fraction() * 0.6 : 0,
        delayMs: random.below(calm ? 50 : 400),
        late: !calm && random.chance(0.3) ? 0.3 : 0,
        muteUntil: 0,
        rebootsMs: !calm && random.chance(0.1) ? random.below(8000) : 0,
        bounces: !calm && random.chance(0.1),
      });
  }

  /** Levels as an operator would write them. */
  nodes(): Policy['nodes'] {
    const outlet = (device: string, plug: string): PolicyOutlet => ({
      device,
      plug,
      evidence: 'device',
      readings: 2,
      gap: 25,
      lateness: LATENESS,
    });
    const levels = (name: string): PolicyNode['levels'] => {
      const feeds = [outlet('pdu-a', name), outlet('pdu-b', name)];
      return this.#random.chance(0.3)
        ? [[outlet(`bmc-${name}`, '')]]
        : this.#random.chance(0.2)
          ? [feeds]
          : [[outlet(`bmc-${name}`, '')], feeds];
    };
    return Object.fromEntries([...this.boxes.keys()].map((name) => [name, { votes: 1, levels: levels(name) }]));
  }

  /** A hand on a switch. */
  hand(name: string, wanted: WantedPower): void {
    const box = this.boxes.get(name);
    if (box === undefined) return;
    this.#say(`a hand switches ${name} ${wanted}`);
    if (wanted === 'on') box.outside.push(this.#clock.now());
    if (this.#random.chance(0.5)) box.machine.press(wanted);
    else box.feeds[this.#random.below(2)]?.order(wanted, { delayMs: 0 });
  }

  /** Everything works again. */
  heal(): void {
    for (const manners of this.manners.values()) Object.assign(manners, { loss: 0, late: 0, muteUntil: 0, rebootsMs: 0, bounces: false });
    for (const { machine } of this.boxes.values()) machine.stuck = false;
  }

  async order(outlet: Outlet, wanted: WantedPower, within: Deadline): Promise<OrderResult> {
    this.#say(`order ${outlet.device}:${outlet.plug} ${wanted}`);
    const done = await this.#talk(outlet, within, () => this.#switch(outlet, wanted));
    return done === undefined ? { result: 'unknown', why: LATE } : { result: 'accepted' };
  }

  async read(outlet: Outlet, within: Deadline): Promise<Reading> {
    const power = await this.#talk(outlet, within, () => this.#look(outlet));
    this.#say(`read ${outlet.device}:${outlet.plug} ${power ?? 'unknown'}`);
    return power === undefined ? { power: 'unknown', source: 'rack', why: LATE } : { power, source: 'rack' };
  }

  health: DevicePool['health'] = UNASKED.health;
  list: DevicePool['list'] = UNASKED.list;

  close(): Promise<void> {
    return Promise.resolve();
  }

  nodeOf({ device, plug }: Outlet): string {
    return plug === '' ? device.slice('bmc-'.length) : plug;
  }

  /** There and back: either way may lose it, and what is given up may still arrive. An order is repeated until its time is over. */
  #talk<T>(outlet: Outlet, within: Deadline, act: () => T): Promise<T | undefined> {
    const { device } = outlet;
    // S4: two requests of one process at one device.
    if (this.#inFlight.has(device)) throw new Error(`two requests at once at ${device}`);
    this.#inFlight.add(device);
    const manners = this.manners.get(device);
    if (manners === undefined) throw new Error(`there is no device ${device}`);
    return new Promise((resolve) => {
      let over = false;
      let answered = false;
      const settle = (value: T | undefined): void => {
        if (over) return;
        over = true;
        giveUp();
        within.signal?.removeEventListener('abort', abandon);
        this.#inFlight.delete(device);
        resolve(value);
      };
      const giveUp = this.#clock.after(within.ms, () => settle(undefined));
      const abandon = (): void => settle(undefined);
      within.signal?.addEventListener('abort', abandon);
      const send = (): void => {
        if (over || this.#clock.now() >= (within.notAfter ?? Number.POSITIVE_INFINITY)) return;
        const lostThere = this.#random.chance(manners.loss);
        const lostBack = this.#random.chance(manners.loss);
        const wait = this.#random.chance(manners.late) ? this.#random.below(LATEST) : this.#random.below(manners.delayMs + 1);
        this.#clock.after(wait, () => {
          // A device that has answered takes what is repeated for the same.
          if (lostThere || answered || !this.#awake(outlet, manners)) return;
          const value = act();
          this.#clock.after(Math.min(wait, manners.delayMs), () => {
            if (lostBack || over || !this.#awake(outlet, manners)) return;
            answered = true;
            settle(value);
          });
        });
        if (within.notAfter !== undefined) this.#clock.after(REPEAT, send);
      };
      send();
    });
  }

  #awake(outlet: Outlet, manners: Manners): boolean {
    if (manners.muteUntil > this.#clock.now()) return false;
    return outlet.plug !== '' || (this.boxes.get(this.nodeOf(outlet))?.machine.standby ?? false);
  }

  #switch(outlet: Outlet, wanted: WantedPower): true {
    const box = this.boxes.get(this.nodeOf(outlet));
    const manners = this.manners.get(outlet.device);
    if (box === undefined || manners === undefined) return true;
    if (outlet.plug === '') box.machine.order(wanted);
    else box.feeds[outlet.device === 'pdu-a' ? 0 : 1]?.order(wanted);
    if (manners.rebootsMs > 0) manners.muteUntil = this.#clock.now() + manners.rebootsMs;
    if (manners.bounces && wanted === 'off')
      this.#clock.after(200 + this.#random.below(3000), () => {
        if (manners.bounces) this.hand(this.nodeOf(outlet), 'on');
      });
    return true;
  }

  #look(outlet: Outlet): 'on' | 'off' {
    if (this.lies) return 'off';
    const box = this.boxes.get(this.nodeOf(outlet));
    const on = outlet.plug === '' ? box?.machine.lamp : box?.feeds[outlet.device === 'pdu-a' ? 0 : 1]?.closed;
    return on === false ? 'off' : 'on';
  }
}
