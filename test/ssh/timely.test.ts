/** An order by exec leaves when the device has granted a channel for it: in its time, and while somebody wants it, or not at all. */
import { afterEach, describe, expect, it } from 'vitest';
import { type Rack, clock, rack } from './rack.ts';

const USUAL = { ms: 5_000 };
const HOUR = 3_600_000;
const racks: Rack[] = [];

afterEach(async () => {
  for (const each of racks.splice(0)) await each.close();
});

/** A driver whose clock is put forward by an hour at will, without any timer running meanwhile. */
async function stage() {
  let ahead = 0;
  const started = await rack('libvirt', {}, { now: () => clock.now() + ahead, after: (ms, run) => clock.after(ms, run) });
  racks.push(started);
  const leap = (): void => {
    ahead = HOUR;
  };
  return { ...started, leap, now: () => clock.now() + ahead };
}

const commands = ({ mock }: Rack): readonly string[] => mock.log.filter((line) => line.startsWith('> ') && line.includes('destroy'));

describe('an order', () => {
  it('whose time was over when the channel was granted is not sent', async () => {
    const started = await stage();
    const driver = started.open();
    await driver.read('db1', USUAL);
    started.mock.manners.beforeGrant = started.leap;
    const result = await driver.order('db1', 'off', { ...USUAL, notAfter: started.now() + 5_000 });
    expect(result).toMatchObject({ result: 'rejected', why: { code: 'order-too-late' } });
    started.mock.manners.beforeGrant = () => undefined;
    expect(await driver.read('db1', USUAL)).toMatchObject({ power: 'on' });
    expect(commands(started)).toEqual([]);
  });

  it('that was called off before the channel was granted is not sent', async () => {
    const started = await stage();
    const driver = started.open();
    await driver.read('db1', USUAL);
    const abort = new AbortController();
    started.mock.manners.beforeGrant = () => abort.abort();
    expect(await driver.order('db1', 'off', { ...USUAL, signal: abort.signal })).toMatchObject({ result: 'unknown' });
    started.mock.manners.beforeGrant = () => undefined;
    expect(await driver.read('db1', USUAL)).toMatchObject({ power: 'on' });
    expect(commands(started)).toEqual([]);
  });

  it('whose first copy may have been heard is unknown where there is no time for another', async () => {
    const started = await stage();
    const driver = started.open();
    await driver.read('db1', USUAL);
    started.mock.manners.beforeGrant = () => {
      started.leap();
      started.mock.dropConnections();
    };
    const result = await driver.order('db1', 'off', { ...USUAL, notAfter: started.now() + 5_000 });
    expect(result.result).not.toBe('accepted');
    expect(commands(started)).toEqual([]);
  });
});
