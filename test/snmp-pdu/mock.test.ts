/** The mock PDU itself: what it says of its relays, what its codec makes of any bytes, and keys as RFC 3414 prints them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Relay, VirtualClock } from '../../hardware-mocks/index.ts';
import { BadBytes, compareOids, elements, integer, oid, readInteger, readOid } from '../../hardware-mocks/pdu/ber.ts';
import { FAMILIES, MockPdu } from '../../hardware-mocks/pdu/index.ts';
import { CIPHERS, cipherKey, decrypt, encrypt, localKey } from '../../hardware-mocks/pdu/usm.ts';
import { onMock, WITHIN } from './stage.ts';

const ENGINE = Buffer.from('000000000000000000000002', 'hex');

describe('user security', () => {
  it('makes the keys of RFC 3414 appendix A.3', () => {
    expect(localKey('md5', 'maplesyrup', ENGINE).toString('hex')).toBe('526f5eed9fcce26f8964c2930787d82b');
    expect(localKey('sha', 'maplesyrup', ENGINE).toString('hex')).toBe('6695febc9288e36282235fc7151f128497b38f3f');
  });

  it.each(CIPHERS)('%s: what was encrypted can be read with the key, and with no other', (cipher) => {
    const key = cipherKey(cipher, 'sha', 'priv-password', ENGINE);
    const other = cipherKey(cipher, 'sha', 'another-word', ENGINE);
    const clock = { boots: 3, time: 77 };
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 100 }), fc.uint8Array({ minLength: 8, maxLength: 8 }), (plain, salt) => {
        const secret = encrypt(cipher, key, clock, salt, plain);
        expect(decrypt(cipher, key, clock, salt, secret).subarray(0, plain.length)).toEqual(Buffer.from(plain));
        expect(decrypt(cipher, other, clock, salt, secret).subarray(0, plain.length)).not.toEqual(Buffer.from(plain));
      }),
      { numRuns: 30 },
    );
  });
});

describe('BER', () => {
  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.integer({ min: 0, max: 0x7fff_ffff }), { minLength: 1, maxLength: 20 }), (number, arcs) => {
        expect(readInteger(elements(integer(number))[0])).toBe(number);
        const name = ['1', '3', ...arcs].join('.');
        expect(readOid(elements(oid(name))[0])).toBe(name);
        expect(compareOids(name, `${name}.0`)).toBeLessThan(0);
      }),
    );
  });

  it('meets any bytes with a value or BadBytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        try {
          expect(Array.isArray(elements(bytes))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(BadBytes);
        }
      }),
    );
  });
});

describe('the agent', () => {
  it('never throws, and answers no noise', () => {
    const pdu = new MockPdu({ families: ['apc-rpdu'] });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(pdu.hear(bytes)).toEqual([]);
      }),
    );
    // A real request with one byte turned over: an answer or none, and no outlet moves by it unless it was a SET that still is one.
    const get = Buffer.from(
      '30290201010407707269766174 65a01b02020123020100020100300f300d06092b06010201010200000500'.replaceAll(' ', ''),
      'hex',
    );
    fc.assert(
      fc.property(fc.nat({ max: get.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const bent = Uint8Array.from(get);
        bent[at] = (bent[at] ?? 0) ^ bits;
        expect(Array.isArray(pdu.hear(bent))).toBe(true);
      }),
    );
    expect(pdu.outlets.audit).toEqual([]);
  });

  it('tells an outlet on its way as the family does: a state of its own, or a flag', async () => {
    const clock = new VirtualClock(1000);
    for (const family of FAMILIES) {
      const pdu = new MockPdu({ families: [family.name], clock, relays: [new Relay({ clock, delayMs: 5000 })] });
      const before = pdu.outlets.moving(pdu.outlet(1));
      pdu.outlets.order(pdu.outlet(1), 'off', 'test');
      expect([family.name, before, pdu.outlets.moving(pdu.outlet(1)), pdu.outlet(1).relay.closed]).toEqual([
        family.name,
        undefined,
        'off',
        true,
      ]);
      clock.advance(5000);
      expect([family.name, pdu.outlets.moving(pdu.outlet(1)), pdu.outlet(1).relay.closed]).toEqual([family.name, undefined, false]);
    }
  });

  it('an operator who switches on again is seen at once', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu');
    await pduDriver.order('1', 'off', WITHIN);
    expect(await pduDriver.read('1', WITHIN)).toMatchObject({ power: 'off' });
    pdu.outlet(1).relay.order('on');
    expect(await pduDriver.read('1', WITHIN)).toMatchObject({ power: 'on' });
  });

  it('a delayed relay reads unknown, then off: never off before the lamp', async () => {
    const clock = new VirtualClock(1000);
    const { pdu, pduDriver } = await onMock('vertiv-geist-v5', { clock, relays: [new Relay({ clock, delayMs: 5000 })] });
    await pduDriver.order('1', 'off', WITHIN);
    expect(await pduDriver.read('1', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'outlet-state-unknown' } });
    clock.advance(4999);
    expect(await pduDriver.read('1', WITHIN)).toMatchObject({ power: 'unknown' });
    clock.advance(1);
    expect(pdu.outlet(1).relay.closed).toBe(false);
    expect(await pduDriver.read('1', WITHIN)).toMatchObject({ power: 'off' });
  });
});
