import type { Profile } from '../profile.ts';

const OUTLETS = '1.3.6.1.4.1.1718.4.1.8';

/** The queued commands 4 to 6 would wait for a commit and are never used. */
export const servertechSentry4: Profile = {
  name: 'servertech-sentry4',
  title: 'Server Technology Sentry4, PRO2 (unit.cord.outlet)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.1718.4'], sysDescr: [] },
  parts: [
    { name: 'unit', min: 1, max: 6, default: 1 },
    { name: 'cord', min: 1, max: 4, default: 1 },
    { name: 'outlet', min: 1, max: 128 },
  ],
  state: { object: `${OUTLETS}.3.1.1.{unit}.{cord}.{outlet}`, off: 2, on: [1], changing: [] },
  orders: {
    off: { object: `${OUTLETS}.5.1.2.{unit}.{cord}.{outlet}`, value: 2 },
    on: { object: `${OUTLETS}.5.1.2.{unit}.{cord}.{outlet}`, value: 1 },
  },
  conditions: [
    {
      object: `${OUTLETS}.3.1.2.{unit}.{cord}.{outlet}`,
      equals: [0],
      says: 'the outlet is not in normal condition (st4OutletStatus)',
      passes: true,
    },
    {
      // All but notSet 0, pendOn 8, pendOff 9, reboot 12, shutdown 13, eventReboot 18, eventShutdown 19: there "off" lasts only for a while.
      object: `${OUTLETS}.5.1.1.{unit}.{cord}.{outlet}`,
      equals: [1, 2, 3, 4, 5, 6, 7, 10, 11, 14, 15, 16, 17],
      says: 'it is about to switch or to reboot (st4OutletControlState)',
      absent: 'fine',
      passes: true,
    },
  ],
  outletName: `${OUTLETS}.2.1.3.{unit}.{cord}.{outlet}`,
  metering: {
    amps: { object: `${OUTLETS}.3.1.3.{unit}.{cord}.{outlet}`, scale: 0.01 },
    watts: { object: `${OUTLETS}.3.1.7.{unit}.{cord}.{outlet}`, scale: 1 },
    flowing: { amps: 0.2, watts: 5 },
  },
  harmlessWrite: { object: `${OUTLETS}.1.11.0`, says: 'reboot delay (st4OutletRebootDelay)' },
  batch: { orders: 8, readings: 6 },
  wholeUnit: [`${OUTLETS}.6.1`],
  testedOn: [],
  source: 'Sentry4-MIB',
};
