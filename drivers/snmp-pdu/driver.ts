/** Switched PDUs over SNMP. What a family's numbers mean comes from its profile; this file only puts the parts together. */
import type {
  DriverModule,
  DriverTools,
  Health,
  ListedOutlet,
  OrderResult,
  PowerDriver,
  Problem,
  Reading,
  WantedPower,
  Within,
} from '../contract.ts';
import { SnmpClient } from './client.ts';
import { loadProfile } from './custom-profile.ts';
import { checkHealth } from './health.ts';
import { type Line, lineOf } from './line.ts';
import { listOutlets } from './listing.ts';
import { Orders } from './orders.ts';
import { Outlets } from './outlets.ts';
import { profileUnusable } from './problems.ts';
import { profileNamed } from './profiles/index.ts';
import { Readings } from './readings.ts';
import { readSettings, settings } from './settings.ts';

/** A PDU's driver: besides the contract, several outlets of the same PDU in one go. Results come in the order of the plugs. */
export interface PduDriver extends PowerDriver {
  orderAll(plugs: readonly string[], wanted: WantedPower, within: Within): Promise<readonly OrderResult[]>;
  readAll(plugs: readonly string[], within: Within): Promise<readonly Reading[]>;
  list(within: Within): Promise<readonly ListedOutlet[] | Problem>;
}

/** The module; what it opens can do more than the contract asks. */
export interface PduModule extends Omit<DriverModule, 'open'> {
  open(device: string, settings: Readonly<Record<string, unknown>>, tools: DriverTools): PduDriver;
}

export const driver: PduModule = {
  name: 'snmp-pdu',
  summary: 'switched power distribution units over SNMP v1, v2c and v3; one profile per family',
  evidence: 'device',
  plugs: 'required',
  settings,
  open: openPdu,
};

function openPdu(device: string, raw: Readonly<Record<string, unknown>>, tools: DriverTools): PduDriver {
  const given = readSettings(raw);
  if (typeof given === 'string') return unusable(profileUnusable(device, given));
  const profile = given.profileFile === undefined ? profileNamed(given.profile) : loadProfile(given.profileFile);
  if (profile === undefined) return unusable(profileUnusable(device, `there is no profile ${given.profile}`));
  if (typeof profile === 'string') return unusable(profileUnusable(device, profile));
  const client = new SnmpClient({ host: given.host, port: given.port, login: given.login, tools });
  return pduOn(
    lineOf({ device, profile, client, login: given.login, tools, defaults: given.defaults, expectedNames: given.expectedNames }),
  );
}

/** The driver on an open line; `discover` uses it too. */
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

/** Settings that do not fit together, or a profile that cannot be used: every question gets the same answer, and nothing is sent. */
function unusable(why: Problem): PduDriver {
  const rejected: OrderResult = { result: 'rejected', why };
  const unread: Reading = { power: 'unknown', why, source: 'settings' };
  const health: Health = { ok: false, found: [], problem: why };
  return {
    evidence: 'device',
    orderAll: async (plugs) => plugs.map(() => rejected),
    readAll: async (plugs) => plugs.map(() => unread),
    order: async () => rejected,
    read: async () => unread,
    list: async () => why,
    check: async () => health,
    close: async () => {},
  };
}
