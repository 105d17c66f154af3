/** The kit's queue and turns: first come first served, bounded, and nobody waits beyond their deadline. */
import { describe, expect, it } from 'vitest';
import { BoundedQueue, type DeadlineTexts, type Problem, RunningDeadline, Turns } from '../../drivers/kit/index.ts';
import { VirtualClock } from '../../hardware-mocks/clock.ts';
import { toolsOn } from '../doubles/tools.ts';

const WHERE = { device: 'pdu-a', address: '192.0.2.1:22' };
const says = (code: string): Problem => ({ code, says: code, next: code });
const texts: DeadlineTexts = { aborted: () => says('aborted'), deadlinePassed: () => says('late'), driverClosed: () => says('closed') };
const full = (): Problem => says('full');

function stage() {
  const clock = new VirtualClock();
  const tools = toolsOn(clock);
  return { clock, deadline: (ms: number) => new RunningDeadline(tools, WHERE, { ms }, texts) };
}

describe('a bounded queue', () => {
  it('keeps the order, refuses what is beyond its bound, and forgets who leaves', () => {
    const queue = new BoundedQueue<string>(2);
    expect([queue.add('a'), queue.add('b'), queue.add('c')]).toEqual([true, true, false]);
    queue.remove('a');
    queue.remove('never there');
    expect([queue.next(), queue.next()]).toEqual(['b', undefined]);
  });
});

describe('turns', () => {
  it('are given in the order of asking, and the next begins when one is given back', async () => {
    const { deadline } = stage();
    const turns = new Turns(1);
    const first = await turns.take(deadline(100), full);
    const order: string[] = [];
    const second = turns.take(deadline(100), full).then((turn) => {
      order.push('second');
      return turn;
    });
    const third = turns.take(deadline(100), full).then(() => order.push('third'));
    if (typeof first !== 'function') throw new Error(first.code);
    first();
    first();
    const turn = await second;
    expect(order).toEqual(['second']);
    if (typeof turn !== 'function') throw new Error(turn.code);
    turn();
    await third;
    expect(order).toEqual(['second', 'third']);
    expect(turns.taken).toBe(1);
  });

  it("end with the deadline of who waits, who then takes nobody else's place", async () => {
    const { clock, deadline } = stage();
    const turns = new Turns(1);
    const first = await turns.take(deadline(1_000), full);
    const waiting = turns.take(deadline(50), full);
    clock.advance(60);
    expect(await waiting).toMatchObject({ code: 'late' });
    if (typeof first === 'function') first();
    expect(turns.taken).toBe(0);
    expect(typeof (await turns.take(deadline(50), full))).toBe('function');
  });

  it('are refused where too many wait, and where the time is over', async () => {
    const { deadline } = stage();
    const turns = new Turns(2, 1);
    await turns.take(deadline(100), full);
    await turns.take(deadline(100), full);
    void turns.take(deadline(100), full);
    expect(await turns.take(deadline(100), full)).toMatchObject({ code: 'full' });
    expect(await turns.take(deadline(0), full)).toMatchObject({ code: 'late' });
  });

  it('begin by a call too, for whoever counts time itself', () => {
    const turns = new Turns(1, 2);
    const begun: string[] = [];
    expect(turns.enter(() => begun.push('a'))).toBeDefined();
    const leave = turns.enter(() => begun.push('b'));
    turns.enter(() => begun.push('c'));
    expect(turns.enter(() => begun.push('d'))).toBeUndefined();
    leave?.();
    turns.leave();
    expect(begun).toEqual(['a', 'c']);
  });
});
