import type { Profile } from '../profile.ts';

const PDU = '1.3.6.1.4.1.232.165.11';

/** Two command objects take a delay in seconds, 0 is now. */
export const hpPdu3: Profile = {
  name: 'hp-pdu3',
  title: 'HPE G2 metered and switched PDU (pdu3 tree)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.232.165.11'], sysDescr: [] },
  parts: [
    { name: 'unit', min: 1, max: 16, default: 1 },
    { name: 'outlet', min: 1, max: 63 },
  ],
  state: { object: `${PDU}.5.2.1.1.{unit}.{outlet}`, off: 1, on: [2], changing: [3, 4] },
  orders: { off: { object: `${PDU}.5.2.1.2.{unit}.{outlet}`, value: 0 }, on: { object: `${PDU}.5.2.1.3.{unit}.{outlet}`, value: 0 } },
  conditions: [
    { object: `${PDU}.5.2.1.8.{unit}.{outlet}`, equals: [1], says: 'the outlet is not switchable (pdu3OutletControlSwitchable)' },
  ],
  outletName: `${PDU}.5.1.1.2.{unit}.{outlet}`,
  outletCount: `${PDU}.1.2.1.13.{unit}`,
  metering: {
    amps: { object: `${PDU}.5.1.1.5.{unit}.{outlet}`, scale: 0.01 },
    watts: { object: `${PDU}.5.1.1.13.{unit}.{outlet}`, scale: 1 },
    flowing: { amps: 0.2, watts: 5 },
  },
  batch: { orders: 8, readings: 8 },
  wholeUnit: [],
  testedOn: [],
  source: 'CPQPOWER-MIB',
};
