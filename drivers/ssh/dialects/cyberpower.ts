import type { Dialect } from '../dialect.ts';

const ON = /^(?<plug>\d{1,2}) +\S.{0,40}? +On$/;
const OFF = /^(?<plug>\d{1,2}) +\S.{0,40}? +Off$/;

/** CyberPower switched PDUs (PDU41001, ePDU firmware 1.2.0). The delay of `delayoff` is the one set on the device for the outlet. */
export const cyberpower: Dialect = {
  name: 'cyberpower',
  says: 'CyberPower switched PDU (oltctrl, oltsta)',
  evidence: 'device',
  plug: { kind: 'named', pattern: /^[1-9]\d?$/, says: 'an outlet number from 1 to 99' },
  access: { kind: 'terminal', prompt: /^CyberPower >$/, leave: 'exit', newline: '\r' },
  orders: { off: { send: 'oltctrl index {plug} act delayoff' }, on: { send: 'oltctrl index {plug} act delayon' } },
  // There is no command for one outlet: all are listed, and the line of ours is looked for.
  read: {
    send: 'oltsta show',
    rows: [
      { line: ON, power: 'on' },
      { line: OFF, power: 'off' },
    ],
    extent: 'lines',
  },
  list: {
    send: 'oltsta show',
    rows: [
      { line: ON, power: 'on' },
      { line: OFF, power: 'off' },
    ],
    extent: 'lines',
  },
  refusals: [
    { line: /^.{0,80}(?:[Ii]nvalid|[Oo]ut of range|[Nn]o such).{0,80}$/, means: 'no-such-plug' },
    { line: /^.{0,80}(?:[Pp]ermission|[Aa]ccess) denied.{0,80}$/, means: 'not-permitted' },
    { line: /^(?:ERROR|Error|Failed).{0,120}$/, means: 'refused' },
  ],
  // PDU41001 ends the connection when it receives a keepalive request.
  keepalive: false,
  source: 'fence_cyberpower_ssh of ClusterLabs (tested there on a PDU41001, firmware 1.2.0)',
  testedOn: 'its mock only',
};
