/** Switched PDUs over SNMP. What a family's numbers mean comes from its profile; this file only puts the parts together. */
import type { DriverModule, DriverTools, Health, OrderResult, Problem, Reading } from '../contract.ts';
import { SnmpClient } from './client.ts';
import { loadProfile } from './custom-profile.ts';
import { discover } from './discover.ts';
import { lineOf } from './line.ts';
import { type PduDriver, pduOn } from './pdu.ts';
import { profileUnusable } from './problems.ts';
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
  discover,
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
