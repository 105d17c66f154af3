/** The promises C01 to C21 on the mock of every family, over real UDP on loopback; C11 has a file of its own, because it has to be alone. */
import { describe, expect, it, vi } from 'vitest';
import { CASES, conformance } from '../../drivers/conformance/index.ts';
import { pduBench } from './conformance/bench.ts';
import { ALONE, VARIANTS, without } from './conformance/variants.ts';

const TOGETHER = CASES.map(({ id }) => id).filter((id) => !ALONE.includes(id));

/** Most of a stand's time is waiting for deadlines to pass, so that several stands may wait together. */
vi.setConfig({ maxConcurrency: 8 });

describe.concurrent('conformance of the SNMP driver', () => {
  it.each(VARIANTS)('all promises: profile $profile, version $version', { timeout: 120_000 }, async (variant) => {
    const results = await conformance(pduBench(variant), { only: TOGETHER });
    expect(results.filter(({ result }) => result === 'broken').map(({ id, says }) => `${id}: ${says}`)).toEqual([]);
    expect(results.filter(({ result }) => result === 'not-applicable').map(({ id, says }) => `${id}: ${says}`)).toEqual(without(variant));
    expect(results).toHaveLength(21 - ALONE.length);
  });
});
