import type { Profile } from '../profile.ts';

const OUTLETS = '1.3.6.1.4.1.13742.4.1.2';

export const raritanPx1: Profile = {
  name: 'raritan-px1',
  title: 'Raritan PX, first generation (PDU-MIB)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.13742.4'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 64 }],
  state: { object: `${OUTLETS}.2.1.3.{outlet}`, off: 0, on: [1], changing: [2] },
  orders: { off: { object: `${OUTLETS}.2.1.3.{outlet}`, value: 0 }, on: { object: `${OUTLETS}.2.1.3.{outlet}`, value: 1 } },
  conditions: [],
  outletName: `${OUTLETS}.2.1.2.{outlet}`,
  outletCount: `${OUTLETS}.1.0`,
  metering: {
    amps: { object: `${OUTLETS}.2.1.4.{outlet}`, scale: 0.001 },
    watts: { object: `${OUTLETS}.2.1.7.{outlet}`, scale: 1 },
    flowing: { amps: 0.2, watts: 5 },
  },
  batch: { orders: 8, readings: 8 },
  wholeUnit: [],
  testedOn: [],
  source: 'PDU-MIB (Raritan)',
};
