/** The root of whatever looks at devices and does nothing else: the pool of a configuration behind a line of its own, in this process. */
import type { Configured, PoolTools } from '../devices/pool.ts';
import { openDevicePool } from '../devices/pool.ts';
import { DeviceLine } from '../coordinator/device-line/line.ts';
import { realClock, realRandom } from './clock.ts';
import type { DeviceLook } from '../service/service.ts';

export interface Looking {
  readonly devices: DeviceLook;
  /** Whatever is under way is called off, and the drivers give their sessions back. */
  close(): Promise<void>;
}

/** The clock of the machine. */
export function realTools(): PoolTools {
  const clock = realClock();
  return { clock, random: realRandom(clock), debug: () => undefined };
}

export function lookAtDevices(configuration: Configured, tools: PoolTools = realTools()): Looking {
  const ends = new AbortController();
  const pool = openDevicePool(configuration, tools);
  return {
    devices: new DeviceLine(pool, tools.clock, ends.signal),
    close: async () => {
      ends.abort();
      await pool.close();
    },
  };
}
