import type { Profile } from '../profile.ts';

const OUTPUTS = '1.3.6.1.4.1.47952.1.1.1';

export const netio: Profile = {
  name: 'netio',
  title: 'NETIO smart socket',
  recognise: { sysObjectId: ['1.3.6.1.4.1.47952'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 16 }],
  state: { object: `${OUTPUTS}.3.{outlet}`, off: 0, on: [1], changing: [] },
  orders: { off: { object: `${OUTPUTS}.5.{outlet}`, value: 0 }, on: { object: `${OUTPUTS}.5.{outlet}`, value: 1 } },
  conditions: [],
  metering: {
    amps: { object: `${OUTPUTS}.28.{outlet}`, scale: 0.001 },
    watts: { object: `${OUTPUTS}.25.{outlet}`, scale: 1 },
    flowing: { amps: 0.2, watts: 5 },
  },
  batch: { orders: 8, readings: 8 },
  wholeUnit: [],
  testedOn: [],
  source: 'NETIO-PRODUCTS-NETIO-MIB',
};
