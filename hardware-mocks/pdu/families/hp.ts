/** HP: objects and numbers by the vendor's own MIB (see ../family.ts). Not shared with any driver. */
import type { Family } from '../family.ts';

export const hp: readonly Family[] = [
  {
    name: 'hp-pdu2',
    sysObjectId: '1.3.6.1.4.1.232.165.7',
    shape: '1.{o}',
    outlets: 8,
    state: { oid: '1.3.6.1.4.1.232.165.7.5.2.1.1', on: 2, off: 1, turningOff: 3, turningOn: 4 },
    commands: [
      { oid: '1.3.6.1.4.1.232.165.7.5.2.1.2', reads: -1, seconds: 'off', takes: {} },
      { oid: '1.3.6.1.4.1.232.165.7.5.2.1.3', reads: -1, seconds: 'on', takes: {} },
      { oid: '1.3.6.1.4.1.232.165.7.5.2.1.4', reads: -1, takes: { 0: 'reboot' } },
    ],
    label: '1.3.6.1.4.1.232.165.7.5.1.1.2',
    count: '1.3.6.1.4.1.232.165.7.1.2.1.12.1',
    watts: { oid: '1.3.6.1.4.1.232.165.7.5.1.1.14', type: 'integer', per: 1 },
    fixed: [{ oid: '1.3.6.1.4.1.232.165.7.5.2.1.8', type: 'integer', value: 1 }],
    config: [{ oid: '1.3.6.1.4.1.232.165.7.5.2.1.7', type: 'integer', value: 10 }],
  },
  {
    name: 'hp-pdu3',
    sysObjectId: '1.3.6.1.4.1.232.165.11',
    shape: '1.{o}',
    outlets: 8,
    state: { oid: '1.3.6.1.4.1.232.165.11.5.2.1.1', on: 2, off: 1, turningOff: 3, turningOn: 4 },
    commands: [
      { oid: '1.3.6.1.4.1.232.165.11.5.2.1.2', reads: -1, seconds: 'off', takes: {} },
      { oid: '1.3.6.1.4.1.232.165.11.5.2.1.3', reads: -1, seconds: 'on', takes: {} },
      { oid: '1.3.6.1.4.1.232.165.11.5.2.1.4', reads: -1, takes: { 0: 'reboot' } },
    ],
    label: '1.3.6.1.4.1.232.165.11.5.1.1.2',
    count: '1.3.6.1.4.1.232.165.11.1.2.1.13.1',
    amps: { oid: '1.3.6.1.4.1.232.165.11.5.1.1.5', type: 'integer', per: 100 },
    watts: { oid: '1.3.6.1.4.1.232.165.11.5.1.1.13', type: 'integer', per: 1 },
    fixed: [{ oid: '1.3.6.1.4.1.232.165.11.5.2.1.8', type: 'integer', value: 1 }],
  },
];
