/**
 * The configuration as it is written in the file: one description from which come validation and the JSON Schema. zod lives only here
 * and in schema.ts; named imports from zod/mini keep the start short. References between parts, bounds of durations and drivers'
 * settings are checked by resolve.ts.
 */
import {
  _default,
  array,
  boolean,
  discriminatedUnion,
  enum as oneOf,
  type infer as Infer,
  int,
  literal,
  looseObject,
  maximum,
  maxLength,
  minimum,
  minLength,
  optional,
  record,
  regex,
  strictObject,
  string,
  union,
} from 'zod/mini';
import { DEFAULTS, LIMITS } from './defaults.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const NAME_RULE = 'must be a name: 1 to 64 letters, digits, dots, hyphens or underscores, starting with a letter or digit';
const DURATION = /^\d{1,9}(?:ms|s|m|h)$/;
const PORT = '(?:[1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])';
const HOST_PORT = new RegExp(`^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,252}|\\[[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,15})?\\]):${PORT}$`);
const BYTE = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
/** Loose on the inside of IPv6: resolve.ts asks node:net. */
const IP = new RegExp(`^(?:${BYTE}(?:\\.${BYTE}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9._-]{1,15})?)$`);
const PRINTABLE = /^[^\u0000-\u001f\u007f]+$/;

const name = string().check(regex(NAME, NAME_RULE));
const DURATION_RULE = 'must be a duration with its unit, such as 500ms, 3s or 2m';
const duration = string({ error: DURATION_RULE }).check(regex(DURATION, DURATION_RULE));
const path = string().check(minLength(1), maxLength(1024), regex(PRINTABLE, 'must not hold control characters'));
const hostPort = string().check(regex(HOST_PORT, 'must be an address with its port, such as 192.0.2.1:7101 or [2001:db8::1]:7101'));
const ip = string().check(maxLength(64), regex(IP, 'must be an IP address, not a name: name resolution fails when it is needed most'));
const count = (from: number, to: number) => int().check(minimum(from), maximum(to));
/** Where the file itself (not a driver's settings) holds secrets: the text of an error there must not quote the value. */
export const SECRET_PATHS: readonly string[] = ['listen.http.tls.key'];

const fileReference = strictObject({ file: path });
const secretReference = union([
  strictObject({ file: path }),
  strictObject({ env: string().check(minLength(1), maxLength(256)) }),
  strictObject({ credential: name }),
]);

export const selfSchema = strictObject({ id: name, node: optional(name) });

const link = discriminatedUnion('kind', [
  strictObject({ name, kind: literal('udp'), address: hostPort }),
  strictObject({ name, kind: literal('tcp'), address: hostPort }),
  strictObject({ name, kind: literal('serial'), device: path }),
]);

const plug = union([count(0, 999_999), string().check(minLength(1), maxLength(64), regex(PRINTABLE, 'must not hold control characters'))]);
const outlet = strictObject({ device: name, outlet: optional(plug) });
const level = array(outlet).check(minLength(1), maxLength(LIMITS.outletsPerLevel));

export const fenceSchema = array(level).check(maxLength(LIMITS.levels));
export const nodeSchema = strictObject({
  votes: _default(count(0, LIMITS.votes), DEFAULTS.votes),
  links: _default(array(link).check(maxLength(LIMITS.links)), []),
  fence: fenceSchema,
});

const driverWord = string().check(minLength(1), maxLength(256), regex(PRINTABLE, 'must not hold control characters'));
const readings = count(1, 10);
const deviceConfirm = strictObject({ readings: optional(readings), gap: optional(duration) });
const poweredBy = oneOf(['target', 'separate']);
/** Every other key belongs to the driver. */
export const deviceSchema = looseObject({
  driver: driverWord,
  poweredBy: optional(poweredBy),
  confirm: optional(deviceConfirm),
  answerWithin: optional(duration),
  lateness: optional(duration),
});
/** What a device takes whatever its driver is. */
export const DEVICE_KEYS: readonly string[] = ['driver', 'poweredBy', 'confirm', 'answerWithin', 'lateness'];
export const deviceCommon = strictObject({
  poweredBy: optional(poweredBy),
  confirm: optional(deviceConfirm),
  answerWithin: optional(duration),
  lateness: optional(duration),
});

const port = count(1, 65_535);
const referenceIp = union([
  ip,
  discriminatedUnion('kind', [
    strictObject({ kind: literal('icmp'), address: ip }),
    strictObject({ kind: literal('tcp'), address: ip, port }),
  ]),
]);
export const verifySchema = strictObject({
  referenceIps: _default(array(referenceIp).check(maxLength(LIMITS.referenceIps)), []),
  need: optional(count(0, LIMITS.referenceIps)),
  within: _default(duration, DEFAULTS.verify.within),
  listenAgain: _default(duration, DEFAULTS.verify.listenAgain),
});

const storm = strictObject({
  targets: _default(count(1, LIMITS.nodes), DEFAULTS.policy.storm.targets),
  within: _default(duration, DEFAULTS.policy.storm.within),
});
const policyConfirm = strictObject({
  readings: _default(readings, DEFAULTS.policy.confirm.readings),
  gap: _default(duration, DEFAULTS.policy.confirm.gap),
  poll: _default(duration, DEFAULTS.policy.confirm.poll),
});
export const policySchema = strictObject({
  mode: _default(oneOf(['automatic', 'approval']), DEFAULTS.policy.mode),
  delay: _default(duration, DEFAULTS.policy.delay),
  timeout: _default(duration, DEFAULTS.policy.timeout),
  storm: _default(storm, DEFAULTS.policy.storm),
  allowBiasedArbiter: _default(boolean(), DEFAULTS.policy.allowBiasedArbiter),
  approvalWindow: _default(duration, DEFAULTS.policy.approvalWindow),
  tieBreaker: optional(oneOf(['reference-ips'])),
  confirm: _default(policyConfirm, DEFAULTS.policy.confirm),
  answerWithin: _default(duration, DEFAULTS.policy.answerWithin),
  offTime: _default(duration, DEFAULTS.policy.offTime),
  lease: _default(oneOf(['none', 'required']), DEFAULTS.policy.lease),
  leaseMargin: _default(duration, DEFAULTS.policy.leaseMargin),
});

const arbiter = strictObject({ id: name, publicKey: fileReference, host: optional(name) });
const tls = strictObject({ certificate: fileReference, key: secretReference, clientCa: optional(fileReference) });
export const listenSchema = strictObject({
  socket: optional(path),
  http: optional(strictObject({ address: hostPort, tls: optional(tls) })),
});

export const arbitersSchema = array(arbiter).check(maxLength(LIMITS.arbiters));

export const writtenSchema = strictObject({
  cluster: name,
  stateDir: _default(path, DEFAULTS.stateDir),
  self: selfSchema,
  nodes: record(name, nodeSchema),
  devices: record(name, deviceSchema),
  verify: optional(verifySchema),
  policy: optional(policySchema),
  arbiters: optional(arbitersSchema),
  listen: optional(listenSchema),
});

export type Written = Infer<typeof writtenSchema>;
export type WrittenNode = Infer<typeof nodeSchema>;
export type WrittenDevice = Infer<typeof deviceSchema>;
export type WrittenVerify = Infer<typeof verifySchema>;
export type WrittenArbiters = Infer<typeof arbitersSchema>;
export type WrittenListen = Infer<typeof listenSchema>;
export type WrittenFence = Infer<typeof fenceSchema>;
