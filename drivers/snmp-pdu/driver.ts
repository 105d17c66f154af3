/** Switched PDUs over SNMP. What a family's numbers mean comes from its profile; this file only puts the parts together. */
import type { DriverModule, DriverTools, Health, OrderResult, Problem, Reading } from '../kit/contract.ts';
import { parsePlug, type Place, plugOf } from './addressing.ts';
import { SnmpClient } from './client.ts';
import { loadProfile } from './custom-profile.ts';
import { discover } from './discover.ts';
import { lineOf } from './line.ts';
import { type PduDriver, pduOn } from './pdu.ts';
import { profileUnusable } from './problems.ts';
import type { Profile } from './profile.ts';
import { profileNamed } from './profiles/index.ts';
import { readSettings, settings } from './settings.ts';

export type { PduDriver } from './pdu.ts';

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
  if (typeof given === 'string') return unusable(profileUnusable(device, given));
  const profile = given.profileFile === undefined ? profileNamed(given.profile) : loadProfile(given.profileFile);
  if (profile === undefined) return unusable(profileUnusable(device, `there is no profile ${given.profile}`));
  if (typeof profile === 'string') return unusable(profileUnusable(device, profile));
  const expectedNames = namesByPlug(profile, given.defaults, given.expectedNames);
  if (typeof expectedNames === 'string') return unusable(profileUnusable(device, expectedNames));
  const client = new SnmpClient({ host: given.host, port: given.port, login: given.login, tools });
  return pduOn(lineOf({ device, profile, client, login: given.login, tools, defaults: given.defaults, expectedNames }));
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
