/**
 * From what is written to the resolved configuration. Each part that is well-formed in itself is looked at, also when others are not, so
 * that one run reports everything. Reads top to bottom like the file.
 */
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import type {
  ArbiterConfiguration,
  Configuration,
  ListenConfiguration,
  PolicyConfiguration,
  ReferenceIp,
  SelfConfiguration,
  TlsConfiguration,
  VerifyConfiguration,
} from './configuration.ts';
import { DEFAULTS, LIMITS, SPANS } from './defaults.ts';
import { type ResolvedDevice, resolveDevice } from './devices.ts';
import type { Findings, Path } from './findings.ts';
import { resolveNodes } from './nodes.ts';
import { plainPlace } from './places.ts';
import { secretAt } from './secrets.ts';
import { addressOf, entries, type Loading, publicFile, reportRepeated, section, span, tooMany, unknownReference } from './sections.ts';
import { part, validate, valueAt } from './validate.ts';
import {
  arbitersSchema,
  deviceSchema,
  listenSchema,
  policySchema,
  selfSchema,
  verifySchema,
  type WrittenArbiters,
  type WrittenListen,
  type WrittenVerify,
  writtenSchema,
} from './written.ts';

/** The configuration, or undefined when anything was reported to `findings`. */
export async function resolveConfiguration(given: Loading): Promise<Configuration | undefined> {
  const { document, findings, file } = given;
  const top = validate(writtenSchema, document, findings);
  const loading = top === undefined ? given : { ...given, whole: top };
  const policy = resolvePolicy(loading);
  const devices = await resolveDevices(loading, policy.confirm);
  const nodes = resolveNodes(loading, devices);
  const self = resolveSelf(loading);
  const verify = resolveVerify(loading);
  const arbiters = resolveArbiters(loading);
  const listen = resolveListen(loading);
  if (top === undefined || self === undefined || findings.count() > 0) return undefined;
  return {
    file,
    cluster: top.cluster,
    stateDir: resolve(dirname(file), top.stateDir),
    self,
    nodes,
    devices: new Map([...devices].flatMap(([name, found]) => (found === undefined ? [] : [[name, found.device] as const]))),
    verify,
    policy,
    arbiters,
    listen,
  };
}

function resolvePolicy(loading: Loading): PolicyConfiguration {
  const written = part(policySchema, section(loading, 'policy')) ?? part(policySchema, {});
  if (written === undefined) throw new Error('the default policy does not fit its own schema');
  const { findings } = loading;
  const at = (text: string, bounds: readonly [string, string], ...keys: string[]): number =>
    span(text, bounds, ['policy', ...keys], findings);
  const { confirm, storm } = written;
  return {
    mode: written.mode,
    delay: at(written.delay, SPANS.delay, 'delay'),
    timeout: at(written.timeout, SPANS.timeout, 'timeout'),
    storm: { targets: storm.targets, within: at(storm.within, SPANS.stormWithin, 'storm', 'within') },
    allowBiasedArbiter: written.allowBiasedArbiter,
    approvalWindow: at(written.approvalWindow, SPANS.approvalWindow, 'approvalWindow'),
    ...(written.tieBreaker === undefined ? {} : { tieBreaker: written.tieBreaker }),
    confirm: {
      readings: confirm.readings,
      gap: at(confirm.gap, SPANS.gap, 'confirm', 'gap'),
      poll: at(confirm.poll, SPANS.poll, 'confirm', 'poll'),
    },
    answerWithin: at(written.answerWithin, SPANS.answerWithin, 'answerWithin'),
    offTime: at(written.offTime, SPANS.offTime, 'offTime'),
    lease: written.lease,
    leaseMargin: at(written.leaseMargin, SPANS.leaseMargin, 'leaseMargin'),
  };
}

/** Every name that is written, with undefined for a device that has a problem: naming it elsewhere is no second problem. */
async function resolveDevices(
  loading: Loading,
  confirm: PolicyConfiguration['confirm'],
): Promise<ReadonlyMap<string, ResolvedDevice | undefined>> {
  const devices = new Map<string, ResolvedDevice | undefined>();
  const all = entries(section(loading, 'devices'));
  if (all.length > LIMITS.devices) tooMany(loading.findings, 'devices', LIMITS.devices);
  for (const [name, value] of all.slice(0, LIMITS.devices)) {
    const written = loading.whole?.devices[name] ?? part(deviceSchema, value);
    if (written?.answerWithin !== undefined)
      span(written.answerWithin, SPANS.answerWithin, ['devices', name, 'answerWithin'], loading.findings);
    if (written?.lateness !== undefined) span(written.lateness, SPANS.lateness, ['devices', name, 'lateness'], loading.findings);
    if (written?.confirm?.gap !== undefined) span(written.confirm.gap, SPANS.gap, ['devices', name, 'confirm', 'gap'], loading.findings);
    devices.set(name, written === undefined ? undefined : await resolveDevice(name, written, { ...loading, confirm }));
  }
  return devices;
}

function resolveSelf(loading: Loading): SelfConfiguration | undefined {
  const self = part(selfSchema, section(loading, 'self'));
  if (self === undefined) return undefined;
  const names = entries(section(loading, 'nodes')).map(([name]) => name);
  if (self.node !== undefined && !names.includes(self.node)) unknownReference('node', self.node, names, ['self', 'node'], loading.findings);
  return self.node === undefined ? { id: self.id } : { id: self.id, node: self.node };
}

function resolveVerify(loading: Loading): VerifyConfiguration {
  const written = part(verifySchema, section(loading, 'verify')) ?? part(verifySchema, {});
  if (written === undefined) throw new Error('the default of verify does not fit its own schema');
  const { findings } = loading;
  return {
    referenceIps: resolveReferenceIps(written.referenceIps, findings),
    need: written.need ?? (written.referenceIps.length === 0 ? 0 : DEFAULTS.verify.need),
    within: span(written.within, SPANS.within, ['verify', 'within'], findings),
    listenAgain: span(written.listenAgain, SPANS.listenAgain, ['verify', 'listenAgain'], findings),
  };
}

function resolveReferenceIps(written: WrittenVerify['referenceIps'], findings: Findings): readonly ReferenceIp[] {
  const path: Path = ['verify', 'referenceIps'];
  const all = written.map((reference, index): ReferenceIp => {
    const address = typeof reference === 'string' ? reference : reference.address;
    if (isIP(address) === 0)
      findings.add({ code: 'wrong-value', path: [...path, index], says: 'is not an IP address', next: 'mend the address' });
    return typeof reference === 'string' ? { kind: 'icmp', address } : reference;
  });
  reportRepeated(
    all.map(({ address }) => plainPlace(address)),
    (index) => [...path, index],
    'this address is listed already, and one machine would count twice',
    findings,
  );
  return all;
}

function resolveArbiters(loading: Loading): readonly ArbiterConfiguration[] {
  const written: WrittenArbiters = part(arbitersSchema, valueAt(loading.document, ['arbiters']) ?? []) ?? [];
  reportRepeated(
    written.map(({ id }) => id),
    (index) => ['arbiters', index, 'id'],
    'an arbiter has this id already',
    loading.findings,
  );
  return written.map(({ id, publicKey, host }, index) => ({
    id,
    publicKey: publicFile(publicKey.file, ['arbiters', index, 'publicKey'], loading),
    ...(host === undefined ? {} : { runsOn: host }),
  }));
}

function resolveListen(loading: Loading): ListenConfiguration {
  const written = part(listenSchema, section(loading, 'listen')) ?? {};
  const { sources, findings } = loading;
  const socket = written.socket === undefined ? undefined : resolve(sources.base, written.socket);
  if (socket !== undefined && Buffer.byteLength(socket) > LIMITS.socketPathBytes) {
    const says = `the path of the socket is longer than ${LIMITS.socketPathBytes} bytes: ${socket}`;
    findings.add({ code: 'wrong-value', path: ['listen', 'socket'], says, next: 'choose a shorter one, such as /run/bailiff.sock' });
  }
  const address = written.http === undefined ? undefined : addressOf(written.http.address, ['listen', 'http', 'address'], findings);
  const tls = resolveTls(written.http?.tls, loading);
  return {
    ...(socket === undefined ? {} : { socket }),
    ...(address === undefined ? {} : { http: { address, ...(tls === undefined ? {} : { tls }) } }),
  };
}

type WrittenTls = NonNullable<NonNullable<WrittenListen['http']>['tls']>;

function resolveTls(written: WrittenTls | undefined, loading: Loading): TlsConfiguration | undefined {
  if (written === undefined) return undefined;
  const path: Path = ['listen', 'http', 'tls'];
  const key = secretAt([...path, 'key'], written.key, loading.sources, loading.findings);
  const certificate = publicFile(written.certificate.file, [...path, 'certificate'], loading);
  const clientCa = written.clientCa === undefined ? undefined : publicFile(written.clientCa.file, [...path, 'clientCa'], loading);
  return key === undefined ? undefined : { certificate, key, ...(clientCa === undefined ? {} : { clientCa }) };
}
