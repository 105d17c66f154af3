import type { Dialect } from '../dialect.ts';

/**
 * A Proxmox VE host: qm. A guest under pve-ha is started again by its manager, on this host or another: take it out of HA, or fence the
 * host. `stopped` is the word for a guest without a process.
 */
export const proxmox: Dialect = {
  name: 'proxmox',
  says: 'a guest of a Proxmox VE host (qm stop, start, status)',
  evidence: 'device',
  plug: { kind: 'named', pattern: /^[1-9]\d{2,8}$/, says: 'a VMID from 100' },
  access: { kind: 'exec', quoting: 'shell', exit: 'needed', atOnce: 4 },
  orders: { off: { send: '{sudo}qm stop {plug} --skiplock' }, on: { send: '{sudo}qm start {plug}' } },
  read: {
    send: '{sudo}qm status {plug}',
    rows: [
      { line: /^status: running$/, power: 'on' },
      { line: /^status: stopped$/, power: 'off' },
    ],
    extent: 'whole',
  },
  list: {
    send: '{sudo}qm list',
    rows: [
      { line: /^(?<plug>\d{3,9}) +\S{1,64} +running +.{0,80}$/, power: 'on' },
      { line: /^(?<plug>\d{3,9}) +\S{1,64} +stopped +.{0,80}$/, power: 'off' },
      { line: /^(?<plug>\d{3,9}) +\S{1,64} +(?:paused|suspended|prelaunch) +.{0,80}$/, power: 'unknown' },
    ],
    extent: 'lines',
  },
  refusals: [
    { line: /^VM \d{3,9} already running$/, means: 'already' },
    { line: /^VM \d{3,9} not running$/, means: 'already' },
    { line: /^Configuration file '.{0,120}' does not exist$/, means: 'no-such-plug' },
    { line: /^.{0,120}(?:[Pp]ermission|[Pp]ermission check).{0,120}$/, means: 'not-permitted' },
  ],
  source: 'qm(1) of Proxmox VE 7 and 8',
  testedOn: 'its mock only',
};
