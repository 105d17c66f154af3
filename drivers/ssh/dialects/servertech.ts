import type { Dialect } from '../dialect.ts';

const ON = /^(?<plug>\.?[A-Z]{1,2}\d{1,2}) +\S{1,32} +(?:On|Idle On|Wake On) +(?:On|Idle On|Wake On)(?: +Normal)?$/;
/** Both columns, what the outlet reports and what the unit applies, must say off. */
const OFF = /^(?<plug>\.?[A-Z]{1,2}\d{1,2}) +\S{1,32} +Off +Off(?: +Normal)?$/;
const NEITHER = /^(?<plug>\.?[A-Z]{1,2}\d{1,2}) +\S{1,32} +(?:On|Off|Idle On|Wake On|Idle Off|Reboot|No Comm|Error|\?).{0,40}$/;

/** Server Technology (Sentry) Switched CDU and PDU, firmware 6 to 8; sold by others as Switched PDU too. */
export const servertech: Dialect = {
  name: 'servertech',
  says: 'Server Technology Switched CDU or PDU (status, off, on)',
  evidence: 'device',
  plug: { kind: 'named', pattern: /^\.?[A-Z]{1,2}\d{1,2}$/, says: 'an absolute outlet name such as .AA1 (firmware 8: AA1)' },
  access: {
    kind: 'terminal',
    prompt: /^(?:Switched|Smart) [CP]DU:$/,
    more: { ask: /^More \(Y\/es N\/o\):$/, answer: 'Y' },
    leave: 'logout',
    newline: '\r',
  },
  orders: { off: { send: 'off {plug}' }, on: { send: 'on {plug}' } },
  read: {
    send: 'status {plug}',
    rows: [
      { line: ON, power: 'on' },
      { line: OFF, power: 'off' },
      { line: NEITHER, power: 'unknown' },
    ],
    extent: 'lines',
  },
  list: {
    send: 'status',
    rows: [
      { line: ON, power: 'on' },
      { line: OFF, power: 'off' },
    ],
    extent: 'lines',
  },
  refusals: [
    { line: /^.{0,80}(?:not found|[Ii]nvalid (?:outlet|name|parameter)|[Nn]o such).{0,80}$/, means: 'no-such-plug' },
    { line: /^.{0,80}(?:[Aa]ccess denied|[Nn]ot authorized|[Nn]o permission).{0,80}$/, means: 'not-permitted' },
    { line: /^(?:Error|Invalid|Command (?:failed|not)).{0,120}$/, means: 'refused' },
  ],
  source: 'Switched Cabinet Distribution Unit installation and operations manual, firmware 7.0: outlet state and control state columns',
  testedOn: 'its mock only',
};
