/** Only the exact off code, with everything else in order, is off. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instanceOf } from '../../drivers/snmp-pdu/addressing.ts';
import type { Answer } from '../../drivers/snmp-pdu/client.ts';
import { meaningOf, objectsOf } from '../../drivers/snmp-pdu/meaning.ts';
import { PROFILES } from '../../drivers/snmp-pdu/profiles/index.ts';
import { onMock, WITHIN } from './stage.ts';

describe('what a reading means', () => {
  it('is off for one number only, whatever else the objects hold', () => {
    const answer = fc.oneof(
      fc.record({ kind: fc.constant('integer' as const), number: fc.integer({ min: -1, max: 9 }) }),
      fc.record({ kind: fc.constant('unsigned' as const), number: fc.integer({ min: 0, max: 40 }) }),
      fc.record({ kind: fc.constant('text' as const), text: fc.string() }),
      fc.constantFrom({ kind: 'absent' as const }, { kind: 'other' as const }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...PROFILES), fc.array(answer, { minLength: 16, maxLength: 16 }), (profile, values) => {
        const place =
          profile.rows === undefined ? Object.fromEntries(profile.parts.map((part) => [part.name, Math.max(part.min, 1)])) : { row: 1 };
        const outlet = { plug: '1', place, rows: [] };
        const { needed, optional } = objectsOf(profile, outlet);
        const answers = new Map([...needed, ...optional].map((oid, n) => [oid, { oid, ...values[n] } as Answer]));
        const reading = meaningOf('pdu-a', profile, outlet, answers);
        const state = answers.get(instanceOf(profile.state.object, place));
        if (reading.power === 'off') expect(state).toMatchObject({ kind: 'integer', number: profile.state.off });
        if (reading.power === 'on') expect(profile.state.on).toContain(state?.kind === 'integer' ? state.number : undefined);
        if (reading.power === 'unknown') expect(reading.why?.says).toContain('pdu-a');
        if (reading.power !== 'unknown')
          for (const { object, equals, absent } of profile.conditions) {
            const held = answers.get(instanceOf(object, place));
            expect(held?.kind === 'integer' ? equals.includes(held.number) : absent === 'fine' && held?.kind === 'absent').toBe(true);
          }
      }),
      { numRuns: 2000 },
    );
  });

  it('nothing answered is never off', () => {
    for (const profile of PROFILES) {
      const place =
        profile.rows === undefined ? Object.fromEntries(profile.parts.map((part) => [part.name, Math.max(part.min, 1)])) : { row: 1 };
      expect(meaningOf('pdu-a', profile, { plug: '1', place, rows: [] }, new Map())).toMatchObject({
        power: 'unknown',
        why: { code: 'no-such-outlet' },
      });
    }
  });
});

describe('against the mock', () => {
  it('a pending command keeps the reading unknown until the relay has moved', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu');
    pdu.outlets.hung.add(pdu.outlet(1));
    await pduDriver.order('1', 'off', WITHIN);
    expect(pdu.outlet(1).relay.closed).toBe(false);
    expect(await pduDriver.read('1', WITHIN)).toMatchObject({ power: 'unknown', why: { says: expect.stringContaining('pending') } });
    pdu.outlets.hung.clear();
    expect(await pduDriver.read('1', WITHIN)).toMatchObject({ power: 'off' });
  });

  it('carries the load of a metered outlet', async () => {
    const { pdu, pduDriver } = await onMock('raritan-px2');
    pdu.outlet(2).relay.attach(() => 345);
    expect(await pduDriver.read('2', WITHIN)).toMatchObject({ power: 'on', amps: 1.5, watts: 345 });
    await pduDriver.order('2', 'off', WITHIN);
    expect(await pduDriver.read('2', WITHIN)).toMatchObject({ power: 'off', amps: 0, watts: 0 });
  });

  it.each(['apc-rpdu', 'apc-rpdu2', 'raritan-px2', 'eaton-epdu-g3', 'servertech-sentry4'])(
    '%s: off while current flows contradicts itself',
    async (profile) => {
      const { pdu, pduDriver } = await onMock(profile);
      pdu.outlet(1).relay.attach(() => 120);
      pdu.faults.apply({ seed: 1, faults: [{ kind: 'lie', says: 'off' }] });
      expect(await pduDriver.read('1', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'outlet-contradiction' } });
      pdu.outlets.metering = 'none';
      expect(await pduDriver.read('1', WITHIN)).toMatchObject({ power: 'off' });
    },
  );

  it.each(['1', '2c'])('reads an unmetered model with the same profile in v%s', async (version) => {
    const { pduDriver } = await onMock('apc-rpdu2', { metering: 'absent' }, { version });
    for (let round = 0; round < 2; round += 1) {
      const reading = await pduDriver.read('2', WITHIN);
      expect(reading).toMatchObject({ power: 'on' });
      expect(reading).not.toHaveProperty('watts');
    }
    expect(await pduDriver.read('25', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'no-such-outlet' } });
  });

  it('a stale agent is read until it has looked at the relay', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu', { staleMs: 60_000 });
    await pduDriver.order('1', 'off', WITHIN);
    expect(pdu.outlet(1).relay.closed).toBe(false);
    expect(await pduDriver.read('1', WITHIN)).toMatchObject({ power: 'on' });
  });

  it('another outlet than ordered went off: ours reads on', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu');
    pdu.faults.apply({ seed: 1, faults: [{ kind: 'wrong-plug' }] });
    expect(await pduDriver.order('1', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(pdu.outlet(2).relay.closed).toBe(false);
    expect(await pduDriver.read('1', WITHIN)).toMatchObject({ power: 'on' });
  });
});

describe('names', () => {
  it('an outlet is found by its name, which is proven again in every reading and before every order', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu', { labels: ['db1 a', 'db1 b', 'db2 a'] });
    expect(await pduDriver.order('db1 b', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(pdu.outlet(2).relay.closed).toBe(false);
    expect(await pduDriver.read('db1 b', WITHIN)).toMatchObject({ power: 'off' });
    pdu.outlet(2).label = 'db3 a';
    expect(await pduDriver.order('db1 b', 'on', WITHIN)).toMatchObject({ result: 'rejected', why: { code: 'outlet-name-mismatch' } });
    expect(pdu.outlet(2).relay.closed).toBe(false);
    pdu.outlet(3).label = 'db1 b';
    expect(await pduDriver.read('db1 b', WITHIN)).toMatchObject({ power: 'on' });
  });

  it('a name must be unique', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu', { labels: ['db1', 'db1'] });
    expect(await pduDriver.order('db1', 'off', WITHIN)).toMatchObject({
      result: 'rejected',
      why: { code: 'outlet-name-not-unique', says: expect.stringContaining('1, 2') },
    });
    expect(pdu.outlets.audit).toEqual([]);
  });

  it('an expected name is compared before the order: somebody rewired it', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu', { labels: ['db1 a', 'db2 a'] }, { names: ['1=db1 a', '2=db1 b'] });
    expect(await pduDriver.order('1', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(await pduDriver.read('1', WITHIN)).toMatchObject({ power: 'off' });
    expect(await pduDriver.order('2', 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code: 'outlet-name-mismatch' } });
    expect(await pduDriver.read('2', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'outlet-name-mismatch' } });
    expect(pdu.outlets.audit.map(({ outlet }) => outlet)).toEqual([1]);
  });

  it('an expected name holds however the plug is written, and must be of an outlet', async () => {
    const { pdu, pduDriver } = await onMock('raritan-px2', { labels: ['db1 a', 'db2 a'] }, { names: ['1.2=db1 b'] });
    for (const plug of ['2', '1.2'])
      expect(await pduDriver.order(plug, 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code: 'outlet-name-mismatch' } });
    expect(pdu.outlets.audit).toEqual([]);
    for (const names of [['999=db1'], ['1=db1', '1.1=db1']]) {
      const { pduDriver: misnamed } = await onMock('raritan-px2', {}, { names });
      expect(await misnamed.order('1', 'off', WITHIN)).toMatchObject({
        result: 'rejected',
        why: { code: 'profile-unusable', says: expect.stringContaining('names') },
      });
    }
  });

  it('a profile without names says so', async () => {
    const { pduDriver } = await onMock('apc-easy');
    expect(await pduDriver.order('db1', 'off', WITHIN)).toMatchObject({
      result: 'rejected',
      why: { code: 'no-such-outlet', says: expect.stringContaining('no outlet names') },
    });
  });
});

describe('chained units', () => {
  it('find the row by unit and outlet', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu2-chained');
    expect(await pduDriver.order('2.3', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(pdu.outlets.all.filter((outlet) => !outlet.relay.closed).map(({ unit, number, row }) => [unit, number, row])).toEqual([
      [2, 3, 11],
    ]);
    expect(await pduDriver.read('2.3', WITHIN)).toMatchObject({ power: 'off' });
    expect(await pduDriver.order('3.1', 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code: 'no-such-outlet' } });
  });

  it('a row that belongs to another unit now is neither ordered nor off', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu2-chained');
    await pduDriver.order('2.3', 'off', WITHIN);
    const moved = pdu.outlet(11) as { unit: number };
    moved.unit = 3;
    expect(await pduDriver.order('2.3', 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code: 'outlet-renumbered' } });
    await pduDriver.read('2.4', WITHIN);
    (pdu.outlet(12) as { unit: number }).unit = 4;
    expect(await pduDriver.read('2.4', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'outlet-renumbered' } });
  });
});
