import type { Profile } from '../profile.ts';

const SPDU = '1.3.6.1.4.1.318.1.1.4';

/** One object takes orders and tells the state (sPDUOutletCtl); 4 is the MIB's own "unknown: power-cycle the PDU". */
export const apcSpdu: Profile = {
  name: 'apc-spdu',
  title: 'APC MasterSwitch (sPDU tree, answered by later APC models too)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.318.1.3.4.1', '1.3.6.1.4.1.318.1.3.4.2'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 64 }],
  state: { object: `${SPDU}.4.2.1.3.{outlet}`, off: 2, on: [1], changing: [3, 5, 6, 7] },
  orders: { off: { object: `${SPDU}.4.2.1.3.{outlet}`, value: 2 }, on: { object: `${SPDU}.4.2.1.3.{outlet}`, value: 1 } },
  conditions: [{ object: `${SPDU}.4.2.1.2.{outlet}`, equals: [2], says: 'a command is pending (sPDUOutletPending)', passes: true }],
  outletName: `${SPDU}.4.2.1.4.{outlet}`,
  outletCount: `${SPDU}.4.1.0`,
  harmlessWrite: { object: `${SPDU}.5.2.1.5.1`, says: 'reboot duration of outlet 1 (sPDUOutletRebootDuration)' },
  batch: { orders: 24, readings: 8 },
  wholeUnit: [`${SPDU}.2.1`],
  testedOn: [],
  source: 'PowerNet-MIB 4.5.8',
};
