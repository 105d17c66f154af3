/** Profiles as data: all that ship pass the check that a user's own has to pass, and no plug leads anywhere dangerous. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instanceOf, parsePlug, placeOf, plugOf } from '../../drivers/snmp-pdu/addressing.ts';
import { parseProfile } from '../../drivers/snmp-pdu/custom-profile.ts';
import type { Profile } from '../../drivers/snmp-pdu/profile.ts';
import { checkProfile } from '../../drivers/snmp-pdu/profile-check.ts';
import { PROFILES, profileNamed } from '../../drivers/snmp-pdu/profiles/index.ts';

const everyProfile = fc.constantFrom(...PROFILES);
const placeIn = (profile: Profile): fc.Arbitrary<Record<string, number>> =>
  fc.record(Object.fromEntries(profile.parts.map((part) => [part.name, fc.integer({ min: part.min, max: part.max })])));
const profileAndPlace = everyProfile.chain((profile) => fc.tuple(fc.constant(profile), placeIn(profile)));

/** A sound profile to spoil. */
const SOUND = JSON.stringify(profileNamed('apc-rpdu2'));
const spoilt = (change: (raw: Record<string, unknown>) => void): readonly string[] => {
  const raw = JSON.parse(SOUND) as Record<string, unknown>;
  change(raw);
  const checked = checkProfile(raw);
  return 'problems' in checked ? checked.problems : [];
};

describe('the profiles that ship', () => {
  it.each(PROFILES.map((profile) => [profile.name, profile] as const))('%s passes the check, also as JSON', (_name, profile) => {
    expect(checkProfile(profile)).toEqual({ profile });
    expect(parseProfile(JSON.stringify(profile), 'profile.json')).toEqual(profile);
  });

  it('have names of their own', () => {
    expect(new Set(PROFILES.map((profile) => profile.name)).size).toBe(PROFILES.length);
  });

  it('never write below an object that switches more than one outlet', () => {
    fc.assert(
      fc.property(profileAndPlace, ([profile, place]) => {
        const where = profile.rows === undefined ? place : { row: place['outlet'] ?? 1 };
        for (const wanted of ['off', 'on'] as const) {
          const oid = instanceOf(profile.orders[wanted].object, where);
          expect(profile.wholeUnit.filter((root) => oid === root || oid.startsWith(`${root}.`))).toEqual([]);
        }
      }),
    );
  });
});

describe('addressing', () => {
  it('a plug means one place, and the place has this plug', () => {
    fc.assert(
      fc.property(profileAndPlace, ([profile, place]) => {
        const plug = plugOf(profile, place) ?? 'none';
        expect(parsePlug(profile, plug)).toEqual({ kind: 'numbers', place });
        const full = profile.parts.map((part) => place[part.name]).join('.');
        expect(parsePlug(profile, full)).toEqual({ kind: 'numbers', place });
      }),
    );
  });

  it('an instance leads back to its place, and different places to different instances', () => {
    fc.assert(
      fc.property(
        everyProfile.chain((profile) => fc.tuple(fc.constant(profile), placeIn(profile), placeIn(profile))),
        ([profile, place, other]) => {
          if (profile.rows !== undefined) return;
          const oid = instanceOf(profile.state.object, place);
          expect(placeOf(profile.state.object, oid)).toEqual(place);
          expect(instanceOf(profile.state.object, other) === oid).toBe(JSON.stringify(place) === JSON.stringify(other));
        },
      ),
    );
  });

  it('a number outside the range, too many parts, and padding are wrong, never clipped', () => {
    fc.assert(
      fc.property(everyProfile, fc.integer({ min: 0, max: 99_999 }), (profile, outlet) => {
        const last = profile.parts.at(-1);
        if (last === undefined || profile.name === 'avocent-pm') return;
        const inRange = outlet >= last.min && outlet <= last.max;
        expect(parsePlug(profile, String(outlet)).kind).toBe(inRange ? 'numbers' : 'wrong');
        expect(parsePlug(profile, `0${outlet}`).kind).toBe('wrong');
        expect(parsePlug(profile, `1.1.1.1.${outlet}`).kind).toBe('wrong');
      }),
    );
  });

  it('text is a name, and parts that have no default must be written', () => {
    const apc = profileNamed('apc-rpdu') as Profile;
    expect(parsePlug(apc, 'db1 psu a')).toEqual({ kind: 'name', name: 'db1 psu a' });
    expect(parsePlug(apc, 'name:12')).toEqual({ kind: 'name', name: '12' });
    expect(parsePlug(apc, '')).toMatchObject({ kind: 'wrong' });
    expect(parsePlug(apc, 'x'.repeat(300))).toMatchObject({ kind: 'wrong' });
    const avocent = profileNamed('avocent-pm') as Profile;
    expect(parsePlug(avocent, '4')).toMatchObject({ kind: 'wrong', says: expect.stringContaining('line.unit.outlet') });
    expect(parsePlug(avocent, '4', { line: 2, unit: 1 })).toEqual({ kind: 'numbers', place: { line: 2, unit: 1, outlet: 4 } });
  });
});

describe('the check of a profile', () => {
  it('names what is wrong', () => {
    expect(spoilt(() => {})).toEqual([]);
    expect(spoilt((raw) => Object.assign(raw, { colour: 'red' })).join()).toContain('colour');
    expect(spoilt((raw) => delete raw['state']).join()).toContain('state');
    expect(
      spoilt((raw) => Object.assign(raw, { state: { object: '1.3.6.1.4.1.1.{outlet}', off: 1, on: [1], changing: [] } })).join(),
    ).toContain('two meanings');
    expect(spoilt((raw) => Object.assign(raw, { state: { object: '1.3.6.1.4.1.1.5', off: 1, on: [2] } })).join()).toContain('every part');
    expect(spoilt((raw) => Object.assign(raw, { state: { object: '1.3.6.1.{unit}.{outlet}', off: 1, on: [2] } })).join()).toContain(
      '{unit}',
    );
    expect(spoilt((raw) => Object.assign(raw, { state: { object: '1.3.6.1.{outlet}', off: 1.5, on: [2] } })).join()).toContain(
      'whole number',
    );
    expect(
      spoilt((raw) =>
        Object.assign(raw, { orders: { off: { object: '1.3.{outlet}', value: 1 }, on: { object: '1.3.{outlet}', value: 1 } } }),
      ).join(),
    ).toContain('the same');
    expect(
      spoilt((raw) =>
        Object.assign(raw, { orders: { off: { object: '1.3.5', value: 1 }, on: { object: '1.3.{outlet}', value: 1 } } }),
      ).join(),
    ).toContain('orders.off.object');
    expect(spoilt((raw) => Object.assign(raw, { parts: [{ name: 'outlet', min: 5, max: 1 }] })).join()).toContain('parts[0].max');
    expect(spoilt((raw) => Object.assign(raw, { parts: [{ name: 'socket', min: 1, max: 1 }] })).join()).toContain('parts');
    expect(spoilt((raw) => Object.assign(raw, { conditions: [{ object: '1.3.{outlet}', equals: [], says: 'x' }] })).join()).toContain(
      'empty',
    );
    expect(spoilt((raw) => Object.assign(raw, { batch: { orders: 500, readings: 1 } })).join()).toContain('batch.orders');
    expect(spoilt((raw) => Object.assign(raw, { name: 'Not A Name' })).join()).toContain('name');
    expect(spoilt((raw) => Object.assign(raw, { state: { object: '1.3.6.1.4.1.1.{outlet}', off: 1, on: [] } })).join()).toContain(
      'state.on',
    );
  });

  it('names an order that could never be given, because all of its objects are under wholeUnit', () => {
    const under = (root: string): string => spoilt((raw) => Object.assign(raw, { wholeUnit: [root] })).join();
    expect(under('1.3.6.1.4.1.318.1.1.26.9.2.4')).toMatch(/orders\.off\.object is below wholeUnit[\s\S]*orders\.on\.object/);
    expect(under('1.3.6.1.4.1.318.1.1.26.9.2.4.1.5')).toContain('orders.off.object');
    for (const beside of ['1.3.6.1.4.1.318.1.1.26.9.2.4.1.5.7', '1.3.6.1.4.1.318.1.1.26.9.2.4.1.50', '1.3.6.1.4.1.318.1.1.26.9.2.3'])
      expect(under(beside)).toBe('');
  });

  it('never throws, whatever it is given, and what it lets pass can be used', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (raw) => {
        const checked = checkProfile(raw);
        expect('problems' in checked ? checked.problems.length : 0).toBeGreaterThan(0);
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(JSON.parse(SOUND) as object)), fc.jsonValue(), (field, value) => {
        const checked = checkProfile({ ...(JSON.parse(SOUND) as object), [field]: value });
        if ('problems' in checked) return;
        const place = checked.profile.rows === undefined ? { outlet: 1 } : { row: 1 };
        expect(instanceOf(checked.profile.state.object, place)).toMatch(/^\d+(\.\d+)+$/);
      }),
    );
  });
});
