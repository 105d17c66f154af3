/** Smaller vendors: BayTech, NETIO, Synaccess, ATEN: objects and numbers by the vendor's own MIB (see ../family.ts). Not shared with any driver. */
import type { Family } from '../family.ts';

export const small: readonly Family[] = [
  {
    name: 'baytech',
    sysObjectId: '1.3.6.1.4.1.4779.1',
    shape: '1.{o}',
    outlets: 8,
    state: { oid: '1.3.6.1.4.1.4779.1.3.5.3.1.3', on: 1, off: 0, turningOff: 2, turningOn: 2, fault: 6 },
    commands: [{ oid: '1.3.6.1.4.1.4779.1.3.5.3.1.3', reads: 'state', takes: { 1: 'on', 0: 'off', 2: 'reboot' } }],
  },
  {
    name: 'netio',
    sysObjectId: '1.3.6.1.4.1.47952.1',
    shape: '{o}',
    outlets: 4,
    state: { oid: '1.3.6.1.4.1.47952.1.1.1.3', on: 1, off: 0 },
    commands: [{ oid: '1.3.6.1.4.1.47952.1.1.1.5', reads: 5, takes: { 1: 'on', 0: 'off', 2: 'reboot', 4: 'toggle' } }],
    amps: { oid: '1.3.6.1.4.1.47952.1.1.1.28', type: 'integer', per: 1000 },
    watts: { oid: '1.3.6.1.4.1.47952.1.1.1.25', type: 'integer', per: 1 },
  },
  {
    name: 'synaccess',
    sysObjectId: '1.3.6.1.4.1.21728.4',
    shape: '{o}',
    outlets: 8,
    state: { oid: '1.3.6.1.4.1.21728.4.5.1.1.7', on: 1, off: 0 },
    commands: [{ oid: '1.3.6.1.4.1.21728.4.5.1.1.7', reads: 'state', takes: { 1: 'on', 0: 'off' } }],
  },
  {
    name: 'aten-pe',
    sysObjectId: '1.3.6.1.4.1.21317.1',
    shape: '{o+1}.0',
    outlets: 8,
    state: { oid: '1.3.6.1.4.1.21317.1.3.2.2.2.2', on: 2, off: 1, turningOff: 3, turningOn: 3, fault: 7 },
    commands: [{ oid: '1.3.6.1.4.1.21317.1.3.2.2.2.2', reads: 'state', takes: { 1: 'off', 2: 'on', 4: 'reboot' } }],
  },
];
