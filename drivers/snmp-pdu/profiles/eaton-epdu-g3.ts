import type { Profile } from '../profile.ts';

const EPDU = '1.3.6.1.4.1.534.6.6.7';

/**
 * Three command objects take a delay in seconds, 0 is now; the on command reads the seconds left before the outlet comes back by itself.
 * Strapped (chained) units count from 0.
 */
export const eatonEpduG3: Profile = {
  name: 'eaton-epdu-g3',
  title: 'Eaton ePDU G3 (switched and managed models)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.534.6.6.7'], sysDescr: [] },
  parts: [
    { name: 'unit', min: 0, max: 8, default: 0 },
    { name: 'outlet', min: 1, max: 64 },
  ],
  state: { object: `${EPDU}.6.6.1.2.{unit}.{outlet}`, off: 0, on: [1], changing: [2, 3] },
  orders: { off: { object: `${EPDU}.6.6.1.3.{unit}.{outlet}`, value: 0 }, on: { object: `${EPDU}.6.6.1.4.{unit}.{outlet}`, value: 0 } },
  conditions: [
    { object: `${EPDU}.6.6.1.9.{unit}.{outlet}`, equals: [1], says: 'the outlet is not switchable (outletControlSwitchable)' },
    {
      object: `${EPDU}.6.6.1.4.{unit}.{outlet}`,
      equals: [-1, 0],
      says: 'the outlet is about to switch on (outletControlOnCmd)',
      passes: true,
    },
  ],
  outletName: `${EPDU}.6.1.1.3.{unit}.{outlet}`,
  outletCount: `${EPDU}.1.2.1.22.{unit}`,
  metering: {
    amps: { object: `${EPDU}.6.4.1.3.{unit}.{outlet}`, scale: 0.001 },
    watts: { object: `${EPDU}.6.5.1.3.{unit}.{outlet}`, scale: 1 },
    flowing: { amps: 0.2, watts: 5 },
  },
  harmlessWrite: { object: `${EPDU}.6.6.1.8.0.1`, says: 'reboot off time of outlet 1 (outletControlRebootOffTime)' },
  batch: { orders: 8, readings: 6 },
  wholeUnit: [`${EPDU}.5`],
  testedOn: [],
  source: 'EATON-EPDU-MIB',
};
