/** The impostors are good ones: what they say would be believed, if it came from the right place at the right time. */
import { describe, expect, it } from 'vitest';
import { decodeChassisStatus } from '../../../drivers/ipmi/codec/index.ts';
import { watchedTools, realClock } from '../../../drivers/conformance/tools.ts';
import { checkSettings } from '../../../drivers/kit/contract.ts';
import { driver } from '../../../drivers/ipmi/driver.ts';
import { ipmiBench } from './bench.ts';
import { unauthenticatedOff } from './forged.ts';
import { withinSession } from './session.ts';

const within = { ms: 3_000 };

describe('the tap on a mock BMC', () => {
  it('has a twin whose answers the driver believes: the keys are right, and the power is off', async () => {
    const bench = ipmiBench({ subject: 'twins', golden: 'none', settings: {} });
    const stand = await bench.fresh();
    const open = driver.open('bmc', checkSettings(driver.settings, stand.settings).settings, watchedTools(realClock));
    expect((await open.read('', within)).power).toBe('on');
    stand.tap.bend = (reply) => [{ datagram: withinSession(reply) ? (stand.twins.falseReply ?? reply) : reply, from: 'device' }];
    expect((await open.read('', within)).power).toBe('off');
    stand.tap.bend = undefined;
    expect((await open.read('', within)).power).toBe('on');
    await open.close();
    await stand.release();
  });

  it('has forged messages that say off and are well formed', () => {
    for (const [index, datagram] of unauthenticatedOff(undefined).entries()) {
      const message = datagram.subarray(14);
      expect(datagram[13]).toBe(message.length);
      expect(message[4]).toBe(index << 2);
      for (const part of [message.subarray(0, 3), message.subarray(3)]) expect(part.reduce((sum, byte) => sum + byte, 0) & 0xff).toBe(0);
      const status = decodeChassisStatus(message.subarray(7, -1));
      expect(status.ok && status.value.on).toBe(false);
    }
  });
});
