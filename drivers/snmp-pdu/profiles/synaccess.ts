import type { Profile } from '../profile.ts';

const OUTLET = '1.3.6.1.4.1.21728.4.5.1.1.7.{outlet}';

export const synaccess: Profile = {
  name: 'synaccess',
  title: 'Synaccess SynLink',
  recognise: { sysObjectId: ['1.3.6.1.4.1.21728'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 64 }],
  state: { object: OUTLET, off: 0, on: [1], changing: [] },
  orders: { off: { object: OUTLET, value: 0 }, on: { object: OUTLET, value: 1 } },
  conditions: [],
  batch: { orders: 8, readings: 16 },
  wholeUnit: [],
  testedOn: [],
  source: 'SYNLINK-MIB',
};
