/** Copies of an order that the network keeps for long: none of an off may act after an on. */
import { expect, test } from 'vitest';
import { COMMAND } from '../../drivers/ipmi/codec/index.ts';
import { stepOf } from '../../hardware-mocks/bmc/habits.ts';
import { bench, type DriverOnNet } from './bench.ts';

const within = { ms: 5000 };

/** A warm session, and a network that keeps the next `count` requests in it: `deliver` brings them to the BMC at last. */
async function keeping(count: number): Promise<DriverOnNet & { readonly deliver: () => void }> {
  const stage = bench();
  await stage.clock.wait(stage.driver.read('', within));
  const kept: Uint8Array[] = [];
  stage.net.filter = (datagram, way) => {
    if (way === 'to-console' || kept.length >= count || stepOf(datagram) !== 'session') return datagram;
    kept.push(datagram);
    return undefined;
  };
  const deliver = (): void => {
    expect(kept).toHaveLength(count);
    for (const late of kept) stage.bmc.receive(late, () => undefined);
  };
  return { ...stage, deliver };
}

test('copies that left for an earlier call', async () => {
  const { clock, driver, bmc, deliver } = await keeping(1);
  expect(await clock.wait(driver.order('', 'off', { ms: 40 }))).toMatchObject({ result: 'unknown' });
  expect(await clock.wait(driver.order('', 'off', within))).toEqual({ result: 'accepted' });
  expect(await clock.wait(driver.order('', 'on', within))).toEqual({ result: 'accepted' });
  deliver();
  expect([bmc.on, bmc.controls]).toEqual([true, [0, 1]]);
});

test('copies that left before the BMC asked for time', async () => {
  const { clock, driver, bmc, deliver } = await keeping(1);
  bmc.options.codes.set(COMMAND.chassisControl.cmd, [0xc0]);
  expect(await clock.wait(driver.order('', 'off', within))).toEqual({ result: 'accepted' });
  expect(await clock.wait(driver.order('', 'on', within))).toEqual({ result: 'accepted' });
  deliver();
  expect([bmc.on, bmc.controls]).toEqual([true, [0, 1]]);
});

test('copies of an order that was not answered, though a reading after it was', async () => {
  const { clock, driver, bmc, deliver } = await keeping(1);
  expect(await clock.wait(driver.order('', 'off', { ms: 40 }))).toMatchObject({ result: 'unknown' });
  expect((await clock.wait(driver.read('', within))).power).toBe('on');
  expect(await clock.wait(driver.order('', 'on', within))).toEqual({ result: 'accepted' });
  deliver();
  expect([bmc.on, bmc.controls]).toEqual([true, [1]]);
});

test('where each copy was answered the session goes on', async () => {
  const { clock, driver, bmc } = bench();
  bmc.options.codes.set(COMMAND.chassisControl.cmd, [0xc0]);
  expect(await clock.wait(driver.order('', 'off', within))).toEqual({ result: 'accepted' });
  expect(await clock.wait(driver.order('', 'on', within))).toEqual({ result: 'accepted' });
  expect([bmc.controls, bmc.opens]).toEqual([[0, 1], 1]);
});
