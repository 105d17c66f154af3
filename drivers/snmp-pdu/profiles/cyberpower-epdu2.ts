import type { Profile } from '../profile.ts';

const SWITCHED = '1.3.6.1.4.1.3808.1.1.6.6.1';
const METERED = '1.3.6.1.4.1.3808.1.1.6.6.2';

/**
 * The tables look like APC's rPDU2, the polarity does not: 1 is on, 2 is off. Rows count on over daisy-chained units, so on a chain the plug
 * is the row, not the number on the case: compare names.
 */
export const cyberpowerEpdu2: Profile = {
  name: 'cyberpower-epdu2',
  title: 'CyberPower ePDU, second tree (ePDU2)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.3808.1.1.6'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 96 }],
  state: { object: `${SWITCHED}.4.1.5.{outlet}`, off: 2, on: [1], changing: [] },
  orders: { off: { object: `${SWITCHED}.5.1.5.{outlet}`, value: 2 }, on: { object: `${SWITCHED}.5.1.5.{outlet}`, value: 1 } },
  conditions: [
    {
      object: `${SWITCHED}.4.1.6.{outlet}`,
      equals: [2],
      says: 'a command is pending (ePDU2OutletSwitchedStatusCommandPending)',
      passes: true,
    },
  ],
  outletName: `${SWITCHED}.4.1.4.{outlet}`,
  metering: {
    amps: { object: `${METERED}.4.1.6.{outlet}`, scale: 0.1 },
    watts: { object: `${METERED}.4.1.7.{outlet}`, scale: 1 },
    flowing: { amps: 0.2, watts: 5 },
  },
  batch: { orders: 8, readings: 8 },
  wholeUnit: [],
  testedOn: [],
  source: 'CPS-MIB',
};
