/** In-tree and third-party drivers for the configuration, loaded as it names them. */
import { dirname, resolve } from 'node:path';
import { driverNames, isDriverModule, loadDriver } from '../../drivers/registry.ts';
import type { DriverLookup } from '../config/index.ts';

/** `file`: the configuration; drivers of third parties are found from its folder. */
export function driverLookup(file: string): DriverLookup {
  const folder = dirname(resolve(file));
  return {
    names: driverNames,
    find: async (word) => {
      const module = await loadDriver(word, folder);
      if (isDriverModule(module)) return module;
      if (module.code === 'driver-not-found') return undefined;
      throw new Error(`${module.says}; ${module.next}`);
    },
  };
}
