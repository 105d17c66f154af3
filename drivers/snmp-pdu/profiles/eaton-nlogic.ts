import type { Profile } from '../profile.ts';

const OUTLETS = '1.3.6.1.4.1.534.7.1.5';

export const eatonNlogic: Profile = {
  name: 'eaton-nlogic',
  title: 'Eaton nLogic',
  experimental: 'no MIB was found; the numbers are those of the NUT driver',
  recognise: { sysObjectId: ['1.3.6.1.4.1.534.7.1'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 64 }],
  state: { object: `${OUTLETS}.2.1.1.1.{outlet}`, off: 1, on: [2], changing: [3, 4] },
  orders: { off: { object: `${OUTLETS}.2.1.10.1.{outlet}`, value: 1 }, on: { object: `${OUTLETS}.2.1.10.1.{outlet}`, value: 2 } },
  conditions: [],
  metering: {
    amps: { object: `${OUTLETS}.1.1.5.1.{outlet}`, scale: 0.01 },
    watts: { object: `${OUTLETS}.1.1.13.1.{outlet}`, scale: 1 },
    flowing: { amps: 0.2, watts: 5 },
  },
  batch: { orders: 1, readings: 8 },
  wholeUnit: [],
  testedOn: [],
  source: 'NUT, eaton-pdu-nlogic-mib',
};
