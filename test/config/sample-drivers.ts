/** Three described drivers of the kinds that exist: a BMC, a PDU, and something that runs on the target. They open nothing. */
import { type DescribedDriver, driversFrom } from '../../src/config/index.ts';

const place = ({ host, port }: Readonly<Record<string, unknown>>) => ({ host: String(host), port: Number(port), inside: '' });

const ipmi: DescribedDriver = {
  name: 'ipmi',
  plugs: 'none',
  evidence: 'device',
  place,
  settings: {
    host: { kind: 'string', says: 'address of the BMC', required: true, maxBytes: 253 },
    port: { kind: 'integer', says: 'UDP port', default: 623, min: 1, max: 65_535 },
    username: { kind: 'string', says: 'account', required: true, maxBytes: 16 },
    password: { kind: 'secret', says: 'its password', required: true },
    kg: { kind: 'secret', says: 'BMC key' },
    privilege: { kind: 'string', says: 'requested privilege', oneOf: ['operator', 'administrator'], default: 'operator' },
    cipherSuites: {
      kind: 'list',
      says: 'in order',
      of: { kind: 'integer', says: 'suite', min: 0, max: 17 },
      default: [17, 3],
      maxItems: 8,
    },
    insecure: { kind: 'boolean', says: 'allow suites without integrity', default: false },
    patience: { kind: 'duration', says: 'longest wait for one answer', default: 2000, min: 100, max: 60_000 },
  },
};

const keyed = (says: string) =>
  ({
    kind: 'object',
    says,
    fields: {
      protocol: { kind: 'string', says: 'algorithm', required: true, oneOf: ['sha256', 'aes256'] },
      key: { kind: 'secret', says: 'pass phrase', required: true },
    },
  }) as const;

const pdu: DescribedDriver = {
  name: 'snmp-pdu',
  plugs: 'required',
  evidence: 'device',
  place,
  normalPlug: (_settings, plug) => plug.replace(/^1\.(?=\d+$)/, ''),
  settings: {
    host: { kind: 'string', says: 'address of the PDU', required: true },
    port: { kind: 'integer', says: 'UDP port', default: 161, min: 1, max: 65_535 },
    profile: { kind: 'string', says: 'family', required: true, oneOf: ['apc-rpdu2', 'raritan-px2'] },
    version: { kind: 'string', says: 'SNMP version', required: true, oneOf: ['1', '2c', '3'] },
    community: { kind: 'secret', says: 'community' },
    user: { kind: 'string', says: 'v3 user' },
    level: { kind: 'string', says: 'v3 level', oneOf: ['noAuthNoPriv', 'authNoPriv', 'authPriv'] },
    auth: keyed('authentication'),
    priv: keyed('privacy'),
    traps: { kind: 'list', says: 'more communities', of: { kind: 'secret', says: 'community' }, maxItems: 2 },
  },
};

const web: DescribedDriver = {
  name: 'web',
  plugs: 'none',
  evidence: 'device',
  place: ({ host }) => ({ host: String(host), port: 443, inside: '' }),
  settings: { host: { kind: 'string', says: 'address', required: true } },
};

const onTarget: DescribedDriver = {
  name: 'ssh-target',
  plugs: 'none',
  evidence: 'target',
  settings: { host: { kind: 'string', says: 'address', required: true } },
};

export const sampleModules: readonly DescribedDriver[] = [ipmi, pdu, web, onTarget];
export const sampleDrivers = driversFrom(sampleModules);
