import type { Profile } from '../profile.ts';

const SWITCHED = '1.3.6.1.4.1.318.1.1.26.9.2';
const METERED = '1.3.6.1.4.1.318.1.1.26.9.4';

/** The state's polarity is turned round (1 is off, 2 is on) while the command keeps 1 on, 2 off. Row and outlet number agree on a single unit. */
export const apcRpdu2: Profile = {
  name: 'apc-rpdu2',
  title: 'APC Rack PDU, second generation (AP8xxx, rPDU2 tree)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.318.1.3.4.6'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 64 }],
  state: { object: `${SWITCHED}.3.1.5.{outlet}`, off: 1, on: [2], changing: [] },
  orders: { off: { object: `${SWITCHED}.4.1.5.{outlet}`, value: 2 }, on: { object: `${SWITCHED}.4.1.5.{outlet}`, value: 1 } },
  conditions: [
    {
      object: `${SWITCHED}.3.1.6.{outlet}`,
      equals: [2],
      says: 'a command is pending (rPDU2OutletSwitchedStatusCommandPending)',
      passes: true,
    },
    {
      // The state column knows only off and on; that the relay's place is lost is told by the command column alone, as 4 (outletUnknown).
      object: `${SWITCHED}.4.1.5.{outlet}`,
      equals: [1, 2, 3, 5, 6, 7, 8],
      says: 'the PDU does not know the state (rPDU2OutletSwitchedControlCommand is outletUnknown)',
      absent: 'fine',
    },
  ],
  outletName: `${SWITCHED}.3.1.3.{outlet}`,
  outletCount: '1.3.6.1.4.1.318.1.1.26.4.2.1.4.1',
  metering: {
    amps: { object: `${METERED}.3.1.6.{outlet}`, scale: 0.1 },
    watts: { object: `${METERED}.3.1.7.{outlet}`, scale: 1 },
    flowing: { amps: 0.2, watts: 5 },
  },
  harmlessWrite: { object: `${SWITCHED}.1.1.7.1`, says: 'reboot duration of outlet 1 (rPDU2OutletSwitchedConfigRebootDuration)' },
  batch: { orders: 24, readings: 8 },
  wholeUnit: ['1.3.6.1.4.1.318.1.1.4.2.1', '1.3.6.1.4.1.318.1.1.12.3.1.1'],
  testedOn: [],
  source: 'PowerNet-MIB 4.5.8',
};
