/** Shells: hypervisor machines whose guests are the plugs, and a node itself. */
import { randomUUID } from 'node:crypto';
import type { Board } from '../board.ts';
import { type Reply, said, type Voice, word } from '../voice.ts';

const failed = (code: number, ...err: readonly string[]): Reply => ({ out: [], err, code });
const notFound = (line: string): Reply => failed(127, `sh: 1: ${line.split(' ')[0] ?? ''}: not found`);

/** One shell word back to what it means; only the quoting that a careful client uses. */
const unquoted = (text: string): string => (/^'.*'$/.test(text) ? text.slice(1, -1).replaceAll(String.raw`'\''`, "'") : text);

export const libvirt: Voice = {
  name: 'libvirt',
  answer: (line, board) => {
    const told = line
      .trim()
      .replace(/^LC_ALL=C /, '')
      .replace(/^sudo -n /, '');
    if (told === 'virsh list --all') {
      const rows = board.plugs.map((each) => {
        const state = word(board.power(each) ?? 'off', { on: 'running', off: 'shut off', neither: 'paused' });
        return ` ${state === 'shut off' ? '- ' : '1 '}   ${each}   ${state}`;
      });
      return { out: [' Id   Name   State', '------------------------', ...rows, ''], tells: true };
    }
    const [, verb = '', quoted = ''] = /^virsh (destroy|start|domstate) --domain (.+)$/.exec(told) ?? [];
    const name = unquoted(quoted);
    if (verb === '') return notFound(told);
    if (!board.has(name)) return failed(1, `error: failed to get domain '${name}'`);
    if (verb === 'domstate')
      return { out: [word(board.power(name) ?? 'off', { on: 'running', off: 'shut off', neither: 'paused' }), ''], tells: true };
    const wanted = verb === 'start' ? 'on' : 'off';
    if (board.truth(name) === wanted) {
      const why = wanted === 'on' ? 'Domain is already active' : 'Requested operation is not valid: domain is not running';
      return failed(1, `error: Failed to ${verb} domain '${name}'`, `error: ${why}`);
    }
    board.order(name, wanted);
    return said(`Domain '${name}' ${wanted === 'on' ? 'started' : 'destroyed'}`, '');
  },
};

export const proxmox: Voice = {
  name: 'proxmox',
  answer: (line, board) => {
    const told = line.trim().replace(/^sudo -n /, '');
    if (told === 'qm list') {
      const rows = board.plugs.map(
        (each) =>
          `       ${each} guest-${each}  ${word(board.power(each) ?? 'off', { on: 'running', off: 'stopped', neither: 'paused' })}    2048              32.00 0`,
      );
      return { out: ['      VMID NAME                 STATUS     MEM(MB)    BOOTDISK(GB) PID', ...rows], tells: true };
    }
    const [, verb = '', id = ''] = /^qm (stop|start|status) (\d+)(?: --skiplock)?$/.exec(told) ?? [];
    if (verb === '') return notFound(told);
    if (!board.has(id)) return failed(2, `Configuration file 'nodes/pve/qemu-server/${id}.conf' does not exist`);
    if (verb === 'status')
      return { out: [`status: ${word(board.power(id) ?? 'off', { on: 'running', off: 'stopped', neither: 'prelaunch' })}`], tells: true };
    if (verb === 'start' && board.truth(id) === 'on') return failed(255, `VM ${id} already running`);
    board.order(id, verb === 'start' ? 'on' : 'off');
    return said();
  },
};

export const esxi: Voice = {
  name: 'esxi',
  answer: (line, board) => {
    const [, verb = '', id = ''] = /^vim-cmd vmsvc\/power\.(off|on|getstate) (\d+)$/.exec(line.trim()) ?? [];
    if (verb === '') return notFound(line.trim());
    if (!board.has(id)) return { out: ['(vim.fault.NotFound) {', `   msg = "Unable to find a VM corresponding to "${id}""`, '}'], code: 1 };
    if (verb === 'getstate') {
      return {
        out: ['Retrieved runtime info', word(board.power(id) ?? 'off', { on: 'Powered on', off: 'Powered off', neither: 'Suspended' })],
        tells: true,
      };
    }
    const wanted = verb === 'on' ? 'on' : 'off';
    if (board.truth(id) === wanted) {
      return {
        out: [`Powering ${wanted} VM:`],
        err: [`Power ${wanted} failed: The attempted operation cannot be performed in the current state (Powered ${wanted}).`],
        code: 1,
      };
    }
    board.order(id, wanted);
    return said(`Powering ${wanted} VM:`);
  },
};

/** A Linux node. Its boot id changes with every boot; `rebooted` says so. */
export function linuxNode(): Voice & { rebooted(): void; readonly bootId: string } {
  let bootId: string = randomUUID();
  return {
    name: 'target',
    onTheMachine: true,
    get bootId() {
      return bootId;
    },
    rebooted: () => {
      bootId = randomUUID();
    },
    answer: (line, board: Board) => {
      const told = line.trim();
      if (told === 'cat /proc/sys/kernel/random/boot_id') return { out: [bootId], tells: true };
      if (/\/proc\/sysrq-trigger|systemctl poweroff --force --force/.test(told)) {
        board.order('', 'off');
        return said();
      }
      return notFound(told);
    },
  };
}
