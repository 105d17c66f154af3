import type { Profile } from '../profile.ts';

const MSP = '1.3.6.1.4.1.318.1.1.6';

/** Immediate off is 3 here; 2 is "on after a delay". */
export const apcMsp: Profile = {
  name: 'apc-msp',
  title: 'APC MasterSwitch Plus',
  experimental:
    'fence_apc_snmp addresses unit.1.outlet although the MIB lists only the indices unit and outlet; this profile follows the MIB',
  recognise: { sysObjectId: ['1.3.6.1.4.1.318.1.3.4.4'], sysDescr: [] },
  parts: [
    { name: 'unit', min: 1, max: 4, default: 1 },
    { name: 'outlet', min: 1, max: 16 },
  ],
  state: { object: `${MSP}.7.1.1.5.{unit}.{outlet}`, off: 2, on: [1], changing: [] },
  orders: { off: { object: `${MSP}.5.1.1.5.{unit}.{outlet}`, value: 3 }, on: { object: `${MSP}.5.1.1.5.{unit}.{outlet}`, value: 1 } },
  conditions: [
    {
      object: `${MSP}.7.1.1.6.{unit}.{outlet}`,
      equals: [2],
      says: 'a command is pending (sPDUOutletStatusMSPCommandPending)',
      passes: true,
    },
  ],
  outletName: `${MSP}.7.1.1.4.{unit}.{outlet}`,
  batch: { orders: 1, readings: 8 },
  wholeUnit: [],
  testedOn: [],
  source: 'PowerNet-MIB 4.5.8',
};
