/** A person keeps the promises that a person can keep: nothing is ever read, so what needs a reading cannot be judged. */
import { describe, expect, it } from 'vitest';
import { conformance } from '../../drivers/conformance/index.ts';
import { driver } from '../../drivers/manual/driver.ts';

describe('conformance of the manual driver', () => {
  it('keeps every promise that is not about reading a power state', { timeout: 60_000 }, async () => {
    const release = (): Promise<void> => Promise.resolve();
    // Nobody acts on the call: the node stays on.
    const lamp = () => 'on' as const;
    const settings = { who: 'the person on call', contact: '+49 30 1234', does: 'pull both cords' };
    const results = await conformance(
      {
        subject: 'a person',
        module: driver,
        plug: '',
        missingPlugs: ['1', ' '],
        fresh: () => Promise.resolve({ settings, lamp, release }),
      },
      { only: ['C10', 'C11', 'C13', 'C14', 'C17', 'C18'] },
    );
    expect(results.map(({ id, result, says }) => `${id} ${result === 'kept' ? result : says}`)).toEqual(
      ['C10', 'C11', 'C13', 'C14', 'C17', 'C18'].map((id) => `${id} kept`),
    );
  });
});
