/** A device whose every call is answered when the test lets it, and which notes what reaches it. */
import type { DevicePool } from '../../src/coordinator/ports.ts';
import type { OrderResult, Reading } from '../../src/vocabulary/index.ts';
import { UNASKED } from './ports.ts';

export const ACCEPTED: OrderResult = { result: 'accepted' };
export const OFF: Reading = { power: 'off', source: 'test' };

/** Notes what reaches the device; each call is answered when the test lets it. */
export function device(takesTogether: boolean) {
  const calls: string[] = [];
  const gates: (() => void)[] = [];
  let inFlight = 0;
  let most = 0;
  const held = async <T>(what: string, answer: T): Promise<T> => {
    calls.push(what);
    inFlight += 1;
    most = Math.max(most, inFlight);
    await new Promise<void>((open) => gates.push(open));
    inFlight -= 1;
    return answer;
  };
  const pool: DevicePool = {
    ...UNASKED,
    order: async (outlet, wanted) => await held(`${wanted} ${outlet.plug}`, ACCEPTED),
    read: async (outlet) => await held(`read ${outlet.plug}`, OFF),
    together: () => takesTogether,
    orderAll: async (_device, plugs, wanted) =>
      await held(
        `${wanted} ${plugs.join('+')}`,
        plugs.map(() => ACCEPTED),
      ),
    readAll: async (_device, plugs) =>
      await held(
        `read ${plugs.join('+')}`,
        plugs.map((): Reading => OFF),
      ),
    close: async () => undefined,
  };
  /** Lets every call through, one after another, until nothing is left. */
  const drain = async (): Promise<void> => {
    for (let idle = 0; idle < 20; idle += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      const open = gates.shift();
      if (open === undefined) continue;
      idle = 0;
      open();
    }
  };
  return { pool, calls, drain, most: () => most };
}

export const TERMS = { operation: 'op1', notAfter: 9e12 };
export const on = (plug: string) => ({ device: 'pdu', plug });
