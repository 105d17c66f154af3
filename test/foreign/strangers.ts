/**
 * Strangers: programs that we did not write and that our tests drive, or are driven by.
 *
 * A stranger that is not installed is named together with the Debian package that brings it. On a developer's machine its tests
 * are then counted as skipped; with `BAILIFF_REQUIRE_STRANGERS=1`, as .ci/run sets it, a missing stranger is a failure.
 *
 * The body may also be collected while its strangers are missing: start them in `beforeAll` or in a test, never while collecting.
 *
 * ```ts
 * describeWithStrangers(['ipmitool', 'ipmi_sim'], 'ipmitool and we agree', (path) => {
 *   it('reads the power', async () => { await run(path('ipmitool'), [...]) });
 * });
 * ```
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';

interface Source {
  /** The Debian package that brings it. */
  readonly debian: string;
  /** Absolute path, for programs that are on nobody's PATH. */
  readonly at?: string;
  /** Name of a Python module: present when the system's Python can import it; its path is then the interpreter's. */
  readonly python?: string;
}

/** Every stranger our tests know, by the name of its command (or of its Python module). .ci/run installs the packages of this table. */
export const STRANGERS = {
  ipmitool: { debian: 'ipmitool' },
  ipmipower: { debian: 'freeipmi-tools' },
  'ipmi-chassis': { debian: 'freeipmi-tools' },
  ipmi_sim: { debian: 'openipmi' },
  pyghmi: { debian: 'python3-pyghmi', python: 'pyghmi' },
  fence_ipmilan: { debian: 'fence-agents' },
  fence_apc_snmp: { debian: 'fence-agents' },
  fence_eaton_snmp: { debian: 'fence-agents' },
  fence_apc: { debian: 'fence-agents' },
  fence_redfish: { debian: 'fence-agents' },
  fence_virsh: { debian: 'fence-agents' },
  fence_dummy: { debian: 'fence-agents' },
  snmpget: { debian: 'snmp' },
  snmpset: { debian: 'snmp' },
  snmpwalk: { debian: 'snmp' },
  snmpd: { debian: 'snmpd' },
  snmpsimd: { debian: 'snmpsim' },
  'snmp-ups': { debian: 'nut-snmp', at: '/lib/nut/snmp-ups' },
  // The command of that name is a script that asks /etc/nut whether it may start.
  upsd: { debian: 'nut-server', at: '/lib/nut/upsd' },
  upsc: { debian: 'nut-client' },
  upscmd: { debian: 'nut-client' },
  ssh: { debian: 'openssh-client' },
  'ssh-keygen': { debian: 'openssh-client' },
  'ssh-keyscan': { debian: 'openssh-client' },
  sshd: { debian: 'openssh-server' },
  redfishtool: { debian: 'redfishtool' },
  sushy: { debian: 'python3-sushy', python: 'sushy' },
  powermand: { debian: 'powerman' },
  powerman: { debian: 'powerman' },
  stonith: { debian: 'cluster-glue' },
  stonith_admin: { debian: 'pacemaker-cli-utils' },
  'pacemaker-fenced': { debian: 'pacemaker', at: '/usr/lib/pacemaker/pacemaker-fenced' },
  ping: { debian: 'iputils-ping' },
  busybox: { debian: 'busybox' },
  nft: { debian: 'nftables' },
  ip: { debian: 'iproute2' },
  ps: { debian: 'procps' },
  // A reader of the guides has them; a machine with nothing but Node need not.
  grep: { debian: 'grep' },
  sed: { debian: 'sed' },
  openssl: { debian: 'openssl' },
  python3: { debian: 'python3', at: '/usr/bin/python3' },
} as const satisfies Record<string, Source>;

export type StrangerName = keyof typeof STRANGERS;

/** A stranger that is here, with the absolute path to run; or one that is missing, with a sentence that names its package. */
export type Stranger = { readonly here: true; readonly path: string } | { readonly here: false; readonly says: string };

/** The system's Python: Debian's modules are visible to this one only, whatever else is first on PATH. */
const SYSTEM_PYTHON = '/usr/bin/python3';
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin'];
const known = new Map<StrangerName, Stranger>();

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A PATH without /usr/bin is meant so (`npm run bare`): then nothing is looked for elsewhere, so that what is missing there is missing. */
const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
const bare = !path.includes('/usr/bin');

function findCommand(name: string, at: string | undefined): string | undefined {
  if (at !== undefined && !bare && executable(at)) return at;
  return [...path, ...(bare ? [] : SYSTEM_FOLDERS)].map((folder) => join(folder, name)).find(executable);
}

function findPython(module: string): string | undefined {
  if (bare || !executable(SYSTEM_PYTHON)) return undefined;
  return spawnSync(SYSTEM_PYTHON, ['-c', `import ${module}`], { timeout: 20_000 }).status === 0 ? SYSTEM_PYTHON : undefined;
}

/** Looks for one stranger; the answer is remembered for the life of the test process. */
export function stranger(name: StrangerName): Stranger {
  const before = known.get(name);
  if (before !== undefined) return before;
  const source: Source = STRANGERS[name];
  const path = source.python === undefined ? findCommand(name, source.at) : findPython(source.python);
  const found: Stranger =
    path === undefined ? { here: false, says: `${name} is missing: install the Debian package ${source.debian}` } : { here: true, path };
  known.set(name, found);
  return found;
}

/** True where a missing stranger has to fail (continuous integration), instead of being counted as skipped. */
export function strangersAreRequired(): boolean {
  return process.env['BAILIFF_REQUIRE_STRANGERS'] === '1';
}

/** Path of a stranger for use inside a test; throws a sentence naming the Debian package when it is missing. */
export function strangerPath(name: StrangerName): string {
  const found = stranger(name);
  if (!found.here) throw new Error(found.says);
  return found.path;
}

/**
 * A `describe` whose tests need the named strangers. The body gets a function from name to absolute path. When one is missing, the
 * group is counted as skipped with the missing package in its title, or fails where strangers are required.
 */
export function describeWithStrangers<Name extends StrangerName>(
  names: readonly Name[],
  title: string,
  body: (path: (name: Name) => string) => void,
): void {
  const missing = names.map((name) => stranger(name)).flatMap((found) => (found.here ? [] : [found.says]));
  if (missing.length === 0) {
    describe(title, () => body(strangerPath));
    return;
  }
  const group = `${title} (${missing.join('; ')})`;
  if (strangersAreRequired()) {
    describe(group, () => {
      it('finds the strangers that it needs', () => {
        throw new Error(missing.join('; '));
      });
    });
    return;
  }
  describe.skipIf(true)(group, () => body((name) => name));
}
