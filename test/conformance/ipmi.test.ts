/** The IPMI driver keeps its promises on the mock BMC, over real UDP on loopback. */
import { describe, expect, it } from 'vitest';
import { conformance } from '../../drivers/conformance/index.ts';
import { ipmiBench } from './ipmi/bench.ts';

/** A BMC has one outlet without a name: there is no second plug that could answer for the first. */
const NOT_APPLICABLE = ['C19: the bench has no secondPlug'];

const VARIANTS = [
  { subject: 'ipmi on the mock BMC, suite 17', golden: 'ipmi-suite-17', settings: {} },
  { subject: 'ipmi on the mock BMC, suite 3 and a BMC key', golden: 'ipmi-suite-3-kg', settings: { cipherSuites: [3] }, kg: true },
];

describe('conformance of the IPMI driver', () => {
  it.each(VARIANTS)('$subject', { timeout: 120_000 }, async (variant) => {
    const results = await conformance(ipmiBench(variant));
    expect(results.filter(({ result }) => result === 'broken').map(({ id, says }) => `${id}: ${says}`)).toEqual([]);
    expect(results.filter(({ result }) => result === 'not-applicable').map(({ id, says }) => `${id}: ${says}`)).toEqual(NOT_APPLICABLE);
    expect(results).toHaveLength(20);
  });
});
