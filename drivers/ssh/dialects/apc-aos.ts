import type { Dialect } from '../dialect.ts';

/** APC by Schneider rack PDUs and rack power filters with AOS 5 or later (AP7xxxB, AP8xxx, AP9xxx): the `apc>` command line. */
export const apcAos: Dialect = {
  name: 'apc-aos',
  says: 'APC rack PDU with AOS 5 or later (olOff, olOn, olStatus)',
  evidence: 'device',
  plug: { kind: 'named', pattern: /^[1-9]\d?$/, says: 'an outlet number from 1 to 99' },
  access: { kind: 'terminal', prompt: /^apc>$/, leave: 'exit', newline: '\r' },
  orders: {
    off: { send: 'olOff {plug}', taken: /^E00[01]: .*$/ },
    on: { send: 'olOn {plug}', taken: /^E00[01]: .*$/ },
  },
  read: {
    send: 'olStatus {plug}',
    // `On*` and `Off*` announce a pending command: neither is a state to rely on.
    rows: [
      { line: /^(?<plug>\d{1,2}): .{0,64}: On$/, power: 'on' },
      { line: /^(?<plug>\d{1,2}): .{0,64}: Off$/, power: 'off' },
      { line: /^(?<plug>\d{1,2}): .{0,64}: (?:On|Off)\*.{0,32}$/, power: 'unknown' },
    ],
    extent: 'lines',
  },
  list: {
    send: 'olStatus all',
    rows: [
      { line: /^(?<plug>\d{1,2}): .{0,64}: On$/, power: 'on' },
      { line: /^(?<plug>\d{1,2}): .{0,64}: Off$/, power: 'off' },
    ],
    extent: 'lines',
  },
  refusals: [
    { line: /^E102: .*$/, means: 'no-such-plug' },
    { line: /^E104: .*$/, means: 'not-permitted' },
    { line: /^E1\d\d: .*$/, means: 'refused' },
  ],
  source: 'APC Switched Rack PDU user guide (AP89xx): command line interface, error codes E000 to E107',
  testedOn: 'its mock only',
};
