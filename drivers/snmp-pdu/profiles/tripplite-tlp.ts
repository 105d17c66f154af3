import type { Profile } from '../profile.ts';

const TLP = '1.3.6.1.4.1.850.1.1.3.2';

/** Cards of the WEBCARDLX kind. The command object always reads 0. */
export const trippliteTlp: Profile = {
  name: 'tripplite-tlp',
  title: 'Tripp Lite PDU with WEBCARDLX (TRIPPLITE-PRODUCTS)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.850.1.1.1'], sysDescr: [] },
  parts: [
    { name: 'unit', min: 1, max: 32, default: 1 },
    { name: 'outlet', min: 1, max: 64 },
  ],
  state: { object: `${TLP}.3.3.1.1.4.{unit}.{outlet}`, off: 1, on: [2], changing: [] },
  orders: {
    off: { object: `${TLP}.3.3.1.1.6.{unit}.{outlet}`, value: 1 },
    on: { object: `${TLP}.3.3.1.1.6.{unit}.{outlet}`, value: 2 },
  },
  conditions: [
    { object: `${TLP}.3.3.1.1.5.{unit}.{outlet}`, equals: [1], says: 'the outlet is not controllable (tlpPduOutletControllable)' },
  ],
  outletName: `${TLP}.3.3.1.1.2.{unit}.{outlet}`,
  outletCount: `${TLP}.1.2.1.4.{unit}`,
  metering: {
    amps: { object: `${TLP}.3.3.1.1.8.{unit}.{outlet}`, scale: 0.01 },
    watts: { object: `${TLP}.3.3.1.1.9.{unit}.{outlet}`, scale: 1 },
    flowing: { amps: 0.2, watts: 5 },
  },
  batch: { orders: 8, readings: 6 },
  wholeUnit: [],
  testedOn: [],
  source: 'TRIPPLITE-PRODUCTS MIB',
};
