import type { Profile } from '../profile.ts';

const BLADES = '1.3.6.1.4.1.2.3.51.2.22.1';

/** Outlet is the blade's bay. Reading the order object (column 7) means nothing, so the state comes from the status table. */
export const ibmBladecenter: Profile = {
  name: 'ibm-bladecenter',
  title: 'IBM BladeCenter management module',
  recognise: { sysObjectId: ['1.3.6.1.4.1.2.3.51.2'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 28 }],
  state: { object: `${BLADES}.5.1.1.4.{outlet}`, off: 0, on: [1], changing: [] },
  orders: { off: { object: `${BLADES}.6.1.1.7.{outlet}`, value: 0 }, on: { object: `${BLADES}.6.1.1.7.{outlet}`, value: 1 } },
  conditions: [],
  batch: { orders: 1, readings: 14 },
  wholeUnit: [],
  testedOn: [],
  source: 'BLADE-MIB',
};
