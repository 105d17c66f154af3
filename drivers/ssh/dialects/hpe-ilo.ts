import type { Dialect } from '../dialect.ts';

/** HPE iLO 3 to 5: SM-CLP on a terminal. One command at a time, and few sessions. */
export const hpeIlo: Dialect = {
  name: 'hpe-ilo',
  says: 'HPE iLO 3, 4 or 5 (power off hard, start /system1, show /system1)',
  evidence: 'device',
  plug: { kind: 'none' },
  access: { kind: 'terminal', prompt: /^(?:<\/[^<>]{0,40}>)?hpiLO->$/, leave: 'exit', newline: '\r' },
  orders: {
    off: { send: 'power off hard', taken: /^status_tag=COMMAND COMPLETED$/ },
    on: { send: 'start /system1', taken: /^status_tag=COMMAND COMPLETED$/ },
  },
  read: {
    send: 'show /system1',
    rows: [
      { line: /^enabledstate=enabled$/i, power: 'on' },
      { line: /^enabledstate=disabled$/i, power: 'off' },
      { line: /^enabledstate=.{0,40}$/i, power: 'unknown' },
    ],
    extent: 'lines',
  },
  refusals: [
    { line: /^.{0,80}already (?:powered )?(?:on|off)\.?$/i, means: 'already' },
    { line: /^error_tag=(?:ACCESS DENIED|INSUFFICIENT PRIVILEGE).{0,40}$/i, means: 'not-permitted' },
    { line: /^status_tag=COMMAND (?:PROCESSING|EXECUTION|ERROR).{0,40}$/, means: 'refused' },
    { line: /^error_tag=.{1,80}$/, means: 'refused' },
  ],
  source:
    'HPE iLO 4 scripting and command line guide; fence_ilo_ssh of ClusterLabs, which however takes every other word than enabled for off',
  testedOn: 'its mock only',
};
