import type { Profile } from '../profile.ts';

const OUTLETS = '1.3.6.1.4.1.534.6.6.6.1.2';

/** Rows count from 0: plug 1 is row 0, as fence_eaton_snmp has it. One object takes orders and tells the state. */
export const eatonManagedEpdu: Profile = {
  name: 'eaton-managed-epdu',
  title: 'Eaton Managed ePDU (PW1xx)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.534.6.6.6'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 64 }],
  state: { object: `${OUTLETS}.2.1.3.{outlet-1}`, off: 0, on: [1], changing: [2] },
  orders: { off: { object: `${OUTLETS}.2.1.3.{outlet-1}`, value: 0 }, on: { object: `${OUTLETS}.2.1.3.{outlet-1}`, value: 1 } },
  conditions: [],
  outletName: `${OUTLETS}.2.1.2.{outlet-1}`,
  outletCount: `${OUTLETS}.1.0`,
  metering: {
    amps: { object: `${OUTLETS}.2.1.4.{outlet-1}`, scale: 0.001 },
    watts: { object: `${OUTLETS}.2.1.7.{outlet-1}`, scale: 1 },
    flowing: { amps: 0.2, watts: 5 },
  },
  batch: { orders: 8, readings: 8 },
  wholeUnit: [],
  testedOn: [],
  source: 'EATON-EPDU-MA-MIB',
};
