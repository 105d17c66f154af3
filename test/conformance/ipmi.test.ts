/** The IPMI driver keeps its promises on the mock BMC, over real UDP on loopback. */
import { describe, expect, it } from 'vitest';
import { conformance } from '../../drivers/conformance/index.ts';
import { ipmiBench } from './ipmi/bench.ts';

/** A BMC has one outlet without a name: there is no second plug that could answer for the first. */
const NOT_APPLICABLE = ['C19: the bench has no secondPlug'];

const SUITE_17 = { subject: 'ipmi on the mock BMC, suite 17', golden: 'ipmi-suite-17', settings: {} };
const SUITE_3 = {
  subject: 'ipmi on the mock BMC, suite 3 and a BMC key',
  golden: 'ipmi-suite-3-kg',
  settings: { cipherSuites: [3] },
  kg: true,
};
/** Where the suite or the key makes a difference. */
const DEPENDS_ON_SUITE = ['C01', 'C07', 'C08', 'C09', 'C16', 'C20'];

describe('conformance of the IPMI driver', () => {
  it('keeps every promise that applies, with suite 17', { timeout: 120_000 }, async () => {
    const results = await conformance(ipmiBench(SUITE_17));
    expect(results.filter(({ result }) => result === 'broken').map(({ id, says }) => `${id}: ${says}`)).toEqual([]);
    expect(results.filter(({ result }) => result === 'not-applicable').map(({ id, says }) => `${id}: ${says}`)).toEqual(NOT_APPLICABLE);
    expect(results).toHaveLength(21);
  });

  it('keeps those that depend on it with suite 3 and a BMC key', { timeout: 120_000 }, async () => {
    const results = await conformance(ipmiBench(SUITE_3), { only: DEPENDS_ON_SUITE });
    expect(results.map(({ id, result, says }) => `${id} ${result === 'kept' ? result : says}`)).toEqual(
      DEPENDS_ON_SUITE.map((id) => `${id} kept`),
    );
  });
});
