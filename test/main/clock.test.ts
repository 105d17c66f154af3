/** A clock that stands on two: it follows the wall clock where the two come apart, and says so. */
import { describe, expect, it } from 'vitest';
import { realClock } from '../../src/main/clock.ts';

function sources() {
  const time = { ofDay: 1_000_000, running: 0 };
  return {
    clock: realClock({ wall: () => time.ofDay, monotonic: () => time.running }),
    pass: (ms: number): void => {
      time.ofDay += ms;
      time.running += ms;
    },
    /** The machine sleeps, or the time of day is set. */
    jump: (ms: number): void => {
      time.ofDay += ms;
    },
  };
}

describe('the real clock', () => {
  it('runs with the monotonic clock, and nothing has jumped', () => {
    const { clock, pass } = sources();
    pass(250);
    expect(clock.now()).toBe(1_000_250);
    expect(clock.jumped()).toBe(0);
  });

  it('after a sleep it is as late as it is, at once, and says by how much it jumped: once', () => {
    const { clock, pass, jump } = sources();
    pass(100);
    jump(3_600_000);
    expect(clock.now()).toBe(4_600_100);
    expect(clock.jumped()).toBe(3_600_000);
    expect(clock.jumped()).toBe(0);
    pass(5);
    expect(clock.now()).toBe(4_600_105);
  });

  it('set back, it does not go back before it is asked; then the new time counts', () => {
    const { clock, pass, jump } = sources();
    pass(100);
    jump(-60_000);
    expect(clock.now()).toBe(1_000_100);
    expect(clock.jumped()).toBe(-60_000);
    expect(clock.now()).toBe(940_100);
  });

  it('every jump is told, oldest first: there and back is no standing still', () => {
    const { clock, pass, jump } = sources();
    jump(2000);
    clock.now();
    jump(-2000);
    pass(10);
    expect([clock.jumped(), clock.jumped(), clock.jumped()]).toEqual([2000, -2000, 0]);
    expect(clock.now()).toBe(1_000_010);
  });

  it('where nobody asks, the oldest jumps count as one, and nothing is lost of their sum', () => {
    const { clock, jump } = sources();
    for (let hour = 0; hour < 40; hour += 1) {
      jump(3_600_000);
      clock.now();
    }
    let sum = 0;
    let told = 0;
    for (let by = clock.jumped(); by !== 0; by = clock.jumped(), told += 1) sum += by;
    expect(sum).toBe(40 * 3_600_000);
    expect(told).toBeLessThan(20);
  });

  it('slewing and a leap second are no jump, however often they come', () => {
    const { clock, pass, jump } = sources();
    jump(1000);
    pass(1000);
    expect([clock.now(), clock.jumped()]).toEqual([1_001_000, 0]);
    jump(-1000);
    pass(1000);
    expect([clock.now(), clock.jumped()]).toEqual([1_002_000, 0]);
  });

  it('never goes back for one who does not ask: that is what drivers are promised', () => {
    const { clock, jump, pass } = sources();
    const seen: number[] = [];
    for (const by of [5000, -9000, 2000, -1, 4000, -700_000, 30]) {
      jump(by);
      pass(1);
      seen.push(clock.now());
    }
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});
