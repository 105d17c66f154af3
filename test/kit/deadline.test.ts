/** The kit's deadlines and calls: what is left of one, and that everything that waits is told when it is over. */
import { describe, expect, it } from 'vitest';
import { Calls, type DeadlineTexts, Misconfigured, type Problem, SharedDeadline } from '../../drivers/kit/index.ts';
import { VirtualClock } from '../../hardware-mocks/clock.ts';
import { toolsOn } from '../doubles/tools.ts';

const WHERE = { device: 'pdu-a', address: '192.0.2.1:22' };
const says = (code: string, step = ''): Problem => ({ code, says: `${code} ${step}`, next: '' });
const texts: DeadlineTexts = {
  aborted: (_where, step) => says('aborted', step),
  deadlinePassed: (_where, step) => says('late', step),
  driverClosed: ({ device }) => says('closed', device),
};

function stage() {
  const clock = new VirtualClock();
  const tools = toolsOn(clock);
  return { clock, tools, calls: new Calls(tools, WHERE, texts) };
}

describe('a shared deadline', () => {
  it('gives each step what is left, never less than nothing, and its last moment to what acts alone', async () => {
    const { clock, tools } = stage();
    const { signal } = new AbortController();
    const notAfter = clock.now() + 80;
    const shared = new SharedDeadline(tools, { ms: 100, signal, notAfter });
    expect(shared.left).toEqual({ ms: 100, signal });
    clock.advance(30);
    expect([shared.left.ms, shared.leftWithin(20).ms]).toEqual([70, 20]);
    expect(shared.leftToAct).toEqual({ ms: 70, signal, notAfter });
    clock.advance(200);
    expect(shared.left.ms).toBe(0);
  });
});

describe('calls', () => {
  it('are told when their time is over, and leave no timer behind', async () => {
    const { clock, calls } = stage();
    const late = calls.within({ ms: 50 }, async (deadline) => {
      deadline.step = 'waiting';
      expect(await deadline.pause(1_000)).toBe(false);
      return deadline.over;
    });
    clock.advance(60);
    expect(await late).toMatchObject({ says: 'late waiting' });
    expect(clock.waiting).toBe(0);
  });

  it('in flight end when the driver is closed, and later ones do not begin', async () => {
    const { clock, calls } = stage();
    const inFlight = calls.within({ ms: 5_000 }, async (deadline) => {
      await deadline.pause(1_000);
      return deadline.over;
    });
    calls.close();
    calls.close();
    expect(await inFlight).toMatchObject({ says: 'closed pdu-a' });
    expect(await calls.within({ ms: 50 }, (deadline) => Promise.resolve(deadline.over?.code))).toBe('closed');
    expect([calls.closed, clock.waiting]).toEqual([true, 0]);
  });
});

describe('a misconfigured device', () => {
  it('rejects one plug and several, reads nothing, and lists nothing', async () => {
    const why = says('wrong');
    const device = new Misconfigured(why, 'target');
    expect(await device.orderAll(['1', '2'])).toEqual([await device.order(), await device.order()]);
    expect(await device.readAll(['1'])).toEqual([{ power: 'unknown', why, source: 'settings' }]);
    expect([await device.list(), (await device.check()).ok, device.evidence]).toEqual([why, false, 'target']);
  });
});
