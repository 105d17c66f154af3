/** Other people's SNMP tools drive our mock PDU: it is believed by more than our own driver. */
import { describe, expect, it } from 'vitest';
import type { Cipher, Digest, MockPdu, PduUser } from '../../hardware-mocks/pdu/index.ts';
import { startPdu } from '../snmp-pdu/stage.ts';
import { run } from './snmp-stage.ts';
import { describeWithStrangers } from './strangers.ts';

const AUTH = 'auth-password';
const PRIV = 'priv-password';
const RPDU_STATE = '.1.3.6.1.4.1.318.1.1.12.3.5.1.1.4';
const RPDU_ORDER = '.1.3.6.1.4.1.318.1.1.12.3.3.1.1.4';
const at = (pdu: MockPdu): string => `127.0.0.1:${pdu.port}`;

/** Our name of a digest or cipher, and net-snmp's. */
const PROTECTED: readonly (readonly [Digest, string, Cipher, string])[] = [
  ['md5', 'MD5', 'des', 'DES'],
  ['sha', 'SHA', 'aes', 'AES'],
  ['sha224', 'SHA-224', 'aes', 'AES'],
  ['sha256', 'SHA-256', 'aes', 'AES'],
  ['sha384', 'SHA-384', 'aes256b', 'AES-256'],
  ['sha512', 'SHA-512', 'aes256b', 'AES-256'],
  ['sha', 'SHA', 'aes256b', 'AES-256'],
  ['sha', 'SHA', 'aes256r', 'AES-256-C'],
];

describeWithStrangers(['snmpget', 'snmpset', 'snmpwalk'], "net-snmp's tools on our mock PDU", (path) => {
  it.each(['1', '2c'])('reads, switches and walks in v%s', async (version) => {
    const pdu = await startPdu('apc-rpdu');
    const who = [`-v${version}`, '-c', 'private', '-On', '-r', '0', at(pdu)];
    expect((await run(path('snmpget'), [...who, `${RPDU_STATE}.4`])).text).toContain('INTEGER: 1');
    expect(await run(path('snmpset'), [...who, `${RPDU_ORDER}.4`, 'i', '2'])).toMatchObject({ code: 0 });
    expect(pdu.outlet(4).relay.closed).toBe(false);
    const walked = await run(path('snmpwalk'), [...who, RPDU_STATE]);
    expect(
      walked.text
        .trim()
        .split('\n')
        .map((line) => line.split(' ').at(-1)),
    ).toEqual(['1', '1', '1', '2', '1', '1', '1', '1']);
  });

  it.each(PROTECTED)('reads and switches in v3 with %s and %3$s', async (digest, theirDigest, cipher, theirCipher) => {
    const user: PduUser = { name: 'fencer', auth: { digest, password: AUTH }, priv: { cipher, password: PRIV } };
    const pdu = await startPdu('raritan-px2', { users: [user] });
    const who = [
      '-v3',
      '-l',
      'authPriv',
      '-u',
      'fencer',
      '-a',
      theirDigest,
      '-A',
      AUTH,
      '-x',
      theirCipher,
      '-X',
      PRIV,
      '-On',
      '-r',
      '0',
      at(pdu),
    ];
    const state = '.1.3.6.1.4.1.13742.6.4.1.2.1.3.1.5';
    expect((await run(path('snmpget'), [...who, state])).text).toContain('INTEGER: 7');
    expect(await run(path('snmpset'), [...who, '.1.3.6.1.4.1.13742.6.4.1.2.1.2.1.5', 'i', '0'])).toMatchObject({ code: 0 });
    expect((await run(path('snmpget'), [...who, state])).text).toContain('INTEGER: 8');
    expect(pdu.outlet(5).relay.closed).toBe(false);
  });

  it('errors as real agents do: one missing object spoils a v1 answer, v2c names it', async () => {
    const pdu = await startPdu('apc-rpdu');
    const get = (version: string, oid: string) => run(path('snmpget'), [`-v${version}`, '-c', 'private', '-On', '-r', '0', at(pdu), oid]);
    const set = (version: string, community: string, oid: string, type: string, value: string) =>
      run(path('snmpset'), [`-v${version}`, '-c', community, '-On', '-r', '0', at(pdu), oid, type, value]);
    expect((await get('1', `${RPDU_STATE}.9`)).text).toContain('noSuchName');
    expect((await get('2c', `${RPDU_STATE}.9`)).text).toContain('No Such Instance');
    expect((await get('2c', '.1.3.6.1.4.1.99999.1.0')).text).toContain('No Such Object');
    expect((await set('1', 'private', `${RPDU_ORDER}.9`, 'i', '2')).text).toContain('noSuchName');
    expect((await set('2c', 'private', `${RPDU_ORDER}.9`, 'i', '2')).text).toContain('noCreation');
    expect((await set('2c', 'private', `${RPDU_STATE}.1`, 'i', '2')).text).toContain('notWritable');
    expect((await set('2c', 'public', `${RPDU_ORDER}.1`, 'i', '2')).text).toContain('noAccess');
    expect((await set('2c', 'private', `${RPDU_ORDER}.1`, 'u', '2')).text).toContain('wrongType');
    expect((await set('2c', 'private', `${RPDU_ORDER}.1`, 'i', '77')).text).toContain('wrongValue');
    expect((await set('2c', 'nobody', `${RPDU_ORDER}.1`, 'i', '2')).text).toContain('Timeout');
    expect(pdu.outlets.audit).toEqual([]);
  });

  it('reports why a v3 login is refused', async () => {
    const user: PduUser = { name: 'fencer', auth: { digest: 'sha256', password: AUTH }, priv: { cipher: 'aes', password: PRIV } };
    const pdu = await startPdu('apc-rpdu', { users: [user] });
    const get = (...login: readonly string[]) => run(path('snmpget'), ['-v3', ...login, '-On', '-r', '0', at(pdu), `${RPDU_STATE}.1`]);
    expect((await get('-l', 'authPriv', '-u', 'fencer', '-a', 'SHA-256', '-A', 'wrong-password', '-x', 'AES', '-X', PRIV)).text).toContain(
      'Authentication failure',
    );
    expect((await get('-l', 'authPriv', '-u', 'nobody', '-a', 'SHA-256', '-A', AUTH, '-x', 'AES', '-X', PRIV)).text).toContain(
      'Unknown user name',
    );
    expect((await get('-l', 'authNoPriv', '-u', 'fencer', '-a', 'SHA-256', '-A', AUTH)).text).toContain('Unsupported security level');
  });

  it('survives a restart in the middle: the session is resynchronised to one more boot', async () => {
    const user: PduUser = { name: 'fencer', auth: { digest: 'sha', password: AUTH } };
    const pdu = await startPdu('apc-rpdu', { users: [user] });
    const who = ['-v3', '-l', 'authNoPriv', '-u', 'fencer', '-a', 'SHA', '-A', AUTH, '-On', '-r', '0'];
    const before = pdu.engine.boots;
    pdu.faults.reboot(0);
    // The clock of the boot before: the agent has to tell the new one, and snmpget has to believe it.
    const answered = await run(path('snmpget'), [...who, '-Z', `${before},100`, at(pdu), `${RPDU_STATE}.1`]);
    expect(answered.text).toContain('INTEGER: 1');
    expect(pdu.engine.boots).toBe(before + 1);
  });
});

describeWithStrangers(['fence_apc_snmp'], 'fence_apc_snmp on our mock PDU', (path) => {
  it.each(['apc-spdu', 'apc-rpdu'])('cuts and restores the right outlet of %s', async (family) => {
    const pdu = await startPdu(family);
    const call = (action: string) =>
      run(path('fence_apc_snmp'), [
        '--ip=127.0.0.1',
        `--ipport=${pdu.port}`,
        '--plug=5',
        '-d',
        '2c',
        '-c',
        'private',
        '--power-wait=0',
        '-o',
        action,
      ]);
    expect(await call('off')).toMatchObject({ code: 0, text: expect.stringContaining('Powered OFF') });
    expect(pdu.outlets.all.map((outlet) => outlet.relay.closed)).toEqual(pdu.outlets.all.map((outlet) => outlet.row !== 5));
    expect(await call('on')).toMatchObject({ code: 0, text: expect.stringContaining('Powered ON') });
    expect(pdu.outlet(5).relay.closed).toBe(true);
  });

  it('cuts an outlet of a later model, which answers the older trees too', async () => {
    const pdu = await startPdu('apc-rpdu', { families: ['apc-rpdu2', 'apc-rpdu', 'apc-spdu'] });
    const args = ['--ip=127.0.0.1', `--ipport=${pdu.port}`, '--plug=5', '-d', '2c', '-c', 'private', '--power-wait=0', '-o', 'off'];
    expect(await run(path('fence_apc_snmp'), args)).toMatchObject({ code: 0, text: expect.stringContaining('Powered OFF') });
    expect(pdu.outlet(5).relay.closed).toBe(false);
  });

  it('cuts an outlet in v3 with SHA and AES', async () => {
    const user: PduUser = { name: 'shaaes', auth: { digest: 'sha', password: AUTH }, priv: { cipher: 'aes', password: PRIV } };
    const pdu = await startPdu('apc-rpdu', { users: [user] });
    const login = [
      '-d',
      '3',
      '-l',
      'shaaes',
      '-p',
      AUTH,
      '-P',
      PRIV,
      '--snmp-auth-prot=SHA',
      '--snmp-priv-prot=AES',
      '--snmp-sec-level=authPriv',
    ];
    expect(
      await run(path('fence_apc_snmp'), ['--ip=127.0.0.1', `--ipport=${pdu.port}`, '--plug=2', ...login, '--power-wait=0', '-o', 'off']),
    ).toMatchObject({ code: 0 });
    expect(pdu.outlet(2).relay.closed).toBe(false);
  });
});

describeWithStrangers(['fence_eaton_snmp'], 'fence_eaton_snmp on our mock PDU', (path) => {
  describe.each(['eaton-managed-epdu', 'eaton-switched-epdu'])('%s', (family) => {
    it('cuts the outlet that our driver calls by the same number', async () => {
      const pdu = await startPdu(family);
      const args = ['--ip=127.0.0.1', `--ipport=${pdu.port}`, '--plug=3', '-d', '1', '-c', 'private', '--power-wait=0', '-o', 'off'];
      const ran = await run(path('fence_eaton_snmp'), args, 60_000);
      expect([ran, pdu.outlets.audit]).toMatchObject([{ code: 0 }, [{ outlet: 3, action: 'off' }]]);
      expect(pdu.outlet(3).relay.closed).toBe(false);
    });
  });
});
