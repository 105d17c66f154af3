/**
 * Wrong configurations: one change to a good file each, and the one line that has to come back. The good file is spelt out here, so that
 * lines and columns can be counted by eye.
 */
import type { ConfigCode } from '../../src/config/index.ts';
import { WRONG_DEVICES } from './wrong-device-cases.ts';

export const GOOD = `cluster: orders
stateDir: state
self: { id: witness-1 }
nodes:
  db1:
    links:
      - { name: lan, kind: udp, address: 192.0.2.11:7101 }
      - { name: serial, kind: serial, device: /dev/ttyS1 }
    fence:
      - [ { device: db1-bmc } ]
      - [ { device: pdu-a, outlet: 4 }, { device: pdu-b, outlet: 4 } ]
  db2:
    links:
      - { name: lan, kind: udp, address: 192.0.2.12:7101 }
    fence:
      - [ { device: db2-bmc } ]
      - [ { device: pdu-a, outlet: 5 }, { device: pdu-b, outlet: 5 } ]
devices:
  db1-bmc:
    driver: ipmi
    host: 198.51.100.11
    username: fencer
    password: { env: BMC }
    poweredBy: target
  db2-bmc: { driver: ipmi, host: 198.51.100.12, username: fencer, password: { env: BMC }, poweredBy: target }
  pdu-a: { driver: snmp-pdu, host: 198.51.100.21, profile: apc-rpdu2, version: 2c, community: { env: PDU } }
  pdu-b:
    driver: snmp-pdu
    host: 198.51.100.22
    profile: raritan-px2
    version: 3
    auth: { protocol: sha256, key: { env: PDU } }
verify: { referenceIps: [203.0.113.1, { kind: tcp, address: 203.0.113.2, port: 53 }], need: 1 }
policy: { tieBreaker: reference-ips, timeout: 90s }
`;

export const ENVIRONMENT = { BMC: 'bmc-secret-value', PDU: 'pdu-secret-value' };

export interface WrongCase {
  readonly title: string;
  /** Text of the good file and what stands there instead. */
  readonly change: readonly [string, string];
  readonly code: ConfigCode;
  /** line:column path. */
  readonly at: string;
  readonly says: RegExp;
  readonly next?: RegExp;
}

export const WRONG: readonly WrongCase[] = [
  { title: 'tab', change: ['  db1:', '\tdb1:'], code: 'config-syntax', at: '5:1', says: /tab/, next: /spaces/ },
  { title: 'open quote', change: ['cluster: orders', 'cluster: "orders'], code: 'config-syntax', at: '35:1', says: /quote/ },
  {
    title: 'open bracket',
    change: ['self: { id: witness-1 }', 'self: { id: witness-1'],
    code: 'config-syntax',
    at: '4:1',
    says: /indentation|missing/,
  },
  { title: 'no colon', change: ['self: { id: witness-1 }', 'self'], code: 'config-syntax', at: '3:1', says: /colon/ },
  { title: 'unknown alias', change: ['cluster: orders', 'cluster: *orders'], code: 'config-syntax', at: '1:10 cluster', says: /anchor/ },
  { title: 'unknown tag', change: ['cluster: orders', 'cluster: !orders x'], code: 'config-syntax', at: '1:10', says: /tag/ },
  { title: 'second document', change: ['devices:', '---\ndevices:'], code: 'config-syntax', at: '18:1', says: /second document/ },
  { title: 'key twice', change: ['stateDir: state', 'cluster: other'], code: 'duplicate-key', at: '2:1 cluster', says: /twice.*line 1/ },
  { title: 'node twice', change: ['  db2:', '  db1:'], code: 'duplicate-key', at: '12:3 nodes.db1', says: /db1 stands twice.*line 5/ },
  {
    title: 'merge key',
    change: ['self: {', 'self: { <<: x,'],
    code: 'unknown-key',
    at: '3:9 self',
    says: /not allowed/,
    next: /merge keys/,
  },
  { title: 'prototype', change: ['  db2:', '  __proto__:'], code: 'unknown-key', at: '12:3 nodes', says: /__proto__/ },
  {
    title: 'misspelt section',
    change: ['stateDir', 'statedir'],
    code: 'unknown-key',
    at: '2:1 statedir',
    says: /not a key/,
    next: /did you mean stateDir\?/,
  },
  {
    title: 'misspelt in a list',
    change: ['kind: udp', 'kimd: udp'],
    code: 'unknown-key',
    at: '7:22 nodes.db1.links[0].kimd',
    says: /not a key/,
  },
  {
    title: 'misspelt in policy',
    change: ['timeout:', 'timeuot:'],
    code: 'unknown-key',
    at: '34:38 policy.timeuot',
    says: /not a key/,
    next: /timeout\?/,
  },
  {
    title: 'misspelt setting',
    change: ['username: fencer\n', 'usernme: fencer\n'],
    code: 'unknown-key',
    at: '22:5 devices.db1-bmc.usernme',
    says: /not a key/,
    next: /username\?/,
  },
  {
    title: 'no space after colon',
    change: ['version: 2c', 'version:2c'],
    code: 'unknown-key',
    at: '26:71 devices.pdu-a.(a key)',
    says: /not a key/,
    next: /space missing/,
  },
  { title: 'missing section', change: ['cluster: orders\n', ''], code: 'missing-key', at: '1:1 cluster', says: /missing/ },
  {
    title: 'missing fence',
    change: ['    fence:\n      - [ { device: db2-bmc } ]\n      - [ { device: pdu-a, outlet: 5 }, { device: pdu-b, outlet: 5 } ]\n', ''],
    code: 'missing-key',
    at: '12:3 nodes.db2.fence',
    says: /missing/,
    next: /fence: \[\]/,
  },
  { title: 'missing link kind', change: ['kind: serial, ', ''], code: 'missing-key', at: '8:9 nodes.db1.links[1].kind', says: /missing/ },
  { title: 'wrong type', change: ['cluster: orders', 'cluster: [orders]'], code: 'wrong-value', at: '1:1 cluster', says: /must be a text/ },
  {
    title: 'number as text',
    change: ['cluster: orders', 'cluster: 12'],
    code: 'wrong-value',
    at: '1:1 cluster',
    says: /must be a text/,
    next: /quotes/,
  },
  {
    title: 'empty section',
    change: [' { tieBreaker: reference-ips, timeout: 90s }', ''],
    code: 'wrong-value',
    at: '34:1 policy',
    says: /is empty.*a map/,
  },
  { title: 'empty level', change: ['[ { device: db1-bmc } ]', '[]'], code: 'wrong-value', at: '10:9 nodes.db1.fence[0]', says: /is empty/ },
  {
    title: 'unknown kind',
    change: ['kind: serial', 'kind: parallel'],
    code: 'wrong-value',
    at: '8:25 nodes.db1.links[1].kind',
    says: /one of udp, tcp, serial/,
  },
  {
    title: 'unknown mode',
    change: ['timeout: 90s', 'mode: auto'],
    code: 'wrong-value',
    at: '34:38 policy.mode',
    says: /one of automatic, approval/,
  },
  {
    title: 'duration without unit',
    change: ['timeout: 90s', 'timeout: 90'],
    code: 'wrong-value',
    at: '34:38 policy.timeout',
    says: /duration with its unit/,
  },
  {
    title: 'duration without unit in quotes',
    change: ['timeout: 90s', "timeout: '90'"],
    code: 'wrong-value',
    at: '34:38 policy.timeout',
    says: /duration with its unit/,
  },
  {
    title: 'duration out of bounds',
    change: ['timeout: 90s', 'timeout: 9h'],
    code: 'wrong-value',
    at: '34:38 policy.timeout',
    says: /from 1s to 1h/,
  },
  {
    title: 'gap of a device out of bounds',
    change: ['poweredBy: target\n', 'confirm: { gap: 11s }\n'],
    code: 'wrong-value',
    at: '24:16 devices.db1-bmc.confirm.gap',
    says: /from 0ms to 10s/,
  },
  {
    title: 'readings out of bounds',
    change: ['timeout: 90s', 'confirm: { readings: 0 }'],
    code: 'wrong-value',
    at: '34:49 policy.confirm.readings',
    says: /at least 1/,
  },
  {
    title: 'votes not whole',
    change: [
      '    links:\n      - { name: lan, kind: udp, address: 192.0.2.12',
      '    votes: 1.5\n    links:\n      - { name: lan, kind: udp, address: 192.0.2.12',
    ],
    code: 'wrong-value',
    at: '13:5 nodes.db2.votes',
    says: /whole number/,
  },
  {
    title: 'negative outlet',
    change: ['outlet: 4 }, { device: pdu-b', 'outlet: -4 }, { device: pdu-b'],
    code: 'wrong-value',
    at: '11:28 nodes.db1.fence[1][0].outlet',
    says: /at least 0/,
  },
  {
    title: 'link without port',
    change: ['192.0.2.11:7101', '192.0.2.11'],
    code: 'wrong-value',
    at: '7:33 nodes.db1.links[0].address',
    says: /address with its port/,
  },
  {
    title: 'port out of range',
    change: ['192.0.2.11:7101', '192.0.2.11:70000'],
    code: 'wrong-value',
    at: '7:33 nodes.db1.links[0].address',
    says: /address with its port/,
  },
  {
    title: 'no IPv4 address',
    change: ['192.0.2.11:7101', '192.0.2.311:7101'],
    code: 'wrong-value',
    at: '7:33 nodes.db1.links[0].address',
    says: /not an IPv4/,
  },
  {
    title: 'no IPv6 address',
    change: ['192.0.2.11:7101', "'[::1::2]:7101'"],
    code: 'wrong-value',
    at: '7:33 nodes.db1.links[0].address',
    says: /not an IPv6/,
  },
  {
    title: 'reference by name',
    change: ['[203.0.113.1,', '[gateway,'],
    code: 'wrong-value',
    at: '33:26 verify.referenceIps[0]',
    says: /IP address, not a name/,
  },
  {
    title: 'reference that is no address',
    change: ['[203.0.113.1,', "['1:2:',"],
    code: 'wrong-value',
    at: '33:26 verify.referenceIps[0]',
    says: /not an IP address/,
  },
  {
    title: 'reference without port',
    change: [', port: 53', ''],
    code: 'missing-key',
    at: '33:39 verify.referenceIps[1].port',
    says: /missing/,
  },
  {
    title: 'reference of a wrong type',
    change: ['[203.0.113.1,', '[true,'],
    code: 'wrong-value',
    at: '33:26 verify.referenceIps[0]',
    says: /a text or a map/,
  },
  {
    title: 'socket path',
    change: ['policy:', `listen: { socket: ${'x'.repeat(120)} }\npolicy:`],
    code: 'wrong-value',
    at: '34:11 listen.socket',
    says: /longer than 107/,
  },
  { title: 'no node', change: ['self: {', 'self: { id: x }\nnodes: {}\n#'], code: 'wrong-value', at: '4:1 nodes', says: /names no node/ },
  { title: 'name with a space', change: ['  db2:', '  db 2:'], code: 'bad-name', at: '12:3 nodes.(a key)', says: /must be a name/ },
  { title: 'cluster name', change: ['cluster: orders', 'cluster: -orders'], code: 'bad-name', at: '1:1 cluster', says: /must be a name/ },
  {
    title: 'link name twice',
    change: ['name: serial', 'name: lan'],
    code: 'duplicate-name',
    at: '8:11 nodes.db1.links[1].name',
    says: /already/,
  },
  {
    title: 'reference twice',
    change: ['203.0.113.2', '203.0.113.1'],
    code: 'duplicate-name',
    at: '33:39 verify.referenceIps[1]',
    says: /twice/,
  },
  ...(
    [
      ['in two spellings', "'2001:db8::1'", "'2001:DB8:0::1'"],
      ['wrapped in IPv6', '203.0.113.1', "'::ffff:203.0.113.1'"],
      ['wrapped in IPv6, in hex', '203.0.113.1', "'::FFFF:cb00:7101'"],
    ] as const
  ).map(
    ([what, one, other]): WrongCase => ({
      title: `reference twice, ${what}`,
      change: ['[203.0.113.1, { kind: tcp, address: 203.0.113.2, port: 53 }]', `[${one}, ${other}]`],
      code: 'duplicate-name',
      at: `33:${26 + one.length + 2} verify.referenceIps[1]`,
      says: /count twice/,
    }),
  ),
  {
    title: 'node twice, in other letters',
    change: ['  db2:', '  DB1:'],
    code: 'duplicate-name',
    at: '12:3 nodes.DB1',
    says: /has this name already/,
  },
  {
    title: 'arbiter twice',
    change: ['policy:', 'arbiters: [{ id: a, publicKey: { file: a } }, { id: a, publicKey: { file: b } }]\npolicy:'],
    code: 'duplicate-name',
    at: '34:49 arbiters[1].id',
    says: /already/,
  },
  ...WRONG_DEVICES,
];
