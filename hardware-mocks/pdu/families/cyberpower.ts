/** CyberPower: objects and numbers by the vendor's own MIB (see ../family.ts). Not shared with any driver. */
import type { Family } from '../family.ts';

export const cyberpower: readonly Family[] = [
  {
    name: 'cyberpower-epdu',
    sysObjectId: '1.3.6.1.4.1.3808.1.1.3',
    shape: '{o}',
    outlets: 8,
    state: { oid: '1.3.6.1.4.1.3808.1.1.3.3.5.1.1.4', on: 1, off: 2 },
    commands: [
      {
        oid: '1.3.6.1.4.1.3808.1.1.3.3.3.1.1.4',
        reads: 'state',
        takes: { 1: 'on', 2: 'off', 3: 'reboot', 4: 'delayedOn', 5: 'delayedOff', 7: 'cancel' },
      },
    ],
    pending: { oid: '1.3.6.1.4.1.3808.1.1.3.3.5.1.1.5', none: 2, some: 1 },
    label: '1.3.6.1.4.1.3808.1.1.3.3.3.1.1.2',
    count: '1.3.6.1.4.1.3808.1.1.3.1.8.0',
    amps: { oid: '1.3.6.1.4.1.3808.1.1.3.3.5.1.1.7', type: 'gauge', per: 10 },
    watts: { oid: '1.3.6.1.4.1.3808.1.1.3.3.5.1.1.8', type: 'gauge', per: 1 },
    wholeUnit: [{ oid: '1.3.6.1.4.1.3808.1.1.3.3.1.1.0', off: 3, on: 2 }],
  },
  {
    name: 'cyberpower-epdu2',
    sysObjectId: '1.3.6.1.4.1.3808.1.1.6',
    shape: '{o}',
    outlets: 8,
    state: { oid: '1.3.6.1.4.1.3808.1.1.6.6.1.4.1.5', on: 1, off: 2 },
    commands: [
      {
        oid: '1.3.6.1.4.1.3808.1.1.6.6.1.5.1.5',
        reads: 'state',
        takes: { 1: 'on', 2: 'off', 3: 'reboot', 4: 'delayedOn', 5: 'delayedOff' },
      },
    ],
    pending: { oid: '1.3.6.1.4.1.3808.1.1.6.6.1.4.1.6', none: 2, some: 1 },
    label: '1.3.6.1.4.1.3808.1.1.6.6.1.4.1.4',
    amps: { oid: '1.3.6.1.4.1.3808.1.1.6.6.2.4.1.6', type: 'gauge', per: 10 },
    watts: { oid: '1.3.6.1.4.1.3808.1.1.6.6.2.4.1.7', type: 'gauge', per: 1 },
  },
];
