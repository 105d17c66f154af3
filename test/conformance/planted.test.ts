/** The judge is judged: an honest driver passes every case, and each promise, broken on purpose, is caught by its own case. */
import { describe, expect, it } from 'vitest';
import { CASES, conformance } from '../../drivers/conformance/index.ts';
import { goldenFile } from './golden.ts';
import { referenceBench } from './reference/bench.ts';
import { referenceModule } from './reference/driver.ts';
import { PLANTED } from './reference/planted/index.ts';

const ALL = Array.from({ length: 21 }, (_, index) => `C${String(index + 1).padStart(2, '0')}`);

describe('the conformance suite', () => {
  it('has a case for each promise', () => {
    expect(CASES.map(({ id }) => id)).toEqual(ALL);
  });

  it('lets an honest driver pass in every case', async () => {
    const results = await conformance(referenceBench(referenceModule(), goldenFile('reference')));
    expect(results.filter(({ result }) => result !== 'kept').map(({ id, says }) => `${id} ${says}`)).toEqual([]);
    expect(results).toHaveLength(21);
  });

  it('has a planted bug for each promise', () => {
    expect([...new Set(PLANTED.map(({ breaks }) => breaks))].toSorted()).toEqual(ALL);
  });

  it.each(PLANTED)('$breaks catches a driver that $says', async ({ breaks, module, also }) => {
    const results = await conformance(referenceBench(module, { load: goldenFile('reference').load }));
    const broken = results.filter(({ result }) => result === 'broken');
    expect(broken.map(({ id }) => id)).toEqual([breaks, ...also].toSorted());
    expect(results.filter(({ result }) => result === 'not-applicable')).toEqual([]);
    expect(broken.every(({ says }) => !says.startsWith('the case could not be played'))).toBe(true);
  });
});
