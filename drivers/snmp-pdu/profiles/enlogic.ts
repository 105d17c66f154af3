import type { Profile } from '../profile.ts';

const PDU = '1.3.6.1.4.1.38446.1.5';

/** State 0 is off, 1 is on; the command is 1 off, 2 on. */
export const enlogic: Profile = {
  name: 'enlogic',
  title: 'Enlogic, nVent PDU',
  recognise: { sysObjectId: ['1.3.6.1.4.1.38446'], sysDescr: [] },
  parts: [
    { name: 'unit', min: 1, max: 64, default: 1 },
    { name: 'outlet', min: 1, max: 64 },
  ],
  state: { object: `${PDU}.4.1.4.{unit}.{outlet}`, off: 0, on: [1], changing: [] },
  orders: { off: { object: `${PDU}.5.1.4.{unit}.{outlet}`, value: 1 }, on: { object: `${PDU}.5.1.4.{unit}.{outlet}`, value: 2 } },
  conditions: [
    {
      // The state column knows only off and on; that the relay's place is lost is told by the command column alone, as 7 (outletUnknown).
      object: `${PDU}.5.1.4.{unit}.{outlet}`,
      equals: [1, 2, 3, 4, 5, 6],
      says: 'the PDU does not know the state (pduOutletSwitchedControlCommand is outletUnknown)',
      absent: 'fine',
    },
  ],
  outletName: `${PDU}.4.1.3.{unit}.{outlet}`,
  metering: {
    amps: { object: `${PDU}.9.1.5.{unit}.{outlet}`, scale: 0.01 },
    watts: { object: `${PDU}.9.1.6.{unit}.{outlet}`, scale: 1 },
    flowing: { amps: 0.2, watts: 5 },
  },
  batch: { orders: 8, readings: 8 },
  wholeUnit: [],
  testedOn: [],
  source: 'ENLOGIC-PDU-MIB',
};
