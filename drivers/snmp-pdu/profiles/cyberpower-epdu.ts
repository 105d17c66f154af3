import type { Profile } from '../profile.ts';

const EPDU = '1.3.6.1.4.1.3808.1.1.3';

export const cyberpowerEpdu: Profile = {
  name: 'cyberpower-epdu',
  title: 'CyberPower switched ePDU',
  recognise: { sysObjectId: ['1.3.6.1.4.1.3808.1.1.3'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 64 }],
  state: { object: `${EPDU}.3.5.1.1.4.{outlet}`, off: 2, on: [1], changing: [] },
  orders: { off: { object: `${EPDU}.3.3.1.1.4.{outlet}`, value: 2 }, on: { object: `${EPDU}.3.3.1.1.4.{outlet}`, value: 1 } },
  conditions: [
    { object: `${EPDU}.3.5.1.1.5.{outlet}`, equals: [2], says: 'a command is pending (ePDUOutletStatusCommandPending)', passes: true },
  ],
  outletName: `${EPDU}.3.3.1.1.2.{outlet}`,
  outletCount: `${EPDU}.1.8.0`,
  metering: {
    amps: { object: `${EPDU}.3.5.1.1.7.{outlet}`, scale: 0.1 },
    watts: { object: `${EPDU}.3.5.1.1.8.{outlet}`, scale: 1 },
    flowing: { amps: 0.2, watts: 5 },
  },
  batch: { orders: 8, readings: 8 },
  wholeUnit: [`${EPDU}.3.1.1`],
  testedOn: [],
  source: 'CPS-MIB',
};
