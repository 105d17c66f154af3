/** IBM and Intel: blade and modular servers among them: objects and numbers by the vendor's own MIB (see ../family.ts). Not shared with any driver. */
import type { Family } from '../family.ts';

export const ibm: readonly Family[] = [
  {
    name: 'ibm-pdu',
    sysObjectId: '1.3.6.1.4.1.2.6.223',
    shape: '{o}',
    outlets: 8,
    state: { oid: '1.3.6.1.4.1.2.6.223.8.2.2.1.13', on: 1, off: 0, turningOff: 2, turningOn: 2, fault: -1 },
    commands: [{ oid: '1.3.6.1.4.1.2.6.223.8.2.2.1.13', reads: 'state', takes: { 1: 'on', 0: 'off' } }],
    label: '1.3.6.1.4.1.2.6.223.8.2.2.1.2',
    count: '1.3.6.1.4.1.2.6.223.8.2.1.0',
  },
  {
    name: 'ibm-bladecenter',
    sysObjectId: '1.3.6.1.4.1.2.3.51.2',
    shape: '{o}',
    outlets: 14,
    state: { oid: '1.3.6.1.4.1.2.3.51.2.22.1.5.1.1.4', on: 1, off: 0 },
    commands: [{ oid: '1.3.6.1.4.1.2.3.51.2.22.1.6.1.1.7', reads: 0, takes: { 1: 'on', 0: 'off' } }],
  },
  {
    name: 'intel-modular',
    sysObjectId: '1.3.6.1.4.1.343.2.19.1.2.10',
    shape: '{o}',
    outlets: 6,
    state: { oid: '1.3.6.1.4.1.343.2.19.1.2.10.202.1.1.6', on: 2, off: 0 },
    commands: [{ oid: '1.3.6.1.4.1.343.2.19.1.2.10.202.1.1.6', reads: 'state', takes: { 2: 'on', 3: 'off' } }],
  },
];
