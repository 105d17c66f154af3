/** Version 3 when the agent behind the address is not the one it was, and what each refusal is called. */
import { describe, expect, it } from 'vitest';
import { Secret } from '../../drivers/kit/contract.ts';
import { MockPdu, type PduUser } from '../../hardware-mocks/pdu/index.ts';
import { atEnd, onMock, openDriver, startPdu, unhurried, WITHIN } from './stage.ts';

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

describe('an agent that is another one now', () => {
  it('a new card with another engine id is found within the same call, for an order and for a reading', async () => {
    const first = await startPdu('apc-rpdu', { users: [USER], name: 'old card' });
    const { port } = first;
    const pduDriver = openDriver({ host: '127.0.0.1', port, profile: 'apc-rpdu', ...V3 }, unhurried);
    expect(await pduDriver.read('4', WITHIN)).toMatchObject({ power: 'on' });
    await first.stop();
    const second = await MockPdu.start({ families: ['apc-rpdu'], users: [USER], name: 'new card', port });
    atEnd(() => second.stop());
    expect(await pduDriver.order('4', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(await pduDriver.read('4', WITHIN)).toMatchObject({ power: 'off' });
    expect([second.outlets.audit.length, second.engine.count.admitted]).toEqual([1, 2]);
  });

  it('a boot counter that goes on, starts anew, or a clock that jumps: read on, within the same call', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu', { users: [USER] }, V3);
    for (const boots of [1, 2, 40, 0, 7]) {
      expect([boots, await pduDriver.read('4', WITHIN)]).toMatchObject([boots, { power: 'on' }]);
      pdu.engine.boots = boots;
      pdu.faults.reboot(0);
    }
    expect(await pduDriver.order('4', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(pdu.outlets.audit).toHaveLength(1);
  });
});

describe('a refused login names its stage', () => {
  const stages = [
    ['nobody', 'snmp-user', { user: 'nobody' }],
    ['a wrong key', 'snmp-auth', { auth: { protocol: 'sha256', key: Secret.fixed('wrong-password') } }],
    ['a wrong digest', 'snmp-auth', { auth: { protocol: 'sha', key: Secret.fixed('auth-password') } }],
    ['too little', 'snmp-level', { priv: undefined }],
    ['a wrong privacy key', 'snmp-privacy', { priv: { protocol: 'aes', key: Secret.fixed('wrong-password') } }],
    ['a wrong cipher', 'snmp-privacy', { priv: { protocol: 'aes256', key: Secret.fixed('priv-password') } }],
  ] as const;

  it.each(stages)('%s: %s, rejected and lasting', async (_title, code, wrong) => {
    const { pdu, pduDriver } = await onMock('apc-rpdu', { users: [USER], wrongPrivacy: 'report' }, withoutUndefined({ ...V3, ...wrong }));
    expect(await pduDriver.order('4', 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code, lasting: true } });
    expect(await pduDriver.read('4', WITHIN)).toMatchObject({ power: 'unknown', why: { code } });
    expect(await pduDriver.check(WITHIN)).toMatchObject({ ok: false, problem: { code } });
    expect(pdu.outlets.audit).toEqual([]);
  });

  it('silence before and after the engine was found is told apart', async () => {
    const { pdu, pduDriver } = await onMock(
      'apc-rpdu',
      { users: [USER] },
      { ...V3, priv: { protocol: 'aes', key: Secret.fixed('wrong-password') } },
    );
    expect(await pduDriver.read('4', { ms: 300 })).toMatchObject({
      why: { code: 'pdu-silent', says: expect.stringContaining('SNMPv3 privacy or network') },
    });
    pdu.faults.apply({ seed: 1, faults: [{ kind: 'mute' }] });
    expect(await pduDriver.read('4', { ms: 300 })).toMatchObject({
      why: { code: 'pdu-silent', says: expect.stringContaining('SNMPv3 engine discovery') },
    });
  });
});

const withoutUndefined = (raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined));
