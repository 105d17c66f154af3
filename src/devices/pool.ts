/**
 * All configured devices behind one port. A driver's module is loaded, and its device opened, when it is first needed. This is the boundary:
 * whatever a driver throws or makes up is `unknown` beyond it, and a device whose driver threw, failed to open or does not come back is opened
 * anew at its next request. Only a broken promise of our own passes.
 */
import { dirname } from 'node:path';
import type { DriverTools, PowerDriver } from '../../drivers/kit/contract.ts';
import { isDriverModule, loadDriver } from '../../drivers/registry.ts';
import type { Configuration } from '../config/index.ts';
import type { DevicePool, Clock, Random, Deadline } from '../coordinator/ports.ts';
import { calledBack, tooLate } from '../coordinator/not-sent.ts';
import { BrokenPromise, type Problem } from '../vocabulary/index.ts';
import { eachOf, orderResultIn, readingIn, threw } from './answers.ts';
import { orLate } from './patience.ts';

export interface OpenDevicePool extends DevicePool {
  /** The driver of a device, for what only some drivers can do (list, check). What it throws is for the caller to catch. */
  driver(device: string): Promise<PowerDriver | Problem>;
}

/** What drivers have for closing their sessions; whatever they were doing, the state folder is given back after that. */
const CLOSE_WITHIN = 5000;

export interface PoolTools {
  readonly clock: Clock;
  /** The clock of the drivers, where it is another one: it never goes back. */
  readonly driverClock?: Clock;
  readonly random: Random;
  debug(says: string): void;
}

/** One opening of a device. Reopened, another one takes its place; what the old one still brings is nobody's concern. */
interface Opening {
  readonly found: Promise<PowerDriver | Problem>;
  driver?: PowerDriver;
}

class Devices implements OpenDevicePool {
  readonly #configuration: Configuration;
  readonly #tools: PoolTools;
  readonly #open = new Map<string, Opening>();

  constructor(configuration: Configuration, tools: PoolTools) {
    this.#configuration = configuration;
    this.#tools = tools;
  }

  driver(device: string): Promise<PowerDriver | Problem> {
    return this.#opening(device).found;
  }

  order: DevicePool['order'] = async ({ device, plug }, wanted, within) =>
    await this.#ask(
      device,
      within,
      `switch ${wanted}`,
      async (driver) => orderResultIn(device, await driver.order(plug, wanted, this.#forDrivers(within))),
      (why, isClosed) => ({ result: isClosed ? 'rejected' : 'unknown', why }),
    );

  read: DevicePool['read'] = async ({ device, plug }, within) =>
    await this.#ask(
      device,
      within,
      'read',
      async (driver) => readingIn(device, await driver.read(plug, within)),
      (why) => ({ power: 'unknown', source: 'not asked', why }),
    );

  together = (device: string): boolean => {
    const driver = this.#open.get(device)?.driver;
    try {
      return driver?.orderAll !== undefined && driver.readAll !== undefined;
    } catch {
      return false;
    }
  };

  orderAll: NonNullable<DevicePool['orderAll']> = async (device, plugs, wanted, within) =>
    await this.#ask(
      device,
      within,
      `switch ${wanted}`,
      async (driver) => eachOf(device, plugs, await driver.orderAll?.(plugs, wanted, this.#forDrivers(within)), orderResultIn),
      (why, isClosed) => plugs.map(() => ({ result: isClosed ? 'rejected' : 'unknown', why })),
    );

  readAll: NonNullable<DevicePool['readAll']> = async (device, plugs, within) =>
    await this.#ask(
      device,
      within,
      'read',
      async (driver) => eachOf(device, plugs, await driver.readAll?.(plugs, within), readingIn),
      (why) => plugs.map(() => ({ power: 'unknown', source: 'not asked', why })),
    );

  reopen(device: string): void {
    const opening = this.#open.get(device);
    if (opening === undefined) return;
    this.#open.delete(device);
    void this.#closed(opening);
  }

  async close(): Promise<void> {
    const openings = [...this.#open.values()];
    await orLate(this.#tools.clock, CLOSE_WITHIN, undefined, Promise.all(openings.map((opening) => this.#closed(opening))));
  }

  /** `none`: what to say where the device could not be asked; `isClosed`: it was never opened, so nothing can have been sent. */
  async #ask<T>(
    device: string,
    within: Deadline,
    what: string,
    ask: (driver: PowerDriver) => Promise<T>,
    none: (why: Problem, isClosed: boolean) => T,
  ): Promise<T> {
    const opening = this.#opening(device);
    const found = await opening.found;
    if ('code' in found) {
      // What may be mended meanwhile (a module that could not be loaded) is tried again; what is wrong in the configuration is not.
      if (found.lasting !== true && this.#open.get(device) === opening) this.#open.delete(device);
      return none(found, true);
    }
    // Opening may have taken long.
    const over = this.#over(device, within);
    if (over !== undefined) return none(over, true);
    try {
      return await ask(found);
    } catch (error) {
      if (error instanceof BrokenPromise) throw error;
      if (this.#open.get(device) === opening) this.reopen(device);
      return none(threw(device, what, error), false);
    }
  }

  #over(device: string, { signal, notAfter = Number.POSITIVE_INFINITY }: Deadline): Problem | undefined {
    if (signal?.aborted === true) return calledBack(device);
    return this.#tools.clock.now() >= notAfter ? tooLate(device) : undefined;
  }

  #opening(device: string): Opening {
    const known = this.#open.get(device);
    if (known !== undefined) return known;
    const opening: Opening = {
      found: openDevice(this.#configuration, device, this.#tools).then(
        (found) => {
          if (!('code' in found)) opening.driver = found;
          return found;
        },
        (error: unknown) => {
          if (error instanceof BrokenPromise) throw error;
          return threw(device, 'open', error);
        },
      ),
    };
    this.#open.set(device, opening);
    return opening;
  }

  /** Closed as far as its driver can; an error of closing is nobody's concern. */
  async #closed(opening: Opening): Promise<void> {
    try {
      const found = await opening.found;
      if (!('code' in found)) await found.close();
    } catch (error) {
      if (error instanceof BrokenPromise) throw error;
    }
  }

  /** The same moment on the clock of the drivers. */
  #forDrivers(within: Deadline): Deadline {
    const { clock, driverClock } = this.#tools;
    if (within.notAfter === undefined || driverClock === undefined) return within;
    return { ...within, notAfter: within.notAfter - clock.now() + driverClock.now() };
  }
}

export const openDevicePool = (configuration: Configuration, tools: PoolTools): OpenDevicePool => new Devices(configuration, tools);

async function openDevice(configuration: Configuration, device: string, tools: PoolTools): Promise<PowerDriver | Problem> {
  const configured = configuration.devices.get(device);
  if (configured === undefined) {
    return { code: 'unknown-device', says: `There is no device ${device}.`, next: 'See devices in the configuration.', lasting: true };
  }
  // Its settings were never checked, so that it is not opened with them should its module load after all.
  if (configured.unusable !== undefined) return { ...configured.unusable, lasting: true };
  const module = await loadDriver(configured.driver, dirname(configuration.file));
  if (!isDriverModule(module)) return module;
  const { random, driverClock: clock = tools.clock } = tools;
  const given: DriverTools = {
    now: () => clock.now(),
    after: (ms, run) => clock.after(ms, run),
    random: () => random.fraction(),
    bytes: (length) => random.bytes(length),
    debug: (says) => tools.debug(`${device}: ${says}`),
  };
  const driver: unknown = module.open(device, configured.settings, given);
  if (typeof driver !== 'object' || driver === null) throw new TypeError('open gave back no driver');
  return driver as PowerDriver;
}
