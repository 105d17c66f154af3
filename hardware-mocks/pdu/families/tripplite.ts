/** Tripp Lite: objects and numbers by the vendor's own MIB (see ../family.ts). Not shared with any driver. */
import type { Family } from '../family.ts';

export const tripplite: readonly Family[] = [
  {
    name: 'tripplite-tlp',
    sysObjectId: '1.3.6.1.4.1.850.1.1.1',
    shape: '1.{o}',
    outlets: 8,
    state: { oid: '1.3.6.1.4.1.850.1.1.3.2.3.3.1.1.4', on: 2, off: 1, fault: 0 },
    commands: [{ oid: '1.3.6.1.4.1.850.1.1.3.2.3.3.1.1.6', reads: 0, takes: { 2: 'on', 1: 'off', 3: 'reboot' } }],
    label: '1.3.6.1.4.1.850.1.1.3.2.3.3.1.1.2',
    count: '1.3.6.1.4.1.850.1.1.3.2.1.2.1.4.1',
    amps: { oid: '1.3.6.1.4.1.850.1.1.3.2.3.3.1.1.8', type: 'gauge', per: 100 },
    watts: { oid: '1.3.6.1.4.1.850.1.1.3.2.3.3.1.1.9', type: 'gauge', per: 1 },
    fixed: [{ oid: '1.3.6.1.4.1.850.1.1.3.2.3.3.1.1.5', type: 'integer', value: 1 }],
  },
  {
    name: 'tripplite-ups-outlet',
    sysObjectId: '1.3.6.1.4.1.850.100.1',
    shape: '{o}',
    outlets: 8,
    state: { oid: '1.3.6.1.4.1.850.100.1.10.2.1.2', on: 2, off: 1, fault: 0 },
    commands: [{ oid: '1.3.6.1.4.1.850.100.1.10.2.1.4', reads: 'own', takes: { 2: 'on', 1: 'off', 3: 'reboot' } }],
    label: '1.3.6.1.4.1.850.100.1.10.2.1.5',
    count: '1.3.6.1.4.1.850.100.1.10.1.0',
    amps: { oid: '1.3.6.1.4.1.850.100.1.10.2.1.13', type: 'integer', per: 10 },
  },
  {
    name: 'tripplite-fence-tree',
    sysObjectId: '1.3.6.1.4.1.850.1',
    shape: '{o}',
    outlets: 8,
    state: { oid: '1.3.6.1.4.1.850.10.2.3.5.1.2.1', on: 2, off: 1 },
    commands: [{ oid: '1.3.6.1.4.1.850.10.2.3.5.1.4.1', reads: 'own', takes: { 1: 'off', 2: 'on' } }],
  },
];
