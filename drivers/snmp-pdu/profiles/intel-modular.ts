import type { Profile } from '../profile.ts';

const BLADES = '1.3.6.1.4.1.343.2.19.1.2.10.202.1.1.6';

/** Reads 2 on and 0 off; takes 2 on and 3 off. */
export const intelModular: Profile = {
  name: 'intel-modular',
  title: 'Intel Modular Server (outlet is the blade)',
  experimental: 'no MIB was found; the numbers are those of fence_intelmodular',
  recognise: { sysObjectId: ['1.3.6.1.4.1.343.2.19.1.2.10'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 6 }],
  state: { object: `${BLADES}.{outlet}`, off: 0, on: [2], changing: [] },
  orders: { off: { object: `${BLADES}.{outlet}`, value: 3 }, on: { object: `${BLADES}.{outlet}`, value: 2 } },
  conditions: [],
  batch: { orders: 1, readings: 6 },
  wholeUnit: [],
  testedOn: [],
  source: 'fence-agents, fence_intelmodular',
};
