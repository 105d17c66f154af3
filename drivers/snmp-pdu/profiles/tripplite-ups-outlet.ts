import type { Profile } from '../profile.ts';

const OUTLETS = '1.3.6.1.4.1.850.100.1.10';

export const trippliteUpsOutlet: Profile = {
  name: 'tripplite-ups-outlet',
  title: 'Tripp Lite outlet table of TRIPPLITE-MIB',
  recognise: { sysObjectId: [], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 64 }],
  state: { object: `${OUTLETS}.2.1.2.{outlet}`, off: 1, on: [2], changing: [] },
  orders: { off: { object: `${OUTLETS}.2.1.4.{outlet}`, value: 1 }, on: { object: `${OUTLETS}.2.1.4.{outlet}`, value: 2 } },
  conditions: [],
  outletName: `${OUTLETS}.2.1.5.{outlet}`,
  outletCount: `${OUTLETS}.1.0`,
  metering: { amps: { object: `${OUTLETS}.2.1.13.{outlet}`, scale: 0.1 }, flowing: { amps: 0.2, watts: 5 } },
  batch: { orders: 8, readings: 8 },
  wholeUnit: [],
  testedOn: [],
  source: 'TRIPPLITE-MIB',
};
