/** Vertiv: Geist and Avocent: objects and numbers by the vendor's own MIB (see ../family.ts). Not shared with any driver. */
import type { Family } from '../family.ts';

export const vertiv: readonly Family[] = [
  {
    name: 'vertiv-geist-v5',
    sysObjectId: '1.3.6.1.4.1.21239.5.2',
    shape: '{o}',
    outlets: 8,
    state: { oid: '1.3.6.1.4.1.21239.5.2.3.5.1.4', on: 1, off: 2, turningOff: 3, turningOn: 4, fault: 7 },
    commands: [
      {
        oid: '1.3.6.1.4.1.21239.5.2.3.5.1.6',
        reads: 8,
        takes: { 2: 'on', 4: 'off', 6: 'reboot', 3: 'delayedOn', 5: 'delayedOff', 1: 'cancel' },
      },
    ],
    label: '1.3.6.1.4.1.21239.5.2.3.5.1.3',
    amps: { oid: '1.3.6.1.4.1.21239.5.2.3.6.1.8', type: 'gauge', per: 100 },
    watts: { oid: '1.3.6.1.4.1.21239.5.2.3.6.1.12', type: 'gauge', per: 1 },
    fixed: [{ oid: '1.3.6.1.4.1.21239.5.2.3.5.1.5', type: 'integer', value: 2 }],
    config: [{ oid: '1.3.6.1.4.1.21239.5.2.3.5.1.11', type: 'integer', value: 10 }],
  },
  {
    name: 'avocent-pm',
    sysObjectId: '1.3.6.1.4.1.10418.17.1.7',
    shape: '1.1.{o}',
    outlets: 8,
    state: { oid: '1.3.6.1.4.1.10418.17.2.5.5.1.5', on: 2, off: 1, turningOff: 6, turningOn: 7, fault: 9 },
    commands: [{ oid: '1.3.6.1.4.1.10418.17.2.5.5.1.6', reads: 1, takes: { 2: 'on', 3: 'off', 4: 'reboot' } }],
    label: '1.3.6.1.4.1.10418.17.2.5.5.1.4',
  },
];
