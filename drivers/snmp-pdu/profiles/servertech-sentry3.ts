import type { Profile } from '../profile.ts';

const OUTLETS = '1.3.6.1.4.1.1718.3.2.3.1';

/** offError, onError and the fuse states (4, 5, 8, 9) are the device saying that the relay did not follow: unknown. */
export const servertechSentry3: Profile = {
  name: 'servertech-sentry3',
  title: 'Server Technology Sentry3 (tower.infeed.outlet)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.1718.3'], sysDescr: [] },
  parts: [
    { name: 'tower', min: 1, max: 8, default: 1 },
    { name: 'infeed', min: 1, max: 8, default: 1 },
    { name: 'outlet', min: 1, max: 64 },
  ],
  state: { object: `${OUTLETS}.5.{tower}.{infeed}.{outlet}`, off: 0, on: [1], changing: [2, 3] },
  orders: {
    off: { object: `${OUTLETS}.11.{tower}.{infeed}.{outlet}`, value: 2 },
    on: { object: `${OUTLETS}.11.{tower}.{infeed}.{outlet}`, value: 1 },
  },
  conditions: [
    {
      // All but reboot 8, shutdown 9, pendOn 10, pendOff 11, eventReboot 16, eventShutdown 17: there "off" lasts only for a while.
      object: `${OUTLETS}.10.{tower}.{infeed}.{outlet}`,
      equals: [0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15],
      says: 'it is about to switch or to reboot (outletControlState)',
      absent: 'fine',
      passes: true,
    },
  ],
  outletName: `${OUTLETS}.3.{tower}.{infeed}.{outlet}`,
  metering: {
    amps: { object: `${OUTLETS}.7.{tower}.{infeed}.{outlet}`, scale: 0.01 },
    watts: { object: `${OUTLETS}.14.{tower}.{infeed}.{outlet}`, scale: 1 },
    flowing: { amps: 0.2, watts: 5 },
  },
  harmlessWrite: { object: `${OUTLETS}.19.1.1.1`, says: 'wake-up state of outlet 1.1.1 (outletWakeupState)' },
  batch: { orders: 8, readings: 8 },
  wholeUnit: [],
  testedOn: [],
  source: 'Sentry3-MIB',
};
