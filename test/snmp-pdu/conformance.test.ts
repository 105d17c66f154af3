/** The promises C01 to C20 on the mock of every family, over real UDP on loopback. */
import { describe, expect, it } from 'vitest';
import { conformance } from '../../drivers/conformance/index.ts';
import { PROFILES } from '../../drivers/snmp-pdu/profiles/index.ts';
import { pduBench, type Variant } from './conformance/bench.ts';

/** A wrong community is met with silence, so that only version 3 knows wrong credentials. */
const WITHOUT_LOGIN = ['C09: the bench has no wrongCredentials, no logins'];
/** net-snmp draws the salts of version 3 itself: no two transcripts are alike. */
const WITHOUT_GOLDEN = ['C20: the bench has no golden'];

const FULL: readonly Variant[] = [
  { profile: 'apc-rpdu', version: '1', golden: 'snmp-apc-rpdu-v1' },
  { profile: 'apc-rpdu2', version: '2c', golden: 'snmp-apc-rpdu2-v2c' },
  { profile: 'raritan-px2', version: '3' },
];

/**
 * Every other family: what depends on its numbers and on its addressing, and nothing that depends on the protocol alone.
 * `BAILIFF_EVERY_PROFILE=1` plays all promises on all of them, which takes some minutes.
 */
const BY_FAMILY = ['C01', 'C02', 'C03', 'C04', 'C06', 'C08', 'C14', 'C15', 'C19'];

describe('conformance of the SNMP driver', () => {
  it.each(FULL)('all promises: profile $profile, version $version', { timeout: 120_000 }, async (variant) => {
    const results = await conformance(pduBench(variant));
    expect(results.filter(({ result }) => result === 'broken').map(({ id, says }) => `${id}: ${says}`)).toEqual([]);
    const expected = variant.version === '3' ? WITHOUT_GOLDEN : WITHOUT_LOGIN;
    expect(results.filter(({ result }) => result === 'not-applicable').map(({ id, says }) => `${id}: ${says}`)).toEqual(expected);
    expect(results).toHaveLength(20);
  });

  it.runIf(process.env['BAILIFF_EVERY_PROFILE'] === '1').each(PROFILES.map((profile) => profile.name))(
    'all promises: profile %s',
    { timeout: 120_000 },
    async (profile) => {
      const results = await conformance(pduBench({ profile, version: '2c' }));
      expect(results.filter(({ result }) => result === 'broken').map(({ id, says }) => `${id}: ${says}`)).toEqual([]);
      expect(results.filter(({ result }) => result === 'not-applicable').map(({ id, says }) => `${id}: ${says}`)).toEqual([
        ...WITHOUT_LOGIN,
        ...WITHOUT_GOLDEN,
      ]);
    },
  );

  it.each(PROFILES.map((profile) => profile.name))('what depends on the family: profile %s', { timeout: 60_000 }, async (profile) => {
    const results = await conformance(pduBench({ profile, version: '2c' }), { only: BY_FAMILY });
    expect(results.filter(({ result }) => result !== 'kept').map(({ id, says }) => `${id}: ${says}`)).toEqual([]);
    expect(results).toHaveLength(BY_FAMILY.length);
  });
});
