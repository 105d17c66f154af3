/** Raritan: objects and numbers by the vendor's own MIB (see ../family.ts). Not shared with any driver. */
import type { Family } from '../family.ts';

export const raritan: readonly Family[] = [
  {
    name: 'raritan-px2',
    sysObjectId: '1.3.6.1.4.1.13742.6',
    model: '1.3.6.1.4.1.13742.6.3.2.1.1.3.1',
    shape: '1.{o}',
    outlets: 12,
    state: { oid: '1.3.6.1.4.1.13742.6.4.1.2.1.3', on: 7, off: 8, fault: -1 },
    commands: [{ oid: '1.3.6.1.4.1.13742.6.4.1.2.1.2', reads: 'own', takes: { 1: 'on', 0: 'off', 2: 'reboot' } }],
    label: '1.3.6.1.4.1.13742.6.3.5.3.1.3',
    count: '1.3.6.1.4.1.13742.6.3.2.2.1.4.1',
    amps: { oid: '1.3.6.1.4.1.13742.6.5.4.3.1.4', type: 'gauge', per: 1000, shape: '1.{o}.1' },
    watts: { oid: '1.3.6.1.4.1.13742.6.5.4.3.1.4', type: 'gauge', per: 1, shape: '1.{o}.5' },
    fixed: [
      { oid: '1.3.6.1.4.1.13742.6.3.5.3.1.28', type: 'integer', value: 1 },
      { oid: '1.3.6.1.4.1.13742.6.3.5.4.1.7', type: 'gauge', value: 3, shape: '1.{o}.1' },
      { oid: '1.3.6.1.4.1.13742.6.3.5.4.1.7', type: 'gauge', value: 0, shape: '1.{o}.5' },
      { oid: '1.3.6.1.4.1.13742.6.5.4.3.1.2', type: 'integer', value: 1, shape: '1.{o}.1' },
      { oid: '1.3.6.1.4.1.13742.6.5.4.3.1.2', type: 'integer', value: 1, shape: '1.{o}.5' },
    ],
    config: [{ oid: '1.3.6.1.4.1.13742.6.3.5.3.1.12', type: 'gauge', value: 10 }],
  },
  {
    name: 'raritan-px1',
    sysObjectId: '1.3.6.1.4.1.13742.4',
    shape: '{o}',
    outlets: 8,
    state: { oid: '1.3.6.1.4.1.13742.4.1.2.2.1.3', on: 1, off: 0, turningOff: 2, turningOn: 2, fault: -1 },
    commands: [{ oid: '1.3.6.1.4.1.13742.4.1.2.2.1.3', reads: 'state', takes: { 1: 'on', 0: 'off' } }],
    label: '1.3.6.1.4.1.13742.4.1.2.2.1.2',
    count: '1.3.6.1.4.1.13742.4.1.2.1.0',
    amps: { oid: '1.3.6.1.4.1.13742.4.1.2.2.1.4', type: 'gauge', per: 1000 },
    watts: { oid: '1.3.6.1.4.1.13742.4.1.2.2.1.7', type: 'gauge', per: 1 },
  },
];
