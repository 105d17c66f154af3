/** Server Technology: objects and numbers by the vendor's own MIB (see ../family.ts). Not shared with any driver. */
import type { Family } from '../family.ts';

export const servertech: readonly Family[] = [
  {
    name: 'servertech-sentry3',
    sysObjectId: '1.3.6.1.4.1.1718.3',
    shape: '1.1.{o}',
    outlets: 8,
    state: { oid: '1.3.6.1.4.1.1718.3.2.3.1.5', on: 1, off: 0, turningOff: 2, turningOn: 3, fault: 4 },
    commands: [{ oid: '1.3.6.1.4.1.1718.3.2.3.1.11', reads: 0, takes: { 1: 'on', 2: 'off', 3: 'reboot' } }],
    intent: { oid: '1.3.6.1.4.1.1718.3.2.3.1.10', on: 5, off: 4, turningOn: 10, turningOff: 11 },
    label: '1.3.6.1.4.1.1718.3.2.3.1.3',
    amps: { oid: '1.3.6.1.4.1.1718.3.2.3.1.7', type: 'integer', per: 100 },
    watts: { oid: '1.3.6.1.4.1.1718.3.2.3.1.14', type: 'integer', per: 1 },
    config: [{ oid: '1.3.6.1.4.1.1718.3.2.3.1.19', type: 'integer', value: 1 }],
  },
  {
    name: 'servertech-sentry4',
    sysObjectId: '1.3.6.1.4.1.1718.4',
    shape: '1.1.{o}',
    outlets: 8,
    state: { oid: '1.3.6.1.4.1.1718.4.1.8.3.1.1', on: 1, off: 2, fault: 0 },
    commands: [{ oid: '1.3.6.1.4.1.1718.4.1.8.5.1.2', reads: 0, takes: { 1: 'on', 2: 'off', 3: 'reboot' } }],
    intent: { oid: '1.3.6.1.4.1.1718.4.1.8.5.1.1', on: 11, off: 10, turningOn: 8, turningOff: 9 },
    label: '1.3.6.1.4.1.1718.4.1.8.2.1.3',
    amps: { oid: '1.3.6.1.4.1.1718.4.1.8.3.1.3', type: 'integer', per: 100 },
    watts: { oid: '1.3.6.1.4.1.1718.4.1.8.3.1.7', type: 'integer', per: 1 },
    fixed: [{ oid: '1.3.6.1.4.1.1718.4.1.8.3.1.2', type: 'integer', value: 0 }],
    scalars: [{ oid: '1.3.6.1.4.1.1718.4.1.8.1.11.0', type: 'integer', value: 15 }],
  },
];
