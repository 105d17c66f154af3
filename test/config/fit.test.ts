/** Settings that are each well-formed and wrong together: told when the configuration is loaded, at the device's line, by the drivers themselves. */
import { describe, expect, it } from 'vitest';
import { driver as fenceAgent } from '../../drivers/fence-agent/driver.ts';
import { driver as ipmi } from '../../drivers/ipmi/driver.ts';
import { driver as redfishPdu } from '../../drivers/redfish/pdu.ts';
import { driver as redfish } from '../../drivers/redfish/driver.ts';
import { driver as pdu } from '../../drivers/snmp-pdu/driver.ts';
import { driver as ssh } from '../../drivers/ssh/driver.ts';
import { driversFrom, formatProblem, parseConfiguration } from '../../src/config/index.ts';

const drivers = driversFrom([ipmi, pdu, ssh, fenceAgent, redfish, redfishPdu]);
const SECRET = 'hunter2-hunter2';
const PIN = `SHA256:${'A'.repeat(43)}`;

const BMC = 'driver: ipmi, host: 192.0.2.7, username: fencer, password: { env: PW }';
const PDU = 'driver: snmp-pdu, host: 192.0.2.8, profile: apc-rpdu2';
const SSH = 'driver: ssh, host: 192.0.2.9, username: apc, dialect: apc-aos';
const REDFISH = 'driver: redfish, host: 192.0.2.10, username: fencer, password: { env: PW }';
const AGENT = 'driver: fence-agent, agent: fence_apc';

/** Every problem at the second line of `devices`, as a person reads it. */
async function told(device: string, files: 'check' | 'leave' = 'check'): Promise<string[]> {
  const outlet = /driver: (ipmi|fence-agent|redfish,)/.test(device) ? '' : ', outlet: 1';
  const text = `cluster: orders
stateDir: state
self: { id: witness-1 }
nodes:
  db1: { fence: [ [ { device: one${outlet} } ] ] }
devices:
  one: { ${device} }
`;
  const loaded = await parseConfiguration(text, 'bailiff.yaml', { drivers, files, environment: files === 'check' ? { PW: SECRET } : {} });
  const problems = loaded.ok ? [] : loaded.problems;
  for (const { code, line, path } of problems) expect([code, line, path]).toEqual(['wrong-setting', 7, 'devices.one']);
  const lines = problems.map(formatProblem);
  expect(lines.join('\n')).not.toContain(SECRET);
  return lines;
}

describe('settings that do not fit together', () => {
  it.each([
    ['an insecure cipher suite without permission', `${BMC}, cipherSuites: [17, 0]`, /cipher suite 0 checks no password.*insecure: true/],
    ['a cipher suite that is not spoken', `${BMC}, cipherSuites: [4]`, /cipher suite 4 is not spoken here.*name some of/],
    ['no cipher suite', `${BMC}, cipherSuites: []`, /cipherSuites is empty/],
    ['a community in version 3', `${PDU}, version: 3, user: u, community: { env: PW }`, /community belongs to version 1 and 2c/],
    ['version 2c without a community', PDU, /version 2c needs a community/],
    ['privacy without authentication', `${PDU}, version: 3, user: u, priv: { protocol: aes, key: { env: PW } }`, /priv needs auth/],
    ['a profile of no file', `${PDU.replace('apc-rpdu2', 'custom')}, community: { env: PW }`, /custom needs profileFile/],
    ['a host that nobody vouches for', `${SSH}, password: { env: PW }`, /hostKey, knownHosts or hostCa is needed.*bailiff discover/],
    ['a service that nobody vouches for', REDFISH, /tls\.ca or tls\.pins is needed.*bailiff discover/],
    ['the same at a power strip', REDFISH.replace('redfish', 'redfish-pdu'), /tls\.ca or tls\.pins is needed/],
    ['pins in plain HTTP', `${REDFISH}, insecure: true, tls: { pins: ["${'AB'.repeat(32)}"] }`, /plain HTTP/],
    ['no way to log in', `${SSH}, hostKey: ["${PIN}"]`, /key, agent or password is needed/],
    ['a passphrase of no key', `${SSH}, hostKey: ["${PIN}"], password: { env: PW }, passphrase: { env: PW }`, /there is no key/],
    [
      'a secret in the open beside its reference',
      `${AGENT}, parameters: { ip: a, password: b }, secrets: { password: { env: PW } }`,
      /parameter password is a secret/,
    ],
    ['a parameter given twice', `${AGENT}, parameters: { ip: a, login: b }, secrets: { login: { env: PW } }`, /login is given twice/],
  ])('%s', async (_what, device, says) => {
    const lines = await told(device);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(says);
    // The same on a machine that has no secret: nothing is revealed to find it.
    expect(await told(device, 'leave')).toEqual(lines);
  });

  it.each([
    ['ipmi', `${BMC}, cipherSuites: [17, 0], insecure: true`],
    ['snmp-pdu, version 2c', `${PDU}, community: { env: PW }`],
    [
      'snmp-pdu, version 3',
      `${PDU}, version: 3, user: u, auth: { protocol: sha, key: { env: PW } }, priv: { protocol: aes, key: { env: PW } }`,
    ],
    ['ssh', `${SSH}, hostKey: ["${PIN}"], password: { env: PW }`],
    ['redfish', `${REDFISH}, tls: { pins: ["${'AB'.repeat(32)}"] }`],
    ['fence-agent', `${AGENT}, parameters: { ip: a }, secrets: { password: { env: PW } }`],
  ])('%s with settings that fit', async (_what, device) => {
    expect(await told(device)).toEqual([]);
  });
});
