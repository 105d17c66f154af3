import type { Profile } from '../profile.ts';

const VM = '1.3.6.1.4.1.318.1.1.5';

export const apcVm: Profile = {
  name: 'apc-vm',
  title: 'APC MasterSwitch VM',
  recognise: { sysObjectId: ['1.3.6.1.4.1.318.1.3.4.3'], sysDescr: [] },
  parts: [
    { name: 'unit', min: 1, max: 8, default: 1 },
    { name: 'outlet', min: 1, max: 32 },
  ],
  state: { object: `${VM}.7.1.1.5.{unit}.{outlet}`, off: 2, on: [1], changing: [] },
  orders: { off: { object: `${VM}.5.1.1.5.{unit}.{outlet}`, value: 2 }, on: { object: `${VM}.5.1.1.5.{unit}.{outlet}`, value: 1 } },
  conditions: [
    { object: `${VM}.7.1.1.6.{unit}.{outlet}`, equals: [2], says: 'a command is pending (sPDUOutletStatusVMCommandPending)', passes: true },
  ],
  outletName: `${VM}.7.1.1.4.{unit}.{outlet}`,
  batch: { orders: 8, readings: 8 },
  wholeUnit: [],
  testedOn: [],
  source: 'PowerNet-MIB 4.5.8',
};
