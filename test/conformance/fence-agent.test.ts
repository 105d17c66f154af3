/** The fence agent driver keeps its promises with an honest agent: every call is a process of its own. */
import { describe, expect, it } from 'vitest';
import { conformance } from '../../drivers/conformance/index.ts';
import { fenceAgentBench } from './fence-agent/bench.ts';

/** Agents end with the same exit code and the same words for a wrong password and for a device that is away. */
const NOT_APPLICABLE = ['C09: the bench has no logins'];

describe('conformance of the fence agent driver', () => {
  it('keeps every promise that applies', { timeout: 180_000 }, async () => {
    const results = await conformance(fenceAgentBench());
    expect(results.filter(({ result }) => result === 'broken').map(({ id, says }) => `${id}: ${says}`)).toEqual([]);
    expect(results.filter(({ result }) => result === 'not-applicable').map(({ id, says }) => `${id}: ${says}`)).toEqual(NOT_APPLICABLE);
    expect(results).toHaveLength(21);
  });
});
