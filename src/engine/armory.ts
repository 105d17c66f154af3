/** All configured devices behind one door. A driver's module is loaded, and its device opened, when it is first needed. */
import { dirname } from 'node:path';
import type { DriverTools, PowerDriver } from '../../drivers/contract.ts';
import { isDriverModule, loadDriver } from '../../drivers/registry.ts';
import type { Configuration } from '../config/index.ts';
import type { Armory, Clock, Dice } from '../coordinator/ports.ts';
import type { Problem } from '../vocabulary/index.ts';

export interface OpenArmory extends Armory {
  /** The driver of a device, for what only some drivers can do (list, check). */
  driver(device: string): Promise<PowerDriver | Problem>;
}

/** What drivers have for closing their sessions; whatever they were doing, the state folder is given back after that. */
const CLOSE_WITHIN = 5000;

export interface ArmoryTools {
  readonly clock: Clock;
  readonly dice: Dice;
  debug(says: string): void;
}

export function openArmory(configuration: Configuration, tools: ArmoryTools): OpenArmory {
  const open = new Map<string, Promise<PowerDriver | Problem>>();
  const opened = new Map<string, PowerDriver>();
  const driver = (device: string): Promise<PowerDriver | Problem> => {
    const known = open.get(device);
    if (known !== undefined) return known;
    const opening = openDevice(configuration, device, tools).then((found) => {
      if (!('code' in found)) opened.set(device, found);
      return found;
    });
    open.set(device, opening);
    return opening;
  };
  return {
    driver,
    order: async (outlet, wanted, within) => {
      const found = await driver(outlet.device);
      return 'code' in found ? { result: 'rejected', why: found } : await found.order(outlet.plug, wanted, within);
    },
    read: async (outlet, within) => {
      const found = await driver(outlet.device);
      return 'code' in found ? { power: 'unknown', source: 'not asked', why: found } : await found.read(outlet.plug, within);
    },
    together: (device) => opened.get(device)?.orderAll !== undefined && opened.get(device)?.readAll !== undefined,
    orderAll: async (device, plugs, wanted, within) => (await opened.get(device)?.orderAll?.(plugs, wanted, within)) ?? [],
    readAll: async (device, plugs, within) => (await opened.get(device)?.readAll?.(plugs, within)) ?? [],
    close: async () => {
      const closed = [...open.values()].map(async (opening) => {
        const found = await opening;
        if (!('code' in found)) await found.close();
      });
      await within(tools.clock, CLOSE_WITHIN, Promise.all(closed));
    },
  };
}

/** Waits for `work`, but not for ever. */
async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  let cancel: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve);
  });
  try {
    await Promise.race([work, over]);
  } finally {
    cancel();
  }
}

async function openDevice(configuration: Configuration, device: string, tools: ArmoryTools): Promise<PowerDriver | Problem> {
  const configured = configuration.devices.get(device);
  if (configured === undefined) {
    return { code: 'unknown-device', says: `There is no device ${device}.`, next: 'See devices in the configuration.', lasting: true };
  }
  const module = await loadDriver(configured.driver, dirname(configuration.file));
  if (!isDriverModule(module)) return module;
  const { clock, dice } = tools;
  const given: DriverTools = {
    now: () => clock.now(),
    after: (ms, run) => clock.after(ms, run),
    random: () => dice.random(),
    bytes: (length) => dice.bytes(length),
    debug: (says) => tools.debug(`${device}: ${says}`),
  };
  return module.open(device, configured.settings, given);
}
