import type { Dialect } from '../dialect.ts';

/**
 * A libvirt host: virsh in a shell. Only `shut off` is off: a paused, crashed or suspended domain still exists and may go on. The words
 * are translated by virsh, hence LC_ALL=C.
 */
export const libvirt: Dialect = {
  name: 'libvirt',
  says: 'a guest of a libvirt host (virsh destroy, start, domstate)',
  evidence: 'device',
  plug: { kind: 'named', pattern: /^[A-Za-z0-9_][A-Za-z0-9_.:+@-]{0,127}$/, says: 'the name or UUID of a domain' },
  access: { kind: 'exec', quoting: 'shell', exit: 'needed', atOnce: 4 },
  orders: {
    off: { send: 'LC_ALL=C {sudo}virsh destroy --domain {plug}', taken: /^Domain '?[^' ]{1,128}'? destroyed$/ },
    on: { send: 'LC_ALL=C {sudo}virsh start --domain {plug}', taken: /^Domain '?[^' ]{1,128}'? started$/ },
  },
  read: {
    send: 'LC_ALL=C {sudo}virsh domstate --domain {plug}',
    rows: [
      { line: /^(?:running|idle|in shutdown)$/, power: 'on' },
      { line: /^shut off$/, power: 'off' },
      { line: /^(?:paused|crashed|pmsuspended|dying|no state|blocked)$/, power: 'unknown' },
    ],
    extent: 'whole',
  },
  list: {
    send: 'LC_ALL=C {sudo}virsh list --all',
    rows: [
      { line: /^\d{1,9} +(?<plug>[A-Za-z0-9_][A-Za-z0-9_.:+@-]{0,127}) +(?:running|idle|in shutdown)$/, power: 'on' },
      { line: /^- +(?<plug>[A-Za-z0-9_][A-Za-z0-9_.:+@-]{0,127}) +shut off$/, power: 'off' },
      { line: /^(?:\d{1,9}|-) +(?<plug>[A-Za-z0-9_][A-Za-z0-9_.:+@-]{0,127}) +(?:paused|crashed|pmsuspended|dying)$/, power: 'unknown' },
    ],
    extent: 'lines',
  },
  refusals: [
    { line: /^error: .{0,160}domain is not running$/, means: 'already' },
    { line: /^error: .{0,160}[Dd]omain is already active$/, means: 'already' },
    { line: /^error: (?:failed to get domain|Domain not found).{0,200}$/, means: 'no-such-plug' },
    { line: /^error: .{0,160}(?:authentication|[Pp]ermission denied|access denied).{0,160}$/, means: 'not-permitted' },
  ],
  source: 'virsh(1), domstate, destroy, start',
  testedOn: 'its mock only',
};
