import type { Profile } from '../profile.ts';

const SWITCHES = '1.3.6.1.4.1.21239.5.2.3';

/** 4 and 6 are "off, and coming back by itself". Immediate off is 4; the control object always reads 8. */
export const vertivGeistV5: Profile = {
  name: 'vertiv-geist-v5',
  title: 'Vertiv, Geist (V5)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.21239.5.2'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 64 }],
  state: { object: `${SWITCHES}.5.1.4.{outlet}`, off: 2, on: [1], changing: [3, 4, 5, 6] },
  orders: { off: { object: `${SWITCHES}.5.1.6.{outlet}`, value: 4 }, on: { object: `${SWITCHES}.5.1.6.{outlet}`, value: 2 } },
  conditions: [{ object: `${SWITCHES}.5.1.5.{outlet}`, equals: [2], says: 'the relay did not follow (pduOutletSwitchRelayFailure)' }],
  outletName: `${SWITCHES}.5.1.3.{outlet}`,
  metering: {
    amps: { object: `${SWITCHES}.6.1.8.{outlet}`, scale: 0.01 },
    watts: { object: `${SWITCHES}.6.1.12.{outlet}`, scale: 1 },
    flowing: { amps: 0.2, watts: 5 },
  },
  harmlessWrite: { object: `${SWITCHES}.5.1.11.1`, says: 'reboot hold delay of outlet 1 (pduOutletSwitchRebootHoldDelay)' },
  batch: { orders: 8, readings: 8 },
  wholeUnit: [],
  testedOn: [],
  source: 'VERTIV-V5-MIB',
};
