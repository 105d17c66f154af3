/**
 * The root of whatever asks an address what it is: drivers that were told nothing but where to look, each in a line of its own. Two drivers speak
 * two protocols, and may ask one address at once; one driver asks it one thing at a time.
 */
import type { Discovered, DriverModule } from '../../drivers/kit/contract.ts';
import { DeviceLine } from '../coordinator/device-line/line.ts';
import { cannotDiscover, lookedAt } from '../devices/discovery.ts';
import { openDevicePool, type PoolTools } from '../devices/pool.ts';
import type { Problem } from '../vocabulary/index.ts';
import { realTools } from './looking.ts';

/** Milliseconds for one driver at one address. */
const WITHIN = 15_000;

export interface Discovery {
  /** `given`: what is known of it, by the names of the driver's settings. Never rejects. */
  look(module: DriverModule, host: string, given: Readonly<Record<string, unknown>>): Promise<Discovered | Problem>;
  /** Whatever is under way is called off. */
  close(): Promise<void>;
}

export function discovery(tools: PoolTools = realTools()): Discovery {
  const ends = new AbortController();
  const pool = openDevicePool({ devices: new Map(), file: '.' }, tools);
  const line = new DeviceLine(pool, tools.clock, ends.signal);
  return {
    look: async (module, host, given) => {
      if (module.discover === undefined) return cannotDiscover(module.name);
      const none = (why: Problem): Discovered | Problem => (why.code === 'driver-overdue' ? neverCame(module.name) : why);
      const ask = async (within: Parameters<typeof lookedAt>[4]) => await lookedAt(module, host, given, tools, within);
      return await line.ask(`${module.name} ${host}`, WITHIN, ask, none);
    },
    close: async () => {
      ends.abort();
      await pool.close();
    },
  };
}

const neverCame = (driver: string): Problem => ({
  code: 'driver-overdue',
  says: `The driver ${driver} did not come back by its deadline.`,
  next: 'The driver breaks its contract. Ask as another one: bailiff discover HOST --driver NAME.',
});
