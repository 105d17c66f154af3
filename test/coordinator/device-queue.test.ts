/** S4: one request in flight per device, first come first served. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeviceQueues } from '../../src/coordinator/device-queue.ts';
import { settled } from './ports.ts';

describe('device queues', () => {
  it('run one request per device at a time, in order, whatever becomes of them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ device: fc.constantFrom('a', 'b', 'c'), turns: fc.nat(3), fails: fc.boolean() }), { maxLength: 20 }),
        async (asked) => {
          const queues = new DeviceQueues();
          const flying = new Map<string, number>();
          const begun: { device: string; index: number }[] = [];
          const results = await Promise.allSettled(
            asked.map(({ device, turns, fails }, index) =>
              queues.run(device, async () => {
                flying.set(device, (flying.get(device) ?? 0) + 1);
                expect(flying.get(device)).toBe(1);
                begun.push({ device, index });
                for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
                flying.set(device, 0);
                if (fails) throw new RangeError('planned');
                return index;
              }),
            ),
          );
          for (const [index, result] of results.entries()) {
            if (result.status === 'fulfilled') expect(result.value).toBe(index);
            else expect(result.reason).toBeInstanceOf(RangeError);
            expect(result.status === 'rejected').toBe(asked[index]?.fails);
          }
          for (const device of ['a', 'b', 'c']) {
            const order = begun.filter((one) => one.device === device).map(({ index }) => index);
            expect(order).toEqual([...order].sort((a, b) => a - b));
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('a device that is slow does not hold up another', async () => {
    const queues = new DeviceQueues();
    const done: string[] = [];
    void queues.run('slow', () => new Promise(() => undefined));
    void queues.run('slow', () => Promise.resolve(done.push('behind the slow one')));
    void queues.run('quick', () => Promise.resolve(done.push('quick')));
    await settled();
    expect(done).toEqual(['quick']);
  });
});
