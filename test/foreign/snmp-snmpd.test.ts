/** Our driver on net-snmp's own agent, in front of outlets that are not ours. */
import { expect, it } from 'vitest';
import { Secret } from '../../drivers/kit/contract.ts';
import type { PduDriver } from '../../drivers/snmp-pdu/driver.ts';
import { openDriver, WITHIN } from '../snmp-pdu/stage.ts';
import { run, type SnmpdPdu, startSnmpd } from './snmp-stage.ts';
import { describeWithStrangers } from './strangers.ts';

const AUTH = 'auth-password';
const PRIV = 'priv-password';

const LOGINS = [
  { title: 'v3 without protection', version: '3', user: 'openuser', createUser: 'createUser openuser\nrwuser openuser noauth' },
  {
    title: 'v3 MD5 and DES',
    version: '3',
    user: 'md5des',
    auth: { protocol: 'md5', key: Secret.fixed(AUTH) },
    priv: { protocol: 'des', key: Secret.fixed(PRIV) },
    createUser: `createUser md5des MD5 ${AUTH} DES ${PRIV}\nrwuser md5des priv`,
  },
  { title: 'v1', version: '1', community: Secret.fixed('private') },
  { title: 'v2c', version: '2c', community: Secret.fixed('private') },
  {
    title: 'v3 MD5 without privacy',
    version: '3',
    user: 'md5only',
    auth: { protocol: 'md5', key: Secret.fixed(AUTH) },
    createUser: `createUser md5only MD5 ${AUTH}\nrwuser md5only auth`,
  },
  {
    title: 'v3 SHA and AES',
    version: '3',
    user: 'shaaes',
    auth: { protocol: 'sha', key: Secret.fixed(AUTH) },
    priv: { protocol: 'aes', key: Secret.fixed(PRIV) },
    createUser: `createUser shaaes SHA ${AUTH} AES ${PRIV}\nrwuser shaaes priv`,
  },
  {
    title: 'v3 SHA-224 and AES',
    version: '3',
    user: 'sha224',
    auth: { protocol: 'sha224', key: Secret.fixed(AUTH) },
    priv: { protocol: 'aes', key: Secret.fixed(PRIV) },
    createUser: `createUser sha224 SHA-224 ${AUTH} AES ${PRIV}\nrwuser sha224 priv`,
  },
  {
    title: 'v3 SHA-256 and AES',
    version: '3',
    user: 'sha256',
    auth: { protocol: 'sha256', key: Secret.fixed(AUTH) },
    priv: { protocol: 'aes', key: Secret.fixed(PRIV) },
    createUser: `createUser sha256 SHA-256 ${AUTH} AES ${PRIV}\nrwuser sha256 priv`,
  },
  {
    title: 'v3 SHA-384 and AES-256',
    version: '3',
    user: 'sha384',
    auth: { protocol: 'sha384', key: Secret.fixed(AUTH) },
    priv: { protocol: 'aes256', key: Secret.fixed(PRIV) },
    createUser: `createUser sha384 SHA-384 ${AUTH} AES-256 ${PRIV}\nrwuser sha384 priv`,
  },
  {
    title: 'v3 SHA-512 and AES-256',
    version: '3',
    user: 'sha512',
    auth: { protocol: 'sha512', key: Secret.fixed(AUTH) },
    priv: { protocol: 'aes256', key: Secret.fixed(PRIV) },
    createUser: `createUser sha512 SHA-512 ${AUTH} AES-256 ${PRIV}\nrwuser sha512 priv`,
  },
  {
    title: 'v3 SHA and AES-256 (key stretched as Blumenthal says)',
    version: '3',
    user: 'shablu',
    auth: { protocol: 'sha', key: Secret.fixed(AUTH) },
    priv: { protocol: 'aes256b', key: Secret.fixed(PRIV) },
    createUser: `createUser shablu SHA ${AUTH} AES-256 ${PRIV}\nrwuser shablu priv`,
  },
  {
    title: 'v3 SHA and AES-256 (key stretched as Reeder says)',
    version: '3',
    user: 'sharee',
    auth: { protocol: 'sha', key: Secret.fixed(AUTH) },
    priv: { protocol: 'aes256r', key: Secret.fixed(PRIV) },
    createUser: `createUser sharee SHA ${AUTH} AES-256-C ${PRIV}\nrwuser sharee priv`,
  },
] as const;

const V2C = { version: '2c', community: Secret.fixed('private') };

const USERS = LOGINS.flatMap((login) => ('createUser' in login ? [login.createUser] : []));

describeWithStrangers(['snmpd', 'snmpget', 'python3'], "our driver on net-snmp's agent", (path) => {
  const paths = (): { snmpd: string; snmpget: string; python3: string } => ({
    snmpd: path('snmpd'),
    snmpget: path('snmpget'),
    python3: path('python3'),
  });
  const open = (snmpd: SnmpdPdu, login: Readonly<Record<string, unknown>>, profile = 'apc-rpdu'): PduDriver => {
    const { title: _title, createUser: _createUser, ...settings } = login;
    return openDriver({ host: '127.0.0.1', port: snmpd.port, profile, ...settings });
  };

  it('switches and reads in every version and security level', async () => {
    const snmpd = await startSnmpd(paths(), { users: USERS });
    for (const login of LOGINS) {
      await snmpd.write('11111111');
      const pdu = open(snmpd, login);
      expect([login.title, await pdu.read('4', WITHIN)]).toMatchObject([login.title, { power: 'on' }]);
      expect([login.title, await pdu.order('4', 'off', WITHIN)]).toEqual([login.title, { result: 'accepted' }]);
      expect([login.title, await pdu.read('4', WITHIN)]).toMatchObject([login.title, { power: 'off' }]);
      expect([login.title, await snmpd.signs()]).toEqual([login.title, '11101111']);
      await pdu.close();
    }
  });

  it('turns the polarity round for the second generation', async () => {
    const snmpd = await startSnmpd(paths());
    const pdu = open(snmpd, V2C, 'apc-rpdu2');
    expect(await pdu.orderAll(['1', '2', '3'], 'off', WITHIN)).toEqual([
      { result: 'accepted' },
      { result: 'accepted' },
      { result: 'accepted' },
    ]);
    expect(await snmpd.signs()).toBe('00011111');
    expect((await pdu.readAll(['1', '2', '3', '4'], WITHIN)).map((reading) => reading.power)).toEqual(['off', 'off', 'off', 'on']);
  });

  it('does not take a pending or an unknown outlet for off', async () => {
    const snmpd = await startSnmpd(paths(), { offAfterS: 3600 });
    await snmpd.write('1111111?');
    const pdu = open(snmpd, V2C);
    expect(await pdu.order('2', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(await pdu.read('2', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'outlet-state-unknown' } });
    expect(await pdu.read('8', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'outlet-state-unknown' } });
    expect(await pdu.order('8', 'off', WITHIN)).toMatchObject({ result: 'accepted' });
  });

  it('finds outlets by name, and lists them', async () => {
    const snmpd = await startSnmpd(paths());
    const pdu = open(snmpd, V2C);
    expect(await pdu.order('rack outlet 6', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(await snmpd.signs()).toBe('11111011');
    expect(await pdu.read('rack outlet 6', WITHIN)).toMatchObject({ power: 'off' });
    expect(await pdu.order('rack outlet 9', 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code: 'no-such-outlet' } });
    const listed = await pdu.list(WITHIN);
    if ('code' in listed) throw new Error(listed.says);
    expect(listed.map((outlet) => [outlet.plug, outlet.name, outlet.reading.power])).toEqual(
      Array.from({ length: 8 }, (_each, at) => [String(at + 1), `rack outlet ${at + 1}`, at === 5 ? 'off' : 'on']),
    );
  });

  it('tells a wrong key, a wrong user and a community that may only read', async () => {
    const snmpd = await startSnmpd(paths(), { users: USERS });
    const wrong = async (login: Readonly<Record<string, unknown>>): Promise<unknown> => open(snmpd, login).order('1', 'off', { ms: 1500 });
    const priv = { protocol: 'aes', key: Secret.fixed(PRIV) };
    expect(await wrong({ version: '3', user: 'shaaes', auth: { protocol: 'sha', key: Secret.fixed('another-word') }, priv })).toMatchObject(
      { result: 'rejected', why: { code: 'snmp-auth', lasting: true } },
    );
    expect(await wrong({ version: '3', user: 'nobody', auth: { protocol: 'sha', key: Secret.fixed(AUTH) }, priv })).toMatchObject({
      result: 'rejected',
      why: { code: 'snmp-user', lasting: true },
    });
    expect(await wrong({ version: '3', user: 'md5only', auth: { protocol: 'md5', key: Secret.fixed(AUTH) }, priv })).toMatchObject({
      result: 'rejected',
      why: { code: 'snmp-level', lasting: true },
    });
    expect(
      await wrong({
        version: '3',
        user: 'shaaes',
        auth: { protocol: 'sha', key: Secret.fixed(AUTH) },
        priv: { protocol: 'aes', key: Secret.fixed('another-word') },
      }),
    ).toMatchObject({ result: 'unknown', why: { says: expect.stringContaining('privacy') } });
    for (const version of ['1', '2c']) {
      expect(await wrong({ version, community: Secret.fixed('public') })).toMatchObject({
        result: 'rejected',
        why: { code: 'pdu-write-denied', lasting: true },
      });
    }
    expect(await snmpd.signs()).toBe('11111111');
  });
});

describeWithStrangers(['snmpd', 'snmpget', 'python3', 'fence_apc_snmp'], 'an outlet that does not exist', (path) => {
  it.each(['2c', '3'] as const)('fence_apc_snmp calls outlet 9 of 8 "Already OFF" in v%s; we do not', async (version) => {
    const users = [`createUser shaaes SHA ${AUTH} AES ${PRIV}\nrwuser shaaes priv`];
    const snmpd = await startSnmpd({ snmpd: path('snmpd'), snmpget: path('snmpget'), python3: path('python3') }, { users });
    const login =
      version === '2c'
        ? ['-c', 'private']
        : ['-l', 'shaaes', '-p', AUTH, '-P', PRIV, '--snmp-auth-prot=SHA', '--snmp-priv-prot=AES', '--snmp-sec-level=authPriv'];
    const theirs = await run(path('fence_apc_snmp'), [
      '--ip=127.0.0.1',
      `--ipport=${snmpd.port}`,
      '--plug=9',
      '-d',
      version,
      ...login,
      '-o',
      'off',
    ]);
    expect(theirs).toMatchObject({ code: 0, text: expect.stringContaining('Already OFF') });
    const settings =
      version === '2c'
        ? { community: Secret.fixed('private') }
        : { user: 'shaaes', auth: { protocol: 'sha', key: Secret.fixed(AUTH) }, priv: { protocol: 'aes', key: Secret.fixed(PRIV) } };
    const ours = openDriver({ host: '127.0.0.1', port: snmpd.port, profile: 'apc-rpdu', version, ...settings });
    expect(await ours.order('9', 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code: 'no-such-outlet', lasting: true } });
    expect(await ours.read('9', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'no-such-outlet' } });
    expect(await snmpd.signs()).toBe('11111111');
  });
});
