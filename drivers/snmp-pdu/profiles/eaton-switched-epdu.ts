import type { Profile } from '../profile.ts';

const PULIZZI = '1.3.6.1.4.1.20677.2.6';

/** The command of outlet n is object n+1; command 1 would switch every outlet. State 0: there is no such outlet. */
export const eatonSwitchedEpdu: Profile = {
  name: 'eaton-switched-epdu',
  title: 'Eaton Switched ePDU (Pulizzi, IPV and IPC models)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.20677.1', '1.3.6.1.4.1.20677.2'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 32 }],
  state: { object: `${PULIZZI}.3.{outlet}.0`, off: 2, on: [1], changing: [] },
  orders: { off: { object: `${PULIZZI}.2.{outlet+1}.0`, value: 2 }, on: { object: `${PULIZZI}.2.{outlet+1}.0`, value: 1 } },
  conditions: [],
  batch: { orders: 1, readings: 16 },
  wholeUnit: [`${PULIZZI}.2.1`],
  testedOn: [],
  source: 'EATON-EPDU-PU-SW-MIB',
};
