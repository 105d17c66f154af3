/** What a driver gets to work with, on a clock of the test: bytes are zeros and chance is fixed, so that the same is sent each time. */
import type { DriverTools } from '../../drivers/kit/contract.ts';

export function toolsOn(clock: Pick<DriverTools, 'now' | 'after'>): DriverTools {
  return {
    now: () => clock.now(),
    after: (ms, run) => clock.after(ms, run),
    random: () => 0.5,
    bytes: (length) => new Uint8Array(length),
    debug: () => undefined,
  };
}
