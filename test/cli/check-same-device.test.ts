/** Two entries, one device: by address, by what it tells of itself, and never by what makers put in where nobody set one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Met, plainGuid, sharedDevices, type Use } from '../../src/cli/check-same-device.ts';

const use = (node: string, plug = '', level = 0): Use => ({ node, level, plug, place: plug });
const met = (device: string, more: Partial<Met>, ...uses: readonly Use[]): Met => ({ device, addresses: [], inside: '', uses, ...more });

const GUID = '31323334353637383941424344454647';
const OTHER = '41424344454647483132333435363738';

const told = (...all: readonly Met[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries([...sharedDevices(all)].map(([device, problems]) => [device, problems.map(({ code, says }) => `${code}: ${says}`)]));

describe('two BMCs of two nodes', () => {
  const bmcs = (a: Partial<Met>, b: Partial<Met>) => told(met('db1-bmc', a, use('db1')), met('db2-bmc', b, use('db2')));

  it('with one GUID are one: cutting one node cuts the other', () => {
    const says = `outlet-shared: db1-bmc (db1) and db2-bmc (db2) are one: both tell the GUID ${GUID}; cutting db1 would cut db2, and cutting db2 would cut db1.`;
    expect(bmcs({ identity: { guid: GUID } }, { identity: { guid: GUID } })).toEqual({ 'db1-bmc': [says], 'db2-bmc': [says] });
  });

  it('with one address and port are one, with another port not', () => {
    const at = (port: number): Partial<Met> => ({ addresses: ['192.0.2.9', '2001:db8::9'], port });
    expect(bmcs(at(623), { addresses: ['2001:db8::9'], port: 623 })['db2-bmc']?.[0]).toContain('both lead to 2001:db8::9, port 623');
    expect(bmcs(at(623), at(624))).toEqual({});
    expect(bmcs(at(623), { addresses: ['192.0.2.10'], port: 623 })).toEqual({});
    expect(bmcs({ addresses: ['192.0.2.9'] }, { addresses: ['192.0.2.9'] })).toEqual({});
    // A foreign agent whose port is not told speaks to the same controller.
    expect(bmcs(at(623), { addresses: ['192.0.2.9'], port: 0, inside: 'fence_ipmilan' })['db1-bmc']?.[0]).toContain(
      'both lead to 192.0.2.9;',
    );
  });

  it('of one chassis are told apart by what of it is meant', () => {
    const blade = (inside: string): Partial<Met> => ({ addresses: ['192.0.2.9'], port: 443, inside });
    expect(bmcs(blade('1'), blade('2'))).toEqual({});
    expect(Object.keys(bmcs(blade('1'), blade('1')))).toEqual(['db1-bmc', 'db2-bmc']);
    expect(Object.keys(bmcs(blade('1'), blade('')))).toEqual(['db1-bmc', 'db2-bmc']);
  });

  it('with one serial number of one maker are one, unless their GUIDs differ (boards of one chassis)', () => {
    const serial = (more: object) => ({ identity: { serial: 'CZJ123', maker: 'A', ...more } });
    expect(bmcs(serial({}), serial({}))['db1-bmc']?.[0]).toContain('both tell the serial number CZJ123');
    expect(bmcs(serial({}), serial({ maker: 'B' }))).toEqual({});
    expect(bmcs(serial({ guid: GUID }), serial({ guid: OTHER }))).toEqual({});
  });

  it.each([
    '00000000000000000000000000000000',
    'ffffffffffffffffffffffffffffffff',
    'fefefefefefefefefefefefefefefefe',
    '20202020202020202020202020202020',
    '03000200040005000006000700080009',
    '00020003000400050006000700080009',
    'a123',
    '',
  ])('are not one because both tell %j', (guid) => {
    expect(bmcs({ identity: { guid } }, { identity: { guid } })).toEqual({});
  });

  it.each([
    '',
    '  ',
    'To be filled by O.E.M.',
    'Default string',
    '0123456789',
    '00000000',
    'N/A',
    'Not Specified',
    'none',
    'System Serial Number',
    '12',
  ])('are not one because both tell the serial number %j', (serial) => {
    expect(bmcs({ identity: { serial } }, { identity: { serial } })).toEqual({});
  });
});

describe('one GUID', () => {
  it('is one in every byte order in which firmware shows it', () => {
    const smbios = '34333231363538373941424344454647';
    const backwards = '47464544434241393837363534333231';
    expect(new Set([GUID, smbios, backwards, GUID.toUpperCase()].map(plainGuid)).size).toBe(1);
    expect(plainGuid(OTHER) === plainGuid(GUID)).toBe(false);
  });

  it('is one with what any order makes of it', () => {
    const guid = fc.uint8Array({ minLength: 16, maxLength: 16 });
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    fc.assert(
      fc.property(guid, (bytes) => {
        const mixed = Uint8Array.from([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map((at) => bytes[at] ?? 0));
        for (const one of [mixed, bytes.toReversed(), mixed.toReversed()]) expect(plainGuid(hex(one))).toBe(plainGuid(hex(bytes)));
      }),
    );
  });
});

describe('a strip with two entries', () => {
  const strip = (device: string, ...uses: readonly Use[]): Met => met(device, { addresses: ['192.0.2.21'], port: 161 }, ...uses);

  it('is fine while its outlets belong to one node each', () => {
    expect(told(strip('pdu-a', use('db1', '4')), strip('pdu-b', use('db2', '5')))).toEqual({});
  });

  it('is not where one outlet is that of two nodes, however each entry calls it', () => {
    const labelled: Use = { node: 'db2', level: 1, plug: 'web', place: '4' };
    expect(told(strip('pdu-a', use('db1', '4')), strip('pdu-b', labelled))['pdu-b']?.[0]).toContain(
      'pdu-a:4 (db1) and pdu-b:web (db2) are one',
    );
  });

  it('leaves a feed on where both entries cut one outlet in one level', () => {
    expect(told(strip('pdu-a', use('db1', '4', 1)), strip('pdu-b', use('db1', '4', 1)))['pdu-a']?.[0]).toContain(
      'level 2 of db1 would cut one feed twice and leave another one on',
    );
  });

  it('may stand in two levels of one node', () => {
    expect(told(strip('pdu-a', use('db1', '4', 0)), strip('pdu-b', use('db1', '4', 1)))).toEqual({});
  });
});
