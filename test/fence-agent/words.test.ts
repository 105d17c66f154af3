/** The words beside an exit code: what counts as a statement of power, what leaves an order open, and what no second try can mend. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Workshop } from './workshop.ts';

const within = { ms: 15_000 };
let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.end());

const thatEnds = async (code: number, out: string, err = '') =>
  shop.device({ agent: await shop.agent('fence_says', `printf '%b' '${out}'`, `printf '%b' '${err}' >&2`, `exit ${code}`) });

describe('a statement of power', () => {
  it.each([
    ['Status: OFF\\n', 2, 'off'],
    ['Connected\\nStatus: off\\r\\n', 2, 'off'],
    ['Status: OFF\\nStatus: OFF', 2, 'off'],
    ['It said Status: OFF\\n', 2, 'unknown'],
    ['Status: OFFLINE\\n', 2, 'unknown'],
    ['Status: OFF (cached)\\n', 2, 'unknown'],
    ['Status:OFF\\n', 2, 'unknown'],
    ['Status: OFF\\n', 0, 'unknown'],
    ['Status: OFF\\n', 1, 'unknown'],
    ['Status: OFF\\n', 3, 'unknown'],
    ['Status: ON\\nStatus: OFF\\n', 0, 'unknown'],
    ['', 0, 'on'],
  ])('%j with exit code %i reads %s', async (out, code, power) => {
    expect((await (await thatEnds(code, out)).read('', within)).power).toBe(power);
  });

  it('is not looked for where errors stand', async () => {
    expect(await (await thatEnds(2, '', 'Status: OFF\\n')).read('', within)).toMatchObject({ power: 'unknown' });
  });
});

describe('a failed order', () => {
  it.each([
    ['Failed: Timed out waiting to power OFF', 'unknown'],
    ['Connection lost', 'unknown'],
    ['ERROR: connection timed out', 'unknown'],
    ['Traceback (most recent call last):', 'unknown'],
    ['Unable to connect/login to fencing device', 'rejected'],
  ])('with the words %j is %s', async (err, result) => {
    expect((await (await thatEnds(1, '', `${err}\\n`)).order('', 'off', within)).result).toBe(result);
  });
});

describe('a complaint', () => {
  it.each([
    ['Failed: You have to enter plug number', true],
    ['Failed: You have to set login', true],
    ['The account does not have the correct privileges', true],
    ['Can\\047t find port with name 7', true],
    ['Incorrect Access Key', true],
    ['Unable to connect/login to fencing device', undefined],
  ])('%j: can no second try mend it? %s', async (err, lasting) => {
    const device = await thatEnds(1, '', `${err}\\n`);
    const reading = await device.read('', within);
    const order = await device.order('', 'off', within);
    expect([reading.why?.lasting, 'why' in order && order.why.lasting]).toEqual([lasting, lasting]);
  });
});
