import type { Profile } from '../profile.ts';

const OUTLET = '1.3.6.1.4.1.4779.1.3.5.3.1.3.{module}.{outlet}';

/** 0 off, 1 on; 3 to 6 (locked, unknown) are unknown. */
export const baytech: Profile = {
  name: 'baytech',
  title: 'BayTech RPC (module.outlet)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.4779'], sysDescr: [] },
  parts: [
    { name: 'module', min: 1, max: 32, default: 1 },
    { name: 'outlet', min: 1, max: 64 },
  ],
  state: { object: OUTLET, off: 0, on: [1], changing: [2] },
  orders: { off: { object: OUTLET, value: 0 }, on: { object: OUTLET, value: 1 } },
  conditions: [],
  batch: { orders: 8, readings: 12 },
  wholeUnit: [],
  testedOn: [],
  source: 'Baytech-MIB-403-1',
};
