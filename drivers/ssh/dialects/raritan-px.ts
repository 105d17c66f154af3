import type { Dialect } from '../dialect.ts';

/** Raritan PX2 and PX3 (Xerus): `show outlets`, `power outlets`, which asks before it switches. */
export const raritanPx: Dialect = {
  name: 'raritan-px',
  says: 'Raritan PX2 or PX3 rack PDU (show outlets, power outlets)',
  evidence: 'device',
  plug: { kind: 'named', pattern: /^[1-9]\d?$/, says: 'an outlet number from 1 to 99' },
  // The prompt is `#` for an administrator and `>` for a user, behind the PDU's name where one is set: `[My PDU] #`.
  access: { kind: 'terminal', prompt: /^(?:\[[^\]]{1,64}\] )?[#>]$/, leave: 'exit', newline: '\r' },
  orders: {
    off: {
      send: 'power outlets {plug} off',
      confirm: { ask: /^Do you wish to turn outlet (?<plug>\d{1,2}) off\? \[y\/n\]$/, yes: 'y', no: 'n' },
    },
    on: {
      send: 'power outlets {plug} on',
      confirm: { ask: /^Do you wish to turn outlet (?<plug>\d{1,2}) on\? \[y\/n\]$/, yes: 'y', no: 'n' },
    },
  },
  read: {
    send: 'show outlets {plug}',
    heading: /^Outlet (?<plug>\d{1,2})(?::.{0,80}| - .{0,80}:)$/,
    rows: [
      { line: /^Power state: +On$/, power: 'on' },
      { line: /^Power state: +Off$/, power: 'off' },
    ],
    extent: 'lines',
  },
  list: {
    send: 'show outlets all',
    heading: /^Outlet (?<plug>\d{1,2})(?::.{0,80}| - .{0,80}:)$/,
    rows: [
      { line: /^Power state: +On$/, power: 'on' },
      { line: /^Power state: +Off$/, power: 'off' },
    ],
    extent: 'lines',
  },
  refusals: [
    { line: /^.{0,80}(?:[Ii]nvalid|[Uu]nknown|[Nn]o such|does not exist).{0,80}$/, means: 'no-such-plug' },
    { line: /^.{0,80}(?:[Pp]ermission denied|[Nn]ot authorized|[Nn]ot permitted).{0,80}$/, means: 'not-permitted' },
    { line: /^[Ee]rror.{0,120}$/, means: 'refused' },
  ],
  source: 'Raritan PX3 user guide 3.x, command line interface; the questions as fence_raritan_px3 of ClusterLabs meets them',
  testedOn: 'its mock only',
};
