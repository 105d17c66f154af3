import type { Profile } from '../profile.ts';

const SWITCHED = '1.3.6.1.4.1.3808.1.1.6.6.1';

/** The tables look like APC's rPDU2, the polarity does not: 1 is on, 2 is off. The MIB gives no unit for the load, so none is read. */
export const cyberpowerEpdu2: Profile = {
  name: 'cyberpower-epdu2',
  title: 'CyberPower ePDU, second tree (ePDU2)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.3808.1.1.6'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 64 }],
  state: { object: `${SWITCHED}.4.1.5.{outlet}`, off: 2, on: [1], changing: [] },
  orders: { off: { object: `${SWITCHED}.5.1.5.{outlet}`, value: 2 }, on: { object: `${SWITCHED}.5.1.5.{outlet}`, value: 1 } },
  conditions: [],
  batch: { orders: 8, readings: 16 },
  wholeUnit: [],
  testedOn: [],
  source: 'CPS-MIB',
};
