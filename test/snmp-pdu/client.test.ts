/** The conversation: round trips, loss, restarts, refusals, what is left behind. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../drivers/kit/contract.ts';
import { mayAnswer } from '../../drivers/snmp-pdu/datagram.ts';
import { UdpProxy } from '../../hardware-mocks/index.ts';
import type { PduUser } from '../../hardware-mocks/pdu/index.ts';
import { freePort } from '../foreign/free-port.ts';
import { atEnd, onMock, openDriver, startPdu, tools, unhurried, WITHIN } from './stage.ts';

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
};

describe('round trips', () => {
  it.each([
    ['1', 3],
    ['2c', 3],
    ['3', 4],
  ] as const)('an off that is read back twice takes, in v%s, %i requests', async (version, most) => {
    const { pdu, pduDriver } = await onMock('apc-rpdu2', { users: [USER] }, version === '3' ? V3 : { version }, unhurried);
    expect(await pduDriver.order('4', 'off', WITHIN)).toEqual({ result: 'accepted' });
    for (let reading = 0; reading < 2; reading += 1) expect(await pduDriver.read('4', WITHIN)).toMatchObject({ power: 'off' });
    expect(pdu.count.heard).toBe(most);
  });

  it('24 outlets are ordered in one request and read in three', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu2', {}, {}, unhurried);
    const plugs = Array.from({ length: 24 }, (_each, at) => String(at + 1));
    const ordered = await pduDriver.orderAll(plugs, 'off', WITHIN);
    expect(ordered.every((each) => each.result === 'accepted')).toBe(true);
    expect(pdu.count.heard).toBe(1);
    expect((await pduDriver.readAll(plugs, WITHIN)).every((reading) => reading.power === 'off')).toBe(true);
    expect(pdu.count.heard).toBe(4);
  });

  it('one bad outlet among many is rejected alone', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu');
    expect((await pduDriver.orderAll(['1', '9', '3'], 'off', WITHIN)).map((each) => each.result)).toEqual([
      'accepted',
      'rejected',
      'accepted',
    ]);
    expect((await pduDriver.readAll(['1', '9', '3', '2'], WITHIN)).map((reading) => reading.power)).toEqual([
      'off',
      'unknown',
      'off',
      'on',
    ]);
    expect(pdu.outlets.audit.map(({ outlet }) => outlet)).toEqual([1, 3]);
  });

  it.each(['1', '2c'])('v%s: a small card that answers tooBig gets smaller requests', async (version) => {
    const { pdu, pduDriver } = await onMock('apc-rpdu2', { maxSet: 3, maxBytes: 300 }, { version }, unhurried);
    const plugs = Array.from({ length: 10 }, (_each, at) => String(at + 1));
    expect((await pduDriver.orderAll(plugs, 'off', WITHIN)).map((each) => each.result)).toEqual(plugs.map(() => 'accepted'));
    expect((await pduDriver.readAll(plugs, WITHIN)).map((reading) => reading.power)).toEqual(plugs.map(() => 'off'));
    expect(pdu.outlets.audit).toHaveLength(10);
  });
});

describe('loss and restarts', () => {
  it.each(['2c', '3'])('gets through a bad line in v%s, and an order that is repeated stays one order', async (version) => {
    const pdu = await startPdu('apc-rpdu', { users: [USER] });
    const proxy = await UdpProxy.open({
      to: { port: pdu.port },
      seed: 3,
      toDevice: { loss: 0.3 },
      toClient: { loss: 0.3, duplicate: 0.2 },
    });
    atEnd(() => proxy.close());
    const login = version === '3' ? V3 : { version, community: Secret.fixed('private') };
    const pduDriver = openDriver({ host: '127.0.0.1', port: proxy.port, profile: 'apc-rpdu', ...login });
    const within = { ms: 20_000 };
    expect(await pduDriver.order('4', 'off', within)).toEqual({ result: 'accepted' });
    for (let round = 0; round < 5; round += 1) expect(await pduDriver.read('4', within)).toMatchObject({ power: 'off' });
    expect(pdu.outlets.all.filter((outlet) => !outlet.relay.closed).map((outlet) => outlet.row)).toEqual([4]);
  });

  it('finds a version 3 agent again that has started anew, within the same call', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu', { users: [USER] }, V3);
    expect(await pduDriver.read('4', WITHIN)).toMatchObject({ power: 'on' });
    pdu.faults.reboot(0);
    expect(await pduDriver.read('4', WITHIN)).toMatchObject({ power: 'on' });
    pdu.engine.boots = 0;
    pdu.faults.reboot(0);
    expect(pdu.engine.boots).toBe(1);
    expect(await pduDriver.read('4', WITHIN)).toMatchObject({ power: 'on' });
  });

  it('a closed UDP port is told as such, and early', async () => {
    const port = await freePort('udp');
    const pduDriver = openDriver({ host: '127.0.0.1', port, profile: 'apc-rpdu', version: '2c', community: Secret.fixed('private') });
    expect(await pduDriver.read('1', { ms: 20_000 })).toMatchObject({ power: 'unknown', why: { code: 'pdu-refused' } });
    expect(await pduDriver.order('1', 'off', { ms: 20_000 })).toMatchObject({ result: 'unknown', why: { code: 'pdu-refused' } });
  });

  it('an unknown host, a missing secret and settings that do not fit are told without a packet', async () => {
    const open = (more: Readonly<Record<string, unknown>>) => openDriver({ host: '127.0.0.1', port: 9, profile: 'apc-rpdu', ...more });
    const gone = new Secret('secrets/pdu', () => {
      throw new Error('ENOENT');
    });
    expect(await open({ community: gone }).order('1', 'off', WITHIN)).toMatchObject({
      result: 'rejected',
      why: { code: 'pdu-unusable', says: expect.stringContaining('secrets/pdu') },
    });
    for (const settings of [
      {},
      { version: '3' },
      { version: '3', user: 'u', priv: V3.priv },
      { version: '3', user: 'u', level: 'authPriv' },
      { version: '2c', community: gone, user: 'u' },
    ]) {
      expect(await open(settings).order('1', 'off', WITHIN)).toMatchObject({
        result: 'rejected',
        why: { code: 'profile-unusable', lasting: true },
      });
    }
    const short = { version: '3', user: 'u', auth: { protocol: 'sha', key: Secret.fixed('short') } };
    expect(await open(short).read('1', WITHIN)).toMatchObject({ power: 'unknown', why: { says: expect.stringContaining('less than 8') } });
  });

  it('questions wait for their turn, and one that is aborted gives its turn up', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu', {}, {}, unhurried);
    pdu.faults.apply({ seed: 1, faults: [{ kind: 'delay', ms: 50 }] });
    const end = new AbortController();
    const first = pduDriver.read('1', WITHIN);
    const second = pduDriver.read('2', { ms: 4000, signal: end.signal });
    const third = pduDriver.read('3', WITHIN);
    end.abort();
    expect(await second).toMatchObject({ power: 'unknown', why: { code: 'aborted' } });
    expect(await first).toMatchObject({ power: 'on' });
    expect(await third).toMatchObject({ power: 'on' });
    expect(pdu.count.heard).toBe(2);
  });

  it('leaves no timer behind, whatever the end', async () => {
    let live = 0;
    const counting = {
      ...tools,
      after: (ms: number, run: () => void) => {
        let over = false;
        const settle = (): void => {
          if (!over) live -= 1;
          over = true;
        };
        live += 1;
        const cancel = tools.after(ms, () => {
          settle();
          run();
        });
        return () => {
          settle();
          cancel();
        };
      },
    };
    const pdu = await startPdu('apc-rpdu');
    const pduDriver = openDriver(
      { host: '127.0.0.1', port: pdu.port, profile: 'apc-rpdu', version: '2c', community: Secret.fixed('private') },
      counting,
    );
    await pduDriver.read('1', WITHIN);
    expect(live).toBe(0);
    pdu.faults.apply({ seed: 1, faults: [{ kind: 'mute' }] });
    expect(await pduDriver.read('1', { ms: 50 })).toMatchObject({ power: 'unknown', why: { code: 'pdu-silent' } });
    expect(live).toBe(0);
    const waiting = pduDriver.read('1', WITHIN);
    await pduDriver.close();
    expect(await waiting).toMatchObject({ power: 'unknown', why: { code: 'driver-closed' } });
    expect(live).toBe(0);
  });
});

describe('what may be an answer', () => {
  it('is decided without a throw for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(0 as const, 1 as const, 3 as const), (bytes, version) => {
        expect(typeof mayAnswer(bytes, { version, auth: true, priv: true })).toBe('boolean');
      }),
    );
  });

  it('is not a request, not another version, not a cut or a padded datagram', () => {
    const response = Uint8Array.from(Buffer.from('301b020101040770726976617465a20d020101020100020100300230 00'.replaceAll(' ', ''), 'hex'));
    const v2c = { version: 1, auth: false, priv: false } as const;
    expect(mayAnswer(response, v2c)).toBe(true);
    expect(mayAnswer(response, { ...v2c, version: 0 })).toBe(false);
    expect(mayAnswer(response.with(14, 0xa0), v2c)).toBe(false);
    expect(mayAnswer(response.subarray(0, -1), v2c)).toBe(false);
    expect(mayAnswer(Uint8Array.from([...response, 0]), v2c)).toBe(false);
  });
});
