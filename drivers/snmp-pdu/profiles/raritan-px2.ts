import type { Profile } from '../profile.ts';

const PX2 = '1.3.6.1.4.1.13742.6';

/** The state is one of 31 sensor words; only 7 (on) and 8 (off) are switch positions. Measured values carry their own decimal digits. */
export const raritanPx2: Profile = {
  name: 'raritan-px2',
  title: 'Raritan PX2, PX3 (PDU2-MIB)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.13742.6'], sysDescr: [] },
  parts: [
    { name: 'unit', min: 1, max: 64, default: 1 },
    { name: 'outlet', min: 1, max: 256 },
  ],
  state: { object: `${PX2}.4.1.2.1.3.{unit}.{outlet}`, off: 8, on: [7], changing: [] },
  orders: { off: { object: `${PX2}.4.1.2.1.2.{unit}.{outlet}`, value: 0 }, on: { object: `${PX2}.4.1.2.1.2.{unit}.{outlet}`, value: 1 } },
  conditions: [
    { object: `${PX2}.3.5.3.1.28.{unit}.{outlet}`, equals: [1], says: 'the outlet is not switchable (outletSwitchable)', absent: 'fine' },
  ],
  outletName: `${PX2}.3.5.3.1.3.{unit}.{outlet}`,
  outletCount: `${PX2}.3.2.2.1.4.{unit}`,
  metering: {
    amps: {
      object: `${PX2}.5.4.3.1.4.{unit}.{outlet}.1`,
      scale: 1,
      digits: `${PX2}.3.5.4.1.7.{unit}.{outlet}.1`,
      available: `${PX2}.5.4.3.1.2.{unit}.{outlet}.1`,
    },
    watts: {
      object: `${PX2}.5.4.3.1.4.{unit}.{outlet}.5`,
      scale: 1,
      digits: `${PX2}.3.5.4.1.7.{unit}.{outlet}.5`,
      available: `${PX2}.5.4.3.1.2.{unit}.{outlet}.5`,
    },
    flowing: { amps: 0.2, watts: 5 },
  },
  harmlessWrite: { object: `${PX2}.3.5.3.1.12.1.1`, says: 'power-off period for cycling of outlet 1 (outletPowerCyclingPowerOffPeriod)' },
  batch: { orders: 8, readings: 4 },
  wholeUnit: [],
  testedOn: [],
  source: 'PDU2-MIB',
};
