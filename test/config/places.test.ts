/** One machine has one spelling, whatever stands in the file. */
import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { isDriverModule, loadDriver } from '../../drivers/registry.ts';
import { describe, expect, it } from 'vitest';
import { isLoopback, isOwn, ownAddresses, plainPlace } from '../../src/config/places.ts';

describe('one spelling', () => {
  it.each([
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:0:0201', '0.0.2.1'],
    ['64:ff9b::192.0.2.1', '192.0.2.1'],
    ['::ffff:1', '::ffff:1'],
    ['::1', '::1'],
    ['FE80::1%eth0', 'fe80::1%eth0'],
    ['BMC.Example.ORG.', 'bmc.example.org'],
    ['.', '.'],
    ['192.0.2.1', '192.0.2.1'],
  ])('%s is %s', (text, plain) => {
    expect(plainPlace(text)).toBe(plain);
  });

  it('takes for an IPv6 address what Node takes for one, however near a miss is, and never throws', () => {
    const piece = fc.constantFrom('::', ':', '.', '0', '1', 'ffff', '192.0.2.1', '01', '256', '12345', 'g', '', ']', '/', '[');
    const text = fc.oneof(
      fc.array(piece, { maxLength: 17 }).map((pieces) => pieces.join('')),
      fc.ipV6(),
      fc.ipV6().map((ip) => `${ip}0`),
    );
    fc.assert(
      fc.property(text, (address) => {
        const asName = address.toLowerCase().replace(/(?<=.)\.$/, '');
        // A name is left as it stands; an address that stands so already is one that ends up at itself again.
        if (isIPv6(address)) expect(isIPv6(plainPlace(address)) || /^[\d.]+$/.test(plainPlace(address))).toBe(true);
        else expect(plainPlace(address)).toBe(asName);
      }),
      { numRuns: 2000 },
    );
  });

  it('is one for all ways to write an IPv6 address, and another one for another address', () => {
    const groups = fc.array(fc.constantFrom(0, 0, 1, 0xdb8, 0xffff), { minLength: 8, maxLength: 8 });
    const wide = (words: readonly number[]): string => words.map((word) => word.toString(16).toUpperCase().padStart(4, '0')).join(':');
    const tight = (words: readonly number[]): string => words.map((word) => word.toString(16)).join(':');
    fc.assert(
      fc.property(groups, groups, (one, other) => {
        expect(isIPv6(wide(one))).toBe(true);
        expect(plainPlace(wide(one))).toBe(plainPlace(tight(one)));
        expect(plainPlace(plainPlace(wide(one)))).toBe(plainPlace(wide(one)));
        if (tight(one) !== tight(other)) expect(plainPlace(tight(one)) === plainPlace(tight(other))).toBe(false);
      }),
    );
  });
});

describe('this machine', () => {
  const own = new Set(['192.0.2.9', 'fe80::9']);

  it.each([
    '127.0.0.1',
    '127.255.1.2',
    '::1',
    '0::1',
    '::ffff:127.0.0.1',
    '0.0.0.0',
    '::',
    '::ffff:0.0.0.0',
    '192.0.2.9',
    '::ffff:192.0.2.9',
    'fe80::9%eth7',
  ])('%s', (address) => expect(isOwn(address, own)).toBe(true));

  it.each(['192.0.2.10', '128.0.0.1', '10.0.0.1', '::2', 'fe80::1%eth0'])('not %s', (address) => expect(isOwn(address, own)).toBe(false));

  it('is asked for its own addresses', () => {
    expect([...ownAddresses()].filter((address) => address.includes('%'))).toEqual([]);
    for (const address of ownAddresses()) expect(isOwn(address, ownAddresses())).toBe(true);
  });

  it.each(['localhost', 'LOCALHOST.', 'db1.localhost', '127.0.0.1'])('%s is loopback', (place) => expect(isLoopback(place)).toBe(true));
  it.each(['localhost.example.org', '0.0.0.0', '127.example.org'])('%s is not', (place) => expect(isLoopback(place)).toBe(false));
});

describe('where the settings of a driver lead', () => {
  const place = async (name: string, settings: Readonly<Record<string, unknown>>) => {
    const module = await loadDriver(name, '/');
    if (!isDriverModule(module)) throw new Error(module.says);
    return module.place?.(settings);
  };

  it('is an address, and what of it is meant', async () => {
    expect(await place('ipmi', { host: 'bmc', port: 623, username: 'a' })).toEqual({ host: 'bmc', port: 623, inside: '' });
    expect(await place('snmp-pdu', { host: 'pdu', port: 161 })).toEqual({ host: 'pdu', port: 161, inside: '' });
    expect(await place('redfish', { host: 'r', port: 443 })).toEqual({ host: 'r', port: 443, inside: '' });
    expect(await place('redfish', { host: 'r', port: 443, system: '2', uuid: 'x' })).toMatchObject({ inside: '2' });
    expect(await place('redfish-pdu', { host: 'r', port: 443, pdu: '1' })).toMatchObject({ inside: '1' });
    expect(await place('ssh', { host: 's', port: 22, dialect: 'racadm' })).toEqual({ host: 's', port: 22, inside: 'racadm' });
    expect(await place('manual', {})).toBeUndefined();
  });

  it('of the generic dialect and of a fence agent counts what may choose among several devices, and not who asks', async () => {
    const slot = async (number: number, username: string) =>
      await place('ssh', { host: 's', port: 22, dialect: 'generic', username, commands: { off: `off ${number}`, read: `read ${number}` } });
    expect(await slot(3, 'a')).toEqual(await slot(3, 'b'));
    expect(await slot(3, 'a')).not.toEqual(await slot(4, 'a'));
    const agent = async (parameters: Readonly<Record<string, string>>) =>
      await place('fence-agent', { agent: 'fence_ipmilan', parameters });
    expect(await agent({ ip: 'bmc', username: 'a', lanplus: '1' })).toEqual(
      await agent({ ipaddr: 'bmc', username: 'b', power_timeout: '9' }),
    );
    expect(await agent({ ip: 'bmc', ipport: '6231' })).toMatchObject({ host: 'bmc', port: 6231 });
    expect(await agent({ ip: 'chassis', plug: '3' })).not.toEqual(await agent({ ip: 'chassis', plug: '4' }));
    expect(await agent({ username: 'a' })).toBeUndefined();
  });
});
