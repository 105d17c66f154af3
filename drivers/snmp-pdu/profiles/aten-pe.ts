import type { Profile } from '../profile.ts';

const OUTLET = '1.3.6.1.4.1.21317.1.3.2.2.2.2.{outlet+1}.0';

/** Every outlet is an object of its own: sub-identifier outlet + 1, instance 0. */
export const atenPe: Profile = {
  name: 'aten-pe',
  title: 'ATEN PE series',
  recognise: { sysObjectId: ['1.3.6.1.4.1.21317'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 48 }],
  state: { object: OUTLET, off: 1, on: [2], changing: [3] },
  orders: { off: { object: OUTLET, value: 1 }, on: { object: OUTLET, value: 2 } },
  conditions: [],
  batch: { orders: 1, readings: 16 },
  wholeUnit: [],
  testedOn: [],
  source: 'ATEN-PE-CFG MIB',
};
