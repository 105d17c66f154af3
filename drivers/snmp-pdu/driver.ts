/** Switched PDUs over SNMP. What a family's numbers mean comes from its profile; this file only puts the parts together. */
import type {
  Deadline,
  DriverModule,
  DriverTools,
  ListedOutlet,
  OrderResult,
  PowerDriver,
  Problem,
  Reading,
  WantedPower,
} from '../kit/contract.ts';
import { Misconfigured } from '../kit/misconfigured.ts';
import { parsePlug, type Place, plugOf } from './addressing.ts';
import { SnmpClient } from './client.ts';
import { loadProfile } from './custom-profile.ts';
import { discover } from './discover.ts';
import { type Pdu, pduOf } from './pdu.ts';
import { profileUnusable } from './problems.ts';
import type { Profile } from './profile.ts';
import { profileNamed } from './profiles/index.ts';
import { readSettings, settings } from './settings.ts';
import { checkHealth } from './health.ts';
import { listOutlets } from './listing.ts';
import { Orders } from './orders.ts';
import { Outlets } from './outlets.ts';
import { Readings } from './readings.ts';

/** A PDU's driver: besides the contract, several outlets of the same PDU in one go. Results come in the order of the plugs. */
export interface PduDriver extends PowerDriver {
  orderAll(plugs: readonly string[], wanted: WantedPower, within: Deadline): Promise<readonly OrderResult[]>;
  readAll(plugs: readonly string[], within: Deadline): Promise<readonly Reading[]>;
  list(within: Deadline): Promise<readonly ListedOutlet[] | Problem>;
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
  normalPlug,
  place: ({ host, port }) => ({ host: String(host), port: Number(port), inside: '' }),
  settingsProblem: (raw) => {
    const given = readSettings(raw);
    return typeof given === 'string' ? given : undefined;
  },
  discover,
  open: openPdu,
};

function openPdu(device: string, raw: Readonly<Record<string, unknown>>, tools: DriverTools): PduDriver {
  const given = readSettings(raw);
  if (typeof given === 'string') return new Misconfigured(profileUnusable(device, given));
  const profile = given.profileFile === undefined ? profileNamed(given.profile) : loadProfile(given.profileFile);
  if (profile === undefined) return new Misconfigured(profileUnusable(device, `there is no profile ${given.profile}`));
  if (typeof profile === 'string') return new Misconfigured(profileUnusable(device, profile));
  const expectedNames = namesByPlug(profile, given.defaults, given.expectedNames);
  if (typeof expectedNames === 'string') return new Misconfigured(profileUnusable(device, expectedNames));
  const client = new SnmpClient({ host: given.host, port: given.port, login: given.login, tools });
  return pduOn(pduOf({ device, profile, client, login: given.login, tools, defaults: given.defaults, expectedNames }));
}

/** `1.4` is `4` where unit 1 is what a plug without one means; `name:db1` is `db1`. */
function normalPlug(raw: Readonly<Record<string, unknown>>, plug: string): string {
  const given = readSettings(raw);
  if (typeof given === 'string') return plug;
  const profile = given.profileFile === undefined ? profileNamed(given.profile) : loadProfile(given.profileFile);
  if (profile === undefined || typeof profile === 'string') return plug;
  const parsed = parsePlug(profile, plug, given.defaults);
  if (parsed.kind === 'numbers') return plugOf(profile, parsed.place, given.defaults) ?? plug;
  // Without its prefix a name of digits would be a number.
  return parsed.kind === 'name' && parsePlug(profile, parsed.name, given.defaults).kind === 'name' ? parsed.name : plug;
}

/** `4` and `1.4` can be one outlet: names are kept under its shortest plug. A text says which plug is none. */
function namesByPlug(profile: Profile, defaults: Place, names: ReadonlyMap<string, string>): ReadonlyMap<string, string> | string {
  const byPlug = new Map<string, string>();
  for (const [plug, name] of names) {
    const parsed = parsePlug(profile, plug, defaults);
    const shortest = parsed.kind === 'numbers' ? plugOf(profile, parsed.place, defaults) : undefined;
    if (shortest === undefined)
      return `names: ${plug} is not an outlet of profile ${profile.name}${parsed.kind === 'wrong' ? ` (${parsed.says})` : ''}`;
    if (byPlug.has(shortest)) return `names: outlet ${plug} is named twice`;
    byPlug.set(shortest, name);
  }
  return byPlug;
}

/** The driver of one PDU: its parts put together. */
export function pduOn(pdu: Pdu): PduDriver {
  const outlets = new Outlets(pdu);
  const readings = new Readings(pdu, outlets);
  const orders = new Orders(pdu, outlets);
  const notDone = (plug: string): Problem => profileUnusable(pdu.device, `outlet ${plug} was not handled`);
  return {
    evidence: 'device',
    orderAll: (plugs, wanted, within) => orders.orderAll(plugs, wanted, within),
    readAll: (plugs, within) => readings.readAll(plugs, within),
    order: async (plug, wanted, within) => (await orders.orderAll([plug], wanted, within))[0] ?? { result: 'unknown', why: notDone(plug) },
    read: async (plug, within) =>
      (await readings.readAll([plug], within))[0] ?? { power: 'unknown', why: notDone(plug), source: pdu.profile.name },
    list: (within) => listOutlets(pdu, outlets, readings, within),
    check: (within) => checkHealth(pdu, within),
    close: () => pdu.client.close(),
  };
}
