/**
 * Into the node itself. The node is asked to go; whether it went cannot be learned from it. There is no row for off: an answer says that
 * some kernel runs (on), and anything else is unknown. The order is detached, so that its exit status says that it was begun.
 */
import type { Dialect, ExecAccess, ReadSpeech } from '../dialect.ts';

const access: ExecAccess = { kind: 'exec', quoting: 'shell', exit: 'needed', atOnce: 1 };

/** The boot id is random per boot (Linux, random(4)): an answer proves a running kernel. */
const read: ReadSpeech = {
  send: 'cat /proc/sys/kernel/random/boot_id',
  rows: [{ line: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, power: 'on' }],
  extent: 'whole',
};

const refusals: Dialect['refusals'] = [{ line: /^.{0,160}(?:[Pp]ermission denied|Read-only file system).{0,80}$/, means: 'not-permitted' }];

export const targetSysrq: Dialect = {
  name: 'target-sysrq',
  says: 'asks the node itself to cut its power at once (sysrq o); proves nothing',
  evidence: 'target',
  plug: { kind: 'none' },
  access,
  orders: {
    off: {
      send: "test -w /proc/sysrq-trigger || exit 77; nohup sh -c 'sleep 1; echo o > /proc/sysrq-trigger' > /dev/null 2>&1 < /dev/null &",
    },
  },
  read,
  refusals,
  source: 'Linux admin guide, Magic System Request Key: a write by root works whatever kernel.sysrq says',
  testedOn: 'its mock only',
};

export const targetPoweroff: Dialect = {
  name: 'target-poweroff',
  says: 'asks the node itself to power off without stopping services; proves nothing',
  evidence: 'target',
  plug: { kind: 'none' },
  access,
  orders: { off: { send: "nohup sh -c 'sleep 1; systemctl poweroff --force --force || poweroff -nf' > /dev/null 2>&1 < /dev/null &" } },
  read,
  refusals,
  source: 'systemctl(1): --force twice powers off without terminating processes; poweroff(8)',
  testedOn: 'its mock only',
};
