import type { Profile } from '../profile.ts';

const OUTLETS = '1.3.6.1.4.1.850.10.2.3.5.1';

export const trippliteFenceTree: Profile = {
  name: 'tripplite-fence-tree',
  title: 'Tripp Lite, older cards',
  experimental: 'no MIB was found for this tree; the numbers are those that fence_apc_snmp uses for Tripp Lite',
  recognise: { sysObjectId: ['1.3.6.1.4.1.850.1'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 64 }],
  state: { object: `${OUTLETS}.2.1.{outlet}`, off: 1, on: [2], changing: [] },
  orders: { off: { object: `${OUTLETS}.4.1.{outlet}`, value: 1 }, on: { object: `${OUTLETS}.4.1.{outlet}`, value: 2 } },
  conditions: [],
  batch: { orders: 1, readings: 8 },
  wholeUnit: [],
  testedOn: [],
  source: 'fence-agents, fence_apc_snmp',
};
