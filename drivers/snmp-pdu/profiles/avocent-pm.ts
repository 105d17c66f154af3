import type { Profile } from '../profile.ts';

const OUTLETS = '1.3.6.1.4.1.10418.17.2.5.5.1';

/** 1 is off, 2 is on; the locked states 3 and 4 keep their position but refuse orders, so they are left unknown. Off is 3, not 2. */
export const avocentPm: Profile = {
  name: 'avocent-pm',
  title: 'Avocent, Liebert PM (line.unit.outlet)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.10418.17.1.7'], sysDescr: [] },
  parts: [
    { name: 'line', min: 1, max: 128 },
    { name: 'unit', min: 1, max: 16 },
    { name: 'outlet', min: 1, max: 64 },
  ],
  state: { object: `${OUTLETS}.5.{line}.{unit}.{outlet}`, off: 1, on: [2], changing: [5, 6, 7, 8] },
  orders: {
    off: { object: `${OUTLETS}.6.{line}.{unit}.{outlet}`, value: 3 },
    on: { object: `${OUTLETS}.6.{line}.{unit}.{outlet}`, value: 2 },
  },
  conditions: [],
  outletName: `${OUTLETS}.4.{line}.{unit}.{outlet}`,
  batch: { orders: 8, readings: 8 },
  wholeUnit: [],
  testedOn: [],
  source: 'PM-MIB (Avocent)',
};
