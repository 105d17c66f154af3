/**
 * All configured devices behind one port. A driver's module is loaded, and its device opened, when it is first needed. This is the boundary:
 * whatever a driver throws or makes up is `unknown` beyond it, and a device whose driver threw, failed to open or does not come back is opened
 * again at its next request. Only a broken promise of our own passes.
 */
import { dirname } from 'node:path';
import type { DriverModule, DriverTools, PowerDriver } from '../../drivers/kit/contract.ts';
import { isDriverModule, loadDriver } from '../../drivers/registry.ts';
import type { Configuration, DeviceConfiguration } from '../config/index.ts';
import type { DevicePool, Clock, Random, Deadline } from '../coordinator/ports.ts';
import { calledBack, tooLate } from '../coordinator/device-line/not-sent.ts';
import { BrokenPromise, type Problem } from '../vocabulary/index.ts';
import { cannotList, eachOf, healthIn, listedIn, orderResultIn, readingIn, threw } from './answers.ts';
import { orLate } from './patience.ts';

/** What drivers have for closing their sessions; whatever they were doing, the state folder is given back after that. */
const CLOSE_WITHIN = 5000;

/** What a driver that threw has for giving its session back before its device is opened again: some devices have one session alone. */
const CLOSE_BEFORE = 1000;

/** A module that could not be loaded is tried again after so many milliseconds: whoever asks meanwhile is told the same. */
const LOAD_AGAIN = 5000;

export interface PoolTools {
  readonly clock: Clock;
  /** The clock of the drivers, where it is another one: it never goes back. */
  readonly driverClock?: Clock;
  readonly random: Random;
  debug(says: string): void;
}

/** How an opening ended. A driver is a stranger's object, so that nothing of it is asked in order to tell it from a problem, or to hand it on. */
type Ended = { readonly driver: PowerDriver } | { readonly problem: Problem };

/** One opening of a device. Opened again, another one takes its place; what the old one still brings is nobody's concern. */
interface Opening {
  readonly ended: Promise<Ended>;
  driver?: PowerDriver;
  /** On the clock of the drivers: what could not be opened is tried again from then on. Absent: while this process lives it stays as it is. */
  again?: number;
}

/** What a device is asked: in words for the sentence about a driver that throws, by the driver's own function, and what is told in its place. */
interface Question<T> {
  readonly what: string;
  readonly ask: (driver: PowerDriver, within: Deadline) => Promise<T>;
  /** `isClosed`: it was never opened, so nothing can have been sent. */
  readonly none: (why: Problem, isClosed: boolean) => T;
}

/** What of a configuration says which devices there are; drivers of others are found from the folder of its file. */
export type Configured = Pick<Configuration, 'devices' | 'file'>;

class Devices implements DevicePool {
  readonly #configuration: Configured;
  readonly #tools: PoolTools;
  readonly #open = new Map<string, Opening>();
  /** Devices whose last driver is still closing. */
  readonly #closing = new Map<string, Promise<void>>();

  constructor(configuration: Configured, tools: PoolTools) {
    this.#configuration = configuration;
    this.#tools = tools;
  }

  order: DevicePool['order'] = async ({ device, plug }, wanted, within) =>
    await this.#ask(device, within, {
      what: `switch ${wanted}`,
      ask: async (driver, given) => orderResultIn(device, await driver.order(plug, wanted, given)),
      none: (why, isClosed) => ({ result: isClosed ? 'rejected' : 'unknown', why }),
    });

  read: DevicePool['read'] = async ({ device, plug }, within) =>
    await this.#ask(device, within, {
      what: 'read',
      ask: async (driver) => readingIn(device, await driver.read(plug, within)),
      none: (why) => ({ power: 'unknown', source: 'not asked', why }),
    });

  together = (device: string): boolean => {
    const driver = this.#open.get(device)?.driver;
    try {
      return driver?.orderAll !== undefined && driver.readAll !== undefined;
    } catch {
      return false;
    }
  };

  orderAll: NonNullable<DevicePool['orderAll']> = async (device, plugs, wanted, within) =>
    await this.#ask(device, within, {
      what: `switch ${wanted}`,
      ask: async (driver, given) => eachOf(device, plugs, await driver.orderAll?.(plugs, wanted, given), orderResultIn),
      none: (why, isClosed) => plugs.map(() => ({ result: isClosed ? 'rejected' : 'unknown', why })),
    });

  readAll: NonNullable<DevicePool['readAll']> = async (device, plugs, within) =>
    await this.#ask(device, within, {
      what: 'read',
      ask: async (driver) => eachOf(device, plugs, await driver.readAll?.(plugs, within), readingIn),
      none: (why) => plugs.map(() => ({ power: 'unknown', source: 'not asked', why })),
    });

  health: DevicePool['health'] = async (device, within) =>
    await this.#ask(device, within, {
      what: 'be checked',
      ask: async (driver) => healthIn(device, await driver.check(within)),
      none: (problem) => ({ ok: false, found: [], problem }),
    });

  list: DevicePool['list'] = async (device, within) =>
    await this.#ask(device, within, {
      what: 'list its outlets',
      ask: async (driver) => (driver.list === undefined ? cannotList(device) : listedIn(device, await driver.list(within))),
      none: (why) => why,
    });

  reopen(device: string): void {
    const opening = this.#open.get(device);
    if (opening === undefined) return;
    this.#open.delete(device);
    const closing = this.#closed(opening).then(() => {
      if (this.#closing.get(device) === closing) this.#closing.delete(device);
    });
    this.#closing.set(device, closing);
  }

  async close(): Promise<void> {
    const closing = [...this.#closing.values(), ...[...this.#open.values()].map((opening) => this.#closed(opening))];
    await orLate(this.#tools.clock, CLOSE_WITHIN, undefined, Promise.all(closing));
  }

  /** The one place where what drivers throw becomes a problem, whatever they were asked. */
  async #ask<T>(device: string, within: Deadline, { what, ask, none }: Question<T>): Promise<T> {
    // Before anything is waited for: a clock that is set back meanwhile gives no order more time.
    const given = this.#forDrivers(within);
    const opening = this.#opening(device);
    const ended = await opening.ended;
    if ('problem' in ended) return none(ended.problem, true);
    // Opening may have taken long.
    const over = this.#over(device, given);
    if (over !== undefined) return none(over, true);
    try {
      return await ask(ended.driver, given);
    } catch (error) {
      if (error instanceof BrokenPromise) throw error;
      if (this.#open.get(device) === opening) this.reopen(device);
      return none(threw(device, what, error), false);
    }
  }

  #over(device: string, { signal, notAfter = Number.POSITIVE_INFINITY }: Deadline): Problem | undefined {
    if (signal?.aborted === true) return calledBack(device);
    return this.#now() >= notAfter ? tooLate(device) : undefined;
  }

  #opening(device: string): Opening {
    const known = this.#open.get(device);
    if (known !== undefined && (known.again === undefined || this.#now() < known.again)) return known;
    const opening: Opening = { ended: this.#openedAgain(device, (how) => Object.assign(opening, how)) };
    this.#open.set(device, opening);
    return opening;
  }

  async #openedAgain(device: string, tell: (how: Pick<Opening, 'driver' | 'again'>) => void): Promise<Ended> {
    const closing = this.#closing.get(device);
    if (closing !== undefined) await orLate(this.#tools.clock, CLOSE_BEFORE, undefined, closing);
    return await this.#ended(device, tell);
  }

  /** Never rejects but for a broken promise. `tell`: how it ended. */
  async #ended(device: string, tell: (how: Pick<Opening, 'driver' | 'again'>) => void): Promise<Ended> {
    const configured = this.#configuration.devices.get(device);
    if (configured === undefined) return { problem: unknownDevice(device) };
    // Its settings were never checked, so that it is not opened with them should its module load after all.
    if (configured.unusable !== undefined) return { problem: { ...configured.unusable, lasting: true } };
    const module = await this.#loaded(configured);
    if (!isDriverModule(module)) {
      // A disk, or a half-written file, may be mended meanwhile.
      tell({ again: this.#now() + LOAD_AGAIN });
      return { problem: module };
    }
    try {
      const driver = opened(module, configured, this.#tools);
      tell({ driver });
      return { driver };
    } catch (error) {
      if (error instanceof BrokenPromise) throw error;
      tell({ again: 0 });
      return { problem: threw(device, 'open', error) };
    }
  }

  async #loaded({ name, driver }: DeviceConfiguration): Promise<DriverModule | Problem> {
    try {
      return await loadDriver(driver, dirname(this.#configuration.file));
    } catch (error) {
      if (error instanceof BrokenPromise) throw error;
      return threw(name, 'be loaded', error);
    }
  }

  /** Closed as far as its driver can; an error of closing is nobody's concern. */
  async #closed(opening: Opening): Promise<void> {
    try {
      const ended = await opening.ended;
      if ('driver' in ended) await ended.driver.close();
    } catch (error) {
      if (error instanceof BrokenPromise) throw error;
    }
  }

  /** A clock that never goes back. */
  #now(): number {
    return (this.#tools.driverClock ?? this.#tools.clock).now();
  }

  /** The same moment on the clock of the drivers. */
  #forDrivers(within: Deadline): Deadline {
    const { clock, driverClock } = this.#tools;
    if (within.notAfter === undefined || driverClock === undefined) return within;
    return { ...within, notAfter: within.notAfter - clock.now() + driverClock.now() };
  }
}

export const openDevicePool = (configuration: Configured, tools: PoolTools): DevicePool => new Devices(configuration, tools);

/** What drivers are given instead of globals. */
export function driverTools(name: string, tools: PoolTools): DriverTools {
  const { random, driverClock: clock = tools.clock } = tools;
  return {
    now: () => clock.now(),
    after: (ms, run) => clock.after(ms, run),
    random: () => random.fraction(),
    bytes: (length) => random.bytes(length),
    debug: (says) => tools.debug(`${name}: ${says}`),
  };
}

function opened(module: DriverModule, { name, settings }: DeviceConfiguration, tools: PoolTools): PowerDriver {
  const driver: unknown = module.open(name, settings, driverTools(name, tools));
  if (typeof driver !== 'object' || driver === null) throw new TypeError('open gave back no driver');
  return driver as PowerDriver;
}

const unknownDevice = (device: string): Problem => ({
  code: 'unknown-device',
  says: `There is no device ${device}.`,
  next: 'See devices in the configuration.',
  lasting: true,
});
