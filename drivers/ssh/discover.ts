/** The host keys that a device shows, so that a person can compare and pin them. Nothing is logged in to. */
import type { Discovered, DriverTools, Problem, Deadline } from '../kit/contract.ts';
import { describe } from './certificates.ts';
import { askHostKey } from './transport.ts';
import { parseCertificate } from './codec/certificate.ts';
import { DIALECTS } from './dialects/index.ts';
import { fingerprint, keyName, keyType } from './key-names.ts';
import { keyscan } from './keyscan.ts';
import { RunningDeadline, SharedDeadline } from '../kit/deadline.ts';
import { deadlineTexts, noCommonAlgorithm } from './problems.ts';
import { trustOf } from './settings.ts';
import { DeviceTrust } from './trust.ts';

interface ShownHostKey {
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
  within: Deadline,
): Promise<readonly ShownHostKey[] | Problem> {
  const where = { device: to.device, address: `${to.host}:${to.port}` };
  const deadline = new RunningDeadline(tools, where, within, deadlineTexts);
  const shown: ShownHostKey[] = [];
  let problem: Problem | undefined;
  try {
    for (const type of TYPES.filter((each) => to.legacy === true || each !== 'ssh-dss')) {
      const blob = await askHostKey({ where, host: to.host, port: to.port, type, legacy: to.legacy === true }, deadline);
      if (blob === undefined) continue;
      if ('code' in blob) {
        problem = blob;
        break;
      }
      shown.push({ type: keyType(blob), fingerprint: fingerprint(blob), pin: `${keyType(blob)} ${fingerprint(blob)}` });
    }
  } finally {
    deadline.end();
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
  within: Deadline,
): Promise<Discovered | Problem> {
  const port = typeof given['port'] === 'number' ? given['port'] : SSH_PORT;
  const deadline = new SharedDeadline(tools, within);
  const asked = await keysInAnyWay(host, port, given['legacyAlgorithms'] === true, tools, within);
  if ('code' in asked) return asked;
  const { shown, legacy } = asked;
  const certified = await certificates(host, port, given, tools, deadline.left);
  const { host: _host, port: _port, hostKey: _hostKey, legacyAlgorithms: _legacy, ...known } = given;
  const pins = known['knownHosts'] === undefined && !certified.good ? { hostKey: shown.map(({ pin }) => pin) } : {};
  const login = ['key', 'password', 'agent'].some((name) => known[name] !== undefined);
  return {
    found: [
      'an SSH server; it was not logged in to',
      ...shown.map(({ pin }) => `host key ${pin}`),
      ...certified.found,
      ...(certified.good ? [] : ['compare the keys with the device itself (at its console: ssh-keygen -l) before you rely on them']),
      ...(known['dialect'] === undefined
        ? [`set dialect to what is at the other end: ${DIALECTS.map(({ name }) => name).join(', ')}, generic`]
        : []),
      ...(login && known['username'] !== undefined ? [] : ['set username, and one of key, agent and password, to log in with']),
    ],
    warnings: [
      ...(legacy ? ['it speaks old algorithms only (SHA-1, CBC): update its firmware, or keep it on a network of its own'] : []),
      ...certified.warnings,
    ],
    configuration: { ...(port === SSH_PORT ? {} : { port }), ...known, ...pins, ...(legacy ? { legacyAlgorithms: true } : {}) },
  };
}

/** Most of the time that a device is given to show its certificates: most have none, and the keys were seen already. */
const CERTIFICATES_MS = 5_000;

/** The certificates that it offers, and whether one of them is good by the authorities that are given. */
async function certificates(
  host: string,
  port: number,
  given: Readonly<Record<string, unknown>>,
  tools: DriverTools,
  within: Deadline,
): Promise<{ readonly found: readonly string[]; readonly warnings: readonly string[]; readonly good: boolean }> {
  const where = { device: host, address: `${host}:${port}` };
  const deadline = new RunningDeadline(tools, where, { ...within, ms: Math.min(within.ms, CERTIFICATES_MS) }, deadlineTexts);
  try {
    const scanned = await keyscan({ host, port }, deadline);
    const settings = { host, port, ...trustOf(given), certificateFile: undefined };
    const trust = await deadline.orOver(new DeviceTrust(settings, where, tools, () => Promise.resolve(scanned)).gather(deadline, true));
    const [found, warnings]: [string[], string[]] = [[], []];
    let good = false;
    for (const certificate of scanned.certificates.map(parseCertificate)) {
      if (typeof certificate === 'string') continue;
      const judged = trust === undefined || 'code' in trust ? trust : trust.judge.judge(certificate.key);
      const admitted = judged !== undefined && 'by' in judged && judged.certificate !== undefined;
      good ||= admitted;
      found.push(`${describe(certificate)}, for ${keyName(certificate.key)}${admitted ? ': it vouches for this key' : ''}`);
      if (judged !== undefined && 'code' in judged && judged.code === 'ssh-host-certificate-refused') warnings.push(judged.says);
    }
    const unused = found.length > 0 && !good && given['hostCa'] === undefined;
    return { found: unused ? [...found, 'with the public key of that CA in hostCa no key needs to be pinned'] : found, warnings, good };
  } finally {
    deadline.end();
  }
}

/** First in today's algorithms; old firmware agrees to none of them, and is asked again in its own. */
async function keysInAnyWay(
  host: string,
  port: number,
  legacyGiven: boolean,
  tools: DriverTools,
  within: Deadline,
): Promise<{ readonly shown: readonly ShownHostKey[]; readonly legacy: boolean } | Problem> {
  const deadline = new SharedDeadline(tools, within);
  for (const legacy of legacyGiven ? [true] : [false, true]) {
    const shown = await shownHostKeys({ device: host, host, port, legacy }, tools, deadline.left);
    if ('code' in shown) return shown;
    if (shown.length > 0) return { shown, legacy };
  }
  return noCommonAlgorithm({ device: host, address: `${host}:${port}` }, 'it shows no host key of any type that is known here');
}
