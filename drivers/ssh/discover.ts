/** The host keys that a device shows, so that a person can compare and pin them. Nothing is logged in to. */
import type { Discovered, DriverTools, Problem, Within } from '../contract.ts';
import { askHostKey } from './client.ts';
import { fingerprint, keyType } from './host-keys.ts';
import { DIALECTS } from './dialects/index.ts';
import { Limit } from './limit.ts';
import { noCommonAlgorithm } from './problems.ts';

export interface ShownHostKey {
  readonly type: string;
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** What to write into hostKey: the type and the fingerprint. */
  readonly pin: string;
}

/** In the order in which they are to be preferred. */
const TYPES = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa', 'ssh-dss'];

/**
 * Asks for one key of each type, one connection after another, under one deadline. A problem when the device cannot be reached or the time
 * is up before any key was seen; what was seen by then otherwise.
 */
export async function shownHostKeys(
  to: { readonly device: string; readonly host: string; readonly port: number; readonly legacy?: boolean },
  tools: DriverTools,
  within: Within,
): Promise<readonly ShownHostKey[] | Problem> {
  const where = { device: to.device, address: `${to.host}:${to.port}` };
  const limit = new Limit(tools, where, within);
  const shown: ShownHostKey[] = [];
  let problem: Problem | undefined;
  try {
    for (const type of TYPES.filter((each) => to.legacy === true || each !== 'ssh-dss')) {
      const blob = await askHostKey({ where, host: to.host, port: to.port, type, legacy: to.legacy === true }, limit);
      if (blob === undefined) continue;
      if ('code' in blob) {
        problem = blob;
        break;
      }
      shown.push({ type: keyType(blob), fingerprint: fingerprint(blob), pin: `${keyType(blob)} ${fingerprint(blob)}` });
    }
  } finally {
    limit.end();
  }
  if (shown.length > 0 || problem === undefined) return shown;
  return problem;
}

const SSH_PORT = 22;

/**
 * `DriverModule.discover`: the host keys to pin. Nothing is logged in to: whose key it is has to be compared first. What is at the other end
 * only a person can tell, so the dialect is asked for and never guessed.
 */
export async function discover(
  host: string,
  given: Readonly<Record<string, unknown>>,
  tools: DriverTools,
  within: Within,
): Promise<Discovered | Problem> {
  const port = typeof given['port'] === 'number' ? given['port'] : SSH_PORT;
  const asked = await keysInAnyWay(host, port, given['legacyAlgorithms'] === true, tools, within);
  if ('code' in asked) return asked;
  const { shown, legacy } = asked;
  const { host: _host, port: _port, hostKey: _hostKey, legacyAlgorithms: _legacy, ...known } = given;
  const pins = known['knownHosts'] === undefined ? { hostKey: shown.map(({ pin }) => pin) } : {};
  const login = ['key', 'password', 'agent'].some((name) => known[name] !== undefined);
  return {
    found: [
      'an SSH server; it was not logged in to',
      ...shown.map(({ pin }) => `host key ${pin}`),
      'compare the keys with the device itself (at its console: ssh-keygen -l) before you rely on them',
      ...(known['dialect'] === undefined
        ? [`set dialect to what is at the other end: ${DIALECTS.map(({ name }) => name).join(', ')}, generic`]
        : []),
      ...(login && known['username'] !== undefined ? [] : ['set username, and one of key, agent and password, to log in with']),
    ],
    warnings: legacy ? ['it speaks old algorithms only (SHA-1, CBC): update its firmware, or keep it on a network of its own'] : [],
    configuration: { ...(port === SSH_PORT ? {} : { port }), ...known, ...pins, ...(legacy ? { legacyAlgorithms: true } : {}) },
  };
}

/** First in today's algorithms; old firmware agrees to none of them, and is asked again in its own. */
async function keysInAnyWay(
  host: string,
  port: number,
  legacyGiven: boolean,
  tools: DriverTools,
  within: Within,
): Promise<{ readonly shown: readonly ShownHostKey[]; readonly legacy: boolean } | Problem> {
  const end = tools.now() + within.ms;
  for (const legacy of legacyGiven ? [true] : [false, true]) {
    const shown = await shownHostKeys({ device: host, host, port, legacy }, tools, { ...within, ms: Math.max(0, end - tools.now()) });
    if ('code' in shown) return shown;
    if (shown.length > 0) return { shown, legacy };
  }
  return noCommonAlgorithm({ device: host, address: `${host}:${port}` }, 'it shows no host key of any type that is known here');
}
