import type { Profile } from '../profile.ts';

const OUTLETS = '1.3.6.1.4.1.2.6.223.8.2';

export const ibmPdu: Profile = {
  name: 'ibm-pdu',
  title: 'IBM PDU+ (firmware with the state in column 13)',
  experimental:
    'the MIB of 2012 has state and order in column 13; fence_ipdu uses column 11, which is a threshold in that MIB: try your firmware with check and discover first',
  recognise: { sysObjectId: ['1.3.6.1.4.1.2.6.223'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 64 }],
  state: { object: `${OUTLETS}.2.1.13.{outlet}`, off: 0, on: [1], changing: [2, 3, 4, 5] },
  orders: { off: { object: `${OUTLETS}.2.1.13.{outlet}`, value: 0 }, on: { object: `${OUTLETS}.2.1.13.{outlet}`, value: 1 } },
  conditions: [],
  outletName: `${OUTLETS}.2.1.2.{outlet}`,
  outletCount: `${OUTLETS}.1.0`,
  batch: { orders: 1, readings: 8 },
  wholeUnit: [],
  testedOn: [],
  source: 'IBM-PDU-MIB of 2012-05-31',
};
