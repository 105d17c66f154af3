/** The driver on the mock service: what it sends, what it makes of each answer, and what it leaves behind. */
import { afterEach, describe, expect, it } from 'vitest';
import { type Stage, stage, WITHIN } from './stage.ts';

let on: Stage | undefined;
const begin = async (...given: Parameters<typeof stage>): Promise<Stage> => {
  on = await stage(...given);
  return on;
};
afterEach(async () => {
  await on?.end();
  on = undefined;
});

describe('orders and readings', () => {
  it.each(['basic', 'session'])('cuts and restores the power with auth %s', async (auth) => {
    const { open, machines, mock } = await begin();
    const device = open({ auth });
    expect(await device.read('', WITHIN)).toEqual({ power: 'on', source: 'GET /redfish/v1/Systems/Blade-1' });
    expect(await device.order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(machines.map(({ lamp }) => lamp)).toEqual([false, true]);
    expect((await device.read('', WITHIN)).power).toBe('off');
    expect(await device.order('', 'on', WITHIN)).toEqual({ result: 'accepted' });
    expect(machines.map(({ lamp }) => lamp)).toEqual([true, true]);
    expect((await device.read('', WITHIN)).power).toBe('on');
    await device.close();
    expect(mock.count.connections).toBe(1);
    expect(mock.count.sessions).toEqual({ open: 0, opened: auth === 'session' ? 1 : 0, leaked: 0 });
  });
});
