/** A few devices are begun with at once, what was begun goes first, and a silent one holds up nobody. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../hardware-mocks/clock.ts';
import { Pace, type Urgency } from '../../src/coordinator/device-line/pace.ts';
import { Bench, command, settled } from './ports.ts';

const rig = () => {
  const clock = new VirtualClock(1_000_000);
  const pace = new Pace(clock);
  const begun: string[] = [];
  const over = new Map<string, () => void>();
  const ask = (name: string, urgency: Urgency = 'new') => {
    const place = pace.place(urgency);
    void place.turn.then((done) => {
      begun.push(name);
      over.set(name, done);
    });
    return place;
  };
  return { clock, begun, over, ask };
};

describe('the pace', () => {
  it('lets eight begin, and one more for each that has answered', async () => {
    const { begun, over, ask } = rig();
    for (let index = 0; index < 20; index += 1) ask(`d${index}`);
    await settled();
    expect(begun).toHaveLength(8);
    over.get('d3')?.();
    over.get('d3')?.();
    await settled();
    expect(begun.slice(8)).toEqual(['d8']);
  });

  it('gives the next place to what was begun before', async () => {
    const { begun, over, ask } = rig();
    for (let index = 0; index < 10; index += 1) ask(`d${index}`);
    ask('a reading', 'begun');
    await settled();
    over.get('d0')?.();
    over.get('d1')?.();
    await settled();
    expect(begun.slice(8)).toEqual(['a reading', 'd8']);
  });

  it('lets whoever looks begin last, unless something urgent comes up for that device', async () => {
    const { begun, over, ask } = rig();
    for (let index = 0; index < 8; index += 1) ask(`d${index}`);
    ask('looked at', 'looking');
    const raised = ask('raised', 'looking');
    ask('ordered');
    raised.raise('begun');
    raised.raise('looking');
    for (const name of ['d0', 'd1', 'd2']) {
      await settled();
      over.get(name)?.();
    }
    await settled();
    expect(begun.slice(8)).toEqual(['raised', 'ordered', 'looked at']);
    raised.raise('begun');
  });

  it('holds up nobody for a device that stays silent', async () => {
    const { clock, begun, ask } = rig();
    for (let index = 0; index < 40; index += 1) ask(`d${index}`);
    for (let moment = 0; moment < 4; moment += 1) {
      await settled();
      clock.advance(10);
    }
    await settled();
    expect(begun).toHaveLength(40);
    clock.advance(10);
  });

  it('is left to others where nobody waits any more', async () => {
    const { clock, begun, over, ask } = rig();
    for (let index = 0; index < 8; index += 1) ask(`d${index}`);
    await settled();
    for (const done of over.values()) done();
    for (let index = 8; index < 20; index += 1) ask(`d${index}`);
    await settled();
    expect(begun).toHaveLength(16);
    clock.advance(10);
  });
});

describe('nodes that are fenced at once', () => {
  it('are all begun with, also where each of them stays silent', async () => {
    const bench = new Bench();
    const loop = await bench.start();
    bench.rack.onOrder = () => new Promise(() => undefined);
    for (let index = 1; index <= 4; index += 1) loop.command({ ...command(`c${index}`, `db${index}`), override: ['quorum-floor'] });
    await bench.pass(100);
    expect(bench.rack.asked.filter((line) => line.startsWith('order'))).toHaveLength(4);
    await loop.close();
  });
});
