/** check and discover: what people ask before they trust a configuration. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkSettings, Secret, settingsJsonSchema } from '../../drivers/kit/contract.ts';
import { discoverPdu } from '../../drivers/snmp-pdu/discover.ts';
import { driver } from '../../drivers/snmp-pdu/driver.ts';
import { PROFILES, profileNamed } from '../../drivers/snmp-pdu/profiles/index.ts';
import { familyNamed, type PduUser } from '../../hardware-mocks/pdu/index.ts';
import { ownFolder } from '../foreign/snmp-stage.ts';
import { onMock, openDriver, startPdu, tools, unhurried, WITHIN } from './stage.ts';

const PRIVATE = { version: '2c', community: Secret.fixed('private') } as const;
const USER: PduUser = {
  name: 'fencer',
  auth: { digest: 'sha256', password: 'auth-password' },
  priv: { cipher: 'aes', password: 'priv-password' },
};
const V3 = {
  version: '3',
  user: 'fencer',
  auth: { protocol: 'sha256', key: Secret.fixed('auth-password') },
  priv: { protocol: 'aes', key: Secret.fixed('priv-password') },
} as const;

describe('discover', () => {
  it.each(PROFILES.filter((profile) => profile.recognise.sysObjectId.length > 0).map((profile) => profile.name))(
    'recognises %s by its sysObjectID and lists its outlets',
    async (name) => {
      const pdu = await startPdu(name);
      const found = await discoverPdu({ host: '127.0.0.1', port: pdu.port, login: PRIVATE, tools, within: { ms: 10_000 } });
      if ('code' in found) throw new Error(found.says);
      expect(found.matches[0]).toMatchObject({ profile: name, by: 'sysObjectID' });
      expect(found.outlets).toHaveLength(pdu.outlets.all.length);
      expect(found.outlets.every((outlet) => outlet.reading.power === 'on')).toBe(true);
    },
  );

  it('tells a chain from a single unit, and lists the outlets by unit and number', async () => {
    const chain = await startPdu('apc-rpdu2-chained');
    const found = await discoverPdu({ host: '127.0.0.1', port: chain.port, login: PRIVATE, tools, within: { ms: 10_000 } });
    if ('code' in found) throw new Error(found.says);
    expect(found.matches.slice(0, 2).map(({ profile }) => profile)).toEqual(['apc-rpdu2-chained', 'apc-rpdu2']);
    expect(found.outlets.map(({ plug }) => plug)).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `2.${n}`),
    ]);
    for (const outlet of chain.outlets.all) (outlet as { unit: number }).unit = 1;
    const single = await discoverPdu({ host: '127.0.0.1', port: chain.port, login: PRIVATE, tools, within: { ms: 10_000 } });
    expect(single).toMatchObject({ matches: [{ profile: 'apc-rpdu2' }, { profile: 'apc-rpdu2-chained' }] });
  });

  it('prefers the tree of the sysObjectID where a later model answers the older ones too', async () => {
    const pdu = await startPdu('apc-rpdu2', { families: ['apc-rpdu2', 'apc-rpdu', 'apc-spdu'], labels: ['db1 a', 'db1 b'] });
    pdu.outlet(2).relay.order('off');
    const found = await discoverPdu({ host: '127.0.0.1', port: pdu.port, login: PRIVATE, tools, within: { ms: 10_000 } });
    if ('code' in found) throw new Error(found.says);
    expect(found.matches.map(({ profile, by }) => [profile, by])).toEqual([
      ['apc-rpdu2', 'sysObjectID'],
      ['apc-rpdu', 'outlets'],
      ['apc-spdu', 'outlets'],
    ]);
    expect(found.outlets.slice(0, 2)).toMatchObject([
      { plug: '1', name: 'db1 a', reading: { power: 'on' } },
      { plug: '2', name: 'db1 b', reading: { power: 'off' } },
    ]);
    expect(found.warnings).toEqual([expect.stringContaining('in the clear'), expect.stringContaining('well-known default')]);
  });

  it('works in version 1 and 3, knows no family where there is none, and says so where nobody answers', async () => {
    const pdu = await startPdu('netio', { users: [USER] });
    for (const login of [{ version: '1', community: Secret.fixed('private') } as const, V3]) {
      const found = await discoverPdu({ host: '127.0.0.1', port: pdu.port, login, tools, within: { ms: 10_000 } });
      expect(found).toMatchObject({ matches: [{ profile: 'netio' }] });
    }
    pdu.faults.apply({ seed: 1, faults: [{ kind: 'mute' }] });
    expect(await discoverPdu({ host: '127.0.0.1', port: pdu.port, login: PRIVATE, tools, within: { ms: 200 } })).toMatchObject({
      code: 'pdu-silent',
    });
  });
});

describe('what `bailiff discover` is given', () => {
  it('lines for people, settings to paste that work, and outlets', async () => {
    const pdu = await startPdu('raritan-px2', { users: [USER] });
    const { version: _version, ...login } = V3;
    const found = await driver.discover?.('127.0.0.1', { port: pdu.port, ...login }, tools, { ms: 10_000 });
    if (found === undefined || 'code' in found) throw new Error(found?.says ?? 'no discover');
    expect(found.found.join('\n')).toContain('profile raritan-px2 (Raritan PX2, PX3 (PDU2-MIB)) fits by its sysObjectID');
    expect(found.warnings).toEqual([]);
    expect(found.outlets).toHaveLength(12);
    expect(found.configuration).toEqual({
      port: pdu.port,
      profile: 'raritan-px2',
      version: '3',
      user: 'fencer',
      auth: V3.auth,
      priv: V3.priv,
    });
    const pduDriver = openDriver({ host: '127.0.0.1', ...found.configuration });
    expect(await pduDriver.read('1', WITHIN)).toMatchObject({ power: 'on' });
  });

  it('keeps what else was given, and a profile that fits', async () => {
    const pdu = await startPdu('apc-rpdu2', { families: ['apc-rpdu2', 'apc-rpdu'] });
    const given = { port: pdu.port, community: Secret.fixed('private'), names: ['1=Outlet 1'], version: '1' };
    const found = await driver.discover?.('127.0.0.1', { ...given, profile: 'apc-rpdu' }, tools, { ms: 10_000 });
    expect(found).toMatchObject({ configuration: { ...given, profile: 'apc-rpdu' } });
    const other = await driver.discover?.('127.0.0.1', { ...given, profile: 'netio' }, tools, { ms: 10_000 });
    expect(other).toMatchObject({ configuration: { ...given, profile: 'apc-rpdu2' } });
  });

  it('without any login it asks for one, and guesses none', async () => {
    const pdu = await startPdu('apc-rpdu');
    const found = await driver.discover?.('127.0.0.1', { port: pdu.port }, tools, { ms: 10_000 });
    expect(found).toMatchObject({ code: 'pdu-login-missing' });
    expect(pdu.count.heard).toBe(0);
  });

  it('says what is missing, and what answers but is no PDU', async () => {
    expect(await driver.discover?.('127.0.0.1', { version: '3' }, tools, WITHIN)).toMatchObject({ code: 'pdu-login-missing' });
    const other = await startPdu('if-mib-like', {
      families: [{ ...familyNamed('netio'), name: 'if-mib-like', state: { oid: '1.3.6.1.2.1.2.2.1.8', on: 1, off: 2 }, commands: [] }],
    });
    expect(
      await driver.discover?.('127.0.0.1', { port: other.port, community: Secret.fixed('public') }, tools, { ms: 10_000 }),
    ).toMatchObject({
      code: 'pdu-family-unknown',
    });
  });
});

describe('check', () => {
  it('says who it is, that it may write, and changes nothing', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu2', { users: [USER] }, V3, unhurried);
    const health = await pduDriver.check(WITHIN);
    expect(health).toMatchObject({ ok: true });
    expect(health.found.join('\n')).toMatch(/user fencer[\s\S]*profile apc-rpdu2 fits[\s\S]*24 outlets[\s\S]*may write/);
    expect(health.found.join('\n')).not.toContain('warning');
    expect(pdu.outlets.audit).toEqual([]);
    expect(pdu.count.requests.set).toBe(1);
  });

  it('warns of a default community, of an experimental profile and of a foreign sysObjectID', async () => {
    const { pduDriver } = await onMock('intel-modular', { sysObjectId: '1.3.6.1.4.1.8072.3.2.10' });
    const health = await pduDriver.check(WITHIN);
    expect(health.ok).toBe(true);
    expect(health.found.join('\n')).toMatch(/experimental[\s\S]*well-known default[\s\S]*sysObjectID/);
    expect(health.found.join('\n')).toContain('names no object that is harmless to write');
  });

  it('tells a community that may only read, a wrong profile, and a wrong login', async () => {
    const readOnly = await onMock('apc-rpdu', {}, { community: Secret.fixed('public') });
    expect(await readOnly.pduDriver.check(WITHIN)).toMatchObject({ ok: false, problem: { code: 'pdu-write-denied' } });
    const pdu = await startPdu('netio', { users: [USER] });
    const other = openDriver({ host: '127.0.0.1', port: pdu.port, profile: 'apc-rpdu', ...PRIVATE });
    expect(await other.check(WITHIN)).toMatchObject({ ok: false, problem: { code: 'profile-unusable' } });
    const wrong = openDriver({
      host: '127.0.0.1',
      port: pdu.port,
      profile: 'netio',
      ...V3,
      auth: { protocol: 'sha256', key: Secret.fixed('wrong-password') },
    });
    expect(await wrong.check(WITHIN)).toMatchObject({
      ok: false,
      problem: { code: 'snmp-auth', says: expect.stringContaining('authentication') },
    });
  });
});

describe('a profile of the user', () => {
  it('is read from a file, checked, and used like any other', async () => {
    const folder = await ownFolder();
    const file = join(folder, 'mine.json');
    await writeFile(file, JSON.stringify({ ...profileNamed('netio'), name: 'mine' }));
    const pdu = await startPdu('netio');
    const pduDriver = openDriver({ host: '127.0.0.1', port: pdu.port, profile: 'custom', profileFile: file, ...PRIVATE });
    expect(await pduDriver.order('2', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(await pduDriver.read('2', WITHIN)).toMatchObject({ power: 'off' });
  });

  it.each([
    ['nothing there', undefined, 'cannot be read'],
    ['no JSON', 'outlets: 8', 'is not JSON'],
    ['no profile', '{"name":"mine"}', 'is missing'],
    ['too large', ' '.repeat(70_000), 'larger than'],
  ])('that cannot be used is told, and nothing is sent: %s', async (_title, text, says) => {
    const file = join(await ownFolder(), 'mine.json');
    if (text !== undefined) await writeFile(file, text);
    const pdu = await startPdu('netio');
    const pduDriver = openDriver({ host: '127.0.0.1', port: pdu.port, profile: 'custom', profileFile: file, ...PRIVATE });
    expect(await pduDriver.order('2', 'off', WITHIN)).toMatchObject({
      result: 'rejected',
      why: { code: 'profile-unusable', says: expect.stringContaining(says) },
    });
    expect(await pduDriver.read('2', WITHIN)).toMatchObject({ power: 'unknown' });
    expect(await pduDriver.check(WITHIN)).toMatchObject({ ok: false });
    expect(pdu.count.heard).toBe(0);
  });

  it('never writes an object that it says switches the whole unit', async () => {
    const file = join(await ownFolder(), 'mine.json');
    const netio = profileNamed('netio');
    await writeFile(file, JSON.stringify({ ...netio, name: 'mine', wholeUnit: ['1.3.6.1.4.1.47952.1.1.1.5.2'] }));
    const pdu = await startPdu('netio');
    const pduDriver = openDriver({ host: '127.0.0.1', port: pdu.port, profile: 'custom', profileFile: file, ...PRIVATE });
    expect(await pduDriver.order('2', 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code: 'whole-unit-object' } });
    expect(pdu.count.heard).toBe(0);
  });
});

describe('settings', () => {
  it('are those of the documentation, with numbers where YAML makes numbers', () => {
    const example = {
      host: '127.0.0.1',
      port: 1612,
      profile: 'raritan-px2',
      version: 3,
      user: 'fencer',
      level: 'authPriv',
      auth: { protocol: 'sha256', key: Secret.fixed('auth-password') },
      priv: { protocol: 'aes256', key: Secret.fixed('priv-password') },
    };
    expect(checkSettings(driver.settings, example)).toMatchObject({ problems: [], settings: { version: '3' } });
    expect(checkSettings(driver.settings, { ...example, version: 4 }).problems).toMatchObject([{ path: 'version' }]);
    expect(checkSettings(driver.settings, { ...example, profile: 'apc' }).problems).toMatchObject([{ path: 'profile' }]);
    expect(JSON.stringify(settingsJsonSchema(driver.settings))).toContain('raritan-px2');
  });
});
