/** OpenSSH's sshd with a power strip of two outlets as forced command, a key to log in with, and a configuration that pins the host key. */
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { program, type Stopwatch } from './measure.ts';
import { ended } from './pdu-rack.ts';
import { freePort } from '../test/foreign/free-port.ts';

export interface SshdRack {
  /** Configuration whose journal lies in a folder `state`. */
  configuration(state: string): Promise<string>;
  /** OpenSSH's own client: off, then show; two connections, or both through one that is kept open. */
  client(kept: boolean): readonly string[];
  /** Logins that sshd accepted since the last call. */
  logins(): Promise<number>;
  switchOn(): Promise<void>;
  cut(): Promise<boolean>;
  down(): Promise<void>;
}

const STRIP = `#!/bin/sh
set -f
set -- $SSH_ORIGINAL_COMMAND
[ "$1" = outlet ] || { echo "unknown command" >&2; exit 2; }
file="$(dirname "$0")/outlet.$3"
[ -f "$file" ] || { echo "no outlet" >&2; exit 3; }
case "$2" in
  off|on) echo "$2" > "$file" ;;
  show) echo "outlet $3 is $(cat "$file")" ;;
  *) exit 2 ;;
esac
`;

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (up) return;
    await pause(50);
  }
  throw new Error('sshd did not come up');
}

export async function sshdRack(watch: Stopwatch): Promise<SshdRack> {
  const folder = await mkdtemp(join(tmpdir(), 'bailiff-bench-'));
  const at = (name: string): string => join(folder, name);
  const port = await freePort('tcp');
  for (const name of ['host', 'login']) await watch.run([program('ssh-keygen'), '-q', '-t', 'ed25519', '-N', '', '-f', at(name)]);
  await writeFile(at('strip.sh'), STRIP);
  await chmod(at('strip.sh'), 0o755);
  await writeFile(at('authorized_keys'), `command="${at('strip.sh')}",restrict ${await readFile(at('login.pub'), 'utf8')}`);
  await writeFile(at('known_hosts'), `[127.0.0.1]:${port} ${await readFile(at('host.pub'), 'utf8')}`);
  // SHLVL: bash reads ~/.bashrc for a command of sshd unless it thinks that it is an inner shell; whatever lies there would be measured.
  await writeFile(
    at('sshd_config'),
    `ListenAddress 127.0.0.1:${port}
HostKey ${at('host')}
AuthorizedKeysFile ${at('authorized_keys')}
PidFile ${at('pid')}
LogLevel INFO
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PrintMotd no
PrintLastLog no
SetEnv SHLVL=5
`,
  );
  // Root's sshd wants its separation folder; anybody else's does without.
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn(program('sshd'), ['-D', '-f', at('sshd_config'), '-E', at('log')], { stdio: 'ignore' });
  await listening(port);
  const switchOn = async (): Promise<void> => {
    for (const plug of ['1', '2']) await writeFile(at(`outlet.${plug}`), 'on\n');
  };
  await switchOn();
  let seen = 0;
  return {
    configuration: async (state) => {
      const file = at(`bailiff-${state}.yaml`);
      await writeFile(file, configurationOf(state, port));
      return file;
    },
    client: (kept) => {
      const options = ['BatchMode=yes', 'IdentitiesOnly=yes', `UserKnownHostsFile=${at('known_hosts')}`].map((option) => `-o ${option}`);
      const ssh = `${program('ssh')} -F none -p ${port} -i ${at('login')} ${options.join(' ')} ${kept ? `-S ${at('master')}` : ''}`;
      const two = `${ssh} ${kept ? '-M -o ControlPersist=5' : ''} 127.0.0.1 outlet off 1 && ${ssh} 127.0.0.1 outlet show 1 | grep -qx 'outlet 1 is off'`;
      return ['sh', '-c', kept ? `${two}; seen=$?; ${ssh} -O exit 127.0.0.1; exit $seen` : two];
    },
    logins: async () => {
      const all = (await readFile(at('log'), 'utf8')).split('\n').filter((line) => line.startsWith('Accepted publickey')).length;
      const since = all - seen;
      seen = all;
      return since;
    },
    switchOn,
    cut: async () => (await readFile(at('outlet.1'), 'utf8')).trim() === 'off' && (await readFile(at('outlet.2'), 'utf8')).trim() === 'on',
    down: async () => {
      await ended(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const configurationOf = (state: string, port: number): string => `cluster: orders
self: { id: witness-1 }
stateDir: ./${state}
nodes: { db1: { fence: [[{ device: strip, outlet: 1 }]] }, db2: { fence: [] } }
devices:
  strip:
    driver: ssh
    host: 127.0.0.1
    port: ${port}
    username: ${userInfo().username}
    dialect: generic
    evidence: device
    outlets: true
    commands: { off: 'outlet off {plug}', on: 'outlet on {plug}', read: 'outlet show {plug}' }
    says: { on: 'outlet (?<plug>\\w+) is on', off: 'outlet (?<plug>\\w+) is off' }
    knownHosts: known_hosts
    key: { file: login }
verify: { referenceIps: [127.0.0.1], need: 1 }
policy: { tieBreaker: reference-ips }
`;
