import type { Profile } from '../profile.ts';

const SWITCHED = '1.3.6.1.4.1.318.1.1.26.9.2';
const METERED = '1.3.6.1.4.1.318.1.1.26.9.4';

/**
 * Up to four rPDU2 units behind one network port: the row number counts on over all units, so the row is looked up by its module and
 * outlet-number columns, and both are read again with every state.
 */
export const apcRpdu2Chained: Profile = {
  name: 'apc-rpdu2-chained',
  title: 'APC Rack PDU, second generation, grouped or daisy-chained (unit.outlet)',
  experimental: 'the module and outlet-number columns (.2 and .4) are from the MIB; nobody has tried a chain of real units',
  recognise: { sysObjectId: ['1.3.6.1.4.1.318.1.3.4.6'], sysDescr: [] },
  parts: [
    { name: 'unit', min: 1, max: 4, default: 1 },
    { name: 'outlet', min: 1, max: 64 },
  ],
  rows: { unit: `${SWITCHED}.3.1.2.{row}`, outlet: `${SWITCHED}.3.1.4.{row}` },
  state: { object: `${SWITCHED}.3.1.5.{row}`, off: 1, on: [2], changing: [] },
  orders: { off: { object: `${SWITCHED}.4.1.5.{row}`, value: 2 }, on: { object: `${SWITCHED}.4.1.5.{row}`, value: 1 } },
  conditions: [
    {
      object: `${SWITCHED}.3.1.6.{row}`,
      equals: [2],
      says: 'a command is pending (rPDU2OutletSwitchedStatusCommandPending)',
      passes: true,
    },
    {
      // The state column knows only off and on; that the relay's place is lost is told by the command column alone, as 4 (outletUnknown).
      object: `${SWITCHED}.4.1.5.{row}`,
      equals: [1, 2, 3, 5, 6, 7, 8],
      says: 'the PDU does not know the state (rPDU2OutletSwitchedControlCommand is outletUnknown)',
      absent: 'fine',
    },
  ],
  outletName: `${SWITCHED}.3.1.3.{row}`,
  outletCount: '1.3.6.1.4.1.318.1.1.26.4.2.1.4.{unit}',
  metering: {
    amps: { object: `${METERED}.3.1.6.{row}`, scale: 0.1 },
    watts: { object: `${METERED}.3.1.7.{row}`, scale: 1 },
    flowing: { amps: 0.2, watts: 5 },
  },
  harmlessWrite: { object: `${SWITCHED}.1.1.7.1`, says: 'reboot duration of row 1 (rPDU2OutletSwitchedConfigRebootDuration)' },
  batch: { orders: 24, readings: 6 },
  wholeUnit: ['1.3.6.1.4.1.318.1.1.4.2.1', '1.3.6.1.4.1.318.1.1.12.3.1.1'],
  testedOn: [],
  source: 'PowerNet-MIB 4.5.8',
};
