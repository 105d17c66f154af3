import type { Dialect } from '../dialect.ts';

/** Eaton (Pulizzi) ePDU managed PDUs, `pdu#0>`. */
export const eatonEpdu: Dialect = {
  name: 'eaton-epdu',
  says: 'Eaton ePDU (get and set PDU.OutletSystem.Outlet)',
  evidence: 'device',
  plug: { kind: 'named', pattern: /^[1-9]\d?$/, says: 'an outlet number from 1 to 99' },
  access: { kind: 'terminal', prompt: /^pdu#\d{1,2}>$/, leave: 'quit', newline: '\r' },
  orders: {
    // The delay is counted in seconds from now: 0 switches at once.
    off: { send: 'set PDU.OutletSystem.Outlet[{plug}].DelayBeforeShutdown 0', taken: /^0$/ },
    on: { send: 'set PDU.OutletSystem.Outlet[{plug}].DelayBeforeStartup 0', taken: /^0$/ },
  },
  read: {
    send: 'get PDU.OutletSystem.Outlet[{plug}].PresentStatus.SwitchOnOff',
    rows: [
      { line: /^1$/, power: 'on' },
      { line: /^0$/, power: 'off' },
    ],
    extent: 'whole',
  },
  refusals: [
    { line: /^.{0,80}(?:[Uu]nknown object|[Ii]nvalid|[Nn]ot found|does not exist).{0,80}$/, means: 'no-such-plug' },
    { line: /^.{0,80}(?:[Aa]ccess|[Pp]ermission) denied.{0,80}$/, means: 'not-permitted' },
    { line: /^(?:ERROR|Error).{0,120}$/, means: 'refused' },
  ],
  source: 'Eaton ePDU G3 CLI objects; the answers as fence_eaton_ssh of ClusterLabs meets them',
  testedOn: 'its mock only',
};
