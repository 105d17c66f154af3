/** What a driver gets to work with, on a clock of the test: bytes are zeros and chance is fixed, where none are given, so that the same is sent each time. */
import type { DriverTools } from '../../drivers/kit/contract.ts';

export function toolsOn(
  clock: Pick<DriverTools, 'now' | 'after'>,
  { random = () => 0.5, bytes = (length) => new Uint8Array(length) }: Partial<Pick<DriverTools, 'random' | 'bytes'>> = {},
): DriverTools {
  return {
    now: () => clock.now(),
    after: (ms, run) => clock.after(ms, run),
    random,
    bytes,
    debug: () => undefined,
  };
}
