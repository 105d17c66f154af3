import type { Profile } from '../profile.ts';

const RPDU = '1.3.6.1.4.1.318.1.1.12';

/** Switched Rack PDU, first generation: state 1 is on, 2 is off, as in the command. */
export const apcRpdu: Profile = {
  name: 'apc-rpdu',
  title: 'APC Switched Rack PDU, first generation (AP79xx)',
  recognise: { sysObjectId: ['1.3.6.1.4.1.318.1.3.4.5'], sysDescr: [] },
  parts: [{ name: 'outlet', min: 1, max: 64 }],
  state: { object: `${RPDU}.3.5.1.1.4.{outlet}`, off: 2, on: [1], changing: [] },
  orders: { off: { object: `${RPDU}.3.3.1.1.4.{outlet}`, value: 2 }, on: { object: `${RPDU}.3.3.1.1.4.{outlet}`, value: 1 } },
  conditions: [
    { object: `${RPDU}.3.5.1.1.5.{outlet}`, equals: [2], says: 'a command is pending (rPDUOutletStatusCommandPending)', passes: true },
  ],
  outletName: `${RPDU}.3.5.1.1.2.{outlet}`,
  outletCount: `${RPDU}.1.8.0`,
  metering: { amps: { object: `${RPDU}.3.5.1.1.7.{outlet}`, scale: 0.1 }, flowing: { amps: 0.2, watts: 5 } },
  harmlessWrite: { object: `${RPDU}.3.4.1.1.6.1`, says: 'reboot duration of outlet 1 (rPDUOutletConfigRebootDuration)' },
  batch: { orders: 24, readings: 8 },
  wholeUnit: [`${RPDU}.3.1.1`],
  testedOn: [],
  source: 'PowerNet-MIB 4.5.8',
};
