import type { Dialect } from '../dialect.ts';

/** Dell iDRAC 6 to 9: racadm by exec. */
export const idrac: Dialect = {
  name: 'idrac',
  says: 'Dell iDRAC (racadm serveraction)',
  evidence: 'device',
  plug: { kind: 'none' },
  // Older firmware closes the channel without an exit status.
  access: { kind: 'exec', quoting: 'word', exit: 'optional', atOnce: 1 },
  orders: {
    off: { send: 'racadm serveraction powerdown', taken: /^Server power operation (?:successful|initiated successfully)\.?$/ },
    on: { send: 'racadm serveraction powerup', taken: /^Server power operation (?:successful|initiated successfully)\.?$/ },
  },
  read: {
    send: 'racadm serveraction powerstatus',
    rows: [
      { line: /^Server power status: ON$/i, power: 'on' },
      { line: /^Server power status: OFF$/i, power: 'off' },
      { line: /^Server power status: .{0,40}$/i, power: 'unknown' },
    ],
    extent: 'lines',
  },
  refusals: [
    { line: /^.{0,80}already powered (?:on|off)\.?.{0,40}$/i, means: 'already' },
    { line: /^.{0,80}(?:privilege|not permitted|insufficient).{0,80}$/i, means: 'not-permitted' },
    { line: /^ERROR.{0,120}$/i, means: 'refused' },
  ],
  source: 'Dell RACADM command line reference, serveraction; the words ON and OFF as fence_drac5 of ClusterLabs meets them',
  testedOn: 'its mock only',
};
