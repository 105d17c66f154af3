/** An order leaves in its time, and while somebody wants it, or not at all: what is sent again after 412, 503 and 401 included. */
import { afterEach, describe, expect, it } from 'vitest';
import { realClock, watchedTools } from '../../drivers/conformance/tools.ts';
import type { Deadline } from '../../drivers/kit/contract.ts';
import { http, type PlainService, plainService, RESET, type Says, SYSTEM } from './plain-service.ts';
import { WITHIN } from './stage.ts';

const HOUR = 3_600_000;
let on: PlainService | undefined;
afterEach(async () => {
  await on?.end();
  on = undefined;
});

/** A driver whose clock is put forward by an hour at will, as if the process had been stopped: no timer runs meanwhile. */
async function stage(says: (leap: () => void, number: number) => ReturnType<Says>) {
  let ahead = 0;
  let resets = 0;
  const leap = (): void => {
    ahead = HOUR;
  };
  on = await plainService(({ path }) => {
    if (path !== RESET) return undefined;
    resets += 1;
    return says(leap, resets);
  });
  const usual = watchedTools(realClock);
  const timers = new Set<() => void>();
  const after = (ms: number, run: () => void): (() => void) => {
    const cancel = usual.after(ms, fire);
    function fire(): void {
      if (timers.delete(fire)) run();
    }
    timers.add(fire);
    return () => {
      timers.delete(fire);
      cancel();
    };
  };
  const device = on.open({ system: SYSTEM }, { ...usual, now: () => usual.now() + ahead, after });
  await device.read('', WITHIN);
  const order = (within: Deadline) => device.order('', 'off', within);
  /** Every timer that is left rings, and then the device is read: what would still be sent has been. */
  const later = async (): Promise<void> => {
    for (const fire of [...timers]) fire();
    expect((await device.read('', WITHIN)).power).toBe('on');
  };
  return { order, leap, later, resets: () => resets, notAfter: () => usual.now() + ahead + 4_000 };
}

describe('an order whose time is over', () => {
  it('before it was sent is rejected, and says that nothing was sent', async () => {
    const { order, leap, resets, notAfter } = await stage(() => undefined);
    const until = notAfter();
    leap();
    expect(await order({ ...WITHIN, notAfter: until })).toMatchObject({
      result: 'rejected',
      why: { code: 'order-too-late', says: expect.stringContaining('nothing was sent') },
    });
    expect(resets()).toBe(0);
  });

  it.each([
    ['a tag is wanted', http(412)],
    ['it has no time', http(503, '', { 'Retry-After': '0' })],
    ['it wants another login', http(401)],
  ])('when the device has answered that %s is not sent again, and nobody is told that nothing was sent', async (_says, answer) => {
    const { order, resets, notAfter } = await stage((leap, number) => {
      leap();
      return number === 1 ? answer : undefined;
    });
    const result = await order({ ...WITHIN, notAfter: notAfter() });
    expect(result.result).not.toBe('accepted');
    expect(JSON.stringify(result)).not.toContain('nothing was sent');
    expect(resets()).toBe(1);
  });

  it('when the device insists on a tag is unknown: it was sent once', async () => {
    const { order, notAfter } = await stage((leap) => {
      leap();
      return http(412);
    });
    expect(await order({ ...WITHIN, notAfter: notAfter() })).toMatchObject({ result: 'unknown', why: { code: 'order-too-late' } });
  });
});

describe('an order that is called off', () => {
  it.each([
    ['without an answer', 'nothing'],
    ['while the device has no time', http(503, '', { 'Retry-After': '1' })],
  ])('%s is not sent again', async (_says, answer) => {
    const abort = new AbortController();
    const { order, later, resets } = await stage(() => {
      setImmediate(() => setImmediate(() => abort.abort()));
      return answer;
    });
    expect(await order({ ...WITHIN, signal: abort.signal })).toMatchObject({ result: 'unknown' });
    await later();
    expect(resets()).toBe(1);
  });
});
