import type { Dialect } from '../dialect.ts';

/** A stand-alone VMware ESXi host: vim-cmd in its shell. `Suspended` is not off: the guest can be resumed. */
export const esxi: Dialect = {
  name: 'esxi',
  says: 'a guest of a VMware ESXi host (vim-cmd vmsvc)',
  evidence: 'device',
  plug: { kind: 'named', pattern: /^[1-9]\d{0,5}$/, says: 'the number that vim-cmd vmsvc/getallvms shows' },
  access: { kind: 'exec', quoting: 'shell', exit: 'needed', atOnce: 2 },
  orders: { off: { send: 'vim-cmd vmsvc/power.off {plug}' }, on: { send: 'vim-cmd vmsvc/power.on {plug}' } },
  read: {
    send: 'vim-cmd vmsvc/power.getstate {plug}',
    rows: [
      { line: /^Powered on$/, power: 'on' },
      { line: /^Powered off$/, power: 'off' },
      { line: /^Suspended$/, power: 'unknown' },
    ],
    extent: 'lines',
  },
  refusals: [
    { line: /^.{0,40}(?:[Uu]nable to find a VM|Invalid VM ID|vim\.fault\.NotFound).{0,120}$/, means: 'no-such-plug' },
    { line: /^.{0,160}in the current state \(Powered (?:on|off)\)\.?.{0,40}$/, means: 'already' },
    { line: /^.{0,120}(?:[Pp]ermission|NoPermission).{0,120}$/, means: 'not-permitted' },
  ],
  source: 'VMware ESXi Shell vim-cmd vmsvc (general knowledge of versions 6 to 8, without a primary source)',
  testedOn: 'its mock only',
};
