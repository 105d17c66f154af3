/** What no other stand may run beside: an abort leaves no socket and no timer (C11), on the mock of every family. */
import { describe, expect, it } from 'vitest';
import { conformance } from '../../drivers/conformance/index.ts';
import { pduBench } from './conformance/bench.ts';
import { ALONE, VARIANTS } from './conformance/variants.ts';

describe('conformance of the SNMP driver, one stand at a time', () => {
  it.each(VARIANTS)('$profile, version $version', { timeout: 60_000 }, async (variant) => {
    const results = await conformance(pduBench(variant), { only: ALONE });
    expect(results.map(({ id, result, says }) => `${id} ${result === 'kept' ? result : says}`)).toEqual(ALONE.map((id) => `${id} kept`));
  });
});
