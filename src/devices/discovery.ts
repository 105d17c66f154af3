/** What a driver makes of an address: whatever it throws or makes up is a problem beyond here. */
import type { Deadline, Discovered, DriverModule } from '../../drivers/kit/contract.ts';
import { BrokenPromise, type Problem } from '../vocabulary/index.ts';
import { discoveredIn, threw } from './answers.ts';
import { driverTools, type PoolTools } from './pool.ts';

/** `given`: what is known of it, by the names of the driver's settings. */
export async function lookedAt(
  module: DriverModule,
  host: string,
  given: Readonly<Record<string, unknown>>,
  tools: PoolTools,
  within: Deadline,
): Promise<Discovered | Problem> {
  try {
    return discoveredIn(module.name, await module.discover?.(host, given, driverTools(module.name, tools), within));
  } catch (error) {
    if (error instanceof BrokenPromise) throw error;
    return threw(module.name, `look at ${host}`, error);
  }
}

export const cannotDiscover = (names: string): Problem => ({
  code: 'cannot-discover',
  says: `Driver ${names} cannot discover devices.`,
  next: 'See its settings: bailiff config schema.',
});
