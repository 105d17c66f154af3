/** The resolved configuration for people: every value in force, defaults included. Of secrets only where they come from. */
import { Secret } from '../vocabulary/index.ts';
import type { Configuration, DeviceConfiguration, LinkConfiguration, NodeConfiguration, ReferenceIp } from './configuration.ts';

export function explainConfiguration(configuration: Configuration): string {
  const { self, nodes, devices, arbiters } = configuration;
  const lines = [
    `configuration ${configuration.file}`,
    `cluster ${configuration.cluster}, state in ${configuration.stateDir}`,
    `this is ${self.id}, ${self.node === undefined ? 'a third party (no cluster member)' : `on the cluster member ${self.node}`}`,
    '',
    ...[...nodes.values()].flatMap(explainNode),
    ...[...devices.values()].flatMap(explainDevice),
    ...explainVerify(configuration),
    ...explainPolicy(configuration),
    arbiters.length === 0 ? 'arbiters: none, so that only commands are carried out' : 'arbiters',
    ...arbiters.map(({ id, publicKey, runsOn }) => `  ${id}: public key ${publicKey}${runsOn === undefined ? '' : `, runs on ${runsOn}`}`),
    ...explainListen(configuration),
  ];
  return `${lines.join('\n')}\n`;
}

function explainNode({ name, votes, links, fence }: NodeConfiguration): readonly string[] {
  const levels = fence.map((level, index) => {
    const outlets = level.map(({ device, outlet }) => (outlet === '' ? device : `outlet ${outlet} of ${device}`));
    return `  level ${index + 1}: ${outlets.join(' and ')}`;
  });
  return [
    `node ${name}, ${votes} ${votes === 1 ? 'vote' : 'votes'}`,
    `  links: ${links.length === 0 ? 'none' : links.map(explainLink).join(', ')}`,
    ...(levels.length === 0 ? ['  cannot be fenced: no level'] : levels),
    '',
  ];
}

const explainLink = (link: LinkConfiguration): string =>
  link.kind === 'serial'
    ? `${link.name} (serial ${link.device})`
    : `${link.name} (${link.kind} ${shownAddress(link.address.host, link.address.port)})`;

const shownAddress = (host: string, port: number): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

function explainDevice({
  name,
  driver,
  module,
  evidence,
  settings,
  poweredBy,
  confirm,
  answerWithin,
  lateness,
  unusable,
}: DeviceConfiguration): readonly string[] {
  const proof =
    unusable !== undefined
      ? `cannot be used: ${unusable.says}`
      : evidence === 'target'
        ? 'runs on the target, or its off is no proof: can never confirm'
        : `confirmed by ${confirm.readings} off readings, ${shownTime(confirm.gap)} apart`;
  const power =
    poweredBy === undefined ? 'power domain not stated' : poweredBy === 'target' ? 'loses power with its target' : 'powered separately';
  return [
    `device ${name}, driver ${driver}${module === undefined ? '' : ` from ${module}`}`,
    `  ${proof}; ${power}${answerWithin === undefined ? '' : `; answers within ${shownTime(answerWithin)}`}`,
    `  an order may act until ${shownTime(lateness)} after it was sent`,
    ...Object.entries(settings).map(([key, value]) => `  ${key}: ${shownValue(value)}`),
    '',
  ];
}

function shownValue(value: unknown): string {
  if (value instanceof Secret) return `(secret from ${value.origin})`;
  if (Array.isArray(value)) return `[${value.map(shownValue).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, inner]) => `${key}: ${shownValue(inner)}`)
      .join(', ')} }`;
  }
  return String(value);
}

function explainVerify({ verify }: Configuration): readonly string[] {
  const { referenceIps, need, within, listenAgain } = verify;
  const shown = (reference: ReferenceIp): string =>
    reference.kind === 'icmp' ? reference.address : `${shownAddress(reference.address, reference.port)} (tcp)`;
  return [
    'verify',
    referenceIps.length === 0 ? '  no reference addresses: never blind' : `  ${need} of ${referenceIps.map(shown).join(', ')} must answer`,
    `  one round within ${shownTime(within)}; ${listenAgain === 0 ? 'no second hearing' : `a second hearing after ${shownTime(listenAgain)}`}`,
    '',
  ];
}

function explainPolicy({ policy }: Configuration): readonly string[] {
  const { confirm, storm } = policy;
  return [
    'policy',
    `  mode ${policy.mode}${policy.mode === 'approval' ? `, a person has ${shownTime(policy.approvalWindow)} to approve` : ''}`,
    `  hold ${shownTime(policy.delay)}, entire operation within ${shownTime(policy.timeout)}, off for ${shownTime(policy.offTime)} in a reboot`,
    `  at most ${storm.targets} ${storm.targets === 1 ? 'node' : 'nodes'} within ${shownTime(storm.within)}; beyond that a person decides`,
    `  ${confirm.readings} off readings ${shownTime(confirm.gap)} apart, asked again every ${shownTime(confirm.poll)}, an answer within ${shownTime(policy.answerWithin)}`,
    `  lease: ${policy.lease === 'none' ? 'none' : `required; nothing is ordered in its last ${shownTime(policy.leaseMargin)}`}`,
    `  tie-breaker: ${policy.tieBreaker ?? 'none'}; arbiters on contenders are ${policy.allowBiasedArbiter ? 'believed' : 'refused'}`,
    '',
  ];
}

function explainListen({ listen }: Configuration): readonly string[] {
  const { socket, http } = listen;
  if (socket === undefined && http === undefined) return [];
  const tls = http?.tls === undefined ? 'no TLS' : `TLS with ${http.tls.certificate}, key (secret from ${http.tls.key.origin})`;
  return [
    'listen (for the daemon; nothing of this version listens)',
    ...(socket === undefined ? [] : [`  socket ${socket}`]),
    ...(http === undefined ? [] : [`  http ${shownAddress(http.address.host, http.address.port)}, ${tls}`]),
  ];
}

const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

function shownTime(ms: number): string {
  const unit = ms === 0 ? UNITS[2] : UNITS.find(([, factor]) => ms % factor === 0);
  return unit === undefined ? `${ms}ms` : `${ms / unit[1]}${unit[0]}`;
}
