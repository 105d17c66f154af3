import type { Profile } from '../profile.ts';

const PDU = '1.3.6.1.4.1.232.165.7';

/** Two command objects take a delay in seconds, 0 is now. The MIB gives no unit for the current, so only watts are read. */
export const hpPdu2: Profile = {
  name: 'hp-pdu2',
  title: 'HP managed PDU (pdu2 tree)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.232.165.7'], sysDescr: [] },
  parts: [
    { name: 'unit', min: 1, max: 16, default: 1 },
    { name: 'outlet', min: 1, max: 63 },
  ],
  state: { object: `${PDU}.5.2.1.1.{unit}.{outlet}`, off: 1, on: [2], changing: [3, 4] },
  orders: { off: { object: `${PDU}.5.2.1.2.{unit}.{outlet}`, value: 0 }, on: { object: `${PDU}.5.2.1.3.{unit}.{outlet}`, value: 0 } },
  conditions: [
    { object: `${PDU}.5.2.1.8.{unit}.{outlet}`, equals: [1], says: 'the outlet is not switchable (pdu2OutletControlSwitchable)' },
  ],
  outletName: `${PDU}.5.1.1.2.{unit}.{outlet}`,
  outletCount: `${PDU}.1.2.1.12.{unit}`,
  metering: {
    watts: { object: `${PDU}.5.1.1.14.{unit}.{outlet}`, scale: 1 },
    flowing: { amps: 0.2, watts: 5 },
  },
  harmlessWrite: { object: `${PDU}.5.2.1.7.1.1`, says: 'reboot off time of outlet 1 (pdu2OutletControlRebootOffTime)' },
  batch: { orders: 8, readings: 8 },
  wholeUnit: [],
  testedOn: [],
  source: 'CPQPOWER-MIB',
};
