/** A PDU as a driver: the parts put together on one open line. */
import type { ListedOutlet, OrderResult, PowerDriver, Problem, Reading, WantedPower, Deadline } from '../kit/contract.ts';
import { checkHealth } from './health.ts';
import type { Line } from './line.ts';
import { listOutlets } from './listing.ts';
import { Orders } from './orders.ts';
import { Outlets } from './outlets.ts';
import { profileUnusable } from './problems.ts';
import { Readings } from './readings.ts';

/** A PDU's driver: besides the contract, several outlets of the same PDU in one go. Results come in the order of the plugs. */
export interface PduDriver extends PowerDriver {
  orderAll(plugs: readonly string[], wanted: WantedPower, within: Deadline): Promise<readonly OrderResult[]>;
  readAll(plugs: readonly string[], within: Deadline): Promise<readonly Reading[]>;
  list(within: Deadline): Promise<readonly ListedOutlet[] | Problem>;
}

/** The driver on an open line. */
export function pduOn(line: Line): PduDriver {
  const outlets = new Outlets(line);
  const readings = new Readings(line, outlets);
  const orders = new Orders(line, outlets);
  const notDone = (plug: string): Problem => profileUnusable(line.device, `outlet ${plug} was not handled`);
  return {
    evidence: 'device',
    orderAll: (plugs, wanted, within) => orders.orderAll(plugs, wanted, within),
    readAll: (plugs, within) => readings.readAll(plugs, within),
    order: async (plug, wanted, within) => (await orders.orderAll([plug], wanted, within))[0] ?? { result: 'unknown', why: notDone(plug) },
    read: async (plug, within) =>
      (await readings.readAll([plug], within))[0] ?? { power: 'unknown', why: notDone(plug), source: line.profile.name },
    list: (within) => listOutlets(line, outlets, readings, within),
    check: (within) => checkHealth(line, within),
    close: () => line.client.close(),
  };
}
