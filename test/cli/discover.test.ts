/** What a driver throws, makes up or never brings when it looks at an address is told, and holds up nobody. */
import { describe, expect, it } from 'vitest';
import type { DriverModule } from '../../drivers/kit/contract.ts';
import { VirtualClock } from '../../hardware-mocks/clock.ts';
import { discovery } from '../../src/main/discovery.ts';

const FOUND = { found: ['a lamp'], warnings: [], configuration: { port: 1 } };

function stage(discover: (() => unknown) | undefined) {
  const clock = new VirtualClock();
  const random = { id: () => 'id', fraction: () => 0.5, bytes: (length: number) => new Uint8Array(length) };
  const looking = discovery({ clock, random, debug: () => undefined });
  const module = { name: 'lamp', ...(discover === undefined ? {} : { discover }) } as unknown as DriverModule;
  return { clock, close: async () => await looking.close(), looked: looking.look(module, '192.0.2.7', {}) };
}

describe('discover', () => {
  it('tells what was found, copied', async () => {
    const outlets = [{ plug: '1', name: 'db1', reading: { power: 'on', source: 'read' } }];
    expect(await stage(async () => FOUND).looked).toEqual(FOUND);
    expect(await stage(async () => ({ ...FOUND, outlets })).looked).toEqual({ ...FOUND, outlets });
  });

  it('passes a problem on', async () => {
    const problem = { code: 'nothing-there', says: 'Nothing answers.', next: 'Look.' };
    expect(await stage(async () => problem).looked).toEqual(problem);
    expect(await stage(undefined).looked).toMatchObject({ code: 'cannot-discover' });
  });

  it.each([
    ['rejects', async () => await Promise.reject(new Error('boom'))],
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    [
      'throws what has no text',
      () => {
        throw Object.create(null);
      },
    ],
    [
      'has a getter that throws',
      () => ({
        get found() {
          throw new Error('boom');
        },
      }),
    ],
  ])('is told of a driver that %s', async (_says, discover) => {
    expect(await stage(discover).looked).toMatchObject({ code: 'driver-threw' });
  });

  it.each([undefined, null, 'a lamp', {}, { ...FOUND, found: 'a lamp' }, { ...FOUND, configuration: null }, { ...FOUND, outlets: [{}] }])(
    'takes %j for nothing',
    async (made) => {
      expect(await stage(async () => made).looked).toMatchObject({ code: 'driver-malformed' });
    },
  );

  it('does not wait for a driver that never comes back', async () => {
    const { clock, close, looked } = stage(() => new Promise(() => undefined));
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(16_000);
    expect(await looked).toMatchObject({ code: 'driver-overdue' });
    await close();
    expect(clock.waiting).toBe(0);
  });
});
