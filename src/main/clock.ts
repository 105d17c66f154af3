import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '../coordinator/ports.ts';

/** Where time comes from, both in milliseconds: since 1970, and since some moment that does not matter. */
export interface TimeSources {
  wall(): number;
  monotonic(): number;
}

const ofTheMachine: TimeSources = { wall: () => Date.now(), monotonic: () => performance.now() };

/**
 * The two clocks of a machine run side by side, also while the time of day is slewed. They come apart when the machine sleeps (the monotonic
 * clock of Linux stands still then) or when somebody sets the time; a leap second is no reason to distrust everything.
 */
const JUMP = 1500;

/** Jumps that nobody has asked for; where there are more, the oldest count as one. */
const MOST_UNTOLD = 9;

/**
 * Wall time taken once and advanced by the monotonic clock, in whole milliseconds, so that what is journalled is what was decided by. Where
 * the wall clock jumps ahead, `now` follows at once: no deadline may seem further away than it is. Where it jumps back, `now` stays as it is
 * until `jumped` is asked. Timers count the monotonic clock.
 */
export function realClock(sources: TimeSources = ofTheMachine): Clock & { jumped(): number } {
  let anchor = sources.wall() - sources.monotonic();
  const untold: number[] = [];
  const apart = (): number => sources.wall() - sources.monotonic() - anchor;
  const follow = (by: number): void => {
    anchor += by;
    untold.push(by);
    const [first = 0, second = 0] = untold;
    if (untold.length > MOST_UNTOLD) untold.splice(0, 2, ...(first + second === 0 ? [] : [first + second]));
  };
  return {
    now: () => {
      const ahead = apart();
      if (ahead > JUMP) follow(ahead);
      return Math.floor(anchor + sources.monotonic());
    },
    jumped: () => {
      const by = apart();
      if (Math.abs(by) > JUMP) follow(by);
      return Math.round(untold.shift() ?? 0);
    },
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
}

/** Crockford's base 32: no letters that are mistaken for digits over the phone. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Nine characters of time, then five of chance: ids sort by the time they were drawn. */
export function realRandom(clock: Clock): Random {
  return {
    id: () => {
      let time = '';
      for (let rest = clock.now(), i = 0; i < 9; i += 1, rest = Math.floor(rest / 32)) time = `${ALPHABET[rest % 32]}${time}`;
      return `${time}${[...randomBytes(5)].map((byte) => ALPHABET[byte % 32]).join('')}`;
    },
    fraction: () => randomBytes(4).readUInt32BE(0) / 2 ** 32,
    bytes: (length) => randomBytes(length),
  };
}
