/** The promises C01 to C20 on the mock of every family, over real UDP on loopback. */
import { describe, expect, it, vi } from 'vitest';
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

const OTHERS: readonly Variant[] = PROFILES.map(({ name }) => name)
  .filter((name) => !FULL.some(({ profile }) => profile === name))
  .map((profile) => ({ profile, version: '2c' }));

/** What this bench cannot show, and why. */
const without = ({ version, golden }: Variant): readonly string[] => [
  ...(version === '3' ? [] : WITHOUT_LOGIN),
  ...(golden === undefined ? WITHOUT_GOLDEN : []),
];

/** Most of a stand's time is waiting for deadlines to pass, so that several stands may wait together. */
vi.setConfig({ maxConcurrency: 8 });

describe.concurrent('conformance of the SNMP driver', () => {
  it.each([...FULL, ...OTHERS])('all promises: profile $profile, version $version', { timeout: 120_000 }, async (variant) => {
    const results = await conformance(pduBench(variant));
    expect(results.filter(({ result }) => result === 'broken').map(({ id, says }) => `${id}: ${says}`)).toEqual([]);
    expect(results.filter(({ result }) => result === 'not-applicable').map(({ id, says }) => `${id}: ${says}`)).toEqual(without(variant));
    expect(results).toHaveLength(20);
  });
});
