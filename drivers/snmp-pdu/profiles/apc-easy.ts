import type { Profile } from '../profile.ts';

const EPDU = '1.3.6.1.4.1.318.1.1.30.6';

/** Same trap as the rPDU2 tree: state 1 is off, 2 is on; the command is 1 on, 2 off. */
export const apcEasy: Profile = {
  name: 'apc-easy',
  title: 'APC Easy PDU (ePDU tree)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.318.1.3.4.9'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 64 }],
  state: { object: `${EPDU}.1.1.4.{outlet}`, off: 1, on: [2], changing: [] },
  orders: { off: { object: `${EPDU}.2.1.4.{outlet}`, value: 2 }, on: { object: `${EPDU}.2.1.4.{outlet}`, value: 1 } },
  conditions: [
    {
      // The state column knows only off and on; that the relay's place is lost is told by the command column alone, as 3 (outletUnknown).
      object: `${EPDU}.2.1.4.{outlet}`,
      equals: [1, 2],
      says: 'the PDU does not know the state (ePDUOutletControlCommand is outletUnknown)',
      absent: 'fine',
    },
  ],
  batch: { orders: 8, readings: 12 },
  wholeUnit: [],
  testedOn: [],
  source: 'PowerNet-MIB 4.5.8',
};
